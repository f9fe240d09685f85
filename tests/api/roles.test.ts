// Every door for a console × who knocks: what a viewer, an admin, a member, one who was deactivated, a revoked device and an admin of
// another organisation get, with the ids of this organisation in their hands. Another organisation is as unknown; nothing is written.
import fc from 'fast-check'
import { beforeAll, expect, test, vi } from 'vitest'
import type { OrganisationId } from '#shared/model.ts'
import { NO_POLICIES } from '#shared/policies.ts'
import { addAdmin, createOrganisation } from '../../sync-server/provider.ts'
import { PASSWORD, served, type Served } from '../support/app.ts'
import type { TestDevice } from '../support/server.ts'
import { everythingIn } from './worlds.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

type Person = 'admin' | 'viewer' | 'other' | 'member' | 'deactivated' | 'revoked' | 'nobody'
interface Door {
  name: string
  method?: 'GET' | 'POST'
  path: (acme: Served, deviceId: string) => string
  body?: (acme: Served, device: TestDevice) => unknown
  /** What those get who have a console; all others get the same at every door. */
  admin: number
  viewer: number
  other: number
}

const CONSOLE_LOST: Partial<Record<Person, [number, string]>> = {
  member: [403, 'no-console'],
  deactivated: [403, 'no-console'],
  revoked: [403, 'device-revoked'],
  nobody: [401, 'sign-in-needed'],
}

const sent = (path: string, body: Door['body']): Pick<Door, 'method' | 'path' | 'body'> => ({
  method: 'POST',
  path: () => path,
  ...(body ? { body } : {}),
})
const doors: Door[] = [
  { name: 'the session', path: () => '/api/session', admin: 200, viewer: 200, other: 200 },
  {
    name: 'sync',
    ...sent('/api/sync', (_acme, device) => device.request()),
    admin: 200,
    viewer: 403, // the request names the admin's account
    other: 403,
  },
  {
    name: 'known operations',
    ...sent('/api/sync/known', (acme, { as }) => ({ account: as.account, organisation: acme.id, ids: [] })),
    admin: 200,
    viewer: 403,
    other: 403,
  },
  { name: 'months of usage', path: () => '/api/usage/2020-01', admin: 404, viewer: 404, other: 404 },
  { name: 'ids of usage', path: () => '/api/usage/ids?from=0', admin: 200, viewer: 200, other: 200 },
  { name: 'keys of the provider', path: () => '/api/provider-keys', admin: 200, viewer: 200, other: 200 },
  { name: 'devices', path: () => '/api/devices', admin: 200, viewer: 200, other: 200 },
  { name: 'mails', path: () => '/api/mails', admin: 200, viewer: 403, other: 200 },
  {
    name: 'a mail once more',
    ...sent('', () => ({})),
    path: (acme) => `/api/mails/${acme.newId()}/again`,
    admin: 404,
    viewer: 403,
    other: 404,
  },
  {
    name: 'another organisation',
    ...sent('/api/session/organisation', (acme) => ({ organisation: acme.id })),
    admin: 200,
    viewer: 200,
    other: 404,
  },
  {
    name: 'revoking an admin’s device',
    ...sent('', () => ({})),
    path: (_acme, deviceId) => `/api/devices/${deviceId}/revoke`,
    admin: 200,
    viewer: 404,
    other: 404,
  },
]

let acme: Served
let other: OrganisationId

beforeAll(async () => {
  acme = await served(
    { users: { ada: { role: 'admin' }, vera: { role: 'viewer' }, mia: { role: 'viewer' }, dora: { role: 'viewer' } } },
    ['ingrid', 'ada', 'vera', 'mia', 'dora'],
  )
  const by = { now: acme.clock.now, random: acme.random }
  other = await createOrganisation(
    acme.store,
    { name: 'Other', timeZone: 'UTC', weekStart: 1, fiscalYearStart: 1, ...NO_POLICIES },
    by,
  )
  await addAdmin(acme, other, { email: 'mallory@tern.example', name: 'Mallory', password: PASSWORD }, by)
})

/** A fresh session of the kind of person; those who lost something had it when they signed in. */
async function as(person: Person): Promise<string> {
  switch (person) {
    case 'admin':
      return await acme.signIn('ada')
    case 'viewer':
      return await acme.signIn('vera')
    case 'other':
      return await acme.signIn('mallory')
    case 'nobody':
      return ''
    case 'member':
      return await lost('mia', { role: 'member' })
    case 'deactivated':
      return await lost('dora', { status: 'deactivated' })
    case 'revoked': {
      const cookie = await acme.signIn('vera')
      await acme.post(`/api/devices/${await deviceOf(cookie)}/revoke`, {}, cookie)
      return cookie
    }
  }
}
async function lost(name: string, set: { role?: 'member'; status?: 'deactivated' }): Promise<string> {
  const user = acme.store.db.updateTable('users').where('id', '=', acme.user(name))
  await user.set({ role: 'viewer', status: 'active' }).execute()
  const cookie = await acme.signIn(name)
  await user.set(set).execute()
  return cookie
}
async function deviceOf(cookie: string): Promise<string> {
  const answer = await acme.call('/api/devices', { as: cookie })
  const { devices } = (await answer.json()) as { devices: { id: string; current: boolean }[] }
  return devices.find(({ current }) => current)?.id ?? ''
}

const people: Person[] = ['admin', 'viewer', 'other', 'member', 'deactivated', 'revoked', 'nobody']
test.each(doors.flatMap((door) => people.map((person) => [door.name, person, door] as const)))(
  '%s, asked for by: %s',
  async (_name, person, door) => {
    // An address has so many tries a minute.
    acme.clock.now += 60_000
    const ada = await acme.signIn('ada')
    const target = await deviceOf(ada)
    const device = await acme.deviceOf('ada', ada)
    const cookie = await as(person)
    const before = await everythingIn(acme)
    const path = door.path(acme, target)
    const body = door.body?.(acme, device)
    const answer = door.method === 'POST' ? await acme.post(path, body, cookie) : await acme.call(path, { as: cookie })
    const expected = CONSOLE_LOST[person]
    if (expected) expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual(expected)
    else expect(answer.status).toBe(door[person as 'admin' | 'viewer' | 'other'])
    // None of these doors changes a row of the organisation, whoever asks.
    const { clients: _, ...after } = await everythingIn(acme)
    const { clients: _before, ...rest } = before
    expect(after).toEqual(rest)
  },
)

test('no request of one organisation reads or changes a row of the other, whatever ids it names', async () => {
  acme.clock.now += 60_000
  const cookie = await acme.signIn('mallory')
  const { account } = (await (await acme.call('/api/session', { as: cookie })).json()) as { account: { id: string } }
  const ids = {
    user: [acme.user('ingrid'), acme.user('ada'), acme.user('vera')],
    product: [acme.product('Sales Pro')].slice(0, 1),
  }
  const user = fc.constantFrom(...ids.user)
  const users = fc.record({ userIds: fc.array(user, { minLength: 1, maxLength: 3 }) })
  const call = fc.oneof(
    fc.record({ type: fc.constantFrom('deactivate-users', 'reset-password', 'reset-usage'), args: users }),
    users.map((args) => ({ type: 'set-role', args: { ...args, role: 'viewer' } })),
    users.map((args) => ({ type: 'change-product', args: { ...args, productId: ids.product[0] } })),
    user.map((userId) => ({
      type: 'update-user',
      args: { userId, changes: { email: { from: 'x', to: 'mallory@evil.example' } } },
    })),
    user.map((id) => ({
      type: 'add-users',
      args: {
        users: [
          {
            id,
            email: 'taken@evil.example',
            firstName: 'A',
            lastName: 'B',
            title: '',
            phone: '',
            externalId: '',
            productId: ids.product[0],
            groupId: null,
            limit: null,
            role: 'admin',
          },
        ],
      },
    })),
  )
  const before = await everythingIn(acme)
  const mallory = acme.world.device('ingrid')
  await fc.assert(
    fc.asyncProperty(fc.array(call, { minLength: 1, maxLength: 4 }), fc.boolean(), async (calls, forged) => {
      mallory.as.account = account.id
      const operations = calls.map(({ type, args }) => mallory.operation(type, args))
      const request = mallory.request(operations, { organisation: forged ? acme.id : other })
      const answer = await acme.post('/api/sync', request, cookie)
      const text = await answer.text()
      if (forged) {
        expect(answer.status).toBe(403)
        mallory.sequence -= operations.length
      } else expect(answer.status).toBe(200)
      for (const name of ['ingrid@tern', 'ada@tern', 'vera@tern', 'Sable']) expect(text).not.toContain(name)
      expect(await everythingIn(acme)).toEqual(before)
    }),
    { numRuns: 60 },
  )
})
