// The second step of signing in: the ways that the account has, what is said where one is refused, and that nothing typed is lost.
import { mount, unmount } from 'svelte'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Way } from '#lib/account/entry.ts'
import { ApiError } from '#lib/api.ts'
import SecondStep from '#lib/components/account/SecondStep.svelte'
import { settled } from '../../support/settled.ts'

const server = vi.hoisted(() => ({
  asked: [] as { path: string; json: unknown }[],
  answer: (_path: string): unknown => undefined,
}))
const browser = vi.hoisted(() => ({ passkeys: true, use: (): unknown => undefined }))

vi.mock('#lib/api.ts', async (original) => ({
  ...(await original<object>()),
  request: async (path: string, { json }: { json: unknown }) => {
    server.asked.push({ path, json })
    return server.answer(path)
  },
}))
vi.mock('@simplewebauthn/browser', () => ({
  browserSupportsWebAuthn: () => browser.passkeys,
  startAuthentication: async () => browser.use(),
  WebAuthnAbortService: { cancelCeremony: () => undefined },
}))

let shown: Record<string, unknown> | undefined
let entered: number
let back: (string | undefined)[]

async function open(ways: Way[]): Promise<void> {
  const onentered = () => {
    entered += 1
    return Promise.resolve()
  }
  const onback = (why?: ApiError) => void back.push(why?.code)
  shown = mount(SecondStep, { target: document.body, props: { ways, onentered, onback } })
  await settled()
}
const text = () => document.body.textContent.replace(/\s+/g, ' ')
const button = (name: string) =>
  [...document.querySelectorAll('button')].find(({ textContent }) => textContent.trim() === name)
async function press(name: string): Promise<void> {
  const found = button(name)
  if (!found) throw new Error(`No button says ${name}.`)
  found.click()
  await settled()
}
const field = (): HTMLInputElement => {
  const found = document.querySelector('input')
  if (!found) throw new Error('No field is there.')
  return found
}
async function type(value: string): Promise<void> {
  field().value = value
  field().dispatchEvent(new Event('input', { bubbles: true }))
  await settled()
}
const refuse = (status: number, code: string, fact?: unknown) => () => {
  throw new ApiError(status, code, `The server said ${code}.`, fact)
}
const shownFactors = () => server.asked.filter(({ path }) => path === '/api/auth/second-factor').map(({ json }) => json)

beforeEach(() => {
  server.asked = []
  server.answer = (path) => (path.endsWith('/options') ? { challenge: 'AAAA' } : { account: {} })
  browser.passkeys = true
  browser.use = () => ({ id: 'signed' })
  entered = 0
  back = []
})
afterEach(async () => {
  if (shown) await unmount(shown)
  shown = undefined
  document.body.replaceChildren()
})

test('a passkey comes first where there is one, and has the focus', async () => {
  await open(['passkey', 'totp', 'recovery'])
  expect(document.activeElement?.textContent.trim()).toBe('Continue with a passkey')
  await press('Continue with a passkey')
  expect(server.asked.map(({ path }) => path)).toEqual([
    '/api/auth/second-factor/passkey/options',
    '/api/auth/second-factor',
  ])
  expect(shownFactors()).toEqual([{ way: 'passkey', response: { id: 'signed' } }])
  expect(entered).toBe(1)
})

test('six digits are sent as soon as they are there, however they are grouped', async () => {
  await open(['totp', 'recovery'])
  expect(field().inputMode).toBe('numeric')
  expect(field().getAttribute('autocomplete')).toBe('one-time-code')
  expect(document.activeElement).toBe(field())
  await type('12345')
  expect(shownFactors()).toEqual([])
  await type('123 456')
  expect(shownFactors()).toEqual([{ way: 'totp', code: '123456' }])
  expect(entered).toBe(1)
})

test('a wrong code is told beside its field, which keeps it', async () => {
  await open(['totp'])
  server.answer = refuse(401, 'wrong-code')
  await type('123456')
  expect(text()).toContain('This code is not right.')
  expect(field().value).toBe('123456')
  expect(field().getAttribute('aria-invalid')).toBe('true')
  expect(entered).toBe(0)
})

test('without a network what was typed stays, and goes through once there is one', async () => {
  await open(['totp', 'recovery'])
  await press('Use a recovery code')
  server.answer = refuse(0, 'unreachable')
  await type(' abcd-efgh ')
  await press('Continue')
  expect(text()).toContain('There is no network.')
  expect(field().value).toBe(' abcd-efgh ')
  server.answer = () => ({ account: {} })
  await press('Continue')
  expect(shownFactors().at(-1)).toEqual({ way: 'recovery', code: 'abcd-efgh' })
  expect(entered).toBe(1)
})

test('one who goes to and fro between the ways finds each as it was left', async () => {
  await open(['totp', 'recovery'])
  await type('123')
  await press('Use a recovery code')
  await type('abcd')
  await press('Use a code of your authenticator app')
  expect(field().value).toBe('123')
  await press('Use a recovery code')
  expect(field().value).toBe('abcd')
})

test('too many tries say how long to wait; an old first step begins anew and says why', async () => {
  await open(['totp'])
  server.answer = refuse(429, 'too-many-tries', { seconds: 30 })
  await type('123456')
  expect(text()).toContain('Too many tries. Wait 30 seconds')
  expect(back).toEqual([])
  server.answer = refuse(401, 'half-over')
  await type('654321')
  expect(back).toEqual(['half-over'])
  await press('Back to the password')
  expect(back).toEqual(['half-over', undefined])
})

test('a passkey that was not shown is told, and the other ways stay', async () => {
  await open(['passkey', 'totp', 'recovery'])
  browser.use = () => {
    throw Object.assign(new Error('closed'), { name: 'NotAllowedError' })
  }
  await press('Continue with a passkey')
  expect(text()).toContain('No passkey was used: the question was closed, or took too long.')
  expect(shownFactors()).toEqual([])
  await type('123456')
  expect(entered).toBe(1)
})

test('a browser without passkeys offers what it can', async () => {
  browser.passkeys = false
  await open(['passkey', 'recovery'])
  expect(button('Continue with a passkey')).toBeUndefined()
  expect(text()).toContain('Recovery code')
})
