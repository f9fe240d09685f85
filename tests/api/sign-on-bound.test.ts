// The provider of one organisation never opens another one. Two organisations, two providers, and the same address in both: what each
// session sees, enters and changes; and what becomes of a user who came by single sign-on alone.
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { readNamedHosts } from '../../sync-server/outgoing/named-hosts.ts'
import { cookieOf, joined, ORIGIN, PASSWORD, served, type Served } from '../support/app.ts'
import { CLIENT, provider, signInThere, type People, type Running } from '../support/sign-on-provider.ts'
import { postOf, tokenIn } from './post.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const RETURN = '/api/auth/sign-on/return'
const everybody: People = {
  ada: { email: 'ada@tern.example', email_verified: true },
  sole: { email: 'sole@tern.example', email_verified: true },
}
let providers: [Running, Running]
let acme: Served
let other: Served

beforeAll(async () => {
  providers = [await provider(everybody, () => [ORIGIN + RETURN]), await provider(everybody, () => [ORIGIN + RETURN])]
})
afterAll(() => Promise.all(providers.map(({ stop }) => stop())))
beforeEach(async () => {
  const signOn = { privateHosts: readNamedHosts(providers.map(({ host }) => host).join()), base: () => ORIGIN }
  const users = { ada: { role: 'admin' }, sole: { role: 'admin' } } as const
  acme = await served({ users }, ['ingrid'], undefined, { signOn })
  // One account in both: the password's owner. Whoever is called sole has none.
  other = await served({ users, store: acme.store, seed: 2 }, ['ada'], undefined, { signOn })
  await joined(acme, 'ada@tern.example', acme.user('ada'))
  await setUp(acme, await acme.signIn('ingrid'), 0)
  await setUp(other, await enterOther(), 1)
})
const setUp = async (world: Served, cookie: string, at: 0 | 1) => {
  const name = at === 0 ? 'acme' : 'other'
  const settings = {
    issuer: providers[at].issuer,
    clientId: CLIENT.id,
    clientSecret: CLIENT.secret,
    name,
    enabled: true,
  }
  expect((await world.post('/api/sign-on', settings, cookie)).status).toBe(200)
}
const enterOther = async () => {
  const cookie = await other.signIn('ada')
  await other.post('/api/session/organisation', { organisation: other.id }, cookie)
  return cookie
}

async function enter(name: 'acme' | 'other', login: string, browser = ''): Promise<{ told: string; cookie: string }> {
  const started = await acme.post('/api/auth/sign-on/start', { name }, browser)
  const { location } = (await started.json()) as { location: string }
  const cookie = browser || cookieOf(started)
  const back = new URL(await signInThere(location, login))
  const answer = await acme.call(back.pathname + back.search, { as: cookie })
  return { told: new URL(answer.headers.get('location') ?? '', ORIGIN).hash, cookie: `${cookie}; ${cookieOf(answer)}` }
}
interface Session {
  account: { id: string; email: string }
  organisation: { id: string }
  userId: string
  organisations: { id: string }[]
}
const sessionOf = async (cookie: string) => (await (await acme.call('/api/session', { as: cookie })).json()) as Session

test.each([
  { by: 'acme', login: 'ada' },
  { by: 'other', login: 'ada' },
  { by: 'acme', login: 'sole' },
  { by: 'other', login: 'sole' },
] as const)('$login by the provider of $by is there alone', async ({ by, login }) => {
  const [own, foreign] = by === 'acme' ? [acme, other] : [other, acme]
  const { told, cookie } = await enter(by, login)
  expect(told).toBe('#sign-on=done')
  expect(await sessionOf(cookie)).toMatchObject({
    account: { email: `${login}@tern.example` },
    organisation: { id: own.id },
    userId: own.user(login),
    organisations: [{ id: own.id }],
  })
  const answer = await acme.post('/api/session/organisation', { organisation: foreign.id }, cookie)
  expect(answer.status).toBe(404)
  const device = foreign.world.device(login)
  device.as.account = (await sessionOf(cookie)).account.id
  expect((await acme.post('/api/sync', device.request(), cookie)).status).toBe(403)
  // Also where the database says that it is in the other one.
  await acme.store.db.updateTable('auth_sessions').set({ orgId: foreign.id }).where('bound', '=', own.id).execute()
  expect((await sessionOf(cookie)).organisation.id).toBe(own.id)
})

test('each organisation’s sign-in is answered by its own provider alone: one’s answer is nothing to the other', async () => {
  const started = await acme.post('/api/auth/sign-on/start', { name: 'acme' })
  const { location } = (await started.json()) as { location: string }
  const elsewhere = new URL(location)
  const there = new URL(providers[1].issuer)
  elsewhere.host = there.host
  const back = new URL(await signInThere(elsewhere.href, 'ada'))
  const answer = await acme.call(back.pathname + back.search, { as: cookieOf(started) })
  expect(answer.headers.get('location')).toContain('#sign-on=failed')
})

test('the same person at two providers is two people until each has proved the address', async () => {
  const first = await sessionOf((await enter('acme', 'sole')).cookie)
  const second = await sessionOf((await enter('other', 'sole')).cookie)
  expect(first.account.id).not.toBe(second.account.id)
  expect([first.userId, second.userId]).toEqual([acme.user('sole'), other.user('sole')])
})

test('a session by sign-on changes nothing of the account: no password, no factor, no device elsewhere', async () => {
  const elsewhere = await enterOther()
  const { cookie } = await enter('acme', 'ada')
  for (const [path, body] of [
    ['/api/second-factor/confirm', { password: PASSWORD }],
    ['/api/second-factor/totp/begin', {}],
    ['/api/second-factor/passkey/begin', {}],
    ['/api/second-factor/recovery', {}],
  ] as const)
    expect((await acme.post(path, body, cookie)).status, path).toBe(403)
  const { devices } = (await (await acme.call('/api/devices', { as: cookie })).json()) as { devices: { id: string }[] }
  const foreign = await acme.store.db.selectFrom('auth_devices').select('id').where('orgId', '=', other.id).execute()
  expect(foreign).not.toEqual([])
  for (const { id } of foreign) {
    expect(devices.map((device) => device.id)).not.toContain(id)
    expect((await acme.post(`/api/devices/${id}/revoke`, {}, cookie)).status).toBe(404)
  }
  const second = (await enter('acme', 'ada')).cookie
  expect(await (await acme.post('/api/devices/sign-out-others', {}, cookie)).json()).toEqual({ ended: 1 })
  expect((await acme.call('/api/session', { as: second })).status).toBe(401)
  expect((await acme.call('/api/session', { as: elsewhere })).status).toBe(200)
})

test('an account that is there under the address, of another organisation, is not touched', async () => {
  // In acme nobody is a member by it.
  await acme.store.db
    .deleteFrom('auth_memberships')
    .where('orgId', '=', acme.id)
    .where('userId', '=', acme.user('ada'))
    .execute()
  const account = () =>
    acme.store.db.selectFrom('auth_users').selectAll().where('email', '=', 'ada@tern.example').execute()
  const before = await account()
  const made = await sessionOf((await enter('acme', 'ada')).cookie)
  expect(made).toMatchObject({ userId: acme.user('ada'), account: { email: 'ada@tern.example' } })
  expect(before.map(({ id }) => id)).not.toContain(made.account.id)
  expect(await account()).toEqual(before)
  const own = await sessionOf(await enterOther())
  expect(own.organisations).toEqual([expect.objectContaining({ id: other.id })])
})

test('where the organisation asks everybody for a second factor, the provider’s word is one', async () => {
  await acme.store.db
    .updateTable('organisations')
    .set({ secondFactor: 'everyone' })
    .where('orgId', '=', acme.id)
    .execute()
  const { cookie } = await enter('acme', 'sole')
  expect((await acme.call('/api/session', { as: cookie })).status).toBe(200)
  const byPassword = await acme.signIn('ingrid')
  expect((await acme.call('/api/session', { as: byPassword })).status).toBe(403)
})

test('nobody signs in with a password as an account that sign-on has made', async () => {
  const { cookie } = await enter('acme', 'sole')
  const { account } = await sessionOf(cookie)
  const row = await acme.store.db
    .selectFrom('auth_users')
    .select('email')
    .where('id', '=', account.id)
    .executeTakeFirstOrThrow()
  for (const email of [row.email, 'sole@tern.example'])
    for (const password of [PASSWORD, 'x', 'undefined', 'null'])
      expect((await acme.post('/api/auth/sign-in/email', { email, password })).status, email).toBe(401)
  const post = postOf(acme)
  for (let tries = 0; tries < 8; tries += 1)
    await acme.post('/api/auth/sign-in/email', { email: row.email, password: 'x' }, undefined, {
      'x-test-address': '192.0.2.9',
    })
  acme.clock.now += 60_000
  await post.send()
  expect(post.sent).toEqual([])
})

test('who came by sign-on alone chooses a password by a mail to the address, and stays the same account', async () => {
  const first = await enter('acme', 'sole')
  const before = await sessionOf(first.cookie)
  await acme.post('/api/forgot', { email: 'sole@tern.example' })
  await acme.settle()
  const post = postOf(acme)
  acme.clock.now += 60_000
  await post.send()
  expect(post.sent).toMatchObject([{ to: { address: 'sole@tern.example' } }])
  const used = await acme.post('/api/links/use', { token: tokenIn(post.sent[0]), password: 'seven purple kayaks' })
  expect(used.status, await used.clone().text()).toBe(200)
  expect((await acme.call('/api/session', { as: first.cookie })).status).toBe(401)
  expect((await sessionOf(cookieOf(used))).account).toEqual({ ...before.account, name: 'sole' })
  const again = await acme.post('/api/auth/sign-in/email', {
    email: 'sole@tern.example',
    password: 'seven purple kayaks',
  })
  expect(again.status).toBe(200)
  expect((await sessionOf((await enter('acme', 'sole')).cookie)).account.id).toBe(before.account.id)
})

test('who joins with an account of before by a mail comes by that one from then on', async () => {
  await acme.store.db
    .deleteFrom('auth_memberships')
    .where('orgId', '=', acme.id)
    .where('userId', '=', acme.user('ada'))
    .execute()
  const first = await enter('acme', 'ada')
  const made = await sessionOf(first.cookie)
  const device = await acme.deviceOf('ingrid', await acme.signIn('ingrid'))
  const reset = device.operation('reset-password', { userIds: [acme.user('ada')] })
  await acme.post('/api/sync', device.request([reset]), await acme.signIn('ingrid'))
  const token = await postOf(acme).token()
  expect((await acme.post('/api/links/use', { token })).status).toBe(200)
  expect((await acme.call('/api/session', { as: first.cookie })).status).toBe(401)
  const own = await sessionOf((await enter('acme', 'ada')).cookie)
  expect(own.account.id).not.toBe(made.account.id)
  expect(own.account.id).toBe((await sessionOf(await enterOther())).account.id)
})

test('who was deactivated and is let in again is found by the address anew', async () => {
  const ingrid = await acme.signIn('ingrid')
  const device = await acme.deviceOf('ingrid', ingrid)
  const perform = async (type: string) => {
    const operation = device.operation(type, { userIds: [acme.user('sole')] })
    const answer = await acme.post('/api/sync', device.request([operation]), ingrid)
    expect(await answer.json()).toMatchObject({ outcomes: [{ notApplied: [] }] })
  }
  await enter('acme', 'sole')
  await perform('deactivate-users')
  everybody['heir'] = { email: 'sole@tern.example', email_verified: true }
  expect((await enter('acme', 'heir')).told).toBe('#sign-on=deactivated')
  await perform('reactivate-users')
  expect((await enter('acme', 'heir')).told).toBe('#sign-on=done')
  expect((await enter('acme', 'sole')).told).toBe('#sign-on=other-identity')
})
