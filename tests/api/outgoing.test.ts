// Requests of the server to addresses that somebody else has named: they reach the public internet, what the operator has named, and
// nothing else, in whatever spelling, by whatever redirect, and also where a name changes between two looks.
import { createServer, get, type RequestListener, type Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createGuard, type Resolve } from '../../sync-server/outgoing/guard.ts'
import { createGuardedFetch } from '../../sync-server/outgoing/guarded-fetch.ts'
import { isNamed, readNamedHosts } from '../../sync-server/outgoing/named-hosts.ts'

const nobody = readNamedHosts('')
let server: Server
let port: number
let connections = 0
let answer: RequestListener

beforeAll(async () => {
  server = createServer((request, response) => answer(request, response)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  port = (server.address() as AddressInfo).port
  server.on('connection', () => (connections += 1))
})
afterAll(() => void server.close())

const plain: RequestListener = (_request, response) => void response.end('{"here":true}')
const here = () => readNamedHosts(`127.0.0.1:${port}`)
const at = (path = '/') => `http://127.0.0.1:${port}${path}`
const resolving =
  (...addresses: string[]): Resolve =>
  async () =>
    addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))

const SPELLINGS = [
  '127.0.0.1',
  '127.0.0.1.',
  '127.1',
  '127.0.1',
  '127.255.255.254',
  '0177.0.0.1',
  '0177.0.0.01',
  '00000177.0.0.1',
  '0x7f.0.0.1',
  '0x7f.1',
  '0X7F000001',
  '2130706433',
  '017700000001',
  '127.0x0.0.01',
  '１２７.0.0.1',
  '①②⑦.⓪.⓪.①',
  '127。0。0。1',
  '127%2e0%2e0%2e1',
  '%31%32%37.0.0.1',
  '0',
  '0.0.0.0',
  '0x0',
  '10.0.0.1',
  '012.1.2.3',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '0300.0250.1',
  '3232235777',
  '169.254.169.254',
  '0xa9fea9fe',
  '100.64.0.1',
  '100.127.255.254',
  '192.0.0.192',
  '192.0.2.1',
  '198.18.0.1',
  '224.0.0.1',
  '239.255.255.255',
  '240.0.0.1',
  '255.255.255.255',
  '[::]',
  '[::1]',
  '[0:0:0:0:0:0:0:1]',
  '[0000::0001]',
  '[::127.0.0.1]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[0:0:0:0:0:FFFF:7F00:0001]',
  '[::ffff:0:127.0.0.1]',
  '[64:ff9b::127.0.0.1]',
  '[64:ff9b::a00:1]',
  '[64:ff9b:1::1]',
  '[2002:7f00:1::]',
  '[2002:a00:1::1]',
  '[2001::1]',
  '[fe80::1]',
  '[fe80::1%25eth0]',
  '[fec0::1]',
  '[fc00::1]',
  '[fd12:3456:789a::1]',
  '[ff02::1]',
  '[100::1]',
  '[2001:db8::1]',
  '[5f00::1]',
]

test('private addresses are refused in more than 40 spellings, and nothing is connected to', async () => {
  answer = plain
  connections = 0
  const guarded = createGuardedFetch({ named: nobody })
  for (const host of SPELLINGS)
    await expect.soft(guarded(`https://${host}:${port}/`), host).rejects.toMatchObject({ name: 'ForbiddenAddress' })
  expect(SPELLINGS.length).toBeGreaterThan(40)
  expect(connections).toBe(0)
})

test.each([
  '127.0.0.1',
  '10.1.2.3',
  '169.254.169.254',
  '100.100.100.200',
  '0.0.0.0',
  '::1',
  '::ffff:10.0.0.1',
  'fe80::1%eth0',
  '2606:4700::1111%eth0',
  'fd00::1',
  '64:ff9b::7f00:1',
  '2002:7f00:1::',
])('a name that stands for %s is refused', async (address) => {
  connections = 0
  const guarded = createGuardedFetch({ named: nobody, resolve: resolving(address) })
  for (const host of ['idp.example', 'localhost', 'localhost.', 'xn--bcher-kva.example'])
    await expect(guarded(`https://${host}:${port}/`)).rejects.toMatchObject({ why: 'private' })
  expect(connections).toBe(0)
})

test('a private address among public ones is refused, wherever it stands', async () => {
  for (const addresses of [
    ['8.8.8.8', '127.0.0.1'],
    ['127.0.0.1', '8.8.8.8'],
  ]) {
    const guarded = createGuardedFetch({ named: nobody, resolve: resolving(...addresses) })
    await expect(guarded('https://idp.example/')).rejects.toMatchObject({ why: 'private' })
  }
})

test.each(['8.8.8.8', '203.0.114.1', '2606:4700::1111', '2a00:1450:4001:80b::200e'])('%s is public', (address) => {
  const host = address.includes(':') ? `[${address}]` : address
  expect(() => createGuard({ named: nobody }).judge(new URL(`https://${host}/`))).not.toThrow()
})

test.each([
  ['http://idp.example/', 'scheme'],
  ['ftp://idp.example/', 'scheme'],
  ['file:///etc/passwd', 'scheme'],
  ['data:,x', 'scheme'],
  ['not an address', 'scheme'],
  ['https://user@idp.example/', 'credentials'],
  ['https://:word@idp.example/', 'credentials'],
])('%s is refused', async (address, why) => {
  const guarded = createGuardedFetch({ named: nobody, resolve: resolving('8.8.8.8') })
  await expect(guarded(address)).rejects.toMatchObject({ why })
})

test('a name that changes between two looks gains nothing: it is looked up once, and what was judged is connected to', async () => {
  answer = plain
  const looks = ['127.0.0.1', '10.0.0.1', '10.0.0.1']
  let asked = 0
  // In this world the one address of the test's own server is public, and no other is.
  const guard = createGuard({
    named: nobody,
    resolve: (host) => resolving(looks[asked++] ?? '')(host),
    isPublic: (address) => address === '127.0.0.1',
  })
  const url = new URL(`https://idp.example:${port}/`)
  guard.judge(url)
  const request = get({ host: url.hostname, port, lookup: guard.lookupFor(url), agent: false })
  const [response] = (await once(request, 'response')) as [{ statusCode: number; resume(): void }]
  response.resume()
  expect([response.statusCode, asked]).toEqual([200, 1])
})

test('a host that the operator has named is asked, also without TLS; its neighbours by port are not', async () => {
  answer = plain
  const guarded = createGuardedFetch({ named: here() })
  const found = await guarded(at())
  expect([found.status, await found.json()]).toEqual([200, { here: true }])
  await expect(guarded(`http://127.0.0.1:${port + 1}/`)).rejects.toMatchObject({ why: 'scheme' })
  await expect(guarded(`https://127.0.0.1:${port + 1}/`)).rejects.toMatchObject({ why: 'private' })
  const byName = createGuardedFetch({ named: readNamedHosts('IdP.Corp'), resolve: resolving('127.0.0.1') })
  expect((await byName(`http://idp.corp:${port}/`)).status).toBe(200)
  await expect(byName(`http://other.corp:${port}/`)).rejects.toMatchObject({ why: 'scheme' })
})

test('a redirect is not followed', async () => {
  const asked: (string | undefined)[] = []
  answer = (request, response) => {
    asked.push(request.url)
    response.writeHead(302, { location: at('/inside') }).end()
  }
  const found = await createGuardedFetch({ named: here() })(at('/outside'))
  expect([found.status, asked]).toEqual([302, ['/outside']])
})

test('an answer that is too long, or too slow, at whichever moment, is none', async () => {
  const within = { named: here(), mostBytes: 1_000, mostMilliseconds: 300 }
  answer = (_request, response) => void response.end('x'.repeat(1_001))
  await expect(createGuardedFetch(within)(at())).rejects.toThrow('longer than 1000 bytes')
  answer = () => undefined
  await expect(createGuardedFetch(within)(at())).rejects.toThrow()
  answer = (_request, response) => void response.write('the beginning')
  await expect(createGuardedFetch(within)(at())).rejects.toThrow()
})

test('what is sent arrives as it was meant, unpacked on both sides', async () => {
  answer = (request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const { method, headers } = request
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ method, body: String(Buffer.concat(parts)), headers }))
    })
  }
  const sent = { method: 'POST', headers: { 'content-type': 'text/plain', 'accept-encoding': 'gzip' }, body: 'code=1' }
  const found = await createGuardedFetch({ named: here() })(at(), sent)
  expect(found.headers.get('content-type')).toBe('application/json')
  expect(await found.json()).toMatchObject({
    method: 'POST',
    body: 'code=1',
    headers: { 'content-type': 'text/plain', 'accept-encoding': 'identity' },
  })
})

test('what names no host is refused by its name', () => {
  for (const text of [
    'http://idp.corp',
    'idp.corp/path',
    'a b',
    'idp.corp:70000',
    'user@idp.corp',
    '[::1',
    'idp.corp:',
  ])
    expect(() => readNamedHosts(text), text).toThrow(`ALLOWED_PRIVATE_HOSTS: ${text}`)
  expect(isNamed(readNamedHosts('idp.corp, [::1]:8443'), new URL('https://[0::1]:8443/'))).toBe(true)
  expect(isNamed(readNamedHosts('idp.corp:443'), new URL('https://IDP.corp/'))).toBe(true)
})
