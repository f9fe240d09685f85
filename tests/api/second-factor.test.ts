// Signing in with a second factor: what the second step takes, that each code is good once, and that half signed in is nobody anywhere.
import { expect, test, vi } from 'vitest'
import { readActivity } from '../../sync-server/activity/pages.ts'
import { PASSWORD, served, type Served } from '../support/app.ts'
import { authenticator } from '../support/authenticator.ts'
import { browserOf, codeOf, PAGE, type Browser } from '../support/second-factor.ts'
import { postOf } from './post.ts'

// A password's hash takes its time, on a busy machine more of it.
vi.setConfig({ testTimeout: 60_000 })

const STEP = 30_000
const NEW = 'seven purple kayaks'

/** An organisation whose admin Ingrid has an authenticator app; Ada has none. */
async function withApp() {
  const acme = await served({ users: { ada: { role: 'admin' } } }, ['ingrid', 'ada'])
  const here = browserOf(acme)
  await here.signIn('ingrid')
  const { secret, codes } = await here.addApp(acme.clock.now)
  acme.clock.now += 2 * STEP
  return { acme, here, secret, codes, code: () => codeOf(secret, acme.clock.now) }
}
/** Half signed in, in a browser that nobody has used before. */
async function half(acme: Served): Promise<Browser> {
  const browser = browserOf(acme)
  const { status, body } = await browser.signIn('ingrid')
  expect([status, Object.keys(body)]).toEqual([200, ['secondFactor']])
  return browser
}
const sessions = (acme: Served) => acme.store.db.selectFrom('auth_sessions').selectAll().execute()
const session = async (browser: Browser) => (await browser.get('/api/session')).status

test('the right password asks for the second factor, and the code of the app lets in, with a session that says so', async () => {
  const { acme, code } = await withApp()
  const browser = browserOf(acme)
  const first = await browser.signIn('ingrid')
  expect([first.status, first.body]).toEqual([200, { secondFactor: { ways: ['totp', 'recovery'] } }])
  expect(first.response.headers.getSetCookie().filter((cookie) => cookie.includes('session_token'))).toEqual([])
  expect(await session(browser)).toBe(401)
  const second = await browser.secondStep({ way: 'totp', code: code() })
  expect([second.status, second.body]).toMatchObject([200, { account: { email: 'ingrid@tern.example' } }])
  expect((await browser.get('/api/session')).body).toMatchObject({ secondFactor: 'totp', role: 'admin' })
  expect([...browser.jar.keys()].filter((name) => name.includes('half'))).toEqual([])
})

test('the half sign-in is a cookie that no script reads, that leaves with no other site, and that ends by itself', async () => {
  const { acme } = await withApp()
  const { response } = await browserOf(acme).signIn('ingrid')
  expect(response.headers.getSetCookie()[0]).toMatch(
    /^quartermaster\.half=[\w-]{43}; Max-Age=300; Path=\/; HttpOnly; SameSite=Strict$/,
  )
  const behind = await served({}, ['ingrid'], 'https://console.example')
  const browser = browserOf(behind)
  const origin = { origin: 'https://console.example' }
  const signIn = { email: 'ingrid@tern.example', password: PASSWORD }
  await browser.post('/api/auth/sign-in/email', signIn, origin)
  const { body } = await browser.post('/api/second-factor/totp/begin', {}, origin)
  const { id, secret } = body as { id: string; secret: string }
  await browser.post('/api/second-factor/totp', { id, code: codeOf(secret, behind.clock.now), name: 'P' }, origin)
  const again = await browserOf(behind).post('/api/auth/sign-in/email', signIn, origin)
  expect(again.response.headers.getSetCookie()[0]).toMatch(
    /^__Host-quartermaster\.half=.*HttpOnly; Secure; SameSite=Strict$/,
  )
})

test('half signed in is nobody at every route but the second step', async () => {
  const { acme } = await withApp()
  const browser = await half(acme)
  const open = [
    ['GET', '/health/live'],
    ['GET', '/health/ready'],
    ['POST', '/api/auth/sign-in/email'],
    ['POST', '/api/auth/sign-out'],
    ['POST', '/api/auth/second-factor'],
    ['POST', '/api/auth/second-factor/passkey/options'],
    ['POST', '/api/auth/passkey'],
    ['POST', '/api/auth/passkey/options'],
    ['POST', '/api/links/look'],
    ['POST', '/api/links/use'],
    ['POST', '/api/setup'],
    ['POST', '/api/forgot'],
  ].map(([method, path]) => `${method} ${path}`)
  const routes = new Set(
    acme.app.routes.filter(({ method }) => method !== 'ALL').map(({ method, path }) => `${method} ${path}`),
  )
  const closed = [...routes].filter((route) => !open.includes(route) && !route.includes('/api/auth/sign-on'))
  expect(closed.length).toBeGreaterThan(40)
  for (const route of closed) {
    const [method = '', path = ''] = route.split(' ')
    const address = path
      .replace(/:month\{.*/, '2026-11')
      .replace(/:version\{.*\}\}/, '1')
      .replace(/:\w+/g, acme.newId())
    const answer = await acme.call(address, { method, as: browser.cookies() })
    expect([route, answer.status]).toEqual([route, 401])
    await answer.body?.cancel()
  }
})

test.each(['totp', 'recovery'])(
  'of 64 who send one code at once (%s) one gets a session, and none later',
  async (way) => {
    const { acme, code, codes } = await withApp()
    const before = (await sessions(acme)).length
    // In several browsers, half signed in each: what stands in the way is the code's own use.
    const browsers = await Promise.all(Array.from({ length: 5 }, () => half(acme)))
    const used = { way, code: way === 'totp' ? code() : codes[0] }
    const sent = Array.from({ length: 64 }, (_, index) => browsers[index % browsers.length])
    const from = (index: number) => ({ 'x-test-address': `192.0.2.${index}` })
    const all = await Promise.all(sent.map((browser, index) => browser?.secondStep(used, from(index))))
    expect(all.filter((answer) => answer?.status === 200)).toHaveLength(1)
    expect(await sessions(acme)).toHaveLength(before + 1)
    acme.clock.now += 15 * 60_000
    expect((await (await half(acme)).secondStep(used)).body).toMatchObject({ code: 'wrong-code' })
  },
)

test('a half sign-in makes one session, whatever is sent by it at once', async () => {
  const { acme, code, codes } = await withApp()
  const browser = await half(acme)
  const before = (await sessions(acme)).length
  const answers = [{ way: 'totp', code: code() }, ...codes.slice(0, 4).map((used) => ({ way: 'recovery', code: used }))]
  const all = await Promise.all(answers.map((answer) => browser.secondStep(answer)))
  expect(all.filter(({ status }) => status === 200)).toHaveLength(1)
  expect(await sessions(acme)).toHaveLength(before + 1)
  // What came too late was not used up.
  const { recoveryLeft } = (await browser.get('/api/second-factor')).body as { recoveryLeft: number }
  expect(recoveryLeft).toBeGreaterThanOrEqual(9)
})

test('of 64 uses of one step of time, or of one recovery code, one counts', async () => {
  const { acme, codes, secret } = await withApp()
  const { proofs } = acme.identity
  const { id: account } = await acme.store.db
    .selectFrom('auth_users')
    .select('id')
    .where('email', '=', 'ingrid@tern.example')
    .executeTakeFirstOrThrow()
  const count = async (use: (tx: Parameters<Parameters<typeof acme.store.transaction>[0]>[0]) => Promise<void>) => {
    const all = await Promise.allSettled(Array.from({ length: 64 }, () => acme.store.transaction(use)))
    return all.filter(({ status }) => status === 'fulfilled').length
  }
  expect(await count((await proofs.byApp(account, codeOf(secret, acme.clock.now))).use)).toBe(1)
  expect(await count(proofs.byRecovery(account, codes[0] ?? '').use)).toBe(1)
})

test('the codes of the steps before and after are good as well, those further off are not', async () => {
  const { acme, secret } = await withApp()
  for (const [steps, status] of [
    [-2, 401],
    [2, 401],
    [-1, 200],
    [1, 200],
  ] as const) {
    const browser = await half(acme)
    const answer = await browser.secondStep({ way: 'totp', code: codeOf(secret, acme.clock.now + steps * STEP) })
    expect([steps, answer.status]).toEqual([steps, status])
    acme.clock.now += 10 * STEP
  }
})

test.each(['12345', '1234567', 'abcdef', '', '１２３４５６', "000000' or 1=1", '0x1234'])(
  '%j is no code',
  async (code) => {
    const { acme } = await withApp()
    const browser = await half(acme)
    const { status, body } = await browser.secondStep({ way: 'totp', code })
    expect([status, body['code']]).toEqual([401, 'wrong-code'])
  },
)

test('a recovery code lets in once, however it is typed, and its owner is told by mail', async () => {
  const { acme, codes } = await withApp()
  expect(codes).toHaveLength(10)
  for (const code of codes) expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){5}[0-9A-HJKMNP-TV-Z]{4}$/)
  const typed = ` ${(codes[3] ?? '').toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o').replaceAll('1', 'l')}`
  const browser = await half(acme)
  expect((await browser.secondStep({ way: 'recovery', code: typed })).status).toBe(200)
  expect((await browser.get('/api/session')).body['secondFactor']).toBe('recovery')
  expect((await browser.get('/api/second-factor')).body['recoveryLeft']).toBe(9)
  const again = await half(acme)
  expect((await again.secondStep({ way: 'recovery', code: typed })).body['code']).toBe('wrong-code')
  const post = postOf(acme)
  await post.send()
  expect(post.sent.map(({ subject }) => subject)).toContain('A recovery code was used to sign in as you')
})

test('the log says what a session was entered with, that a code was wrong, and that a recovery code was used', async () => {
  const { acme, codes, code } = await withApp()
  const said = async () => {
    await acme.settle()
    const asked = { before: undefined, limit: 200, now: acme.clock.now }
    const { entries } = await readActivity(acme.store, acme.id, { types: undefined }, asked)
    return entries.map(({ sentence }) => sentence).toReversed()
  }
  const before = await said()
  const browser = await half(acme)
  for (let tries = 0; tries < 3; tries += 1) await browser.secondStep({ way: 'totp', code: '000000' })
  await said()
  await browser.secondStep({ way: 'totp', code: code() })
  await said()
  await (await half(acme)).secondStep({ way: 'recovery', code: codes[0] })
  // Three wrong codes are one line: whoever guesses fills no log.
  expect((await said()).slice(before.length)).toEqual([
    'Failed sign-in as ingrid, with the right password and a wrong second factor',
    'Sign in with Another browser, by an authenticator app',
    'Sign in with a recovery code',
    'Sign in with Another browser, by a recovery code',
  ])
})

test('nothing that opens an account stands in the database as it is', async () => {
  const { acme, secret, codes } = await withApp()
  const browser = await half(acme)
  const tables = ['auth_factors', 'auth_recovery_codes', 'auth_halves', 'auth_challenges'] as const
  let stored = ''
  for (const table of tables) stored += JSON.stringify(await acme.store.db.selectFrom(table).selectAll().execute())
  const half43 = browser.jar.get('quartermaster.half') ?? 'none'
  for (const kept of [secret, half43, ...codes, ...codes.map((code) => code.replaceAll('-', ''))])
    expect(stored).not.toContain(kept)
})

test('codes are slowed after five wrong ones, also where the password is right each time, and the owner is told why', async () => {
  const { acme, code } = await withApp()
  const statuses: number[] = []
  let waits: unknown
  for (let tries = 0; tries < 8; tries += 1) {
    const browser = await half(acme)
    const { status, body } = await browser.secondStep({ way: 'totp', code: '000000' })
    statuses.push(status)
    if (status === 429) waits = body['fact']
  }
  expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429, 429])
  expect(waits).toEqual({ seconds: 30 })
  expect((await (await half(acme)).secondStep({ way: 'totp', code: code() })).status).toBe(429)
  const post = postOf(acme)
  await post.send()
  expect(post.sent.map(({ subject }) => subject)).toContain('Somebody knows your password')
  acme.clock.now += 30_000
  expect((await (await half(acme)).secondStep({ way: 'totp', code: code() })).status).toBe(200)
})

test('one address has 30 tries a minute at the second step as well, and 30 questions', async () => {
  const { acme } = await withApp()
  const browser = browserOf(acme)
  const from = { 'x-test-address': '192.0.2.9' }
  const all: number[] = []
  for (let tries = 0; tries < 31; tries += 1) {
    all.push((await browser.secondStep({ way: 'totp', code: '000000' }, from)).status)
    all.push((await browser.post('/api/auth/passkey/options', {}, from)).status)
  }
  expect(all.filter((status) => status === 401)).toHaveLength(30)
  expect(all.filter((status) => status === 200)).toHaveLength(30)
  expect(all.slice(-2)).toEqual([429, 429])
})

type World = Awaited<ReturnType<typeof withApp>>
const deaths: [string, (world: World, browser: Browser) => Promise<unknown>][] = [
  ['five minutes', async ({ acme }) => void (acme.clock.now += 5 * 60_000)],
  [
    'a new password by a link',
    async ({ acme }) => {
      await acme.post('/api/forgot', { email: 'ingrid@tern.example' })
      await acme.settle()
      const post = postOf(acme)
      await post.send()
      const token = /#([\w-]{43})/.exec(post.sent.at(-1)?.text ?? '')?.[1]
      expect((await acme.post('/api/links/use', { token, password: NEW })).status).toBe(200)
    },
  ],
  ['signing out everywhere else', ({ here }) => here.post('/api/devices/sign-out-others', {})],
  ['losing the console, also for a moment', ({ acme }) => loseConsole(acme)],
  ['its use', ({ code }, browser) => browser.secondStep({ way: 'totp', code: code() })],
]
/** Another admin takes the console away, and gives it back at once. */
async function loseConsole(acme: Served): Promise<void> {
  const ada = browserOf(acme)
  await ada.signIn('ada')
  const device = await acme.deviceOf('ada', ada.cookies())
  for (const role of ['member', 'admin']) {
    const operation = device.operation('set-role', { userIds: [acme.user('ingrid')], role })
    const { body } = await ada.post('/api/sync', device.request([operation]))
    expect(body).toMatchObject({ outcomes: [{ notApplied: [] }] })
  }
}
test.each(deaths)('a half sign-in ends by %s', async (_name, end) => {
  const world = await withApp()
  const { acme, code } = world
  const browser = await half(acme)
  const kept = new Map(browser.jar)
  await end(world, browser)
  acme.clock.now += 2 * STEP
  browser.jar.clear()
  for (const [name, value] of kept) browser.jar.set(name, value)
  const { status, body } = await browser.secondStep({ way: 'totp', code: code() })
  expect([status, body['code']]).toEqual([401, 'half-over'])
})

test('a half sign-in is good in its own browser alone, and a made-up one nowhere', async () => {
  const { acme, code } = await withApp()
  const [browser, other] = [await half(acme), await half(acme)]
  const stolen = browserOf(acme)
  stolen.jar.set('quartermaster.half', browser.jar.get('quartermaster.half') ?? '')
  expect((await stolen.secondStep({ way: 'totp', code: code() })).body['code']).toBe('half-over')
  stolen.jar.set('quartermaster.browser', other.jar.get('quartermaster.browser') ?? '')
  expect((await stolen.secondStep({ way: 'totp', code: code() })).body['code']).toBe('half-over')
  stolen.jar.set('quartermaster.half', 'A'.repeat(43))
  expect((await stolen.secondStep({ way: 'totp', code: code() })).body['code']).toBe('half-over')
  expect((await browser.secondStep({ way: 'totp', code: code() })).status).toBe(200)
})

test('a revoked browser is told so after the second step, once, and gets no session', async () => {
  const { acme, code } = await withApp()
  const [lost, ada] = [await half(acme), browserOf(acme)]
  await lost.secondStep({ way: 'totp', code: code() })
  await ada.signIn('ada')
  const { devices } = (await lost.get('/api/devices')).body as { devices: { id: string; current: boolean }[] }
  await ada.post(`/api/devices/${devices.find(({ current }) => current)?.id}/revoke`, {})
  const before = await sessions(acme)
  acme.clock.now += 2 * STEP
  expect((await lost.signIn('ingrid')).body).toHaveProperty('secondFactor')
  const told = await lost.secondStep({ way: 'totp', code: code() })
  expect([told.status, told.body['code']]).toEqual([403, 'device-revoked'])
  expect([...lost.jar.keys()].filter((name) => !name.includes('session'))).toEqual([])
  expect((await sessions(acme)).length).toBeLessThanOrEqual(before.length)
  acme.clock.now += 2 * STEP
  await lost.signIn('ingrid')
  expect((await lost.secondStep({ way: 'totp', code: code() })).status).toBe(200)
})

test('the half sign-in of one account takes no factor of another one', async () => {
  const acme = await served({ users: { ada: { role: 'admin' } } }, ['ingrid', 'ada'])
  const [ingrid, ada] = [browserOf(acme), browserOf(acme)]
  await ingrid.signIn('ingrid')
  await ada.signIn('ada')
  const app = await ingrid.addApp(acme.clock.now)
  const { device } = await ingrid.addPasskey()
  await ada.addApp(acme.clock.now)
  acme.clock.now += 2 * STEP
  const browser = browserOf(acme)
  await browser.signIn('ada')
  const code = codeOf(app.secret, acme.clock.now)
  expect((await browser.secondStep({ way: 'totp', code })).body['code']).toBe('wrong-code')
  expect((await browser.secondStep({ way: 'recovery', code: app.codes[0] })).body['code']).toBe('wrong-code')
  const { body } = await browser.post('/api/auth/second-factor/passkey/options', {})
  const response = device.get({ challenge: String(body['challenge']) })
  expect((await browser.secondStep({ way: 'passkey', response })).body['code']).toBe('wrong-passkey')
})

test('a reset by mail sets the password, ends the sessions, and asks for the second factor', async () => {
  const { acme, here, code } = await withApp()
  await acme.post('/api/forgot', { email: 'ingrid@tern.example' })
  await acme.settle()
  const post = postOf(acme)
  await post.send()
  const token = /#([\w-]{43})/.exec(post.sent.at(-1)?.text ?? '')?.[1]
  const browser = browserOf(acme)
  const used = await browser.post('/api/links/use', { token, password: NEW })
  expect([used.status, used.body]).toEqual([
    200,
    { purpose: 'reset-password', console: true, signedIn: false, secondFactor: { ways: ['totp', 'recovery'] } },
  ])
  expect([await session(here), await session(browser)]).toEqual([401, 401])
  expect((await browser.secondStep({ way: 'totp', code: code() })).status).toBe(200)
  expect(await session(browser)).toBe(200)
})

test('before the password is right nothing tells that there is an account, or that it has a second factor', async () => {
  const acme = await served({ users: { ada: { role: 'admin' } } }, ['ingrid', 'ada'])
  const ingrid = browserOf(acme)
  await ingrid.signIn('ingrid')
  await ingrid.addApp(acme.clock.now)
  const answers = []
  for (const name of ['ingrid', 'ada', 'nobody']) {
    const { response } = await browserOf(acme).signIn(name, 'not the right one')
    answers.push([response.status, response.headers.getSetCookie(), [...response.headers.keys()]])
  }
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
})

test('a passkey takes the second step, and alone it is both factors', async () => {
  const acme = await served()
  const here = browserOf(acme)
  await here.signIn('ingrid')
  const { device } = await here.addPasskey()
  const browser = browserOf(acme)
  expect((await browser.signIn('ingrid')).body).toEqual({ secondFactor: { ways: ['passkey', 'recovery'] } })
  expect((await browser.stepByPasskey(device)).status).toBe(200)
  expect((await browser.get('/api/session')).body['secondFactor']).toBe('passkey')
  const alone = browserOf(acme)
  const { status, body } = await alone.signInByPasskey(device)
  expect([status, body]).toMatchObject([200, { account: { email: 'ingrid@tern.example' } }])
  expect((await alone.get('/api/session')).body['secondFactor']).toBe('passkey')
})

const wrong: [string, Parameters<ReturnType<typeof authenticator>['get']>[1]][] = [
  ['another site', { origin: 'http://evil.example' }],
  ['another port', { origin: 'http://localhost:9999' }],
  ['another relying party', { rpId: 'evil.example' }],
  ['another challenge', { challenge: 'A'.repeat(43) }],
  ['no verified user', { verified: false }],
  ['a forged signature', { forged: true }],
  ['the answer of a registration', { type: 'webauthn.create' }],
  ['the name of another account', { userHandle: Buffer.from('somebody').toString('base64url') }],
]
test.each(wrong)('a passkey with %s opens nothing, neither alone nor as second step', async (_name, ways) => {
  const acme = await served()
  const here = browserOf(acme)
  await here.signIn('ingrid')
  const { device } = await here.addPasskey()
  const alone = await browserOf(acme).signInByPasskey(device, ways)
  expect([alone.status, alone.body['code']]).toEqual([401, 'wrong-passkey'])
  const step = await (await half(acme)).stepByPasskey(device, ways)
  expect([step.status, step.body['code']]).toEqual([401, 'wrong-passkey'])
})

test('an answer of a passkey is good once, for its own browser, its own purpose, and five minutes', async () => {
  const acme = await served()
  const here = browserOf(acme)
  await here.signIn('ingrid')
  const { device } = await here.addPasskey()
  const options = async (browser: Browser, path: string) => (await browser.post(path, {})).body as never
  const code = async (browser: Browser, path: string, body: unknown) =>
    (await browser.post(path, body)).body['code'] ?? 'in'

  const first = browserOf(acme)
  const response = device.get(await options(first, '/api/auth/passkey/options'))
  // Another browser, or none: what was asked of one is not answered by another one.
  const other = browserOf(acme)
  await options(other, '/api/auth/passkey/options')
  expect(await code(other, '/api/auth/passkey', { response })).toBe('wrong-passkey')
  const stranger = browserOf(acme)
  expect(await code(stranger, '/api/auth/passkey', { response })).toBe('wrong-passkey')
  const all = await Promise.all(Array.from({ length: 8 }, () => first.post('/api/auth/passkey', { response })))
  expect(all.filter(({ status }) => status === 200)).toHaveLength(1)

  const halfway = await half(acme)
  const step = device.get(await options(halfway, '/api/auth/second-factor/passkey/options'))
  await options(halfway, '/api/auth/passkey/options')
  expect(await code(halfway, '/api/auth/passkey', { response: step })).toBe('wrong-passkey')
  const late = browserOf(acme)
  const tooLate = device.get(await options(late, '/api/auth/passkey/options'))
  acme.clock.now += 5 * 60_000
  expect(await code(late, '/api/auth/passkey', { response: tooLate })).toBe('wrong-passkey')
})

test('a passkey whose counter stands still or goes back is a copy', async () => {
  const acme = await served()
  const here = browserOf(acme)
  await here.signIn('ingrid')
  const { device } = await here.addPasskey(authenticator(PAGE), 'Key', { counter: 5 })
  expect((await browserOf(acme).signInByPasskey(device)).status).toBe(200)
  for (const counter of [6, 5, 0])
    expect((await browserOf(acme).signInByPasskey(device, { counter })).body['code']).toBe('wrong-passkey')
  expect((await browserOf(acme).signInByPasskey(device, { counter: 20 })).status).toBe(200)
})
