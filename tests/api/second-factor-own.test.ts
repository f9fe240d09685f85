// An account's own second factors: added, listed, removed, and who may do so. Adding one gives the session a new id and ends those
// that have none; the owner is told by mail.
import { beforeEach, expect, test, vi } from 'vitest'
import { PASSWORD, served, type Served } from '../support/app.ts'
import { authenticator } from '../support/authenticator.ts'
import { browserOf, codeOf, PAGE, type Browser } from '../support/second-factor.ts'
import { addAdmin, createOrganisation } from '../../sync-server/provider.ts'
import { FIRST_POLICIES } from '#shared/policies.ts'
import { postOf } from './post.ts'

// A password's hash takes its time, on a busy machine more of it.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const MINUTE = 60_000
const TOKEN = 'quartermaster.session_token'

let acme: Served
let here: Browser

beforeEach(async () => {
  acme = await served({ users: { ada: { role: 'admin' }, vera: { role: 'viewer' } } }, ['ingrid', 'ada', 'vera'])
  here = browserOf(acme)
  await here.signIn('ingrid')
})

const own = async (browser = here) => (await browser.get('/api/second-factor')).body
const subjects = async () => {
  const post = postOf(acme)
  await post.send()
  return post.sent.map(({ to, subject }) => `${to.address}: ${subject}`)
}
interface Listed {
  id: string
  kind: string
  name: string
}
const listed = async (browser = here) => (await own(browser))['factors'] as Listed[]
/** The entries that no operation is, with their args. */
const logged = async (orgId: string = acme.id) => {
  await acme.settle()
  const rows = await acme.store.db
    .selectFrom('log')
    .select(['type', 'args', 'actor'])
    .where('orgId', '=', orgId)
    .where('type', 'like', '%factor%')
    .orderBy('version')
    .execute()
  return rows.map(({ type, args, actor }) => ({
    type,
    actor,
    kind: (JSON.parse(args ?? '{}') as { args: { kind?: string } }).args.kind,
  }))
}

test('an app is added by its first code, a passkey by its first answer; each is listed, without a secret', async () => {
  expect(await own()).toEqual({ required: false, whole: false, fresh: true, factors: [], recoveryLeft: 0 })
  const app = await here.addApp(acme.clock.now, ' Phone ')
  expect([app.status, app.codes.length]).toEqual([200, 10])
  const passkey = await here.addPasskey()
  // Codes come with the first one alone.
  expect([passkey.status, passkey.body]).toEqual([200, {}])
  expect(await own()).toEqual({
    required: false,
    whole: true,
    fresh: true,
    factors: [
      { id: expect.any(String), kind: 'totp', name: 'Phone', createdAt: acme.clock.now, lastUsedAt: null },
      { id: expect.any(String), kind: 'passkey', name: 'Laptop', createdAt: acme.clock.now, lastUsedAt: null },
    ],
    recoveryLeft: 10,
  })
  expect(await subjects()).toEqual(
    Array.from({ length: 2 }, () => 'ingrid@tern.example: A second factor was added to your account'),
  )
  expect(await logged()).toEqual([
    { type: 'add-factor', kind: 'totp', actor: acme.user('ingrid') },
    { type: 'add-factor', kind: 'passkey', actor: acme.user('ingrid') },
  ])
})

test('the address for the app names the account, and holds what is shown beside it', async () => {
  const { body } = await here.post('/api/second-factor/totp/begin', {})
  const { secret, uri } = body as { secret: string; uri: string }
  expect(secret).toMatch(/^[A-Z2-7]{32}$/)
  expect(URL.parse(uri)?.protocol).toBe('otpauth:')
  expect(decodeURIComponent(uri)).toContain('Quartermaster:ingrid@tern.example')
  const asked = URL.parse(uri)?.searchParams
  expect([asked?.get('secret'), asked?.get('digits'), asked?.get('period'), asked?.get('algorithm')]).toEqual([
    secret,
    '6',
    '30',
    'SHA1',
  ])
})

test('who adds a factor has a new session; those of the account without one end, with their streams, and nobody else’s', async () => {
  const [elsewhere, ada] = [browserOf(acme), browserOf(acme)]
  await elsewhere.signIn('ingrid')
  await ada.signIn('ada')
  const stream = (await acme.call('/api/events', { as: elsewhere.cookies() })).body?.getReader()
  await stream?.read()
  const before = new Map(here.jar)
  await here.addApp(acme.clock.now)
  expect(here.jar.get(TOKEN)).not.toBe(before.get(TOKEN))
  while (!(await stream?.read())?.done);
  const old = browserOf(acme)
  for (const [name, value] of before) old.jar.set(name, value)
  const statuses = []
  for (const browser of [here, old, elsewhere, ada]) statuses.push((await browser.get('/api/session')).status)
  expect(statuses).toEqual([200, 401, 401, 200])
  expect((await here.get('/api/session')).body).toMatchObject({ secondFactor: 'totp', organisation: { id: acme.id } })
})

test('the code that an app was added by lets nobody in', async () => {
  const { secret } = await here.addApp(acme.clock.now)
  const browser = browserOf(acme)
  await browser.signIn('ingrid')
  const code = codeOf(secret, acme.clock.now)
  expect((await browser.secondStep({ way: 'totp', code })).body['code']).toBe('wrong-code')
})

test('ten minutes after the sign-in the password is asked for, and it makes the session fresh again', async () => {
  await here.addApp(acme.clock.now)
  const [factor] = await listed()
  acme.clock.now += 10 * MINUTE
  expect(await own()).toMatchObject({ fresh: false })
  for (const [path, body] of [
    ['/totp/begin', {}],
    ['/totp', {}],
    ['/passkey/begin', {}],
    ['/passkey', {}],
    ['/recovery', {}],
    [`/${factor?.id}/remove`, {}],
  ] as const) {
    const answer = await here.post(`/api/second-factor${path}`, body)
    expect([path, answer.status, answer.body['code']]).toEqual([path, 403, 'confirm-first'])
  }
  const confirm = (password: string) => here.post('/api/second-factor/confirm', { password })
  expect((await confirm('not the right one')).body['code']).toBe('wrong-password')
  expect(await own()).toMatchObject({ fresh: false })
  expect((await confirm(PASSWORD)).status).toBe(200)
  expect(await own()).toMatchObject({ fresh: true })
  expect((await here.post('/api/second-factor/totp/begin', {})).status).toBe(200)
})

test('a session that was taken guesses no password: those tries are counted with all others', async () => {
  const statuses = []
  for (let tries = 0; tries < 7; tries += 1)
    statuses.push((await here.post('/api/second-factor/confirm', { password: 'not the right one' })).status)
  expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429])
})

test('a wrong first code costs nothing; another session’s, an old one’s and a used one’s secret is worth nothing', async () => {
  const { body } = await here.post('/api/second-factor/totp/begin', {})
  const { id, secret } = body as { id: string; secret: string }
  const add = (browser: Browser, code: string) => browser.post('/api/second-factor/totp', { id, code, name: 'Phone' })
  const code = () => codeOf(secret, acme.clock.now)
  expect((await add(here, '000000')).body['code']).toBe('wrong-code')
  const elsewhere = browserOf(acme)
  await elsewhere.signIn('ingrid')
  expect((await add(elsewhere, code())).body['code']).toBe('enrolment-over')
  acme.clock.now += 5 * MINUTE
  expect((await add(here, code())).body['code']).toBe('enrolment-over')
  acme.clock.now -= MINUTE
  const all = await Promise.all(Array.from({ length: 8 }, () => add(here, code())))
  expect(all.filter(({ status }) => status === 200)).toHaveLength(1)
  expect(await listed()).toHaveLength(1)
})

const wrong: [string, Parameters<ReturnType<typeof authenticator>['create']>[1]][] = [
  ['another site', { origin: 'http://evil.example' }],
  ['another relying party', { rpId: 'evil.example' }],
  ['no verified user', { verified: false }],
  ['the answer of a sign-in', { type: 'webauthn.get' }],
]
test.each(wrong)('a passkey with %s is not added', async (_name, ways) => {
  const { status, body } = await here.addPasskey(authenticator(PAGE), 'Laptop', ways)
  expect([status, body['code']]).toEqual([400, 'wrong-passkey'])
  expect(await listed()).toEqual([])
})

test('the answer of a passkey is taken for the question that was asked of this session, once', async () => {
  const device = authenticator(PAGE)
  const options = (await here.post('/api/second-factor/passkey/begin', {})).body as never
  const add = (browser: Browser, response: unknown) =>
    browser.post('/api/second-factor/passkey', { response, name: 'Laptop' })
  const asked = device.create(options)
  const ada = browserOf(acme)
  await ada.signIn('ada')
  expect((await add(ada, asked)).body['code']).toBe('enrolment-over')
  expect((await add(here, device.create(options, { challenge: 'A'.repeat(43) }))).body['code']).toBe('enrolment-over')
  expect((await add(here, asked)).status).toBe(200)
  expect((await add(here, asked)).body['code']).toBe('enrolment-over')
})

test('one passkey belongs to one account', async () => {
  const { device } = await here.addPasskey()
  const ada = browserOf(acme)
  await ada.signIn('ada')
  const { body } = await ada.post('/api/second-factor/passkey/begin', {})
  const made = device.create(body as never)
  // The authenticator says that it is the other account's.
  const [first] = device.passkeys
  const id = first?.id.toString('base64url') ?? ''
  const attestation = Buffer.from(made.response.attestationObject, 'base64url').toString('latin1')
  const swapped = attestation.replace(
    device.passkeys.at(-1)?.id.toString('latin1') ?? '',
    first?.id.toString('latin1') ?? '',
  )
  const response = {
    ...made,
    id,
    rawId: id,
    response: { ...made.response, attestationObject: Buffer.from(swapped, 'latin1').toString('base64url') },
  }
  const answer = await ada.post('/api/second-factor/passkey', { response, name: 'Mine' })
  expect([answer.status, answer.body['code']]).toEqual([409, 'passkey-taken'])
  expect(await listed(ada)).toEqual([])
})

test('an account holds ten factors at most', async () => {
  for (let count = 0; count < 10; count += 1) expect((await here.addApp(acme.clock.now)).status).toBe(200)
  expect(await here.addApp(acme.clock.now)).toMatchObject({ status: 409, body: { code: 'too-many-factors' } })
})

test('new recovery codes replace the old ones; there are none without a factor', async () => {
  expect((await here.post('/api/second-factor/recovery', {})).body['code']).toBe('factor-first')
  const { codes } = await here.addApp(acme.clock.now)
  const renewed = (await here.post('/api/second-factor/recovery', {})).body['recoveryCodes'] as string[]
  expect(new Set([...codes, ...renewed]).size).toBe(20)
  const browser = browserOf(acme)
  await browser.signIn('ingrid')
  expect((await browser.secondStep({ way: 'recovery', code: codes[0] })).body['code']).toBe('wrong-code')
  expect((await browser.secondStep({ way: 'recovery', code: renewed[0] })).status).toBe(200)
  expect(await subjects()).toContain('ingrid@tern.example: You have new recovery codes')
})

test('a removed factor lets nobody in; with the last one go the codes, and no session says that it had one', async () => {
  const { secret } = await here.addApp(acme.clock.now)
  const { device } = await here.addPasskey()
  const [app, passkey] = await listed()
  const remove = (factor: Listed | undefined) => here.post(`/api/second-factor/${factor?.id}/remove`, {})
  expect((await remove(app)).status).toBe(200)
  acme.clock.now += MINUTE
  const browser = browserOf(acme)
  expect((await browser.signIn('ingrid')).body).toEqual({ secondFactor: { ways: ['passkey', 'recovery'] } })
  expect((await browser.secondStep({ way: 'totp', code: codeOf(secret, acme.clock.now) })).body['code']).toBe(
    'wrong-code',
  )
  expect((await remove(passkey)).status).toBe(200)
  expect(await own()).toMatchObject({ factors: [], recoveryLeft: 0, whole: false })
  expect((await browserOf(acme).signInByPasskey(device)).body['code']).toBe('wrong-passkey')
  expect((await browserOf(acme).signIn('ingrid')).body).toHaveProperty('account')
  expect((await subjects()).filter((subject) => subject.includes('was removed'))).toHaveLength(2)
  expect((await logged()).filter(({ type }) => type === 'remove-factor').map(({ kind }) => kind)).toEqual([
    'totp',
    'passkey',
  ])
})

test('nobody removes or sees what is another’s', async () => {
  await here.addApp(acme.clock.now)
  const [factor] = await listed()
  const ada = browserOf(acme)
  await ada.signIn('ada')
  expect((await ada.post(`/api/second-factor/${factor?.id}/remove`, {})).status).toBe(404)
  expect(await listed(ada)).toEqual([])
  expect(await listed()).toHaveLength(1)
})

test('the last factor stays where any organisation of the account asks for one', async () => {
  await here.addApp(acme.clock.now)
  await acme.settle()
  const by = { now: acme.clock.now, random: acme.random }
  const wanted = { name: 'Strict', timeZone: 'UTC', weekStart: 1, fiscalYearStart: 1, ...FIRST_POLICIES }
  const strict = await createOrganisation(acme.store, wanted, by)
  await addAdmin(acme, strict, { email: 'ingrid@tern.example', name: 'Ingrid' }, by)
  const [factor] = await listed()
  const remove = () => here.post(`/api/second-factor/${factor?.id}/remove`, {})
  expect(await own()).toMatchObject({ required: true })
  expect((await remove()).body['code']).toBe('last-factor')
  await here.addApp(acme.clock.now, 'Second phone')
  expect((await remove()).status).toBe(200)
  // The protection of an account is the business of each of its organisations.
  expect((await logged(strict)).map(({ type }) => type)).toEqual(['add-factor', 'remove-factor'])
})

test('a session by single sign-on sees and changes nothing of the account’s own factors', async () => {
  await here.addApp(acme.clock.now)
  const [factor] = await listed()
  await acme.store.db.updateTable('auth_sessions').set({ factor: 'sign-on' }).execute()
  expect(await own()).toMatchObject({ whole: true, factors: [], recoveryLeft: 0 })
  for (const path of ['/confirm', '/totp/begin', '/passkey/begin', '/recovery', `/${factor?.id}/remove`]) {
    const answer = await here.post(`/api/second-factor${path}`, { password: PASSWORD })
    expect([path, answer.body['code']]).toEqual([path, 'not-by-sign-on'])
  }
})

test('what adds a factor takes nothing that it does not know', async () => {
  for (const [path, body] of [
    ['/totp/begin', { accountId: 'x' }],
    ['/passkey/begin', { userId: 'x' }],
    ['/recovery', { account: 'x' }],
    ['/totp', { id: 'short', code: '1', name: 'x' }],
    ['/totp', { id: 'A'.repeat(43), code: '1', name: '' }],
    ['/totp', { id: 'A'.repeat(43), code: '1', name: 'x'.repeat(61) }],
    ['/passkey', { response: {}, name: 'x' }],
    ['/confirm', { password: PASSWORD, fresh: true }],
  ] as const) {
    const { status, body: answer } = await here.post(`/api/second-factor${path}`, body)
    expect([path, status, answer['code']]).toEqual([path, 400, 'malformed'])
  }
})
