// The own second factors in Settings: what is listed, that the password comes first where it was shown long ago, and that recovery codes
// are left only by who says that they are kept.
import { mount, unmount } from 'svelte'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ApiError } from '#lib/api.ts'
import ConfirmFirst from '#lib/components/account/ConfirmFirst.svelte'
import SignIn from '../../../web/routes/(app)/settings/SignIn.svelte'
import { settled } from '../../support/settled.ts'

const NOW = Date.UTC(2026, 10, 24, 12)
const DAY = 24 * 60 * 60 * 1000

type Answer = (json: unknown) => unknown
const server = vi.hoisted(() => ({ asked: [] as string[], answers: {} as Record<string, (json: unknown) => unknown> }))
const here = vi.hoisted(() => ({ online: true, copied: '' }))

vi.mock('#lib/device.svelte.ts', () => ({
  device: {
    get online() {
      return here.online
    },
    now: () => NOW,
    sync: () => undefined,
  },
}))
vi.mock('#lib/api.ts', async (original) => ({
  ...(await original<object>()),
  request: async (path: string, options: { json?: unknown } = {}) => {
    server.asked.push(path)
    const answer = server.answers[path]
    if (!answer) throw new Error(`Nobody answers ${path}.`)
    return answer(options.json)
  },
}))
vi.mock('@simplewebauthn/browser', () => ({
  browserSupportsWebAuthn: () => true,
  startRegistration: async () => ({ id: 'made' }),
}))

const refuse = (status: number, code: string) => (): never => {
  throw new ApiError(status, code, `The server said ${code}.`)
}
const BASE = '/api/second-factor'
const PHONE = { id: 'f1', kind: 'totp', name: 'My phone', createdAt: NOW - 9 * DAY, lastUsedAt: NOW - DAY }
const LAPTOP = { id: 'f2', kind: 'passkey', name: 'Laptop', createdAt: NOW - 2 * DAY, lastUsedAt: null }
const CODES = ['abcd-efgh', 'ijkl-mnop']
let own: Record<string, unknown>

let shown: Record<string, unknown>[] = []
async function open(): Promise<void> {
  shown = [mount(SignIn, { target: document.body }), mount(ConfirmFirst, { target: document.body })]
  await settled()
}
const textOf = (element: Element | null | undefined) => element?.textContent.replace(/\s+/g, ' ').trim() ?? ''
const list = () => textOf(document.querySelector('#sign-in'))
const dialog = (title?: string) =>
  [...document.querySelectorAll('[role="dialog"]')].find(
    (one) => title === undefined || textOf(one.querySelector('h2')) === title,
  )
const button = (name: string, within: Element | undefined = document.body) =>
  [...within.querySelectorAll('button')].find((one) => textOf(one) === name || one.getAttribute('aria-label') === name)
async function press(name: string, within?: Element): Promise<void> {
  const found = button(name, within)
  if (!found) throw new Error(`No button says ${name}.`)
  found.click()
  await settled()
}
async function fill(label: string, value: string): Promise<void> {
  const found = [...document.querySelectorAll('label')].find((one) => textOf(one) === label)
  const input = found && document.getElementById(found.htmlFor)
  if (!(input instanceof HTMLInputElement)) throw new Error(`No field is called ${label}.`)
  input.value = value
  input.dispatchEvent(new Event('input', { bubbles: true }))
  await settled()
}
/** Refuses until the password has been confirmed. */
const onceConfirmed = (answer: Answer): Answer => {
  return (json) => (own['fresh'] ? answer(json) : refuse(403, 'confirm-first')())
}

beforeEach(() => {
  here.online = true
  server.asked = []
  own = { required: false, whole: false, fresh: false, factors: [], recoveryLeft: 0 }
  server.answers = {
    [BASE]: () => own,
    [`${BASE}/confirm`]: (json) => {
      if ((json as { password: string }).password !== 'right') return refuse(401, 'wrong-password')()
      own = { ...own, fresh: true }
      return { confirmed: true }
    },
    [`${BASE}/totp/begin`]: onceConfirmed(() => ({
      id: 't1',
      secret: 'ABCDEFGHIJ',
      uri: 'otpauth://totp/Quartermaster:ingrid?secret=ABCDEFGHIJ',
    })),
    [`${BASE}/totp`]: (json) => {
      if ((json as { code: string }).code !== '123456') return refuse(401, 'wrong-code')()
      own = { ...own, factors: [PHONE], recoveryLeft: 10 }
      return { recoveryCodes: CODES }
    },
    [`${BASE}/passkey/begin`]: onceConfirmed(() => ({ challenge: 'AAAA' })),
    [`${BASE}/passkey`]: (json) => {
      own = { ...own, factors: [PHONE, { ...LAPTOP, name: (json as { name: string }).name }] }
      return {}
    },
    [`${BASE}/recovery`]: onceConfirmed(() => ({ recoveryCodes: CODES })),
    [`${BASE}/f1/remove`]: onceConfirmed(() => {
      own = { ...own, factors: [] }
      return { removed: true }
    }),
  }
})
afterEach(async () => {
  for (const one of shown) await unmount(one)
  document.body.replaceChildren()
})

test('each factor says what it is and when it was used; recovery codes say how many are left', async () => {
  own = { ...own, factors: [PHONE, LAPTOP], recoveryLeft: 7, required: true }
  await open()
  expect(list()).toContain('Your organisation asks for a second factor')
  expect(list()).toMatch(/My phone Authenticator app, added on .*, last used yesterday/)
  expect(list()).toMatch(/Laptop Passkey, added on .*, not used yet/)
  expect(list()).toContain('7 codes are left')
})

test('who came in by single sign-on is told so, and offered nothing that would be refused', async () => {
  own = { ...own, required: true, whole: true }
  await open()
  expect(list()).toContain('single sign-on: a second factor is its affair')
  expect(button('Add an authenticator app')).toBeUndefined()
})

test('without a network it says so and changes nothing; without a factor it says what that means', async () => {
  await open()
  expect(list()).toContain('No second factor: your password alone opens your account.')
  here.online = false
  for (const one of shown) await unmount(one)
  await open()
  expect(list()).toContain('It is changed with a network alone.')
  expect(list()).toContain('It shows here when you are back online.')
  expect(button('Add an authenticator app')).toBeUndefined()
})

test('an authenticator app: password, key, code, and recovery codes that are left only once they are kept', async () => {
  await open()
  await press('Add an authenticator app')
  expect(dialog('Confirm that it is you')).toBeDefined()
  expect(document.activeElement?.getAttribute('autocomplete')).toBe('current-password')
  await fill('Password', 'wrong')
  await press('Confirm', dialog())
  expect(textOf(dialog())).toContain('This is not your password.')
  await fill('Password', 'right')
  await press('Confirm', dialog())
  expect(dialog('Confirm that it is you')).toBeUndefined()

  const adding = dialog('Add an authenticator app')
  expect(textOf(adding)).toContain('ABCD EFGH IJ')
  expect(document.activeElement?.getAttribute('autocomplete')).toBe('one-time-code')
  expect(adding?.querySelector('svg.qr[role="img"]')?.getAttribute('aria-label')).toBe('The key as a QR code')
  await fill('Code that the app shows', '000000')
  await press('Add the app', adding)
  expect(textOf(adding)).toContain('This code is not right.')
  await fill('Code that the app shows', '123 456')
  await press('Add the app', adding)

  const codes = dialog('Your recovery codes')
  expect(textOf(codes)).toContain('abcd-efgh')
  await press('Done', codes)
  expect(dialog('Your recovery codes')).toBeDefined()
  expect(textOf(codes)).toContain('Say first that you have kept them')
  codes?.querySelector<HTMLInputElement>('input[type="checkbox"]')?.click()
  await settled()
  await press('Done', codes)
  expect(dialog()).toBeUndefined()
  expect(list()).toContain('My phone')
})

test('who leaves the question for the password has changed nothing', async () => {
  own = { ...own, factors: [PHONE], recoveryLeft: 3 }
  await open()
  await press('New codes…')
  await press('Make new codes', dialog())
  await press('Cancel', dialog('Confirm that it is you'))
  expect(dialog('Confirm that it is you')).toBeUndefined()
  expect(dialog('Your recovery codes')).toBeUndefined()
  expect(server.asked.filter((path) => path.endsWith('/recovery'))).toHaveLength(1)
})

test('a passkey is added under the name that was given', async () => {
  own = { ...own, fresh: true, factors: [PHONE] }
  await open()
  await press('Add a passkey')
  await press('Add a passkey', dialog())
  expect(textOf(dialog())).toContain('Give it a name')
  await fill('Name', ' Work laptop ')
  await press('Add a passkey', dialog())
  expect(dialog()).toBeUndefined()
  expect(list()).toContain('Work laptop Passkey')
  expect(own['factors']).toMatchObject([{ name: 'My phone' }, { name: 'Work laptop' }])
})

test('the last factor stays where the organisation asks for one, and it says what to do', async () => {
  own = { ...own, fresh: true, factors: [PHONE], required: true }
  server.answers[`${BASE}/f1/remove`] = refuse(409, 'last-factor')
  await open()
  await press('Remove My phone')
  expect(textOf(dialog())).toContain('your password alone opens your account then')
  await press('Remove', dialog())
  expect(textOf(dialog())).toContain('Add another one first, then remove this one.')
  expect(list()).toContain('My phone')
})
