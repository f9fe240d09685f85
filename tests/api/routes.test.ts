// Every door of the server, by name. A new route fails here until somebody has said who may come in by it: a route is never open by
// having been forgotten.
import { pino } from 'pino'
import { Writable } from 'node:stream'
import { expect, test, vi } from 'vitest'
import { createApp } from '../../sync-server/app.ts'
import { PROVIDER_API, PROVIDER_ROUTES } from '../../sync-server/provider/routes.ts'
import { served } from '../support/app.ts'
import { API, keyOf, provider } from '../support/provider.ts'

// A password's hash takes its time, on a busy machine more of it.
vi.setConfig({ testTimeout: 30_000 })

/** Open to everybody: each counts its tries, asks for a link's token, or tells nothing. */
const PUBLIC = [
  'GET /health/live',
  'GET /health/ready',
  'POST /api/auth/sign-in/email',
  'POST /api/auth/sign-out',
  'POST /api/links/look',
  'POST /api/links/use',
  'POST /api/setup',
  'POST /api/forgot',
]
/** For a session with a console. */
const CONSOLE = [
  'GET /api/session',
  'POST /api/sync',
  'POST /api/sync/known',
  'GET /api/events',
  'GET /api/usage/ids',
  'GET /api/usage/:month{[0-9]{4}-[0-9]{2}}',
  'GET /api/provider-keys',
  'POST /api/session/organisation',
  'GET /api/devices',
  'POST /api/devices/:id/revoke',
  'POST /api/devices/sign-out-others',
  'GET /api/mails',
  'POST /api/mails/:id/again',
  'GET /api/activity',
  'GET /api/activity/:version{[0-9]{1,15}}/items',
  'GET /api/activity/export',
  'POST /api/activity/verify',
]
/** For a session with a console, or a key of the provider. */
const DOCS = [
  'GET /api/openapi.json',
  'GET /api/docs',
  'GET /api/docs/start.js',
  'GET /api/docs/swagger-ui.css',
  'GET /api/docs/swagger-ui-bundle.js',
]
/** For a key of the provider; provider-refusals.test.ts knocks at each. */
const PROVIDER = PROVIDER_ROUTES.map(({ method, path }) => `${method.toUpperCase()} ${PROVIDER_API}${path}`)

const acme = await served({ users: { vera: { role: 'viewer' } } }, ['ingrid', 'vera'])
const address = (path: string) =>
  path
    .replace(/:month\{.*/, '2026-11')
    .replace(/:version\{.*\}\}/, '1')
    .replace(/:\w+/g, acme.newId())
const knock = (door: string, headers: Record<string, string> = {}) => {
  const [method = '', path = ''] = door.split(' ')
  return acme.call(address(path), { method, headers: { 'content-type': 'application/json', ...headers } })
}

test('every route is known here', () => {
  const routes = acme.app.routes.filter(({ method }) => method !== 'ALL').map(({ method, path }) => `${method} ${path}`)
  const known = [...PUBLIC, ...CONSOLE, ...DOCS, ...PROVIDER.map((door) => door.replace(/\{(\w+)\}/, ':$1'))]
  expect([...new Set(routes)].toSorted()).toEqual(known.toSorted())
})

test.each([...CONSOLE, ...DOCS])('%s takes no stranger', async (door) => {
  const answer = await knock(door)
  expect([answer.status, await answer.json()]).toEqual([
    401,
    expect.objectContaining({ code: 'sign-in-needed', type: '/api/docs#sign-in-needed' }),
  ])
})

test.each(CONSOLE)('%s is not for a key of the provider', async (door) => {
  const { key } = await keyOf(acme)
  expect((await knock(door, { authorization: `Bearer ${key}` })).status).toBe(401)
})

test('the document and its page are for a console or a key, and open where the operator says so', async () => {
  const { key } = await keyOf(acme, ['usage'])
  const asked = { cookie: await acme.signIn('vera'), authorization: `Bearer ${key}` }
  for (const door of DOCS)
    for (const [name, value] of Object.entries(asked)) {
      const answer = await knock(door, { [name]: value })
      expect(answer.status, `${door} by ${name}`).toBe(200)
      await answer.body?.cancel()
    }
  expect((await knock('GET /api/docs', { authorization: 'Bearer none' })).status).toBe(401)
  const open = await served({}, [], undefined, { openDocs: true })
  const page = await open.call('/api/docs')
  expect(page.status).toBe(200)
  // The page asks no other host for anything.
  expect(await page.text()).not.toMatch(/(src|href)="(https?:)?\/\//)
})

test('no key ever comes into the log, whatever becomes of its request', async () => {
  let lines = ''
  const stream = new Writable({ write: (chunk, _encoding, done) => ((lines += String(chunk)), done()) })
  const failing = { error: new Error('The store is gone.') }
  const usage = new Proxy(acme.usage, {
    get: (target, name) => (name === 'sources' ? () => Promise.reject(failing.error) : Reflect.get(target, name)),
  })
  const app = createApp({ ...acme.parts, usage, log: pino({ level: 'debug' }, stream) })
  const { key } = await keyOf(acme, ['usage'])
  const headers = { authorization: `Bearer ${key}` }
  const answer = await app.request(`http://127.0.0.1:8080${API}/sources`, { headers })
  expect([answer.status, await answer.json()]).toEqual([500, expect.objectContaining({ code: 'failed' })])
  await app.request(`http://127.0.0.1:8080${API}/products`, { headers })
  await app.request(`http://127.0.0.1:8080${API}/usage`, { method: 'POST', headers, body: '{' })
  expect(lines).toContain('The store is gone.')
  expect(lines).not.toContain(key)
  expect(lines).not.toContain(key.split('_')[2])
})

test('an event stream of a device is poked by what the provider changes', async () => {
  const stream = await acme.call('/api/events', { as: await acme.signIn('ingrid') })
  const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader()
  expect((await reader?.read())?.value).toContain('listening')
  const ask = provider(acme, (await keyOf(acme)).key)
  await ask('POST', '/products', { name: 'Insights', seatsPurchased: 3 })
  expect((await reader?.read())?.value).toContain('event: poke')
  await ask('POST', '/grants', { credits: 3, startsOn: '2026-11-01', endsOn: '2026-11-30' })
  expect((await reader?.read())?.value).toContain('event: poke')
  await reader?.cancel()
})
