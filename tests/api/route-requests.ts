// What each route is sent in the walk of routes.test.ts: a request that would be well, about rows of the one organisation, whoever
// sends it. A route without parameters and without a body needs no line here.
import type { OrganisationId } from '#shared/model.ts'
import { revokeKey } from '../../sync-server/provider/keys.ts'
import { PROVIDER_API, PROVIDER_ROUTES } from '../../sync-server/provider/routes.ts'
import { PASSWORD, served, type Served } from '../support/app.ts'
import { keyOf, provider, providerAddress, providerBodies } from '../support/provider.ts'
import { browserOf } from '../support/second-factor.ts'
import type { TestDevice } from '../support/server.ts'

/** Everybody who knocks. */
export const KNOCKERS = [
  'nobody',
  'made-up',
  'half',
  'member',
  'deactivated',
  'revoked',
  'viewer',
  'admin',
  'foreign-viewer',
  'foreign-admin',
  'key',
  'foreign-key',
  'revoked-key',
  'contract-key',
  'usage-key',
] as const
export type Knocker = (typeof KNOCKERS)[number]

export interface Walk {
  acme: Served
  other: OrganisationId
  /** The headers by which each is known. */
  known: Readonly<Record<Knocker, Readonly<Record<string, string>>>>
  /** What the console's knockers send by. */
  devices: Readonly<Partial<Record<Knocker, TestDevice>>>
  /** The device that is revoked: an admin's. */
  target: string
  mail: string
  reservation: string
  version: number
  /** No answer to the other organisation may hold one of these. */
  ours: readonly string[]
}

interface Sent {
  path: string
  body?: unknown
}

let knocks = 0
const MISSING = '0'.repeat(43)
/** Answers of a passkey to a question that nobody has asked. */
const PASSKEY = { id: 'AAAA', rawId: 'AAAA', type: 'public-key', clientExtensionResults: {} }
const CLIENT = { clientDataJSON: Buffer.from(JSON.stringify({ challenge: MISSING })).toString('base64url') }
const ASSERTION = { ...CLIENT, authenticatorData: 'AAAA', signature: 'AAAA' }
const ATTESTATION = { ...CLIENT, attestationObject: 'AAAA' }
const requests: Readonly<Record<string, (walk: Walk, by: Knocker) => Partial<Sent>>> = {
  'GET /*': () => ({ path: '/users' }),
  // Another address each time, so that no account is slowed down.
  'POST /api/auth/sign-in/email': ({ acme }) => ({
    body: { email: `${acme.newId()}@tern.example`, password: 'not the right one' },
  }),
  'POST /api/auth/second-factor': () => ({ body: { way: 'totp', code: '000000' } }),
  'POST /api/auth/passkey': () => ({ body: { response: { ...PASSKEY, response: ASSERTION } } }),
  'POST /api/second-factor/confirm': () => ({ body: { password: PASSWORD } }),
  'POST /api/second-factor/totp': () => ({ body: { id: MISSING, code: '000000', name: 'Phone' } }),
  'POST /api/second-factor/passkey': () => ({
    body: { response: { ...PASSKEY, response: ATTESTATION }, name: 'Laptop' },
  }),
  'POST /api/second-factor/:id/remove': ({ acme }) => ({ path: `/api/second-factor/${acme.newId()}/remove` }),
  'POST /api/auth/sign-on/start': () => ({ body: { name: 'nobody-here' } }),
  'GET /api/auth/sign-on/return': () => ({ path: `/api/auth/sign-on/return?code=x&state=${MISSING}` }),
  'POST /api/sign-on': () => ({
    body: { issuer: 'https://login.tern.example', clientId: 'x', clientSecret: 'y', name: 'tern', enabled: true },
  }),
  // Refused before anything is asked.
  'POST /api/sign-on/test': () => ({ body: { issuer: 'https://127.0.0.1' } }),
  'POST /api/links/look': () => ({ body: { token: MISSING } }),
  'POST /api/links/use': () => ({ body: { token: MISSING, password: PASSWORD } }),
  'POST /api/setup': () => ({
    body: {
      token: MISSING,
      organisation: 'Evil',
      timeZone: 'UTC',
      name: 'Mallory',
      email: 'mallory@evil.example',
      password: PASSWORD,
    },
  }),
  'POST /api/forgot': () => ({ body: { email: 'nobody@tern.example' } }),
  // Refused once the one of before was right.
  'POST /api/password': () => ({ body: { current: PASSWORD, password: 'short' } }),
  'POST /api/session/organisation': ({ acme }) => ({ body: { organisation: acme.id } }),
  'POST /api/sync': ({ devices, acme }, by) => ({
    body: devices[by]?.request([], { organisation: acme.id }) ?? {},
  }),
  'POST /api/sync/known': ({ devices, acme }, by) => ({
    body: { account: devices[by]?.as.account ?? 'nobody', organisation: acme.id, ids: [] },
  }),
  'GET /api/usage/ids': ({ acme }) => ({ path: `/api/usage/ids?from=0&organisation=${acme.id}` }),
  'GET /api/usage/:month{[0-9]{4}-[0-9]{2}}': ({ acme }) => ({ path: `/api/usage/2026-11?organisation=${acme.id}` }),
  'POST /api/devices/:id/revoke': ({ target }) => ({ path: `/api/devices/${target}/revoke` }),
  'POST /api/mails/:id/again': ({ mail }) => ({ path: `/api/mails/${mail}/again` }),
  'GET /api/activity/:version{[0-9]{1,15}}/items': ({ version }) => ({ path: `/api/activity/${version}/items` }),
  'GET /api/users/:id/data': ({ acme }) => ({ path: `/api/users/${acme.user('ana')}/data` }),
  'GET /api/activity/export': () => ({ path: '/api/activity/export?format=json' }),
}

/** @throws where a route has a parameter and nothing is said of what stands there */
export async function requestOf(route: string, walk: Walk, by: Knocker): Promise<{ path: string; init: RequestInit }> {
  const [method = '', path = ''] = route.split(' ')
  const ofProvider = PROVIDER_ROUTES.find(
    (one) => `${one.method.toUpperCase()} ${PROVIDER_API}${one.path.replace(/\{(\w+)\}/g, ':$1')}` === route,
  )
  const sent: Sent = ofProvider
    ? {
        path: `${PROVIDER_API}${await providerAddress(ofProvider, walk.acme, { ...walk, ...(method === 'DELETE' ? { product: 'Spare' } : {}) })}`,
        body: providerBodies(walk.acme)[ofProvider.operationId],
      }
    : { path, ...requests[route]?.(walk, by) }
  if (/[:*]/.test(sent.path.replace(/\?.*/, ''))) throw new Error(`${route}: say in route-requests.ts what it is sent.`)
  // An address has so many tries a minute: each knock comes from another one.
  knocks += 1
  const headers = {
    'content-type': 'application/json',
    'x-test-address': `2001:db8:0:${knocks.toString(16)}::1`,
    ...walk.known[by],
  }
  const body = method === 'GET' || method === 'DELETE' ? undefined : JSON.stringify(sent.body ?? {})
  return { path: sent.path, init: { method, headers, ...(body === undefined ? {} : { body }) } }
}

/** Two organisations in one database, with somebody of every kind, and rows of the first one to be asked for. */
export async function walkThrough(): Promise<Walk> {
  const wish = { products: { 'Sales Pro': 10, Spare: 1 } }
  const people = {
    ada: { role: 'admin' },
    vera: { role: 'viewer' },
    mia: { role: 'viewer' },
    dora: { role: 'viewer' },
    rita: { role: 'viewer' },
    hal: { role: 'viewer' },
  } as const
  const acme = await served({ ...wish, users: { ana: {}, ...people } }, ['ingrid', ...Object.keys(people)])
  const others = { mallory: { role: 'admin' }, victor: { role: 'viewer' } } as const
  const other = await served({ ...wish, users: others, store: acme.store, seed: 2 }, Object.keys(others))

  const names = { admin: 'ingrid', viewer: 'vera', member: 'mia', deactivated: 'dora', revoked: 'rita' }
  const cookies: Record<string, string> = {}
  for (const [knocker, name] of Object.entries({ ...names, 'foreign-admin': 'mallory', 'foreign-viewer': 'victor' }))
    cookies[knocker] = await acme.signIn(name)
  const devices = {
    admin: await acme.deviceOf('ingrid', cookies['admin'] ?? ''),
    viewer: await acme.deviceOf('vera', cookies['viewer'] ?? ''),
    'foreign-admin': await other.deviceOf('mallory', cookies['foreign-admin'] ?? ''),
    'foreign-viewer': await other.deviceOf('victor', cookies['foreign-viewer'] ?? ''),
  }
  const target = await deviceOf(acme, await acme.signIn('ada'))
  const hal = browserOf(acme)
  await hal.signIn('hal')
  await hal.addApp(acme.clock.now)
  const half = browserOf(acme)
  await half.signIn('hal')
  await acme.settle()
  const user = (name: string) => acme.store.db.updateTable('users').where('id', '=', acme.user(name))
  await user('mia').set({ role: 'member' }).execute()
  await user('dora').set({ status: 'deactivated' }).execute()
  const gone = await deviceOf(acme, cookies['revoked'] ?? '')
  await acme.post(`/api/devices/${gone}/revoke`, {}, cookies['admin'])
  await acme.settle()

  const { key } = await keyOf(acme)
  const ask = provider(acme, key)
  const bodies = providerBodies(acme)
  await ask('POST', '/usage', bodies['reportUsage'])
  const { body } = await ask('POST', '/reservations', {
    ...(bodies['reserve'] as object),
    idempotencyKey: 'of the walk',
  })
  await acme.usage.publish(acme.id)
  const mail = acme.newId()
  await acme.store.db.insertInto('mails').values(failedMail(acme, mail)).execute()
  const { version } = await acme.store.db
    .selectFrom('log')
    .select('version')
    .where('orgId', '=', acme.id)
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow()

  const cookie = (knocker: string) => ({ cookie: cookies[knocker] ?? '' })
  const bearer = (value: string) => ({ authorization: `Bearer ${value}` })
  const revokedKey = await keyOf(acme)
  await revokeKey(acme.store, acme.id, revokedKey.id, { now: acme.clock.now, random: acme.random })
  return {
    acme,
    other: other.id,
    devices,
    known: {
      nobody: {},
      'made-up': { cookie: 'quartermaster.session_token=made.up' },
      half: { cookie: half.cookies() },
      member: cookie('member'),
      deactivated: cookie('deactivated'),
      revoked: cookie('revoked'),
      viewer: cookie('viewer'),
      admin: cookie('admin'),
      'foreign-viewer': cookie('foreign-viewer'),
      'foreign-admin': cookie('foreign-admin'),
      key: bearer(key),
      'foreign-key': bearer((await keyOf(other)).key),
      'revoked-key': bearer(revokedKey.key),
      'contract-key': bearer((await keyOf(acme, ['contract'])).key),
      'usage-key': bearer((await keyOf(acme, ['usage'])).key),
    },
    target,
    mail,
    reservation: (body as { reservation: { id: string } }).reservation.id,
    version,
    ours: ['ada@tern.example', 'vera@tern.example', 'ana@tern.example'],
  }
}

async function deviceOf(acme: Served, cookie: string): Promise<string> {
  const answer = await acme.call('/api/devices', { as: cookie })
  const { devices } = (await answer.json()) as { devices: { id: string; current: boolean }[] }
  const id = devices.find(({ current }) => current)?.id
  if (id === undefined) throw new Error('The device is not in its own list.')
  return id
}

const failedMail = (acme: Served, id: string) => ({
  orgId: acme.id,
  id,
  operationId: '',
  userId: acme.user('ana'),
  template: 'invitation',
  createdAt: acme.clock.now,
  notBefore: acme.clock.now,
  state: 'taken',
  tries: 3,
  nextTry: null,
  sentAt: null,
  error: 'The mail server does not answer.',
})
