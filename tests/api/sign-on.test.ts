// Single sign-on against a real OpenID provider on this machine: who comes in by it, as whom, and what of each way there and back is
// good once, for one browser, and for ten minutes.
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { readNamedHosts } from '../../sync-server/outgoing/named-hosts.ts'
import { verifyChain } from '../../sync-server/sync.ts'
import { cookieOf, ORIGIN, served, type Served } from '../support/app.ts'
import type { UserWish } from '../support/server.ts'
import { CLIENT, provider, signInThere, type People, type Running } from '../support/sign-on-provider.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const RETURN = '/api/auth/sign-on/return'
const people: People = {
  ada: { email: 'Ada@Tern.example', email_verified: true },
  ingrid: { email: 'ingrid@tern.example', email_verified: true },
  unsure: { email: 'ada@tern.example', email_verified: false },
  worded: { email: 'ada@tern.example', email_verified: 'true' },
  nameless: {},
  stranger: { email: 'stranger@tern.example', email_verified: true },
  dora: { email: 'dora@tern.example', email_verified: true },
  mia: { email: 'mia@tern.example', email_verified: true },
  iris: { email: 'iris@tern.example', email_verified: true },
  imre: { email: 'imre@tern.example', email_verified: true },
}
const users: Record<string, UserWish> = {
  ada: { role: 'admin' },
  dora: { role: 'viewer', status: 'deactivated' },
  mia: { role: 'member' },
  iris: { role: 'viewer', status: 'invited' },
  imre: { role: 'member', status: 'invited' },
}
let there: Running
let acme: Served

beforeAll(async () => (there = await provider(people, () => [ORIGIN + RETURN])))
afterAll(() => there.stop())
beforeEach(async () => {
  acme = await signedUp({ users })
})

/** A world whose organisation signs in by the provider, as `tern`. */
async function signedUp(wish: Parameters<typeof served>[0] = {}) {
  const made = await served(wish, ['ingrid'], undefined, {
    signOn: { privateHosts: readNamedHosts(there.host), base: () => ORIGIN },
  })
  const saved = await made.post('/api/sign-on', settings(), await made.signIn('ingrid'))
  expect(saved.status, await saved.text()).toBe(200)
  return made
}
const settings = (over = {}) => ({
  issuer: there.issuer,
  clientId: CLIENT.id,
  clientSecret: CLIENT.secret,
  name: 'tern',
  enabled: true,
  ...over,
})

const start = (world: Served, body: object = { name: 'tern' }, cookie = '') =>
  world.post('/api/auth/sign-on/start', body, cookie)
const leave = async (world: Served, body?: object, cookie?: string) => {
  const response = await start(world, body, cookie)
  const { location } = (await response.json()) as { location: string }
  return { location, cookie: cookieOf(response) || (cookie ?? '') }
}
const comeBack = (world: Served, address: string, cookie: string) =>
  world.call(new URL(address).pathname + new URL(address).search, { as: cookie })
/** The whole way, as a person with a browser of its own. @returns what the sign-in page is told, and the browser's cookies */
async function enter(world: Served, login: string, body?: object) {
  const { location, cookie } = await leave(world, body)
  const response = await comeBack(world, await signInThere(location, login), cookie)
  expect(response.status).toBe(302)
  const to = new URL(response.headers.get('location') ?? '', ORIGIN)
  return { told: to.hash, next: to.searchParams.get('next'), cookie: `${cookie}; ${cookieOf(response)}` }
}
const session = async (world: Served, cookie: string) => {
  const response = await world.call('/api/session', { as: cookie })
  return { status: response.status, ...((await response.json()) as Record<string, unknown>) }
}
const log = async (world: Served, type: string) => {
  await world.settle()
  const rows = await world.store.db
    .selectFrom('log')
    .select(['actor', 'args'])
    .where('orgId', '=', world.id)
    .where('type', '=', type)
    .execute()
  return rows.map(({ actor, args }) => ({ actor, ...(JSON.parse(args ?? '{}') as { args: object }).args }))
}

test('who has a console comes in by the provider’s word for the address, and is in the log with the way', async () => {
  const { told, next, cookie } = await enter(acme, 'ada', { name: 'tern', next: '/users?sort=name' })
  expect([told, next]).toEqual(['#sign-on=done', '/users?sort=name'])
  expect(await session(acme, cookie)).toMatchObject({
    status: 200,
    account: { email: 'ada@tern.example', name: 'ada' },
    userId: acme.user('ada'),
    role: 'admin',
    secondFactor: 'sign-on',
  })
  expect(await log(acme, 'sign-in')).toContainEqual(
    expect.objectContaining({ actor: acme.user('ada'), device: expect.any(String), factor: 'sign-on' }),
  )
  expect(await verifyChain(acme.store, acme.id)).toEqual([])
})

test('what the provider calls the person counts from then on: the address may change at either end', async () => {
  await enter(acme, 'ada')
  await acme.store.db
    .updateTable('users')
    .set({ email: 'ada.l@tern.example', emailKey: 'ada.l@tern.example' as never })
    .where('id', '=', acme.user('ada'))
    .execute()
  const { told, cookie } = await enter(acme, 'ada')
  expect(told).toBe('#sign-on=done')
  expect(await session(acme, cookie)).toMatchObject({
    userId: acme.user('ada'),
    account: { email: 'ada.l@tern.example' },
  })
})

test('an address that was given to somebody else opens nothing of the person who had it before', async () => {
  await enter(acme, 'ada')
  people['heir'] = { email: 'ada@tern.example', email_verified: true }
  expect((await enter(acme, 'heir')).told).toBe('#sign-on=other-identity')
  expect((await enter(acme, 'ada')).told).toBe('#sign-on=done')
})

test('an invited user is active from then on, and the invitation is over', async () => {
  const { told, cookie } = await enter(acme, 'iris')
  expect(told).toBe('#sign-on=done')
  expect(await session(acme, cookie)).toMatchObject({ status: 200, role: 'viewer' })
  expect(await acme.row('users', acme.user('iris'))).toMatchObject({ status: 'active', joinedAt: acme.clock.now })
  expect(await log(acme, 'accept-invitation')).toEqual([{ actor: acme.user('iris'), userId: acme.user('iris') }])
})

test.each([
  ['unsure', 'unverified'],
  ['worded', 'unverified'],
  ['nameless', 'unverified'],
  ['stranger', 'unknown-user'],
  ['dora', 'deactivated'],
  ['mia', 'no-console'],
  ['imre', 'no-console'],
])('%s is sent back: %s', async (login, why) => {
  const { told, cookie } = await enter(acme, login)
  expect(told).toBe(`#sign-on=${why}`)
  expect(await session(acme, cookie)).toMatchObject({ status: 401 })
  const [invited] = (await acme.rows('users')).filter(({ firstName }) => firstName === 'imre')
  expect(invited?.status).toBe('invited')
  const failures = await log(acme, 'sign-in-failed')
  expect(failures).toEqual(
    why === 'deactivated' || why === 'no-console' ? [{ actor: null, userId: acme.user(login), step: 'sign-on' }] : [],
  )
})

test('who has lost the console since is sent back at the next sign-in, and the session ends', async () => {
  const { cookie } = await enter(acme, 'ada')
  await acme.store.db.updateTable('users').set({ status: 'deactivated' }).where('id', '=', acme.user('ada')).execute()
  expect(await session(acme, cookie)).toMatchObject({ status: 403, code: 'no-console' })
  expect((await enter(acme, 'ada')).told).toBe('#sign-on=deactivated')
})

test('a way there and back is good once: the same answer leads in no second time', async () => {
  const { location, cookie } = await leave(acme)
  const address = await signInThere(location, 'ada')
  const answers = await Promise.all(Array.from({ length: 8 }, () => comeBack(acme, address, cookie)))
  const told = answers.map((answer) => new URL(answer.headers.get('location') ?? '', ORIGIN).hash)
  expect(told.toSorted()).toEqual(['#sign-on=done', ...Array<string>(7).fill('#sign-on=over')])
})

test('a code that was used already is refused by the provider, and nobody is let in by it', async () => {
  const first = await leave(acme)
  const used = new URL(await signInThere(first.location, 'ada'))
  await comeBack(acme, used.href, first.cookie)
  const second = await leave(acme)
  const address = new URL(await signInThere(second.location, 'ada'))
  address.searchParams.set('code', used.searchParams.get('code') ?? '')
  expect((await comeBack(acme, address.href, second.cookie)).headers.get('location')).toContain('#sign-on=failed')
})

test('the code of somebody else, slipped into one’s own way, opens nothing: it was asked for with another verifier', async () => {
  const victim = await leave(acme)
  const theirs = new URL(await signInThere(victim.location, 'ada'))
  const own = await leave(acme)
  const address = new URL(await signInThere(own.location, 'stranger'))
  address.searchParams.set('code', theirs.searchParams.get('code') ?? '')
  expect((await comeBack(acme, address.href, own.cookie)).headers.get('location')).toContain('#sign-on=failed')
})

test('a state is one browser’s: another one is let in by it no more than none, and it stays good for its own', async () => {
  const { location, cookie } = await leave(acme)
  const other = await leave(acme)
  const address = await signInThere(location, 'ada')
  for (const foreign of [other.cookie, '', `quartermaster.browser=${'A'.repeat(43)}`])
    expect((await comeBack(acme, address, foreign)).headers.get('location')).toBe('/sign-in?next=%2F#sign-on=over')
  expect((await comeBack(acme, address, cookie)).headers.get('location')).toContain('#sign-on=done')
})

test.each(['', 'x'.repeat(43), "' or 1=1 --"])('a state that was made up leads nowhere: “%s”', async (state) => {
  const { location, cookie } = await leave(acme)
  const address = new URL(await signInThere(location, 'ada'))
  address.searchParams.set('state', state)
  expect((await comeBack(acme, address.href, cookie)).headers.get('location')).toContain('#sign-on=over')
})

test('after ten minutes a way is over', async () => {
  const { location, cookie } = await leave(acme)
  const address = await signInThere(location, 'ada')
  acme.clock.now += 10 * 60_000
  expect((await comeBack(acme, address, cookie)).headers.get('location')).toContain('#sign-on=over')
})

test('who says no at the provider is told so', async () => {
  const { location, cookie } = await leave(acme)
  const state = new URL(location).searchParams.get('state')
  const address = `${ORIGIN}${RETURN}?error=access_denied&state=${state}&iss=${encodeURIComponent(there.issuer)}`
  expect((await comeBack(acme, address, cookie)).headers.get('location')).toContain('#sign-on=declined')
})

test('state, nonce and challenge are new each time, and the way is by code and S256 alone', async () => {
  const ways = [await leave(acme), await leave(acme)].map(({ location }) => new URL(location).searchParams)
  for (const way of ways)
    expect(Object.fromEntries(way)).toMatchObject({
      response_type: 'code',
      code_challenge_method: 'S256',
      redirect_uri: ORIGIN + RETURN,
      client_id: CLIENT.id,
    })
  for (const name of ['state', 'nonce', 'code_challenge'])
    expect(new Set(ways.map((way) => way.get(name))).size, name).toBe(2)
})

test('a provider that is down is said to be, and asked again a moment later; the password goes on', async () => {
  const world = await signedUp({ users })
  await there.stop()
  try {
    const answer = await start(world)
    expect([answer.status, await answer.json()]).toEqual([
      503,
      expect.objectContaining({
        code: 'sign-on-unreachable',
        detail: expect.stringContaining('can’t be reached just now'),
      }),
    ])
    expect(
      (await world.post('/api/auth/sign-in/email', { email: 'ingrid@tern.example', password: 'correct horse battery' }))
        .status,
    ).toBe(200)
  } finally {
    await there.start()
  }
  // For a moment it is left alone.
  expect((await start(world)).status).toBe(503)
  world.clock.now += 10_000
  expect((await enter(world, 'ada')).told).toBe('#sign-on=done')
})

test('a provider that goes down on the way is said to be', async () => {
  const { location, cookie } = await leave(acme)
  const address = await signInThere(location, 'ada')
  await there.stop()
  try {
    expect((await comeBack(acme, address, cookie)).headers.get('location')).toContain('#sign-on=unreachable')
  } finally {
    await there.start()
  }
})

test('where the way goes on afterwards is a path of this app, whatever was asked for', async () => {
  for (const next of [
    '//evil.example',
    '/\\evil.example',
    'https://evil.example',
    'javascript:alert(1)',
    '\t//evil.example',
  ])
    expect((await start(acme, { name: 'tern', next })).status, next).toBe(400)
})

test('the host of a request decides nothing of where the way leads back to', async () => {
  const forged = { 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example', host: 'evil.example' }
  const answer = await acme.post('/api/auth/sign-on/start', { name: 'tern' }, undefined, forged)
  const { location } = (await answer.json()) as { location: string }
  expect(new URL(location).searchParams.get('redirect_uri')).toBe(ORIGIN + RETURN)
})

test('a browser that was revoked gives up what it holds before it is led anywhere', async () => {
  const { cookie } = await enter(acme, 'ada')
  const { devices } = (await (await acme.call('/api/devices', { as: cookie })).json()) as {
    devices: { id: string; current: boolean }[]
  }
  const own = devices.find(({ current }) => current)?.id ?? ''
  const leaving = await leave(acme, undefined, cookie)
  const address = await signInThere(leaving.location, 'ada')
  await acme.post(`/api/devices/${own}/revoke`, {}, await acme.signIn('ingrid'))
  // One that was on its way comes back to the same.
  expect((await comeBack(acme, address, cookie)).headers.get('location')).toContain('#sign-on=device-revoked')
  const answer = await start(acme, { name: 'tern' }, cookie)
  expect([answer.status, await answer.json()]).toEqual([
    403,
    expect.objectContaining({ code: 'device-revoked', fact: { account: expect.any(String), organisation: acme.id } }),
  ])
  expect(answer.headers.getSetCookie().join()).toContain('quartermaster.browser=;')
  expect((await enter(acme, 'ada')).told).toBe('#sign-on=done')
})

test('one address has so many starts a minute', async () => {
  const statuses = []
  for (let index = 0; index < 31; index += 1) statuses.push((await start(acme, { name: 'nobody-here' })).status)
  expect([...new Set(statuses)]).toEqual([404, 429])
})
