// The new operations that each repair of rejected items makes, from what the operation asked for. Pure; what comes out is parsed by
// its definition when it is performed, like everything that a dialog makes.
import { hasFieldItems } from '#shared/item-words.ts'
import type { Call } from '#shared/operations/definition.ts'
import type { Facts } from '#shared/operations/outcome.ts'
import type { Problem } from './queue.ts'
import type { Repair } from './repairs.ts'
import type { OutboxRecord } from './storage.ts'

/** The rejected items of one operation, with what each was answered. */
export interface Part {
  record: OutboxRecord
  items: ReadonlySet<string>
  facts: ReadonlyMap<string, Problem['outcome']>
}

export function byRecord(problems: readonly Problem[]): Part[] {
  const parts = Map.groupBy(problems, ({ record }) => record)
  return [...parts].map(([record, own]) => ({
    record,
    items: new Set(own.map(({ outcome }) => outcome.item)),
    facts: new Map(own.map(({ outcome }) => [outcome.item, outcome])),
  }))
}

export function callsOf(repair: Repair, part: Part): Call[] {
  switch (repair.kind) {
    case 'again':
    case 'both-again':
    case 'do-the-rest':
      return [sameCall(part)]
    case 'other-product':
      return part.record.type === 'add-users'
        ? [withUsers(part, (user) => ({ ...user, productId: repair.productId }))]
        : [sameCall(part, { productId: repair.productId })]
    case 'without-group':
      return [withUsers(part, (user) => ({ ...user, groupId: null }))]
    case 'without-limit':
      return [
        part.record.type === 'add-group'
          ? withGroup(part, { memberLimit: null, poolLimit: null })
          : withUsers(part, (user) => ({ ...user, limit: null })),
      ]
    case 'change-email':
      return [
        part.record.type === 'add-users'
          ? withUsers(part, (user) => ({ ...user, email: repair.text }))
          : fieldsTo(part, repair.text),
      ]
    case 'rename':
      return [part.record.type === 'add-group' ? withGroup(part, { name: repair.text }) : fieldsTo(part, repair.text)]
    case 'use-mine':
      return [fieldsFrom(part)]
    case 'leave-without-group':
      return [sameCall(part, { onMembers: 'ungroup' })]
    case 'move-members':
      return [sameCall(part, { onMembers: { moveTo: repair.groupId } })]
    case 'reactivate':
      return part.record.type === 'add-users'
        ? [{ type: 'reactivate-users', args: { userIds: takenBy(part) } }]
        : [{ type: 'reactivate-users', args: { userIds: [...part.items] } }, sameCall(part)]
    case 'apply-to-existing':
      return applied(part)
    default:
      return []
  }
}

type Row = Readonly<Record<string, unknown>>
const asRow = (value: unknown): Row => (typeof value === 'object' && value !== null ? (value as Row) : {})
const asRows = (value: unknown): Row[] => (Array.isArray(value) ? value.map(asRow) : [])

/** The same operation for the given items alone; not all or nothing any more. */
export function sameCall({ record, items }: Pick<Part, 'record' | 'items'>, changed: Row = {}): Call {
  const { type, args: own } = record.was ?? record
  const args = asRow(own)
  const pick = (list: unknown): unknown => (Array.isArray(list) ? list.filter((id) => items.has(String(id))) : list)
  const narrowed: Record<string, unknown> = { ...args, ...changed }
  if (type === 'add-users' || type === 'update-users')
    narrowed['users'] = asRows(args['users']).filter(({ id }) => items.has(String(id)))
  else if (hasFieldItems(type)) narrowed['changes'] = fields(args, items)
  else if (type === 'undo') narrowed['ids'] = [...items]
  for (const list of ['userIds', 'groupIds']) if (list in args) narrowed[list] = pick(args[list])
  return { type, args: narrowed }
}

const fields = (args: Row, items: ReadonlySet<string>): Row =>
  Object.fromEntries(Object.entries(asRow(args['changes'])).filter(([field]) => items.has(field)))

function withUsers(part: Part, change: (user: Row) => Row): Call {
  const { type, args } = sameCall(part)
  return { type, args: { users: asRows(asRow(args)['users']).map(change) } }
}

const withGroup = ({ record }: Part, changed: Row): Call => ({
  type: record.type,
  args: { group: { ...asRow(asRow(record.args)['group']), ...changed } },
})

function fieldsTo({ record, items }: Part, text: string): Call {
  const args = asRow(record.args)
  const changes = Object.entries(fields(args, items)).map(([field, change]) => [field, { ...asRow(change), to: text }])
  return { type: record.type, args: { ...args, changes: Object.fromEntries(changes) } }
}

/** Mine over theirs: from what stands there now to what was wanted. */
function fieldsFrom({ record, items, facts }: Part): Call {
  const args = asRow(record.args)
  const changes = Object.entries(fields(args, items)).map(([field, change]) => {
    const outcome = facts.get(field)
    const from = outcome?.code === 'changed-meanwhile' ? outcome.fact.theirs : asRow(change)['from']
    return [field, { ...asRow(change), from }]
  })
  return { type: record.type, args: { ...args, changes: Object.fromEntries(changes) } }
}

/** The user who has the address in place of the one that was not added. */
export const holderOf = ([item, outcome]: [string, Problem['outcome']]): [string, string][] =>
  outcome.code === 'email-taken' ? [[item, outcome.fact.userId]] : []

export function standIn({ type, args }: Call, holders: ReadonlyMap<string, string>): Call {
  const { userId, userIds, ...rest } = asRow(args)
  const standing = (id: unknown) => holders.get(String(id)) ?? id
  return {
    type,
    args: {
      ...rest,
      ...(userId === undefined ? {} : { userId: standing(userId) }),
      ...(Array.isArray(userIds) ? { userIds: userIds.map(standing) } : {}),
    },
  }
}

const takenBy = ({ facts }: Part) =>
  [...facts.values()].flatMap((outcome) => (outcome.code === 'email-taken' ? [outcome.fact.userId] : []))

/** What was asked for the new user, done to the one who has the address. */
function applied({ record, facts }: Part): Call[] {
  const users = asRows(asRow(record.args)['users'])
  return [...facts].flatMap(([item, outcome]) => {
    const user = users.find(({ id }) => id === item)
    if (!user || outcome.code !== 'email-taken') return []
    const userIds: Facts['email-taken']['userId'][] = [outcome.fact.userId]
    const { productId, groupId, limit, role } = user
    return [
      { type: 'change-product', args: { userIds, productId } },
      ...(groupId ? [{ type: 'assign-group', args: { userIds, groupId } }] : []),
      ...(limit ? [{ type: 'manage-limit', args: { userIds, limit } }] : []),
      ...(role !== 'member' ? [{ type: 'set-role', args: { userIds, role } }] : []),
    ]
  })
}
