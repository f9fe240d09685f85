// Everything that anybody does is in the log: each route that changes something leaves an entry that says who, by which device and what;
// each command on the server's host likewise. A new route or command fails here until somebody has said what it leaves.
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { ActivityEntry } from '#shared/activity.ts'
import { OTHER_TYPES } from '#shared/activity-words.ts'
import type { OrganisationId } from '#shared/model.ts'
import { actions } from '#shared/operations/registry.ts'
import { NO_POLICIES } from '#shared/policies.ts'
import { readActivity } from '../../sync-server/activity/pages.ts'
import { addAdmin, createOrganisation } from '../../sync-server/provider.ts'
import { createApp } from '../../sync-server/app.ts'
import { createIdentity } from '../../sync-server/identity.ts'
import { firstAdminLink } from '../../sync-server/accounts/first-admin.ts'
import { follow } from '../../sync-server/accounts/follow.ts'
import { openStore } from '../../sync-server/store/sqlite.ts'
import { verifyChain } from '../../sync-server/sync.ts'
import type { Store } from '../../sync-server/store/index.ts'
import { cookieOf, ORIGIN, PASSWORD, served, type Served } from '../support/app.ts'
import { API, keyOf, provider } from '../support/provider.ts'
import { postOf } from './post.ts'

vi.setConfig({ testTimeout: 60_000 })

const NEW = 'seven purple kayaks'
const FIREFOX = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0'
const DEVICE = 'Firefox on Windows'

/** What is asked and answered: nothing of the organisation changes by it. */
const READS = [
  'GET /health/live',
  'GET /health/ready',
  'GET /api/session',
  'GET /api/devices',
  'GET /api/mails',
  'GET /api/activity',
  'GET /api/activity/:version{[0-9]{1,15}}/items',
  'POST /api/activity/verify',
  'POST /api/links/look',
  'POST /api/sync/known',
  'GET /api/events',
  // A device's own copy, as the rows that its queue is answered with. What leaves it as a file is an operation.
  'GET /api/usage/ids',
  'GET /api/usage/:month{[0-9]{4}-[0-9]{2}}',
  'GET /api/provider-keys',
  'GET /api/sign-on',
  // What leads to a change, and is none by itself: questions that are answered by the next request.
  'POST /api/auth/sign-on/start',
  'POST /api/sign-on/test',
  // A question to a passkey, or the beginning of what the next request adds.
  'POST /api/auth/passkey/options',
  'POST /api/auth/second-factor/passkey/options',
  'GET /api/second-factor',
  'POST /api/second-factor/totp/begin',
  'POST /api/second-factor/passkey/begin',
  'GET /api/openapi.json',
  'GET /api/docs',
  'GET /api/docs/start.js',
  'GET /api/docs/swagger-ui.css',
  'GET /api/docs/swagger-ui-bundle.js',
  `GET ${API}/products`,
  `GET ${API}/grants`,
  `GET ${API}/sources`,
  `GET ${API}/reservations/:id`,
  `GET ${API}/balances`,
  `GET ${API}/balances/:user`,
]
/** What each other route leaves: below, and of second factors, single sign-on and erasure in the tests of those. */
const LEAVES: Readonly<Record<string, readonly string[]>> = {
  'POST /api/auth/sign-in/email': ['sign-in', 'sign-in-failed', 'refuse-device'],
  'POST /api/auth/sign-out': ['sign-out'],
  'GET /api/auth/sign-on/return': ['sign-in', 'sign-in-failed'],
  'POST /api/sign-on': ['set-sign-on'],
  'POST /api/sign-on/remove': ['remove-sign-on'],
  'GET /api/users/:id/data': ['export-user-data'],
  'POST /api/auth/second-factor': ['sign-in', 'sign-in-failed', 'use-recovery-code'],
  'POST /api/auth/passkey': ['sign-in'],
  'POST /api/second-factor/confirm': ['sign-in-failed'],
  'POST /api/second-factor/totp': ['add-factor'],
  'POST /api/second-factor/passkey': ['add-factor'],
  'POST /api/second-factor/recovery': ['renew-recovery-codes'],
  'POST /api/second-factor/:id/remove': ['remove-factor'],
  'POST /api/links/use': ['accept-invitation', 'set-password', 'confirm-email', 'join-account'],
  'POST /api/setup': ['create-organisation', 'add-admin'],
  'POST /api/password': ['change-password'],
  'POST /api/forgot': ['ask-reset'],
  'POST /api/session/organisation': ['enter-organisation', 'leave-organisation'],
  'POST /api/sync': ['add-users', 'refuse-device', 'refuse-user'],
  'POST /api/devices/:id/revoke': ['revoke-device'],
  'POST /api/devices/sign-out-others': ['sign-out-others'],
  'POST /api/mails/:id/again': ['send-mail-again'],
  'GET /api/activity/export': ['export-activity'],
  [`POST ${API}/products`]: ['set-product'],
  [`PATCH ${API}/products/:id`]: ['set-product'],
  [`DELETE ${API}/products/:id`]: ['remove-product'],
  [`POST ${API}/grants`]: ['add-grant'],
  [`POST ${API}/grants/:id/void`]: ['void-grant'],
  [`POST ${API}/usage`]: ['publish-usage'],
  [`POST ${API}/spends`]: ['publish-usage'],
  [`POST ${API}/reservations`]: ['publish-usage'],
  [`POST ${API}/reservations/:id/confirm`]: ['publish-usage'],
  [`POST ${API}/reservations/:id/release`]: ['publish-usage'],
}
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  serve: [],
  seed: ['create-organisation', 'load'],
  'create-organisation': ['create-organisation'],
  'add-admin': ['add-admin'],
  'restore-admin': ['restore-admin', 'make-reset-link'],
  'reset-factors': ['reset-factors'],
  'erase-user': ['erase-user'],
  'set-product': ['set-product'],
  'add-grant': ['add-grant'],
  'add-provider-key': ['add-provider-key'],
  'provider-keys': [],
  'revoke-provider-key': ['revoke-provider-key'],
  'audit-verify': [],
  backup: ['backup'],
}

async function entriesOf(store: Store, organisation: OrganisationId, now: number, types?: readonly string[]) {
  const { entries } = await readActivity(store, organisation, { types }, { before: undefined, limit: 200, now })
  return entries
}
const told = ({ type, actor, device, sentence }: ActivityEntry) => ({ type, actor, device, sentence })

/** The entries that something leaves, the first first. */
async function left(acme: Served, work: () => unknown, organisation = acme.id) {
  await acme.settle()
  const [last] = await entriesOf(acme.store, organisation, acme.clock.now)
  await work()
  await acme.settle()
  const entries = await entriesOf(acme.store, organisation, acme.clock.now)
  return entries
    .filter(({ version }) => version > (last?.version ?? 0))
    .toReversed()
    .map(told)
}

const signIn = async (acme: Served, name: string): Promise<string> => {
  const body = { email: `${name}@tern.example`, password: PASSWORD }
  const answer = await acme.post('/api/auth/sign-in/email', body, undefined, { 'user-agent': FIREFOX })
  expect(answer.status).toBe(200)
  await acme.settle()
  return cookieOf(answer)
}
const two = () => served({ users: { ada: { role: 'admin' }, bo: {} } }, ['ingrid', 'ada'])
const newUser = (acme: Served) => ({
  id: acme.newId(),
  email: 'mei@tern.example',
  firstName: 'Mei',
  lastName: 'Tan',
  title: '',
  phone: '',
  externalId: '',
  productId: acme.product('Sales Pro'),
  groupId: null,
  limit: null,
  role: 'admin',
})
const perform = async (acme: Served, as: string, type: string, args: unknown) => {
  const device = await acme.deviceOf('ingrid', as)
  const answer = await acme.post('/api/sync', device.request([device.operation(type, args)]), as)
  expect(await answer.json()).toMatchObject({ outcomes: [{ notApplied: [] }] })
}

test('every route says here whether it only reads, or what it leaves', async () => {
  const acme = await served({}, [])
  const known = new Set<string>([...OTHER_TYPES, ...actions.map(({ type }) => type)])
  const routes = acme.app.routes.filter(({ method }) => method !== 'ALL').map(({ method, path }) => `${method} ${path}`)
  expect([...new Set(routes)].toSorted()).toEqual([...READS, ...Object.keys(LEAVES)].toSorted())
  // Each has a sentence of its own.
  for (const type of Object.values({ ...LEAVES, ...COMMANDS }).flat())
    expect([type, known.has(type)]).toEqual([type, true])
})

test('signing in, out and elsewhere out', async () => {
  const acme = await two()
  const ingrid = { actor: acme.user('ingrid'), device: DEVICE }
  expect(await left(acme, () => signIn(acme, 'ingrid'))).toEqual([
    { ...ingrid, type: 'sign-in', sentence: `Sign in with ${DEVICE}` },
  ])
  const as = await signIn(acme, 'ingrid')
  expect(await left(acme, () => acme.post('/api/devices/sign-out-others', {}, as))).toEqual([
    { ...ingrid, type: 'sign-out-others', sentence: 'Sign out all other devices' },
  ])
  expect(await left(acme, () => acme.post('/api/auth/sign-out', {}, as))).toEqual([
    { ...ingrid, type: 'sign-out', sentence: `Sign out with ${DEVICE}` },
  ])
  const again = await signIn(acme, 'ingrid')
  expect(await left(acme, () => acme.post('/api/auth/sign-out', { keep: true }, again))).toMatchObject([
    { type: 'sign-out', sentence: `Sign out with ${DEVICE}, the queue stays there` },
  ])
  // Whoever is not signed in leaves nothing.
  expect(await left(acme, () => acme.post('/api/auth/sign-out', {}, again))).toEqual([])
})

test('a forgotten password: asked for, and chosen, in every organisation of the account; nothing for a stranger', async () => {
  const acme = await two()
  const by = { now: acme.clock.now + 1_000, random: acme.random }
  const other = await createOrganisation(
    acme.store,
    { name: 'Other', timeZone: 'UTC', weekStart: 1, fiscalYearStart: 1, ...NO_POLICIES },
    by,
  )
  await addAdmin(acme, other, { email: 'ingrid@tern.example', name: 'Ingrid Elsewhere' }, by)
  const [mailed] = [acme.id, other].toSorted()
  if (!mailed) throw new Error('There is no organisation.')
  expect(await left(acme, () => acme.post('/api/forgot', { email: 'stranger@tern.example' }), mailed)).toEqual([])
  expect(await left(acme, () => acme.post('/api/forgot', { email: 'INGRID@tern.example' }), mailed)).toMatchObject([
    { type: 'ask-reset', actor: null, sentence: expect.stringMatching(/^Ask for a link by which ingrid/i) },
  ])
  const token = await postOf(acme).token()
  let there: unknown[] = []
  const here = await left(acme, async () => {
    there = await left(acme, () => acme.post('/api/links/use', { token, password: NEW }), other)
  })
  expect(here).toContainEqual({
    type: 'set-password',
    actor: acme.user('ingrid'),
    device: null,
    sentence: 'ingrid chooses a password by a link',
  })
  expect(there).toContainEqual(
    expect.objectContaining({ type: 'set-password', sentence: 'Ingrid Elsewhere chooses a password by a link' }),
  )
})

test('an invitation that is followed, by a new account and by one of before; a new address that is confirmed', async () => {
  const acme = await two()
  const as = await signIn(acme, 'ingrid')
  const user = newUser(acme)
  expect(await left(acme, () => perform(acme, as, 'add-users', { users: [user] }))).toMatchObject([
    { type: 'add-users', actor: acme.user('ingrid'), device: DEVICE },
  ])
  const post = postOf(acme)
  const invitation = await post.token()
  const accepted = await left(acme, () => acme.post('/api/links/use', { token: invitation, password: NEW }))
  expect(accepted).toMatchObject([
    { type: 'accept-invitation', actor: user.id, sentence: 'Mei Tan accepts the invitation' },
    { type: 'sign-in', actor: user.id },
  ])
  const email = { from: 'mei@tern.example', to: 'mei.tan@tern.example' }
  await perform(acme, as, 'update-user', { userId: user.id, changes: { email } })
  const address = await post.token()
  expect(await left(acme, () => acme.post('/api/links/use', { token: address, password: NEW }))).toEqual([
    { type: 'confirm-email', actor: user.id, device: null, sentence: 'Mei Tan confirms the new e-mail address' },
  ])
  // Active without an account, as after a load: a reset link joins the one that its owner has elsewhere.
  const other = await served({ store: acme.store, seed: 2, users: { mei: { email: 'mei.tan@tern.example' } } }, [])
  const device = other.device('ingrid')
  await device.perform('reset-password', { userIds: [other.user('mei')] })
  const reset = await post.token()
  expect(await left(acme, () => acme.post('/api/links/use', { token: reset }), other.id)).toMatchObject([
    { type: 'join-account', actor: other.user('mei'), sentence: 'mei comes in with an account of before' },
  ])
})

test('the setup of a fresh server is in the log that it begins', async () => {
  const { parts, clock } = await served({}, [])
  const store = await openStore({ file: ':memory:' })
  const identity = createIdentity({ store, secret: 'a secret of tests that is long enough', url: ORIGIN })
  const later = (work: () => Promise<void>) => void work()
  const app = createApp({ ...parts, identity, accounts: { ...parts.accounts, store, later } })
  const token = (await firstAdminLink(store, ORIGIN, clock.now))?.split('#')[1]
  const wanted = { organisation: 'Tern', timeZone: 'UTC', name: 'Olga Berg', email: 'olga@tern.example' }
  const answer = await app.request(`${ORIGIN}/api/setup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token, ...wanted, password: NEW }),
  })
  expect(answer.status).toBe(200)
  const { orgId } = await store.db.selectFrom('heads').select('orgId').executeTakeFirstOrThrow()
  const said = (await entriesOf(store, orgId as OrganisationId, clock.now)).map(({ sentence }) => sentence)
  expect(said.slice(-2)).toEqual(['Add Olga Berg as admin', 'Create the organisation'])
})

test('switching the organisation is in both logs, and names the other in neither', async () => {
  const acme = await two()
  const by = { now: acme.clock.now + 1_000, random: acme.random }
  const other = await createOrganisation(
    acme.store,
    { name: 'Hidden Valley', timeZone: 'UTC', weekStart: 1, fiscalYearStart: 1, ...NO_POLICIES },
    by,
  )
  await addAdmin(acme, other, { email: 'ingrid@tern.example', name: 'Ingrid' }, by)
  const as = await signIn(acme, 'ingrid')
  const at = await (await acme.call('/api/session', { as })).json()
  const here = (at as { organisation: { id: OrganisationId } }).organisation.id
  const there = here === acme.id ? other : acme.id
  let entered: unknown[] = []
  const gone = await left(
    acme,
    async () => {
      entered = await left(acme, () => acme.post('/api/session/organisation', { organisation: there }, as), there)
    },
    here,
  )
  expect(gone).toMatchObject([{ type: 'leave-organisation', device: DEVICE }])
  expect(entered).toMatchObject([{ type: 'enter-organisation', sentence: 'Enter from another organisation' }])
  expect(JSON.stringify([gone, entered])).not.toMatch(/Hidden|Tern & Sable/)
  // To where it is already is no move.
  expect(await left(acme, () => acme.post('/api/session/organisation', { organisation: there }, as), there)).toEqual([])
})

test('a device that is revoked, and then refused whole with what it had not sent', async () => {
  const acme = await two()
  const [ingrid, ada] = [await signIn(acme, 'ingrid'), await signIn(acme, 'ada')]
  const device = await acme.deviceOf('ada', ada)
  const { devices } = (await (await acme.call('/api/devices', { as: ingrid })).json()) as {
    devices: { id: string; own: boolean }[]
  }
  const lost = devices.find(({ own }) => !own)?.id ?? ''
  const revoke = () => acme.post(`/api/devices/${lost}/revoke`, {}, ingrid)
  expect(await left(acme, revoke)).toEqual([
    {
      type: 'revoke-device',
      actor: acme.user('ingrid'),
      device: DEVICE,
      sentence: `Revoke the device ${DEVICE} of ada`,
    },
  ])
  expect(await left(acme, revoke)).toEqual([])
  const queued = device.request([device.operation('deactivate-users', { userIds: [acme.user('bo')] })])
  const send = () => acme.post('/api/sync', queued, ada, { 'quartermaster-unsent': '3' })
  expect(await left(acme, send)).toEqual([
    {
      type: 'refuse-device',
      actor: acme.user('ada'),
      device: DEVICE,
      sentence: `Refuse ${DEVICE} of ada, revoked and with 3 operations that it had not sent`,
    },
  ])
  // The session is over: what the browser sends from now on fills no log.
  expect(await left(acme, send)).toEqual([])
})

test('a user without a console any more is refused whole, and that is in the log', async () => {
  const acme = await two()
  const [ingrid, ada] = [await signIn(acme, 'ingrid'), await signIn(acme, 'ada')]
  const device = await acme.deviceOf('ada', ada)
  await perform(acme, ingrid, 'set-role', { userIds: [acme.user('ada')], role: 'member' })
  const queued = device.request([device.operation('deactivate-users', { userIds: [acme.user('bo')] })])
  const refused = await left(acme, () => acme.post('/api/sync', queued, ada, { 'quartermaster-unsent': '1' }))
  expect(refused).toMatchObject([
    {
      type: 'refuse-user',
      actor: acme.user('ada'),
      sentence: `Refuse ada with ${DEVICE}, without a console and with an operation that it had not sent`,
    },
  ])
})

test('a mail that is sent once more, and a file of the activity', async () => {
  const acme = await two()
  const as = await signIn(acme, 'ingrid')
  await perform(acme, as, 'reset-password', { userIds: [acme.user('ada')] })
  const post = postOf(acme)
  post.fail(new Error('No route'))
  acme.clock.now += 60_000
  await post.send()
  const { failing } = (await (await acme.call('/api/mails', { as })).json()) as { failing: { id: string }[] }
  const ingrid = { actor: acme.user('ingrid'), device: DEVICE }
  expect(await left(acme, () => acme.post(`/api/mails/${failing[0]?.id}/again`, {}, as))).toEqual([
    { ...ingrid, type: 'send-mail-again', sentence: 'Send the link for a new password to ada again' },
  ])
  expect(await left(acme, async () => (await acme.call('/api/activity/export?format=csv', { as })).text())).toEqual([
    { ...ingrid, type: 'export-activity', sentence: 'Export the activity as CSV' },
  ])
})

test('every call of the provider that changes something, with its key; usage by the minute, with how many calls', async () => {
  const acme = await two()
  const ask = provider(acme, (await keyOf(acme)).key)
  const calls = async (work: () => unknown) => (await left(acme, work)).map(({ sentence }) => sentence)
  const product = acme.newId()
  expect(await calls(() => ask('POST', '/products', { id: product, name: 'Insights', seatsPurchased: 3 }))).toEqual([
    'Purchased seats of Insights: 3',
  ])
  expect(await calls(() => ask('PATCH', `/products/${product}`, { seatsPurchased: 4 }))).toEqual([
    'Purchased seats of Insights: 4',
  ])
  expect(await calls(() => ask('DELETE', `/products/${product}`))).toEqual(['Remove the product Insights'])
  const grant = { id: acme.newId(), credits: 5_000, startsOn: '2026-11-01', endsOn: '2026-11-30' }
  expect(await calls(() => ask('POST', '/grants', grant))).toEqual(['Grant 5,000 credits, 2026-11-01 to 2026-11-30'])
  expect(await calls(() => ask('POST', `/grants/${grant.id}/void`, { voided: 10 }))).toEqual([
    'Take 10 credits of a grant back',
  ])
  // The same again changes nothing, and is in the log no second time.
  expect(await calls(() => ask('POST', '/grants', grant))).toEqual([])

  const user = 'bo@tern.example'
  const usage = {
    specversion: '1.0',
    type: 'quartermaster.usage',
    source: 'app',
    id: 'e1',
    time: new Date(acme.clock.now).toISOString(),
  }
  const spend = { idempotencyKey: 'a', user, product: 'Sales Pro', credits: 2 }
  const reserve = async (key: string) => {
    const { body } = await ask('POST', '/reservations', { ...spend, idempotencyKey: key })
    return (body as { reservation: { id: string } }).reservation.id
  }
  const event = { ...usage, data: { user, product: 'Sales Pro', credits: 1, contactViews: 0 } }
  expect(await ask('POST', '/usage', [event])).toMatchObject({ body: { taken: 1, events: [{ result: 'taken' }] } })
  expect(await ask('POST', '/usage', [event])).toMatchObject({ body: { repeated: 1 } })
  for (let times = 0; times < 2; times += 1) await ask('POST', '/spends', spend)
  await ask('POST', '/spends', { ...spend, idempotencyKey: 'b', credits: 900_000_000 })
  await ask('POST', `/reservations/${await reserve('c')}/confirm`)
  await ask('POST', `/reservations/${await reserve('d')}/release`)
  await acme.usage.publish(acme.id)
  const [published] = await entriesOf(acme.store, acme.id, acme.clock.now, ['publish-usage'])
  expect(published?.sentence).toMatch(/; by Billing 1 confirmation, 1 release, 1 report, 2 reservations, 2 spends$/)
  expect(await acme.usage.publish(acme.id)).toBe(false)
  const keys = (await entriesOf(acme.store, acme.id, acme.clock.now, ['set-product', 'add-grant', 'void-grant']))
    .filter(({ sentence }) => !sentence.includes('Sales Pro'))
    .map(({ key }) => key)
  expect(new Set(keys)).toEqual(new Set(['Billing']))
  expect(await verifyChain(acme.store, acme.id)).toEqual([])
})

test(
  'every command on the host leaves what it says here, and a new one is asked for it',
  { timeout: 180_000 },
  async () => {
    const data = mkdtempSync(join(tmpdir(), 'quartermaster-audit-'))
    onTestFinished(() => rmSync(data, { recursive: true, force: true }))
    const env = { ...process.env, DATA_DIR: data, PUBLIC_URL: '' }
    const host = (...args: string[]) =>
      execFileSync(process.execPath, ['sync-server/start.js', ...args], { env, encoding: 'utf8' })
    const help = [...host('help').matchAll(/^ {2}([a-z-]+) {1,}/gm)].map(([, name]) => name)
    expect(help.toSorted()).toEqual(Object.keys(COMMANDS).toSorted())

    const typesAfter = async () => {
      const store = await openStore({ file: join(data, 'quartermaster.db') })
      const rows = await store.db.selectFrom('log').select(['orgId', 'version', 'type']).orderBy('version').execute()
      const { orgId } = rows[0] ?? {}
      expect(orgId && (await verifyChain(store, orgId as OrganisationId))).toEqual([])
      await store.close()
      return rows.map(({ type }) => type)
    }
    const userOf = async (email: string) => {
      const store = await openStore({ file: join(data, 'quartermaster.db') })
      const { id } = await store.db
        .selectFrom('users')
        .select('id')
        .where('email', '=', email)
        .executeTakeFirstOrThrow()
      await store.close()
      return id
    }
    let before: string[] = []
    const run = async (command: string, ...args: string[]) => {
      const said = host(command, ...args)
      const after = await typesAfter()
      expect([command, after.slice(before.length)]).toEqual([command, COMMANDS[command]])
      before = after
      return said
    }
    const printed =
      /^(ada|bo)@tern\.example is invited as an admin, and chooses a password within 7 days: http:\S+\/invite#([\w-]{43})\n$/
    const comes = async (said: string) => {
      const store = await openStore({ file: join(data, 'quartermaster.db') })
      const token = printed.exec(said)?.[2] ?? ''
      await follow(store, { token, password: NEW }, { now: Date.now(), random: randomBytes })
      await store.close()
      before = await typesAfter()
    }
    await run('create-organisation', '--name', 'Tern')
    const invited = await run('add-admin', '--email', 'ada@tern.example', '--name', 'Ada Berg')
    await comes(invited)
    await run('set-product', '--name', 'Sales Pro', '--seats', '5')
    await run('add-grant', '--credits', '5', '--starts', '2026-01-01', '--ends', '2026-12-31')
    const key = await run('add-provider-key', '--name', 'Billing', '--scopes', 'usage')
    await run('provider-keys')
    await run('revoke-provider-key', '--key', /Made the key (\w+)/.exec(key)?.[1] ?? '')
    // Also where she is an active admin already: a link to her account was made.
    await run('restore-admin', '--email', 'ada@tern.example')
    await run('reset-factors', '--email', 'ada@tern.example')
    expect(await run('add-admin', '--email', 'bo@tern.example', '--name', 'Bo Lund')).toMatch(printed)
    // Who has never come gets another invitation, and the entry of the command says so.
    expect(host('restore-admin', '--email', 'bo@tern.example')).toMatch(printed)
    expect((await typesAfter()).slice(before.length)).toEqual(['restore-admin'])
    before = await typesAfter()
    await run('erase-user', '--user', await userOf('bo@tern.example'))
    await run('audit-verify')
    await run('backup', '--to', join(data, 'copy.db'))
  },
)
