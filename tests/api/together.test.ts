// The operations of one request share what they read and are written together; sent one by one they must come to the same.
import { expect, test } from 'vitest'
import { type organisation, type TestDevice, type World } from '../support/server.ts'
import { everythingIn, world } from './worlds.ts'

type Call = [type: string, args: unknown, over?: { atomic?: boolean }]

const wish = {
  products: { 'Sales Pro': 6, Insights: 2 },
  groups: ['Sales', 'Support'],
  users: {
    ada: {},
    joan: { group: 'Sales' },
    mary: { group: 'Sales' },
    gone: { status: 'deactivated', group: 'Sales' },
  },
} as const

const newUser = (acme: World, id: string, email: string) => ({
  id,
  email,
  firstName: 'New',
  lastName: 'User',
  title: '',
  phone: '',
  externalId: '',
  productId: acme.product('Sales Pro'),
  groupId: acme.group('Support'),
  limit: null,
  role: 'member',
})
const email = (acme: World, name: string, from: string, to: string): Call => [
  'update-user',
  { userId: acme.user(name), changes: { email: { from: `${from}@tern.example`, to: `${to}@tern.example` } } },
]

const queues: Record<string, (acme: World, ids: readonly string[], operations: readonly string[]) => Call[]> = {
  'addresses change hands': (acme) => [
    email(acme, 'ada', 'ada', 'elsewhere'),
    email(acme, 'joan', 'joan', 'ada'),
    email(acme, 'mary', 'mary', 'ada'),
    email(acme, 'ada', 'elsewhere', 'joan'),
  ],
  'a user is added, undone, and added again under another id': (acme, ids, operations) => [
    ['add-users', { users: [newUser(acme, ids[0] ?? '', 'new@tern.example')] }],
    ['undo', { operationId: operations[0] }],
    [
      'add-users',
      { users: [newUser(acme, ids[0] ?? '', 'new@tern.example'), newUser(acme, ids[1] ?? '', 'new@tern.example')] },
    ],
    ['assign-group', { userIds: [ids[1], acme.user('ada')], groupId: acme.group('Sales') }],
  ],
  'a group goes with what its members became meanwhile, and comes back': (acme, ids, operations) => [
    ['assign-group', { userIds: [acme.user('ada')], groupId: acme.group('Sales') }],
    ['assign-group', { userIds: [acme.user('mary')], groupId: acme.group('Support') }],
    ['delete-groups', { groupIds: [acme.group('Sales')], onMembers: 'ungroup' }],
    ['add-group', { group: { id: ids[0], name: 'sales', memberLimit: null, poolLimit: null } }],
    ['undo', { operationId: operations[2] }],
    ['delete-groups', { groupIds: [ids[0]], onMembers: 'refuse' }],
    ['undo', { operationId: operations[2] }],
  ],
  'seats run out, and come back': (acme) => [
    [
      'change-product',
      { userIds: [acme.user('ada'), acme.user('joan'), acme.user('mary')], productId: acme.product('Insights') },
    ],
    [
      'change-product',
      { userIds: [acme.user('joan'), acme.user('mary')], productId: acme.product('Insights') },
      { atomic: true },
    ],
    ['deactivate-users', { userIds: [acme.user('ada')] }],
    ['change-product', { userIds: [acme.user('mary')], productId: acme.product('Insights') }],
    ['reactivate-users', { userIds: [acme.user('ada'), acme.user('gone')] }],
  ],
  'mails are caused and stopped': (acme, _ids, operations) => [
    ['reset-password', { userIds: [acme.user('ada'), acme.user('joan')] }],
    ['undo', { operationId: operations[0], ids: [acme.user('ada')] }],
    ['set-role', { userIds: [acme.user('ada')], role: 'admin' }],
    ['set-role', { userIds: [acme.user('ada')], role: 'member' }],
  ],
}

/** A new world, the same each time, with the queue that a device of it sends. */
async function prepared(name: string): Promise<{ acme: World; device: TestDevice; queue: unknown[] }> {
  const acme = await world({ ...wish, users: { ...wish.users } })
  const device = acme.device('ingrid')
  const ids = Array.from({ length: 3 }, () => acme.newId())
  const operations = Array.from({ length: 8 }, () => acme.newId())
  const calls = queues[name]?.(acme, ids, operations) ?? []
  const queue = calls.map(([type, args, over], index) => ({
    ...device.operation(type, args, over),
    id: operations[index],
  }))
  return { acme, device, queue }
}

/** Without what chance made: hashes, salts, the ids of mails. */
async function stored(acme: Awaited<ReturnType<typeof organisation>>): Promise<unknown> {
  const chance = new Set(['hash', 'salts', 'digests'])
  return JSON.parse(
    JSON.stringify(await everythingIn(acme), (key, value: unknown) => (chance.has(key) ? undefined : value)).replace(
      /"id":"[^"]*","operationId"/g,
      '"operationId"',
    ),
  )
}

test.each(Object.keys(queues))('%s: sent together or one by one, it comes to the same', async (name) => {
  const [one, other] = [await prepared(name), await prepared(name)]
  const together = (await one.device.post(one.queue)).outcomes
  const oneByOne = []
  for (const operation of other.queue) oneByOne.push(...(await other.device.post([operation])).outcomes)
  expect(together).toEqual(oneByOne)
  expect(together).toHaveLength(one.queue.length)
  expect(await stored(one.acme)).toEqual(await stored(other.acme))
})
