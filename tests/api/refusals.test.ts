// Requests that must change nothing: broken, oversized, without a session, from another site, in another's name. Each gets a 4xx with
// a problem document that names the fault.
import { expect, test, vi } from 'vitest'
import { MAX_REQUEST_BYTES } from '#shared/protocol.ts'
import { served, type Served } from '../support/app.ts'
import type { TestDevice } from '../support/server.ts'
import { everythingIn } from './worlds.ts'

// A password's hash takes its time, on a busy machine more of it.
vi.setConfig({ testTimeout: 30_000 })

interface Case {
  name: string
  /** Whose session it has; undefined for none. */
  as?: 'ingrid' | 'vera' | 'mia'
  path?: string
  headers?: Record<string, string>
  send: (acme: Served, device: TestDevice) => unknown
  status: number
  code: string
  fact?: object
}

const assign = (acme: Served, device: TestDevice, over = {}) =>
  device.request(
    [device.operation('assign-group', { userIds: [acme.user('joan')], groupId: acme.group('Sales') })],
    over,
  )

const cases: Case[] = [
  { name: 'no JSON', as: 'ingrid', send: () => '{"protocol":1,', status: 400, code: 'malformed', fact: { path: '' } },
  { name: 'nothing', as: 'ingrid', send: () => '', status: 400, code: 'malformed' },
  {
    name: 'a field missing',
    as: 'ingrid',
    send: (_, { request }) => ({ ...request(), seen: undefined }),
    status: 400,
    code: 'malformed',
    fact: { path: 'seen' },
  },
  {
    name: 'a field too many',
    as: 'ingrid',
    send: (_, { request }) => ({ ...request(), role: 'admin' }),
    status: 400,
    code: 'malformed',
    fact: { path: 'role' },
  },
  {
    name: 'a cursor below nothing',
    as: 'ingrid',
    send: (_, { request }) => request([], { cursor: { version: -1, since: 0 } }),
    status: 400,
    code: 'malformed',
    fact: { path: 'cursor.version' },
  },
  {
    name: 'an operation without an id',
    as: 'ingrid',
    send: (_, { request }) => request([{ sequence: 1, type: 'undo' }]),
    status: 400,
    code: 'malformed',
    fact: { path: 'operations.0.id' },
  },
  {
    name: 'an older protocol',
    as: 'ingrid',
    send: (_, { request }) => request([], { protocol: 0 }),
    status: 426,
    code: 'protocol-too-old',
  },
  {
    name: 'a newer protocol, in a shape of its own',
    as: 'ingrid',
    send: () => ({ protocol: 99, queue: [] }),
    status: 426,
    code: 'protocol-too-new',
  },
  {
    name: 'more than a request may hold',
    as: 'ingrid',
    send: () => `"${'x'.repeat(MAX_REQUEST_BYTES)}"`,
    status: 413,
    code: 'too-large',
  },
  { name: 'no session', send: assign, status: 401, code: 'sign-in-needed' },
  {
    name: 'a session made up',
    headers: { cookie: 'quartermaster.session_token=made.up' },
    send: assign,
    status: 401,
    code: 'sign-in-needed',
  },
  {
    name: 'another site',
    as: 'ingrid',
    headers: { origin: 'https://elsewhere.example' },
    send: assign,
    status: 403,
    code: 'cross-origin',
  },
  {
    name: 'a sandboxed page',
    as: 'ingrid',
    headers: { origin: 'null' },
    send: assign,
    status: 403,
    code: 'cross-origin',
  },
  {
    name: 'a sibling site',
    as: 'ingrid',
    headers: { 'sec-fetch-site': 'same-site' },
    send: assign,
    status: 403,
    code: 'cross-origin',
  },
  {
    name: 'another account',
    as: 'ingrid',
    send: (acme, device) => assign(acme, device, { account: 'somebody' }),
    status: 403,
    code: 'other-account',
    fact: { what: 'account' },
  },
  {
    name: 'another organisation',
    as: 'ingrid',
    send: (acme, device) => assign(acme, device, { organisation: acme.newId() }),
    status: 403,
    code: 'other-account',
    fact: { what: 'organisation' },
  },
  {
    name: 'a gap',
    as: 'ingrid',
    send: (acme, device) => (device.operation('undo', {}), assign(acme, device)),
    status: 409,
    code: 'client-expected',
    fact: { expected: 1 },
  },
  {
    name: 'another history',
    as: 'ingrid',
    send: (acme, device) => assign(acme, device, { seen: { version: 1, hash: 'x' } }),
    status: 409,
    code: 'other-history',
  },
  {
    name: 'a cursor above the head',
    as: 'ingrid',
    send: (acme, device) => assign(acme, device, { cursor: { version: 999, since: 0 } }),
    status: 409,
    code: 'resnapshot',
  },
  {
    name: 'ids that are none',
    as: 'ingrid',
    path: '/api/sync/known',
    send: (acme, { as }) => ({ account: as.account, organisation: acme.id, ids: ['x'] }),
    status: 400,
    code: 'malformed',
    fact: { path: 'ids.0' },
  },
  {
    name: 'known, of another organisation',
    as: 'ingrid',
    path: '/api/sync/known',
    send: (acme, { as }) => ({ account: as.account, organisation: acme.newId(), ids: [] }),
    status: 403,
    code: 'other-account',
  },
  {
    name: 'known, without a session',
    path: '/api/sync/known',
    send: (acme, { as }) => ({ account: as.account, organisation: acme.id, ids: [] }),
    status: 401,
    code: 'sign-in-needed',
  },
  {
    name: 'a route that is not there',
    as: 'ingrid',
    path: '/api/auth/sign-up/email',
    send: () => ({ email: 'x@tern.example', password: 'long enough, surely', name: 'x' }),
    status: 404,
    code: 'not-found',
  },
  {
    name: 'a reset by the library’s own route',
    path: '/api/auth/request-password-reset',
    send: () => ({ email: 'ingrid@tern.example' }),
    status: 404,
    code: 'not-found',
  },
  {
    name: 'a wrong password',
    path: '/api/auth/sign-in/email',
    send: () => ({ email: 'ingrid@tern.example', password: 'wrong wrong wrong' }),
    status: 401,
    code: 'wrong-password',
  },
  {
    name: 'an unknown account',
    path: '/api/auth/sign-in/email',
    send: () => ({ email: 'nobody@tern.example', password: 'wrong wrong wrong' }),
    status: 401,
    code: 'wrong-password',
  },
  {
    name: 'no password',
    path: '/api/auth/sign-in/email',
    send: () => ({ email: 'ingrid@tern.example' }),
    status: 400,
    code: 'malformed',
  },
  { name: 'a session that was ended', as: 'mia', send: assign, status: 401, code: 'sign-in-needed' },
]

const acme = await served(
  { groups: ['Sales'], users: { joan: {}, vera: { role: 'viewer' }, mia: { role: 'viewer' } } },
  ['ingrid', 'vera', 'mia'],
)
const cookies = { ingrid: await acme.signIn('ingrid'), vera: await acme.signIn('vera'), mia: await acme.signIn('mia') }
await acme.post('/api/auth/sign-out', {}, cookies.mia)

test.each(cases)(
  '$name: $status $code, and nothing has changed',
  async ({ as, path = '/api/sync', headers = {}, send, status, code, fact }) => {
    const device = await acme.deviceOf('ingrid', cookies.ingrid)
    const before = await everythingIn(acme)
    const response = await acme.post(path, send(acme, device), as && cookies[as], headers)
    expect(response.status).toBe(status)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect(await response.json()).toMatchObject({
      status,
      code,
      title: expect.any(String) as string,
      ...(fact ? { fact } : {}),
    })
    expect(await everythingIn(acme)).toEqual(before)
  },
)

test('a viewer reads, but each item of what it sends is forbidden', async () => {
  const device = await acme.deviceOf('vera', cookies.vera)
  const response = await acme.post('/api/sync', assign(acme, device), cookies.vera)
  expect(response.status).toBe(200)
  expect(await response.json()).toMatchObject({
    outcomes: [{ notApplied: [{ item: acme.user('joan'), code: 'forbidden' }] }],
  })
})
