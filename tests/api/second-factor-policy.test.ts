// What an organisation asks of those who enter: who has no second factor reaches nothing but the page that adds one, at once and at every
// route, the open stream included; a reset on the host lets in who has lost everything.
import { expect, test, vi } from 'vitest'
import type { Policies } from '#shared/policies.ts'
import { resetFactors } from '../../sync-server/accounts/factors/reset.ts'
import { addAdmin, createOrganisation } from '../../sync-server/provider.ts'
import { PASSWORD, served, type Served } from '../support/app.ts'
import { browserOf, codeOf, type Browser } from '../support/second-factor.ts'
import { postOf } from './post.ts'

// A password's hash takes its time, on a busy machine more of it.
vi.setConfig({ testTimeout: 60_000 })

const three = () => served({ users: { ada: { role: 'admin' }, vera: { role: 'viewer' } } }, ['ingrid', 'ada', 'vera'])

async function signedIn(acme: Served, name: string): Promise<Browser> {
  const browser = browserOf(acme)
  await browser.signIn(name)
  return browser
}
/** As an admin whose session has what will be asked for. */
async function ask(acme: Served, browser: Browser, to: Policies['secondFactor'], from: Policies['secondFactor']) {
  await perform(acme, browser, 'update-policies', { changes: { secondFactor: { from, to } } })
}
async function perform(acme: Served, browser: Browser, type: string, args: unknown) {
  const device = await acme.deviceOf('ingrid', browser.cookies())
  const { body } = await browser.post('/api/sync', device.request([device.operation(type, args)]))
  expect(body).toMatchObject({ outcomes: [{ notApplied: [] }] })
}
const session = async (browser: Browser) => {
  const { status, body } = await browser.get('/api/session')
  return body['code'] ?? status
}
/** Opens a stream, and tells when it has ended. */
async function listen(acme: Served, browser: Browser, ended: () => void): Promise<void> {
  const reader = (await acme.call('/api/events', { as: browser.cookies() })).body?.getReader()
  await reader?.read()
  const read = async () => {
    while (!(await reader?.read())?.done);
    ended()
  }
  void read()
}

test.each([
  ['off', [200, 200]],
  ['admins', ['second-factor-needed', 200]],
  ['everyone', ['second-factor-needed', 'second-factor-needed']],
] as const)('where it asks %s, an admin and a viewer without one are answered so', async (policy, expected) => {
  const acme = await three()
  const ingrid = await signedIn(acme, 'ingrid')
  await ingrid.addApp(acme.clock.now)
  const before = [await signedIn(acme, 'ada'), await signedIn(acme, 'vera')]
  if (policy !== 'off') await ask(acme, ingrid, policy, 'off')
  const later = [await signedIn(acme, 'ada'), await signedIn(acme, 'vera')]
  expect(await Promise.all(before.map(session))).toEqual(expected)
  expect(await Promise.all(later.map(session))).toEqual(expected)
  expect(await session(ingrid)).toBe(200)
})

test('who lacks it reaches no route but those that add one, and signing out', async () => {
  const acme = await three()
  const [ingrid, ada] = [await signedIn(acme, 'ingrid'), await signedIn(acme, 'ada')]
  await ingrid.addApp(acme.clock.now)
  await ask(acme, ingrid, 'admins', 'off')
  const open = (path: string) =>
    path.startsWith('/health') ||
    path.startsWith('/api/auth/') ||
    path.startsWith('/api/links/') ||
    path.startsWith('/api/provider/v1/') ||
    path.startsWith('/api/second-factor') ||
    ['/api/setup', '/api/forgot'].includes(path)
  const routes = new Map(
    acme.app.routes
      .filter(({ method, path }) => method !== 'ALL' && !open(path))
      .map((one) => [`${one.method} ${one.path}`, one]),
  )
  expect(routes.size).toBeGreaterThan(20)
  for (const [route, { method, path }] of routes) {
    const address = path
      .replace(/:month\{.*/, '2026-11')
      .replace(/:version\{.*\}\}/, '1')
      .replace(/:\w+/g, acme.newId())
    const answer = await acme.call(address, { method, as: ada.cookies() })
    expect([route, answer.status, await answer.json()]).toMatchObject([route, 403, { code: 'second-factor-needed' }])
  }
  expect((await ada.get('/api/second-factor')).body).toMatchObject({ required: true, whole: false, fresh: true })
  await ada.addApp(acme.clock.now)
  expect(await session(ada)).toBe(200)
  const vera = await signedIn(acme, 'vera')
  expect((await vera.post('/api/auth/sign-out', {})).status).toBe(200)
})

test('the queue of who lacks it is refused whole, and taken after a factor was added', async () => {
  const acme = await three()
  const [ingrid, ada] = [await signedIn(acme, 'ingrid'), await signedIn(acme, 'ada')]
  const device = await acme.deviceOf('ada', ada.cookies())
  await ingrid.addApp(acme.clock.now)
  await ask(acme, ingrid, 'everyone', 'off')
  const queued = device.request([device.operation('set-role', { userIds: [acme.user('vera')], role: 'admin' })])
  expect((await ada.post('/api/sync', queued)).body['code']).toBe('second-factor-needed')
  expect((await acme.row('users', acme.user('vera'))).role).toBe('viewer')
  await ada.addApp(acme.clock.now)
  expect((await ada.post('/api/sync', queued)).body).toMatchObject({ outcomes: [{ notApplied: [] }] })
  expect((await acme.row('users', acme.user('vera'))).role).toBe('admin')
})

test('a policy or a role that asks for more ends the streams of those who lack it within a second, and no others', async () => {
  const acme = await three()
  const ingrid = await signedIn(acme, 'ingrid')
  await ingrid.addApp(acme.clock.now)
  const [ada, vera] = [await signedIn(acme, 'ada'), await signedIn(acme, 'vera')]
  const ended = new Set<string>()
  for (const [name, browser] of Object.entries({ ingrid, ada, vera }))
    await listen(acme, browser, () => ended.add(name))
  const within = async (names: string[]) => {
    const started = performance.now()
    await vi.waitFor(() => expect([...ended].toSorted()).toEqual(names.toSorted()), { timeout: 5_000, interval: 5 })
    expect(performance.now() - started).toBeLessThan(1_000)
  }
  await ask(acme, ingrid, 'admins', 'off')
  await within(['ada'])
  await perform(acme, ingrid, 'set-role', { userIds: [acme.user('vera')], role: 'admin' })
  await within(['ada', 'vera'])
  acme.events.close()
})

test('a session of before counts by the factor that it was entered with, whatever the policy was then', async () => {
  const acme = await three()
  const ingrid = await signedIn(acme, 'ingrid')
  const { secret } = await ingrid.addApp(acme.clock.now)
  acme.clock.now += 60_000
  const browser = await signedIn(acme, 'ingrid')
  await browser.secondStep({ way: 'totp', code: codeOf(secret, acme.clock.now) })
  await ask(acme, ingrid, 'everyone', 'off')
  expect([await session(ingrid), await session(browser)]).toEqual([200, 200])
})

test('a new organisation asks its admins for a second factor, and the first admin adds one', async () => {
  const acme = await served({}, [])
  const by = { now: acme.clock.now, random: acme.random }
  const wanted = { name: 'Strict', timeZone: 'UTC', weekStart: 1, fiscalYearStart: 1 }
  const strict = await createOrganisation(acme.store, wanted, by)
  await addAdmin(acme, strict, { email: 'mei@tern.example', name: 'Mei', password: PASSWORD }, by)
  const mei = await signedIn(acme, 'mei')
  expect(await session(mei)).toBe('second-factor-needed')
  await mei.addPasskey()
  expect(await session(mei)).toBe(200)
})

test('a reset on the host removes factors and sessions, tells the owner, and stands in every log of the account', async () => {
  const acme = await three()
  const ingrid = await signedIn(acme, 'ingrid')
  const { codes } = await ingrid.addApp(acme.clock.now)
  const by = { now: acme.clock.now, random: acme.random }
  const wanted = { name: 'Other', timeZone: 'UTC', weekStart: 1, fiscalYearStart: 1 }
  const other = await createOrganisation(acme.store, wanted, by)
  await addAdmin(acme, other, { email: 'ingrid@tern.example', name: 'Ingrid' }, by)
  const halfway = await signedIn(acme, 'ingrid')

  expect(await resetFactors(acme.store, acme.id, 'INGRID@tern.example', by)).toBe(1)
  expect(await session(ingrid)).toBe('sign-in-needed')
  expect((await halfway.secondStep({ way: 'recovery', code: codes[0] })).body['code']).toBe('half-over')
  expect((await browserOf(acme).signIn('ingrid')).body).toHaveProperty('account')
  for (const table of ['auth_factors', 'auth_recovery_codes', 'auth_halves', 'auth_challenges'] as const)
    expect(await acme.store.db.selectFrom(table).selectAll().execute()).toEqual([])
  const rows = await acme.store.db.selectFrom('log').select('orgId').where('type', '=', 'reset-factors').execute()
  expect(rows.map(({ orgId }) => orgId).toSorted()).toEqual([acme.id, other].toSorted())
  const post = postOf(acme)
  await post.send()
  expect(post.sent.map(({ subject }) => subject)).toContain('The second factors of your account were removed')
  expect(await resetFactors(acme.store, acme.id, 'ada@tern.example', by)).toBe(0)
  await expect(resetFactors(acme.store, acme.id, 'nobody@tern.example', by)).rejects.toThrow('No user has the address')
})
