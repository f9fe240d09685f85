// What comes over the wire that no browser would send: addresses spelt otherwise, requests that end somewhere else than they say, bodies
// that never come. Asked at a real port, since only there such a request stays as it was written.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { MAX_REQUEST_BYTES } from '#shared/protocol.ts'
import { createApp } from '../../sync-server/app.ts'
import { staticFiles } from '../../sync-server/static.ts'
import { atPort } from '../support/provider.ts'
import { requestOf, walkThrough } from './route-requests.ts'
import { TABLE } from './route-table.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const walk = await walkThrough()
const build = mkdtempSync(join(tmpdir(), 'quartermaster-build-'))
const PAGE = '<!doctype html><title>The app</title>'
writeFileSync(join(build, 'index.html'), PAGE)
writeFileSync(join(build, '..', 'outside-of-the-build.txt'), 'outside')
const told = { errors: 0, brokenOff: 0 }
const log = {
  error: () => void (told.errors += 1),
  info: () => undefined,
  debug: (_fact: object, message: string) => void (told.brokenOff += Number(message === 'a request was broken off')),
}
const app = createApp({ ...walk.acme.parts, log, files: staticFiles(build) })
const server = await atPort({ ...walk.acme, app })
const port = Number(new URL(server.url).port)
const open = new Set<Socket>()
afterAll(async () => {
  for (const socket of open) socket.destroy()
  rmSync(build, { recursive: true })
  rmSync(join(build, '..', 'outside-of-the-build.txt'))
  await server.close()
})

interface Answer {
  status: number
  text: string
}
/** Sends the path as it is written, which fetch would tidy. */
const ask = (path: string, init: RequestInit = {}): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const headers = { ...(init.headers as Record<string, string>), connection: 'close' }
    const sent = request({ port, host: '127.0.0.1', path, method: init.method ?? 'GET', headers }, (answer) => {
      let text = ''
      answer.setEncoding('utf8')
      // A stream of events never ends; that it began says enough.
      if (answer.headers['content-type'] === 'text/event-stream') {
        answer.destroy()
        resolve({ status: answer.statusCode ?? 0, text })
        return
      }
      answer.on('data', (part: string) => (text += part))
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }))
    })
    sent.on('error', reject)
    sent.end(typeof init.body === 'string' ? init.body : undefined)
  })

/** Other spellings of an address. */
const spellings = (path: string): string[] => {
  const [before = '', query = ''] = path.split(/(?=\?)/)
  const last = before.slice(before.lastIndexOf('/') + 1)
  return [
    `/${before}`,
    `//127.0.0.1${before}`,
    before.replace('/api', '/%61pi'),
    before.replace('/api', '/API'),
    before.replace('/api', '/./api'),
    before.replace('/api', '/%2e/api'),
    before.replace('/api', '/x/%2e%2e/api'),
    before.replace('/api', '/x/../api'),
    before.replace('/api/', '/api%2F'),
    before.replace('/api/', '/api//'),
    before.replace('/api/', '/api\\'),
    `${before}/`,
    `${before}/.`,
    `${before};x=1`,
    `${before}%20`,
    `${before}%00`,
    `${before}.json`,
    before.slice(0, -last.length) + last.replace(/^./, (first) => `%${first.charCodeAt(0).toString(16)}`),
  ].map((one) => one + query)
}

const there = new Set(app.routes.map(({ method, path }) => `${method} ${path}`))
const guarded = TABLE.filter(({ kind, route }) => kind !== 'open' && there.has(route))
test.each(guarded.map(({ route }) => [route]))(
  '%s, spelt otherwise, is as spelt plainly or is not there',
  async (route) => {
    const { path, init } = await requestOf(route, walk, 'nobody')
    const plain = await ask(path, init)
    expect(plain.status).toBe(401)
    for (const spelt of spellings(path)) {
      const { status, text } = await ask(spelt, init)
      // The app's own page is what every address gets that is no file: it says nothing and knows nobody.
      if (status === 200) expect([spelt, text]).toEqual([spelt, PAGE])
      else expect([400, 401, 404, 405], spelt).toContain(status)
    }
  },
)

test.each([
  '/../outside-of-the-build.txt',
  '/%2e%2e/outside-of-the-build.txt',
  '/..%2foutside-of-the-build.txt',
  '/%2e%2e%2foutside-of-the-build.txt',
  '/..%5coutside-of-the-build.txt',
  '/..%c0%afoutside-of-the-build.txt',
  '/%252e%252e/outside-of-the-build.txt',
  '/_app/../../outside-of-the-build.txt',
  '//etc/passwd',
  '/etc/passwd%00.html',
  '/.git/config',
  '/.env',
  '/package.json',
  '/sync-server/main.ts',
])('no file but those of the build is served: %s', async (path) => {
  const { status, text } = await ask(path)
  expect([200, 400, 404]).toContain(status)
  if (status === 200) expect(text).toBe(PAGE)
  expect(text).not.toMatch(/outside$|root:|\[core\]/)
})

test('no folder is listed', async () => {
  for (const path of ['/', '/_app/', '/_app/immutable/', '/icons/']) {
    const { status, text } = await ask(path)
    expect(status === 404 || text === PAGE, path).toBe(true)
  }
})

/** Everything that comes back for bytes as they are, until the other side closes or nothing more comes. */
const exchange = (bytes: string, wait = 1_000): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    open.add(socket)
    let text = ''
    const done = () => {
      socket.destroy()
      resolve(text)
    }
    socket.setEncoding('utf8')
    socket.setTimeout(wait, done)
    socket.on('data', (part: string) => (text += part))
    socket.on('close', done)
    socket.on('error', done)
    socket.write(bytes)
  })
const HEAD = `POST /api/forgot HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n`
const SMUGGLED = `GET /api/smuggled HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`

test.each([
  ['a length and chunks', `${HEAD}Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`],
  ['two lengths', `${HEAD}Content-Length: 2\r\nContent-Length: 60\r\n\r\n{}${SMUGGLED}`],
  ['two lengths in one', `${HEAD}Content-Length: 2, 60\r\n\r\n{}${SMUGGLED}`],
  ['a length below nothing', `${HEAD}Content-Length: -1\r\n\r\n${SMUGGLED}`],
  ['a length with a sign', `${HEAD}Content-Length: +2\r\n\r\n{}${SMUGGLED}`],
  ['chunks behind another coding', `${HEAD}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${SMUGGLED}`],
  ['chunks spelt oddly', `${HEAD}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${SMUGGLED}`],
  ['a space before the colon', `${HEAD}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`],
  ['a folded header', `${HEAD}Transfer-Encoding:\r\n chunked\r\nContent-Length: 2\r\n\r\n{}${SMUGGLED}`],
  ['a chunk of no number', `${HEAD}Transfer-Encoding: chunked\r\n\r\n0x2\r\n{}\r\n0\r\n\r\n${SMUGGLED}`],
  ['a NUL in a header', `${HEAD}X-Odd: a\0b\r\nContent-Length: 2\r\n\r\n{}${SMUGGLED}`],
])('a request with %s hides no other one', async (_name, bytes) => {
  const answers = (await exchange(bytes)).match(/HTTP\/1\.1 \d+/g) ?? []
  expect(answers).toEqual(['HTTP/1.1 400'])
})

test('two whole requests on one connection are two', async () => {
  const answers = (await exchange(`${HEAD}Content-Length: 2\r\n\r\n{}${SMUGGLED}`)).match(/HTTP\/1\.1 \d+/g)
  expect(answers).toEqual(['HTTP/1.1 400', 'HTTP/1.1 404'])
})

test('nothing is echoed by TRACE, and nothing is tunnelled', async () => {
  const echo = await exchange(
    'TRACE /api/session HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: secret=1\r\nConnection: close\r\n\r\n',
  )
  expect(echo).toMatch(/^HTTP\/1\.1 (400|404|405)/)
  expect(echo).not.toContain('secret=1')
  expect(await exchange('CONNECT example.org:443 HTTP/1.1\r\nHost: example.org\r\n\r\n')).not.toMatch(/^HTTP\/1\.1 2/)
})

test('a body may say that it is larger than it is taken: it is refused before it is sent', async () => {
  const text = await exchange(`${HEAD}Content-Length: ${MAX_REQUEST_BYTES + 1}\r\n\r\n`)
  expect(text).toMatch(/^HTTP\/1\.1 413/)
})

test('a body that does not say how long it is, is read to the bound and no further', async () => {
  const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`
  const text = await exchange(
    `${HEAD}Transfer-Encoding: chunked\r\n\r\n${chunk.repeat(MAX_REQUEST_BYTES / 0x10000 + 2)}`,
    3_000,
  )
  expect(text).toMatch(/^HTTP\/1\.1 413/)
})

/** Somebody who may send much: a stranger’s body is not read at all once the tries of the address are used up. */
const SYNC = HEAD.replace('/api/forgot', '/api/sync') + `Cookie: ${walk.known.admin['cookie']}\r\n`

test('300 uploads that announce a megabyte and stop half way hold no megabytes, and others are served meanwhile', async () => {
  const before = process.memoryUsage().rss
  const halves = Array.from({ length: 300 }, () => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => undefined)
    open.add(socket)
    socket.write(`${SYNC}Content-Length: ${MAX_REQUEST_BYTES}\r\n\r\n{"protocol":`)
    return socket
  })
  const connected = halves.map((socket) => new Promise<void>((resolve) => socket.once('connect', () => resolve())))
  await Promise.all(connected)
  expect((await ask('/health/live')).status).toBe(200)
  // Were what is announced set aside, it would be 300 MB.
  expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024)
  for (const socket of halves) socket.destroy()
  // Each is told to whoever looks for it, and wakes nobody.
  await vi.waitFor(() => expect(told.brokenOff).toBeGreaterThanOrEqual(300), 30_000)
  expect(told.errors).toBe(0)
})

test('headers without end are cut off', async () => {
  expect(await exchange(`GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: ${'x'.repeat(64 * 1024)}\r\n\r\n`)).toMatch(
    /^HTTP\/1\.1 431/,
  )
})
