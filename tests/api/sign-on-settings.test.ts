// Setting single sign-on up: who may, what is taken, that the secret never comes back, and that each change is in the log.
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { readNamedHosts } from '../../sync-server/outgoing/named-hosts.ts'
import { verifyChain } from '../../sync-server/sync.ts'
import { ORIGIN, served, type Served } from '../support/app.ts'
import { lyingProvider } from '../support/sign-on-provider.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const SECRET = 'c1ient-s3cret-that-nobody-sees'
let there: Awaited<ReturnType<typeof lyingProvider>>
let acme: Served
let cookie: string

beforeAll(async () => (there = await lyingProvider({ sub: 'x' })))
afterAll(() => there.stop())
beforeEach(async () => {
  const signOn = { privateHosts: readNamedHosts(there.host), base: () => ORIGIN }
  acme = await served({ users: { vera: { role: 'viewer' } } }, ['ingrid', 'vera'], undefined, { signOn })
  cookie = await acme.signIn('ingrid')
})
const settings = (over: object = {}) => ({
  issuer: 'https://login.tern.example',
  clientId: 'quartermaster',
  clientSecret: SECRET,
  name: 'tern',
  enabled: true,
  ...over,
})
const save = async (over?: object, as = cookie) => {
  const answer = await acme.post('/api/sign-on', settings(over), as)
  return { status: answer.status, ...((await answer.json()) as { code?: string; fact?: unknown }) }
}
const seen = async () => (await (await acme.call('/api/sign-on', { as: cookie })).json()) as { settings: unknown }
const logged = async () => {
  const rows = await acme.store.db
    .selectFrom('log')
    .select(['type', 'actor', 'args'])
    .where('type', 'in', ['set-sign-on', 'remove-sign-on'])
    .orderBy('version')
    .execute()
  return rows.map(({ type, actor, args }) => ({ type, actor, ...(JSON.parse(args ?? '{}') as { args: object }).args }))
}

test('the secret goes in and never comes out again: not by the API, not in the log, not as it is stored', async () => {
  expect(await seen()).toEqual({ redirectUri: `${ORIGIN}/api/auth/sign-on/return`, settings: null })
  expect((await save()).status).toBe(200)
  const { clientSecret: _, ...rest } = settings()
  expect(await seen()).toMatchObject({ settings: { ...rest, hasSecret: true } })
  const text = JSON.stringify([
    await seen(),
    await acme.store.db.selectFrom('auth_sign_on').selectAll().execute(),
    await acme.store.db.selectFrom('log').selectAll().execute(),
  ])
  expect(text).not.toContain(SECRET)
  expect(text).not.toContain(Buffer.from(SECRET).toString('base64url'))
})

test('each change is in the log, without the secret, by who made it', async () => {
  await save()
  const { clientSecret: _, ...without } = settings({ enabled: false })
  expect((await acme.post('/api/sign-on', without, cookie)).status).toBe(200)
  await save({ clientSecret: '' })
  await acme.post('/api/sign-on/remove', {}, cookie)
  const by = { actor: acme.user('ingrid'), device: expect.any(String) }
  const { clientSecret: _secret, ...said } = settings()
  expect(await logged()).toEqual([
    { type: 'set-sign-on', ...by, ...said, secret: 'new' },
    { type: 'set-sign-on', ...by, ...said, enabled: false, secret: 'kept' },
    { type: 'set-sign-on', ...by, ...said, secret: 'none' },
    { type: 'remove-sign-on', ...by, issuer: said.issuer },
  ])
  expect(await verifyChain(acme.store, acme.id)).toEqual([])
  expect(await seen()).toMatchObject({ settings: null })
})

test('the secret is for the provider that it was entered for: with another issuer or client it must be entered anew', async () => {
  await save()
  for (const over of [{ issuer: 'https://evil.example' }, { clientId: 'another' }])
    expect(await save({ ...over, clientSecret: undefined })).toMatchObject({
      status: 400,
      fact: { path: 'clientSecret' },
    })
  expect(await seen()).toMatchObject({ settings: { issuer: 'https://login.tern.example' } })
  expect((await save({ issuer: 'https://other.example' })).status).toBe(200)
})

test('only an admin who has just proved who it is changes it; a viewer does not even see it', async () => {
  const vera = await acme.signIn('vera')
  for (const [path, body] of [
    ['/api/sign-on', settings()],
    ['/api/sign-on/remove', {}],
    ['/api/sign-on/test', { issuer: there.issuer }],
  ] as const)
    expect((await acme.post(path, body, vera)).status, path).toBe(403)
  expect((await acme.call('/api/sign-on', { as: vera })).status).toBe(403)
  acme.clock.now += 10 * 60_000
  expect(await save()).toMatchObject({ status: 403, code: 'confirm-first' })
  expect((await acme.post('/api/sign-on/remove', {}, cookie)).status).toBe(403)
  expect(await logged()).toEqual([])
})

test('a name is one organisation’s', async () => {
  await save()
  const other = await served({ store: acme.store, seed: 2, users: { oda: { role: 'admin' } } }, ['oda'])
  const answer = await other.post('/api/sign-on', settings(), await other.signIn('oda'))
  expect([answer.status, await answer.json()]).toEqual([409, expect.objectContaining({ code: 'sign-on-name-taken' })])
  expect((await save({ enabled: false })).status).toBe(200)
})

test.each([
  ['issuer', 'login.tern.example'],
  ['issuer', 'http://login.tern.example'],
  ['issuer', 'ftp://login.tern.example'],
  ['issuer', 'https://user:word@login.tern.example'],
  ['issuer', 'https://login.tern.example?tenant=1'],
  ['issuer', 'https://login.tern.example#x'],
  ['issuer', 'https://127.0.0.1'],
  ['issuer', 'https://[::ffff:10.0.0.1]'],
  ['issuer', 'https://2130706433'],
  ['clientId', ''],
  ['clientId', 'a\nb'],
  ['clientSecret', 'a\r\nb'],
  ['name', 'ab'],
  ['name', 'Tern'],
  ['name', '-tern'],
  ['name', 'tern_'],
  ['name', 'tern/../x'],
  ['name', 'x'.repeat(41)],
])('%s “%s” is refused, with the path to it', async (path, value) => {
  expect(await save({ [path]: value })).toMatchObject({ status: 400, code: 'malformed', fact: { path } })
  expect(await logged()).toEqual([])
})

test('what is switched off or removed opens nothing, and ends the sessions that came by it', async () => {
  await save()
  const bound = () => acme.store.db.updateTable('auth_sessions').set({ bound: acme.id }).where('id', '<>', 'none')
  const sessions = async () => (await acme.store.db.selectFrom('auth_sessions').select('id').execute()).length
  const start = async () => (await acme.post('/api/auth/sign-on/start', { name: 'tern' })).status
  for (const end of [
    () => save({ enabled: false }),
    () => save({ issuer: 'https://other.example' }),
    () => acme.post('/api/sign-on/remove', {}, cookie),
  ]) {
    await acme.signIn('vera')
    await bound().execute()
    expect((await end()).status).toBe(200)
    // The one that did it.
    expect(await sessions()).toBe(1)
  }
  expect(await start()).toBe(404)
  expect((await acme.post('/api/sign-on/remove', {}, cookie)).status).toBe(404)
})

const trial = async (issuer: string) =>
  (await (await acme.post('/api/sign-on/test', { issuer }, cookie)).json()) as unknown
test('the connection is tried, and what came of it is said in a sentence', async () => {
  expect(await trial(there.issuer)).toEqual({
    works: true,
    sentence: expect.stringContaining('has what a sign-in needs'),
  })
  expect(await trial(`${there.issuer}/elsewhere`)).toMatchObject({
    works: false,
    sentence: expect.stringContaining('not as an OpenID provider does'),
  })
  await there.stop()
  expect(await trial(there.issuer)).toMatchObject({
    works: false,
    sentence: expect.stringContaining('refuses the connection'),
  })
  await there.start()
})

test('of a private address the trial says the same whatever is there, and asks nothing', async () => {
  const before = there.asked.length
  const port = new URL(there.issuer).port
  const said = []
  for (const host of ['127.0.0.1:1', `localhost:${port}`, '[::1]', '169.254.169.254', '10.0.0.1'])
    said.push(await trial(`https://${host}`))
  expect(new Set(said.map((answer) => JSON.stringify(answer)))).toEqual(
    new Set([
      JSON.stringify({
        works: false,
        sentence:
          'The address leads into a private network. The operator of this server can allow the host in ALLOWED_PRIVATE_HOSTS.',
      }),
    ]),
  )
  expect(there.asked.length).toBe(before)
})

test('a server that does not know its own address signs nobody in by it, and says so in Settings', async () => {
  const signOn = { privateHosts: readNamedHosts(there.host), base: () => undefined }
  const nowhere = await served({}, ['ingrid'], undefined, { signOn })
  const as = await nowhere.signIn('ingrid')
  expect((await nowhere.post('/api/sign-on', settings({ issuer: there.issuer }), as)).status).toBe(200)
  expect(await (await nowhere.call('/api/sign-on', { as })).json()).toMatchObject({ redirectUri: null })
  expect((await nowhere.post('/api/auth/sign-on/start', { name: 'tern' })).status).toBe(503)
})
