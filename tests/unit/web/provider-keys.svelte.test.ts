// The list of the provider's keys: what each may do and when it was used, and what is said where the server can't be asked.
import { flushSync, mount, unmount } from 'svelte'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ApiError } from '#lib/api.ts'
import ProviderKeys from '../../../web/routes/(app)/settings/ProviderKeys.svelte'

const NOW = Date.UTC(2026, 10, 24, 12)
const DAY = 24 * 60 * 60 * 1000
const asked = vi.hoisted(() => ({ online: true, answer: (): unknown => undefined }))

vi.mock('#lib/device.svelte.ts', () => ({
  device: {
    get online() {
      return asked.online
    },
    now: () => NOW,
  },
}))
vi.mock('#lib/api.ts', async (original) => ({ ...(await original<object>()), request: async () => asked.answer() }))

let shown: Record<string, unknown> | undefined
const close = async () => {
  if (shown) await unmount(shown)
  shown = undefined
  document.body.replaceChildren()
}
const open = async () => {
  await close()
  shown = mount(ProviderKeys, { target: document.body })
  flushSync()
  await vi.waitFor(() => expect(document.body.textContent).not.toContain('Asking the server'))
  return document.body.textContent.replace(/\s+/g, ' ')
}
beforeEach(() => {
  asked.online = true
  asked.answer = () => ({ keys: [] })
})
afterEach(close)

test('each key says what it may do, and when it was used last', async () => {
  const key = { createdAt: NOW - 9 * DAY, lastUsedAt: null, revokedAt: null }
  asked.answer = () => ({
    keys: [
      { ...key, id: '1', name: 'Billing', scopes: ['contract', 'usage'], lastUsedAt: NOW - DAY },
      { ...key, id: '2', name: 'Search', scopes: ['spend'] },
      { ...key, id: '3', name: 'Old', scopes: ['usage'], revokedAt: NOW - 2 * DAY },
    ],
  })
  const text = await open()
  expect(text).toMatch(/Billing Sells seats and credits, reports usage\. Made on .* Last used yesterday/)
  expect(text).toMatch(/Search Spends credits\. Made on .* Never used/)
  expect(text).toMatch(/Old Reports usage\. Made on .* Revoked on/)
})

test('without a network, without a key and without an answer it says so', async () => {
  expect(await open()).toContain('There is no key')
  asked.online = false
  expect(await open()).toContain('when you are back online')
  asked.online = true
  asked.answer = () => {
    throw new ApiError(503, 'store-failed', 'The server could not keep the change. Send it again later.')
  }
  expect(await open()).toContain('Try again')
})
