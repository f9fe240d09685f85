// A passkey on the sign-in page: offered in the e-mail field and asked for by a button, and never both at once.
import { mount, unmount } from 'svelte'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ApiError } from '#lib/api.ts'
import PasskeyEntry from '../../../web/routes/sign-in/PasskeyEntry.svelte'
import { settled } from '../../support/settled.ts'

type Asked = { autofill: boolean; answer: (response: unknown) => void; stop: (error: Error) => void }
const browser = vi.hoisted(() => ({ asked: [] as Asked[], stops: 0 }))
const server = vi.hoisted(() => ({
  sent: [] as unknown[],
  refuse: undefined as Error | undefined,
  options: undefined as Promise<void> | undefined,
}))

vi.mock('#lib/device.svelte.ts', () => ({ device: {} }))
vi.mock('#lib/api.ts', async (original) => ({
  ...(await original<object>()),
  request: async (path: string, { json }: { json: unknown }) => {
    if (path.endsWith('/options')) {
      await server.options
      return { challenge: 'AAAA' }
    }
    server.sent.push(json)
    if (server.refuse) throw server.refuse
    return { account: {} }
  },
}))
vi.mock('@simplewebauthn/browser', () => ({
  browserSupportsWebAuthn: () => true,
  browserSupportsWebAuthnAutofill: () => Promise.resolve(true),
  startAuthentication: ({ useBrowserAutofill: autofill }: { useBrowserAutofill: boolean }) =>
    new Promise((answer, stop) => browser.asked.push({ autofill, answer, stop })),
  WebAuthnAbortService: {
    cancelCeremony: () => {
      browser.stops += 1
      browser.asked.at(-1)?.stop(Object.assign(new Error('stopped'), { name: 'AbortError' }))
    },
  },
}))

let shown: Record<string, unknown> | undefined
let entered: number
async function press(): Promise<void> {
  document.querySelector('button')?.click()
  await settled()
}

beforeEach(async () => {
  browser.asked = []
  browser.stops = 0
  server.sent = []
  server.refuse = server.options = undefined
  entered = 0
  const onentered = () => {
    entered += 1
    return Promise.resolve()
  }
  shown = mount(PasskeyEntry, { target: document.body, props: { onentered, onrevoked: () => undefined } })
  await settled()
})
afterEach(async () => {
  if (shown) await unmount(shown)
  shown = undefined
  document.body.replaceChildren()
})

test('a passkey that is chosen in the e-mail field signs in', async () => {
  expect(browser.asked.map(({ autofill }) => autofill)).toEqual([true])
  browser.asked[0]?.answer({ id: 'field' })
  await settled()
  expect(server.sent).toEqual([{ response: { id: 'field' } }])
  expect(entered).toBe(1)
})

test('the button calls off the offer, so that one passkey signs in once', async () => {
  await press()
  expect(browser.stops).toBe(1)
  browser.asked[0]?.answer({ id: 'field' })
  await settled()
  expect(server.sent).toEqual([])
  browser.asked[1]?.answer({ id: 'button' })
  await settled()
  expect(server.sent).toEqual([{ response: { id: 'button' } }])
  expect(entered).toBe(1)
})

test('a question that was closed is told, and the field offers again', async () => {
  await press()
  browser.asked[1]?.stop(Object.assign(new Error('closed'), { name: 'NotAllowedError' }))
  await settled()
  expect(document.body.textContent).toContain('No passkey was used')
  expect(browser.asked.map(({ autofill }) => autofill)).toEqual([true, false, true])
})

test('a passkey that the server does not know is told in a sentence', async () => {
  server.refuse = new ApiError(401, 'wrong-passkey', 'Unknown.')
  browser.asked[0]?.answer({ id: 'field' })
  await settled()
  expect(document.body.textContent).toContain('This passkey opens no account here.')
  expect(entered).toBe(0)
})

test('where the page was left while the server was asked, nothing is offered any more', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  server.options = promise
  globalThis.dispatchEvent(new Event('online'))
  await settled()
  if (shown) await unmount(shown)
  shown = undefined
  resolve()
  await settled()
  expect(browser.asked).toHaveLength(1)
})
