// Guessing at passwords: one budget for every spelling and every way round, and none that a stranger could use up for somebody else.
import { expect, test, vi } from 'vitest'
import { bucketOf, clientAddress, readProxies } from '../../sync-server/address.ts'
import { cookieOf, PASSWORD, served, type Served } from '../support/app.ts'
import { postOf } from './post.ts'

vi.setConfig({ testTimeout: 60_000 })

const WRONG = 'not the right one'
const attempt = async (acme: Served, email: string, password: string, address: string, cookie?: string) => {
  const headers = { 'x-test-address': address }
  const response = await acme.post('/api/auth/sign-in/email', { email, password }, cookie, headers)
  return { status: response.status, body: await response.text(), cookie: cookieOf(response) }
}

test('200 addresses on one account are slowed after 5 tries, and its owner is told once', async () => {
  const acme = await served()
  const statuses = []
  for (let index = 0; index < 200; index += 1)
    statuses.push((await attempt(acme, 'ingrid@tern.example', WRONG, `192.0.2.${index}`)).status)
  expect(statuses.filter((status) => status === 401)).toHaveLength(5)
  expect(statuses.filter((status) => status === 429)).toHaveLength(195)
  const post = postOf(acme)
  await post.send()
  expect(post.sent).toMatchObject([
    { to: { address: 'ingrid@tern.example' }, subject: 'Somebody tries to sign in as you' },
  ])
})

test('twelve spellings of an address share one budget', async () => {
  const acme = await served()
  const spellings = [
    'ingrid@tern.example',
    'Ingrid@tern.example',
    'INGRID@TERN.EXAMPLE',
    ' ingrid@tern.example',
    'ingrid@tern.example ',
    '\tingrid@tern.example',
    'ingrid@TERN.example',
    'iNGRID@tern.EXAMPLE',
    'ingrid@tern.example\n',
    '\u00a0ingrid@tern.example',
    'ingrid@ｔｅｒｎ.example',
    'Ingrid@Tern.Example',
  ]
  const statuses = []
  for (const email of spellings) statuses.push((await attempt(acme, email, WRONG, '192.0.2.1')).status)
  expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429, 429, 429, 429, 429, 429])
})

test('an account that does not exist is answered alike, also when it is slowed', async () => {
  const acme = await served()
  const answers = async (email: string) => {
    const all = []
    for (let index = 0; index < 7; index += 1) all.push(await attempt(acme, email, WRONG, '192.0.2.7'))
    return all
  }
  expect(await answers('nobody@tern.example')).toEqual(await answers('ingrid@tern.example'))
})

test('a stranger locks nobody out: a browser that was used before has a budget of its own, and a link by mail another way in', async () => {
  const acme = await served()
  const known = (await attempt(acme, 'ingrid@tern.example', PASSWORD, '198.51.100.1')).cookie
  for (let index = 0; index < 20; index += 1) await attempt(acme, 'ingrid@tern.example', WRONG, `192.0.2.${index}`)
  expect((await attempt(acme, 'ingrid@tern.example', PASSWORD, '198.51.100.1')).status).toBe(429)
  const browser = known.split('; ').find((cookie) => cookie.startsWith('quartermaster.browser')) ?? ''
  expect((await attempt(acme, 'ingrid@tern.example', PASSWORD, '198.51.100.1', browser)).status).toBe(200)
  // A made-up cookie is no known browser.
  const forged = `quartermaster.browser=${'A'.repeat(43)}`
  expect((await attempt(acme, 'ingrid@tern.example', PASSWORD, '198.51.100.1', forged)).status).toBe(429)
})

test('who waits may try again, each time after twice as long; the right password begins anew', async () => {
  const acme = await served()
  const tryIt = async (password: string) => (await attempt(acme, 'ingrid@tern.example', password, '192.0.2.1')).status
  for (let index = 0; index < 5; index += 1) expect(await tryIt(WRONG)).toBe(401)
  for (const wait of [30_000, 60_000, 120_000]) {
    acme.clock.now += wait - 1
    expect(await tryIt(PASSWORD)).toBe(429)
    acme.clock.now += 1
    expect(await tryIt(WRONG)).toBe(401)
  }
  acme.clock.now += 240_000
  expect(await tryIt(PASSWORD)).toBe(200)
  expect(await tryIt(WRONG)).toBe(401)
})

test('one address has 30 tries a minute, a whole /64 of IPv6 counts as one', async () => {
  const acme = await served()
  const statuses = []
  for (let index = 0; index < 256; index += 1)
    statuses.push((await attempt(acme, `somebody${index}`, '', `2001:db8:1:2:${index.toString(16)}::1`)).status)
  expect(statuses.filter((status) => status === 400)).toHaveLength(30)
  expect((await attempt(acme, 'somebody', '', '2001:db8:1:3::1')).status).toBe(400)
})

test.each([
  ['no proxy is trusted', '203.0.113.9', '1.1.1.1', '', '203.0.113.9'],
  ['a trusted one', '10.0.0.1', '1.1.1.1, 198.51.100.7', '10.0.0.0/8', '198.51.100.7'],
  ['two trusted ones', '10.0.0.1', '6.6.6.6, 198.51.100.7, 10.0.0.2', '10.0.0.0/8', '198.51.100.7'],
  ['a trusted one by its IPv6 form', '::ffff:10.0.0.1', '198.51.100.7', '10.0.0.1', '198.51.100.7'],
  ['a trusted one that says nothing', '10.0.0.1', undefined, '10.0.0.1', '10.0.0.1'],
  ['nonsense', '10.0.0.1', 'evil, <script>', '10.0.0.1', '10.0.0.1'],
])('the address where %s', (_name, socket, forwarded, trusted, address) => {
  expect(clientAddress(socket, forwarded, readProxies(trusted))).toBe(address)
})

test('what is no address is refused by name; one without an address has a budget like any other', () => {
  expect(() => readProxies('10.0.0.0/8, proxy')).toThrow('TRUSTED_PROXIES: proxy')
  expect(bucketOf(undefined)).toBe('unknown')
  expect(bucketOf('::ffff:192.0.2.1')).toBe('192.0.2.1')
})
