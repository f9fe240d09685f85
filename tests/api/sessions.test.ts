// How long a session lasts, what its token is made of, and that a sign-in makes a new one each time.
import { expect, test, vi } from 'vitest'
import { createIdentity } from '../../sync-server/identity.ts'
import { cookieOf, ORIGIN, PASSWORD, served, type Served } from '../support/app.ts'

vi.setConfig({ testTimeout: 60_000 })

const DAY = 24 * 60 * 60_000
const signIn = { email: 'ingrid@tern.example', password: PASSWORD }
const status = async (acme: Served, cookie: string) => (await acme.call('/api/session', { as: cookie })).status
const tokenIn = (cookie: string) => decodeURIComponent(/session_token=([^;]+)/.exec(cookie)?.[1] ?? '')

test('90 days after its owner last proved who it is a session is over, however much it was used', async () => {
  const acme = await served()
  const cookie = await acme.signIn('ingrid')
  for (let day = 0; day < 90; day += 10) {
    expect(await status(acme, cookie)).toBe(200)
    acme.clock.now += 10 * DAY
  }
  expect(await status(acme, cookie)).toBe(200)
  acme.clock.now += 1
  expect(await status(acme, cookie)).toBe(401)
  acme.clock.now -= DAY
  expect(await status(acme, cookie), 'it has ended for good').toBe(401)
})

test('30 days without use end a session', async () => {
  const acme = await served()
  const cookie = await acme.signIn('ingrid')
  const past = new Date(Date.now() - 1).toISOString()
  const { expiresAt } = await acme.store.db.selectFrom('auth_sessions').select('expiresAt').executeTakeFirstOrThrow()
  const lives = Date.parse(expiresAt) - Date.now()
  expect(Math.round(lives / DAY)).toBe(30)
  await acme.store.db.updateTable('auth_sessions').set({ expiresAt: past }).execute()
  expect(await status(acme, cookie)).toBe(401)
})

test('each sign-in makes a new token, of more than 128 bits, and takes none that the browser brings', async () => {
  const acme = await served()
  const tokens = new Set<string>()
  const fixed = 'quartermaster.session_token=chosen-by-somebody-else.c2lnbmF0dXJl'
  for (let index = 0; index < 5; index += 1) {
    const response = await acme.post('/api/auth/sign-in/email', signIn, fixed, { 'x-test-address': `192.0.2.${index}` })
    const token = tokenIn(cookieOf(response))
    expect(token).not.toContain('chosen')
    tokens.add(token)
  }
  expect(tokens.size).toBe(5)
  // 32 of 62 letters and digits: 190 bits; behind the point its signature.
  for (const token of tokens) expect(token).toMatch(/^[A-Za-z0-9]{32}\.[A-Za-z0-9+/]{43}=$/)
})

test('a token whose signature is another server’s, or is gone, is nobody’s', async () => {
  const acme = await served()
  const cookie = await acme.signIn('ingrid')
  const [token = '', signature = ''] = tokenIn(cookie).split('.')
  const other = createIdentity({ store: acme.store, secret: 'the secret of another server, long', url: ORIGIN })
  for (const forged of [token, `${token}.`, `${token}.${'A'.repeat(43)}=`, `${token}.${signature.toLowerCase()}`])
    expect(await status(acme, `quartermaster.session_token=${encodeURIComponent(forged)}`)).toBe(401)
  await expect(other.signedIn(new Headers({ cookie }))).rejects.toMatchObject({ status: 401 })
  expect(await status(acme, cookie)).toBe(200)
})

test('no session begins by a request that only asks', async () => {
  const acme = await served()
  for (const path of ['/api/session', '/api/auth/sign-in/email', '/api/links/use', '/api/setup', '/api/forgot'])
    expect((await acme.call(`${path}?email=${signIn.email}&password=${PASSWORD}`)).headers.getSetCookie()).toEqual([])
})

test('a session that was signed out is over on the server, and its cookie with it', async () => {
  const acme = await served()
  const cookie = await acme.signIn('ingrid')
  const answer = await acme.post('/api/auth/sign-out', {}, cookie)
  expect(answer.headers.getSetCookie().some((one) => /session_token=;.*Max-Age=0/.test(one))).toBe(true)
  expect(await status(acme, cookie)).toBe(401)
  expect(await acme.store.db.selectFrom('auth_sessions').selectAll().execute()).toEqual([])
})
