// A provider's answer that does not hold lets nobody in: whatever of the ID token is another one's, too old, signed by somebody else or
// not at all.
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { readNamedHosts } from '../../sync-server/outgoing/named-hosts.ts'
import { cookieOf, ORIGIN, served, type Served } from '../support/app.ts'
import { CLIENT, lyingProvider, signInThere, type Lie } from '../support/sign-on-provider.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let there: Awaited<ReturnType<typeof lyingProvider>>
let acme: Served

beforeAll(async () => {
  there = await lyingProvider({ sub: 'ingrid', email: 'ingrid@tern.example', email_verified: true })
})
afterAll(() => there.stop())
beforeEach(async () => {
  there.lie = {}
  acme = await served({}, ['ingrid'], undefined, {
    signOn: { privateHosts: readNamedHosts(there.host), base: () => ORIGIN },
  })
  const settings = {
    issuer: there.issuer,
    clientId: CLIENT.id,
    clientSecret: CLIENT.secret,
    name: 'tern',
    enabled: true,
  }
  expect((await acme.post('/api/sign-on', settings, await acme.signIn('ingrid'))).status).toBe(200)
})

/** @param change of the address that the provider sends the browser back to */
async function enter(change: (address: URL) => void = () => undefined, again = false) {
  const started = await acme.post('/api/auth/sign-on/start', { name: 'tern', again })
  const { location } = (await started.json()) as { location: string }
  const address = new URL(await signInThere(location, 'ingrid'))
  change(address)
  const response = await acme.call(address.pathname + address.search, { as: cookieOf(started) })
  const cookies = cookieOf(response)
  return {
    told: new URL(response.headers.get('location') ?? '', ORIGIN).hash,
    session: /session_token=./.test(cookies),
    cookies,
  }
}
const seconds = () => Math.floor(Date.now() / 1000)

test('an answer that holds lets in', async () => {
  expect(await enter()).toMatchObject({ told: '#sign-on=done', session: true })
  expect(there.asked).toContain('/jwks')
})

const lies: [string, () => Lie][] = [
  ['another nonce', () => ({ claims: { nonce: 'another' } })],
  ['no nonce', () => ({ claims: { nonce: undefined } })],
  ['another issuer', () => ({ claims: { iss: 'https://other.example' } })],
  ['another audience', () => ({ claims: { aud: 'another client' } })],
  ['two audiences, and meant for the other', () => ({ claims: { aud: [CLIENT.id, 'other'], azp: 'other' } })],
  ['a time that is over', () => ({ claims: { iat: seconds() - 600, exp: seconds() - 300 } })],
  ['no end', () => ({ claims: { exp: undefined } })],
  ['nobody', () => ({ claims: { sub: undefined } })],
  ['no signature (alg none)', () => ({ alg: 'none' })],
  ['the client’s secret as key (HS256)', () => ({ alg: 'HS256' })],
  ['another key', () => ({ otherKey: true })],
]
test.each(lies)('an ID token with %s lets nobody in', async (_name, lie) => {
  there.lie = lie()
  expect(await enter()).toMatchObject({ told: '#sign-on=failed', session: false })
})

test.each([
  ['another state', (address: URL) => address.searchParams.set('state', 'x'.repeat(43)), 'over'],
  ['two states', (address: URL) => address.searchParams.append('state', 'x'.repeat(43)), 'failed'],
  [
    'another issuer beside the code',
    (address: URL) => address.searchParams.set('iss', 'https://other.example'),
    'failed',
  ],
  ['an ID token beside the code', (address: URL) => address.searchParams.set('response', 'x.y.z'), 'failed'],
  ['no code', (address: URL) => address.searchParams.delete('code'), 'failed'],
])('an answer with %s lets nobody in', async (_name, change, why) => {
  expect(await enter(change)).toMatchObject({ told: `#sign-on=${why}`, session: false })
})

test('who must prove anew who it is has done so a moment ago, by the provider’s own word', async () => {
  expect((await enter(undefined, true)).told).toBe('#sign-on=failed')
  there.lie = { claims: { auth_time: seconds() - 3600 } }
  expect((await enter(undefined, true)).told).toBe('#sign-on=failed')
  acme.clock.now = Date.now()
  there.lie = { claims: { auth_time: seconds() - 20 } }
  const { told, cookies } = await enter(undefined, true)
  expect(told).toBe('#sign-on=done')
  expect(await freshness(cookies)).toBe(true)
})

test('a sign-in whose moment the provider does not tell, or that is long past, changes no settings', async () => {
  acme.clock.now = Date.now()
  expect(await freshness((await enter()).cookies)).toBe(false)
  there.lie = { claims: { auth_time: seconds() - 3600 } }
  expect(await freshness((await enter()).cookies)).toBe(false)
  // A clock that runs ahead gives nobody more time.
  there.lie = { claims: { auth_time: seconds() + 3600 } }
  const { cookies } = await enter()
  acme.clock.now += 10 * 60_000
  expect(await freshness(cookies)).toBe(false)
})

/** Whether a session may change what only one may that has just been proved. */
async function freshness(cookie: string): Promise<boolean> {
  const answer = await acme.post('/api/sign-on/remove', {}, cookie)
  const body = (await answer.json()) as { code?: string }
  expect([200, 403]).toContain(answer.status)
  if (answer.status === 403) expect(body.code).toBe('confirm-first')
  return answer.status === 200
}
