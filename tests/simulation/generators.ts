// Random operations of every type in the registry. Most args come from the rows that the device shows; some from rows that it does not know, or that are gone; names and addresses from small pools, so that they meet.
import {
  USER_FIELDS,
  type GroupId,
  type Limit,
  type LimitChoice,
  type ProductId,
  type UserId,
  type User,
} from '#shared/model.ts'
import type { Call } from '#shared/operations/definition.ts'
import { addGroup } from '#shared/operations/add-group.ts'
import { addUsers } from '#shared/operations/add-users.ts'
import { ORGANISATION_FIELDS, type OrganisationField } from '#shared/operations/update-organisation.ts'
import { actions } from '#shared/operations/registry.ts'
import { updateUser } from '#shared/operations/update-user.ts'
import { LOCAL_DATA, POLICY_FIELDS, SECOND_FACTORS, type PolicyField } from '#shared/policies.ts'
import type { Layer } from '#lib/replica/rows.ts'
import { argsFromSchema, type Draw } from '../support/args-from-schema.ts'
import type { Random } from './random.ts'

export interface Ground {
  random: Random
  newId: () => string
  layer: Layer
  /** Ids of users and groups from anywhere: other devices, the past. */
  elsewhere: { users: readonly UserId[]; groups: readonly GroupId[] }
  /** Who must not lose his role too often, or nothing more would happen. */
  spare: readonly UserId[]
}

type ActionType = (typeof actions)[number]['type']

const EMAILS = [
  'ada@tern.example',
  'moe@tern.example',
  'Moe@Tern.example',
  'nia@tern.example',
  'ola@tern.example',
  'not an address',
]
const GROUP_NAMES = ['Sales', 'sales', 'North', 'South', 'West']
const WORDS = ['', 'Ann', 'Bea', 'Dr', '+47 1', 'X-1']
const LIMITS: (LimitChoice | null)[] = [
  null,
  { credits: null, term: 'month' },
  { credits: 0, term: 'month' },
  { credits: 40, term: 'quarter' },
  { credits: 5000, term: 'year' },
]

/** Args that must hang together; those of any other action are read off its schema. */
const generators: { [Type in ActionType]?: (ground: Ground) => unknown } = {
  'add-users': (ground) => ({
    users: Array.from({ length: 1 + ground.random.int(2) }, () => ({
      id: ground.random.chance(0.06) ? userOf(ground) : ground.newId(),
      email: emailOf(ground),
      firstName: word(ground),
      lastName: '',
      title: '',
      phone: '',
      externalId: '',
      productId: productOf(ground),
      groupId: ground.random.chance(0.5) ? groupOf(ground) : null,
      limit: limitOf(ground),
      role: ground.random.chance(0.2) ? 'admin' : 'member',
    })),
  }),
  'update-user': (ground) => {
    const userId = userOf(ground)
    const user = ground.layer.get('users', userId)
    const fields = ground.random.some(USER_FIELDS, 2)
    const to = (field: string) => (field === 'email' ? emailOf(ground) : word(ground))
    const from = (field: keyof User) => (ground.random.chance(0.1) ? word(ground) : (user?.[field] ?? ''))
    return { userId, changes: Object.fromEntries(fields.map((field) => [field, { from: from(field), to: to(field) }])) }
  },
  'update-users': (ground) => ({
    users: usersOf(ground).map((id) => {
      const user = ground.layer.get('users', id)
      const from = (field: 'email' | 'title') => (ground.random.chance(0.1) ? word(ground) : (user?.[field] ?? ''))
      return {
        id,
        changes: {
          title: { from: from('title'), to: word(ground) },
          ...(ground.random.chance(0.3) && { email: { from: from('email'), to: emailOf(ground) } }),
        },
      }
    }),
  }),
  'assign-group': (ground) => ({
    userIds: usersOf(ground),
    groupId: ground.random.chance(0.8) ? groupOf(ground) : null,
  }),
  'change-product': (ground) => ({ userIds: usersOf(ground), productId: productOf(ground) }),
  'manage-limit': (ground) => ({ userIds: usersOf(ground), limit: limitOf(ground) }),
  'reset-usage': (ground) => ({ userIds: usersOf(ground) }),
  'reset-password': (ground) => ({ userIds: usersOf(ground) }),
  'set-role': (ground) => ({
    userIds: usersButSpare(ground),
    role: ground.random.pick(['member', 'viewer', 'admin', 'admin']),
  }),
  'deactivate-users': (ground) => ({ userIds: usersButSpare(ground) }),
  'reactivate-users': (ground) => {
    const gone = [...ground.layer.values('users')].filter(({ status }) => status === 'deactivated').map(({ id }) => id)
    return { userIds: gone.length > 0 && ground.random.chance(0.8) ? ground.random.some(gone, 2) : usersOf(ground) }
  },
  'add-group': (ground) => ({
    group: {
      id: ground.random.chance(0.06) ? groupOf(ground) : ground.newId(),
      name: groupName(ground),
      memberLimit: limitOf(ground),
      poolLimit: limitOf(ground),
    },
  }),
  'update-group': (ground) => {
    const groupId = groupOf(ground)
    const group = ground.layer.get('groups', groupId)
    const fields = ground.random.some(['name', 'memberLimit', 'poolLimit'] as const, 2)
    const changes = fields.map((field) =>
      field === 'name'
        ? [field, { from: ground.random.chance(0.1) ? 'Nobody' : (group?.name ?? 'Nobody'), to: groupName(ground) }]
        : [field, { from: choiceIn(group, field), to: limitOf(ground) }],
    )
    return { groupId, changes: Object.fromEntries(changes) }
  },
  'update-organisation': (ground) => {
    const [organisation] = ground.layer.values('organisations')
    const fields = ground.random.some(ORGANISATION_FIELDS, 2)
    const changes = fields.map((field) => {
      const stands = field === 'defaultLimit' ? choiceIn(organisation, field) : organisation?.[field]
      const from = stands === undefined || ground.random.chance(0.1) ? settingOf(ground, field) : stands
      return [field, { from, to: settingOf(ground, field) }]
    })
    return { changes: Object.fromEntries(changes) }
  },
  'update-policies': (ground) => {
    const [organisation] = ground.layer.values('organisations')
    const fields = ground.random.some(POLICY_FIELDS, 2)
    const changes = fields.map((field) => {
      const stands =
        organisation === undefined || ground.random.chance(0.1) ? policyOf(ground, field) : organisation[field]
      return [field, { from: stands, to: policyOf(ground, field) }]
    })
    return { changes: Object.fromEntries(changes) }
  },
  'delete-groups': (ground) => {
    const groupIds = Array.from({ length: 1 + ground.random.int(2) }, () => groupOf(ground))
    const onMembers = ground.random.pick(['refuse', 'ungroup', { moveTo: groupOf(ground) }] as const)
    return { groupIds, onMembers }
  },
}

/** Named a little more often: what makes the ids that others then speak of. */
const TYPES = [...actions, addUsers, addGroup, updateUser]

export function randomCall(ground: Ground): Call {
  const { type, args } = ground.random.pick<(typeof TYPES)[number]>(TYPES) ?? addUsers
  if (ground.random.chance(0.015))
    return ground.random.pick<Call>([
      { type: 'assign-group', args: { userIds: 'all', groupId: null } },
      { type: 'grant-wish', args: {} },
      { type: 'remove-added', args: { operationId: ground.newId(), userIds: [userOf(ground)] } },
    ]) as Call
  return { type, args: generators[type]?.(ground) ?? argsFromSchema(args, drawFrom(ground)) }
}

export const actionTypes: readonly string[] = actions.map(({ type }) => type)

const drawFrom = (ground: Ground): Draw => ({
  int: (below) => ground.random.int(below),
  userId: () => userOf(ground),
  groupId: () => groupOf(ground),
  productId: () => productOf(ground),
  text: () => word(ground),
})

function userOf({ random, layer, elsewhere, newId }: Ground): UserId {
  if (random.chance(0.01)) return newId() as UserId
  const known = random.chance(0.12) ? elsewhere.users : [...layer.values('users')].map(({ id }) => id)
  return random.pick(known) ?? (newId() as UserId)
}

const usersOf = (ground: Ground): UserId[] => Array.from({ length: 1 + ground.random.int(3) }, () => userOf(ground))

function usersButSpare(ground: Ground): UserId[] {
  const others = usersOf(ground).filter((id) => !ground.spare.includes(id))
  return others.length > 0 && ground.random.chance(0.9) ? others : usersOf(ground)
}

function groupOf({ random, layer, elsewhere, newId }: Ground): GroupId {
  if (random.chance(0.01)) return newId() as GroupId
  const known = random.chance(0.12) ? elsewhere.groups : [...layer.values('groups')].map(({ id }) => id)
  return random.pick(known) ?? (newId() as GroupId)
}

const productOf = ({ random, layer, newId }: Ground): ProductId =>
  (random.chance(0.02) ? undefined : random.pick([...layer.values('products')])?.id) ?? (newId() as ProductId)

const emailOf = ({ random, newId }: Ground): string =>
  random.chance(0.5) ? `${newId().slice(-6)}@tern.example` : (random.pick(EMAILS) ?? '')
const groupName = ({ random, newId }: Ground): string =>
  random.chance(0.5) ? `Group ${newId().slice(-4)}` : (random.pick(GROUP_NAMES) ?? 'North')
const word = ({ random }: Ground): string => random.pick(WORDS) ?? ''
const ZONES = ['Pacific/Kiritimati', 'Pacific/Pago_Pago', 'Europe/Oslo', 'Asia/Calcutta', 'America/New_York']

function settingOf(ground: Ground, field: OrganisationField): string | number | LimitChoice | null {
  if (field === 'name') return ground.random.pick(['Tern', 'Tern & Sable', 'Sable']) ?? 'Tern'
  if (field === 'timeZone') return ground.random.pick(ZONES) ?? 'UTC'
  if (field === 'defaultLimit') return limitOf(ground)
  return 1 + ground.random.int(field === 'weekStart' ? 7 : 12)
}
function policyOf({ random }: Ground, field: PolicyField): string | number | null {
  if (field === 'secondFactor') return random.pick(SECOND_FACTORS) ?? 'off'
  if (field === 'localData') return random.pick(LOCAL_DATA) ?? 'kept'
  return random.pick([null, 1, 30]) ?? null
}
const limitOf = ({ random }: Ground): LimitChoice | null => random.pick(LIMITS) ?? null

function choiceIn<Field extends string>(
  row: Partial<Record<Field, Limit | null>> | undefined,
  field: Field,
): LimitChoice | null {
  const limit = row?.[field]
  return limit ? { credits: limit.credits, term: limit.term } : null
}
