// What every kind of answer says to the browser: pages, files, JSON, problems, streams, downloads. A kind that is not here is one that
// nobody looked at.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { createApp } from '../../sync-server/app.ts'
import { staticFiles } from '../../sync-server/static.ts'
import { served } from '../support/app.ts'
import { API, keyOf, providerBodies } from '../support/provider.ts'

vi.setConfig({ testTimeout: 60_000 })

const URL = 'https://console.example'
const build = mkdtempSync(join(tmpdir(), 'quartermaster-build-'))
mkdirSync(join(build, '_app/immutable'), { recursive: true })
writeFileSync(
  join(build, 'index.html'),
  `<!doctype html><meta http-equiv="content-security-policy" content="default-src 'self'; object-src 'none'; script-src 'self' 'sha256-x'; base-uri 'none'"><title>The app</title>`,
)
writeFileSync(join(build, '_app/immutable/app.js'), 'export {}')
writeFileSync(join(build, 'service-worker.js'), '// worker')
writeFileSync(join(build, 'manifest.webmanifest'), '{}')
afterAll(() => rmSync(build, { recursive: true }))

const acme = await served({ users: { ana: {} }, products: { 'Sales Pro': 3, Spare: 1 } }, ['ingrid'], URL)
const app = createApp({ ...acme.parts, files: staticFiles(build) })
const lost = new Proxy(acme.usage, {
  get: (target, name) =>
    name === 'ids' ? () => Promise.reject(new Error('The disk is gone.')) : Reflect.get(target, name),
})
const failing = createApp({ ...acme.parts, usage: lost })

const cookie = await acme.signIn('ingrid')
const bearer = { authorization: `Bearer ${(await keyOf(acme)).key}` }
const device = await acme.deviceOf('ingrid', cookie)
const usage = providerBodies(acme)['reportUsage']
const json = { 'content-type': 'application/json' }
await app.request(`${URL}${API}/usage`, {
  method: 'POST',
  headers: { ...json, ...bearer },
  body: JSON.stringify(usage),
})
await acme.usage.publish(acme.id)
const month = await app.request(`${URL}/api/usage/2026-11`, { headers: { cookie } })

interface Kind {
  name: string
  path: string
  init?: RequestInit
  status: number
  /** Null where there is no body. */
  type: string | null
  cache: string
  over?: typeof app
}
const PROBLEM = 'application/problem+json'
const NEVER = 'no-store'
const mine = { headers: { cookie } }
const post = (body: unknown, headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  headers: { ...json, cookie, origin: URL, ...headers },
  body: JSON.stringify(body),
})
const kinds: Kind[] = [
  { name: 'the page', path: '/users', status: 200, type: 'text/html; charset=utf-8', cache: 'no-cache' },
  {
    name: 'a piece of the app',
    path: '/_app/immutable/app.js',
    status: 200,
    type: 'text/javascript; charset=utf-8',
    cache: 'public, max-age=31536000, immutable',
  },
  {
    name: 'the service worker',
    path: '/service-worker.js',
    status: 200,
    type: 'text/javascript; charset=utf-8',
    cache: 'no-cache',
  },
  {
    name: 'the manifest',
    path: '/manifest.webmanifest',
    status: 200,
    type: 'application/manifest+json',
    cache: 'no-cache',
  },
  { name: 'a piece that is gone', path: '/_app/immutable/old.js', status: 404, type: PROBLEM, cache: NEVER },
  { name: 'health', path: '/health/live', status: 200, type: 'application/json', cache: NEVER },
  { name: 'the session', path: '/api/session', init: mine, status: 200, type: 'application/json', cache: NEVER },
  {
    name: 'sync',
    path: '/api/sync',
    init: post(device.request()),
    status: 200,
    type: 'application/json',
    cache: NEVER,
  },
  {
    name: 'known operations',
    path: '/api/sync/known',
    init: post({ account: device.as.account, organisation: acme.id, ids: [] }),
    status: 200,
    type: 'application/json',
    cache: NEVER,
  },
  { name: 'events', path: '/api/events', init: mine, status: 200, type: 'text/event-stream', cache: 'no-cache' },
  {
    name: 'usage',
    path: '/api/usage/2026-11',
    init: mine,
    status: 200,
    type: 'application/octet-stream',
    cache: 'private, no-cache',
  },
  {
    name: 'usage that is there',
    path: '/api/usage/2026-11',
    init: { headers: { cookie, 'if-none-match': month.headers.get('etag') ?? '' } },
    status: 304,
    type: null,
    cache: 'private, no-cache',
  },
  {
    name: 'a file of the activity',
    path: '/api/activity/export?format=csv',
    init: mine,
    status: 200,
    type: 'text/csv; charset=utf-8',
    cache: NEVER,
  },
  {
    name: 'the same as JSON',
    path: '/api/activity/export?format=json',
    init: mine,
    status: 200,
    type: 'application/json',
    cache: NEVER,
  },
  {
    name: 'a check that goes on',
    path: '/api/activity/verify',
    init: post({}),
    status: 200,
    type: 'application/x-ndjson',
    cache: NEVER,
  },
  {
    name: 'the API’s page',
    path: '/api/docs',
    init: mine,
    status: 200,
    type: 'text/html; charset=UTF-8',
    cache: 'private, no-cache',
  },
  {
    name: 'its script',
    path: '/api/docs/start.js',
    init: mine,
    status: 200,
    type: 'text/javascript; charset=utf-8',
    cache: 'private, no-cache',
  },
  {
    name: 'the document',
    path: '/api/openapi.json',
    init: mine,
    status: 200,
    type: 'application/json',
    cache: 'private, no-cache',
  },
  {
    name: 'the provider’s',
    path: `${API}/balances`,
    init: { headers: bearer },
    status: 200,
    type: 'application/json',
    cache: NEVER,
  },
  {
    name: 'nothing',
    path: `${API}/products/${acme.product('Spare')}`,
    init: { method: 'DELETE', headers: bearer },
    status: 204,
    type: null,
    cache: NEVER,
  },
  { name: 'malformed', path: '/api/sync', init: post({}), status: 400, type: PROBLEM, cache: NEVER },
  { name: 'a stranger', path: '/api/session', status: 401, type: PROBLEM, cache: NEVER },
  {
    name: 'another site',
    path: '/api/sync',
    init: post({}, { origin: 'https://evil.example' }),
    status: 403,
    type: PROBLEM,
    cache: NEVER,
  },
  { name: 'no such address', path: '/api/nowhere', status: 404, type: PROBLEM, cache: NEVER },
  { name: 'not asked that way', path: '/api/sync', status: 405, type: PROBLEM, cache: NEVER },
  {
    name: 'too large',
    path: '/api/sync',
    init: post('x'.repeat(1024 * 1024)),
    status: 413,
    type: PROBLEM,
    cache: NEVER,
  },
  { name: 'a failure', path: '/api/usage/ids', init: mine, status: 500, type: PROBLEM, cache: NEVER, over: failing },
]

test.each(kinds)(
  '$name: its type, and how long it may be kept',
  async ({ path, init, status, type, cache, over = app }) => {
    const answer = await over.request(`${URL}${path}`, init)
    expect([answer.status, answer.headers.get('content-type'), answer.headers.get('cache-control')]).toEqual([
      status,
      type,
      cache,
    ])
    await answer.body?.cancel()
  },
)

test.each(kinds)('$name: no sniffing, no frame, no other site, always TLS', async ({ path, init, over = app }) => {
  const headers = new Headers(init?.headers)
  if (!headers.has('origin')) headers.set('origin', 'https://evil.example')
  const answer = await over.request(`${URL}${path}`, { ...init, headers })
  const said = (name: string) => answer.headers.get(name)
  await answer.body?.cancel()
  expect({
    sniffing: said('x-content-type-options'),
    frame: said('x-frame-options'),
    referrer: said('referrer-policy'),
    opener: said('cross-origin-opener-policy'),
    resource: said('cross-origin-resource-policy'),
    tls: said('strict-transport-security'),
  }).toEqual({
    sniffing: 'nosniff',
    frame: 'DENY',
    referrer: 'no-referrer',
    opener: 'same-origin',
    resource: 'same-origin',
    tls: 'max-age=63072000; includeSubDomains',
  })
  const policy = said('content-security-policy') ?? ''
  for (const directive of ["object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"])
    expect(policy).toContain(directive)
  expect(policy).toMatch(/default-src '(none|self)'/)
  expect(policy).not.toMatch(/script-src[^;]*('unsafe-inline'|'unsafe-eval'|\*|https?:)/)
  // Nothing of another origin may read an answer, and nobody is told what runs here.
  for (const name of ['access-control-allow-origin', 'access-control-allow-credentials', 'server', 'x-powered-by'])
    expect(said(name), name).toBeNull()
})

test('an answer of the API opens nothing in a browser; a page brings its own policy, hashes included', async () => {
  const api = await app.request(`${URL}/api/session`)
  expect(api.headers.get('content-security-policy')).toContain("default-src 'none'")
  const page = await app.request(`${URL}/users`)
  expect(page.headers.get('content-security-policy')).toBe(
    "default-src 'self'; object-src 'none'; script-src 'self' 'sha256-x'; base-uri 'none'; frame-ancestors 'none'",
  )
})

test('where devices keep nothing, their browsers keep no usage either', async () => {
  const rows = acme.store.db.updateTable('organisations').where('orgId', '=', acme.id)
  await rows.set({ localData: 'none' }).execute()
  for (const path of ['/api/usage/2026-11', '/api/usage/ids']) {
    const { headers, body } = await app.request(`${URL}${path}`, mine)
    await body?.cancel()
    expect(headers.get('cache-control'), path).toBe('no-store')
  }
  await rows.set({ localData: 'kept' }).execute()
})

test('a failure tells nothing of its cause', async () => {
  const text = await (await failing.request(`${URL}/api/usage/ids`, mine)).text()
  expect(JSON.parse(text)).toMatchObject({ status: 500, code: 'failed' })
  expect(text).not.toMatch(/disk|Error|at .*\.ts|node_modules/)
})

test('nothing is sent on to another address, by no route', async () => {
  for (const { path, init, over = app } of kinds) {
    const answer = await over.request(`http://console.example${path}`, init)
    await answer.body?.cancel()
    expect(
      [Math.floor(answer.status / 100) === 3 && answer.status !== 304, answer.headers.get('location')],
      path,
    ).toEqual([false, null])
  }
})

test('a download has a name of ours, whatever is asked for', async () => {
  for (const format of ['csv', 'json']) {
    const { headers, body } = await app.request(`${URL}/api/activity/export?format=${format}`, mine)
    await body?.cancel()
    expect(headers.get('content-disposition')).toMatch(/^attachment; filename="activity-\d{4}-\d\d-\d\d\.(csv|json)"$/)
  }
  const forged = await app.request(`${URL}/api/activity/export?format=csv&filename=evil.exe`, mine)
  expect([forged.status, await forged.json()]).toMatchObject([400, { fact: { path: 'filename' } }])
})

test('a method in a header or an address changes nothing', async () => {
  for (const headers of [
    { 'x-http-method-override': 'DELETE' },
    { 'x-method-override': 'POST' },
    { 'x-http-method': 'PUT' },
  ]) {
    const answer = await app.request(`${URL}/api/session?_method=DELETE`, {
      headers: { cookie, ...headers } as Record<string, string>,
    })
    expect(answer.status).toBe(200)
  }
})
