// What can be done about a rejected item: the repairs that are at hand for its reason, and the new operations that each makes.
// Pure. Whoever performs them dismisses the rejected items afterwards, never before: until then nothing is lost.
import { hasFieldItems } from '#shared/item-words.ts'
import type { GroupId, ProductId } from '#shared/model.ts'
import type { Call } from '#shared/operations/definition.ts'
import { routedDefinition } from '#shared/operations/index.ts'
import type { Facts } from '#shared/operations/outcome.ts'
import { dependentsOf } from './dependents.ts'
import { readable } from './line-words.ts'
import type { Problem, Reason } from './queue.ts'
import type { OutboxRecord } from './storage.ts'

export type RepairKind =
  | 'other-product'
  | 'reactivate'
  | 'apply-to-existing'
  | 'change-email'
  | 'rename'
  | 'without-group'
  | 'without-limit'
  | 'leave-without-group'
  | 'move-members'
  | 'other-admin'
  | 'keep-theirs'
  | 'use-mine'
  | 'do-the-rest'
  | 'both-again'
  | 'again'
  | 'select'
  | 'discard'

/** A repair with what the admin chose or typed for it. */
export type Repair =
  | { kind: Exclude<RepairKind, 'other-product' | 'change-email' | 'rename' | 'move-members'> }
  | { kind: 'other-product'; productId: ProductId }
  | { kind: 'move-members'; groupId: GroupId }
  | { kind: 'change-email' | 'rename'; text: string }

/** The repairs for a reason, the likeliest first. */
export function repairsOf({ code, problems }: Pick<Reason, 'code' | 'problems'>): RepairKind[] {
  const [{ record, outcome }] = problems
  const { type } = record
  const alone = problems.length === 1
  const select: RepairKind[] = routedDefinition(type)?.itemsAre === 'users' && type !== 'add-users' ? ['select'] : []
  switch (code) {
    case 'no-seat-left':
      if (type === 'add-users') return ['other-product', 'again', 'discard']
      return type === 'change-product'
        ? [...select, 'other-product', 'again', 'discard']
        : [...select, 'again', 'discard']
    case 'product-unknown':
      return ['other-product', 'discard']
    case 'email-taken': {
      if (!alone || outcome.code !== 'email-taken') return ['discard']
      if (type !== 'add-users') return ['change-email', 'discard']
      return [outcome.fact.status === 'deactivated' ? 'reactivate' : 'apply-to-existing', 'change-email', 'discard']
    }
    case 'email-invalid':
      return alone ? ['change-email', 'discard'] : ['discard']
    case 'group-name-taken':
      return ['rename', 'discard']
    case 'group-unknown':
      return type === 'add-users' ? ['without-group', 'discard'] : [...select, 'discard']
    case 'limit-exceeds-credits':
      return type === 'add-users' || type === 'add-group' ? ['without-limit', 'discard'] : [...select, 'discard']
    case 'user-deactivated':
      return ['reactivate', 'discard']
    case 'last-admin':
      return ['other-admin', 'again', 'discard']
    case 'group-not-empty':
      return ['discard', 'leave-without-group', 'move-members']
    case 'changed-meanwhile':
      return hasFieldItems(type) ? ['keep-theirs', 'use-mine'] : [...select, 'discard']
    case 'all-or-nothing':
      return ['do-the-rest', 'discard']
    case 'dependency-rejected':
      return ['both-again', 'discard']
    case 'failed':
    case 'malformed':
    case 'forbidden':
      return ['again', 'discard']
    default:
      return [...select, 'discard']
  }
}

export interface Repaired {
  calls: Call[]
  /** What is dealt with once the calls are kept. */
  dealtWith: { record: OutboxRecord; items: string[] }[]
}

/** The operations of a repair, and the rejected items that it deals with: those that waited for a repaired create among them. */
export function repairOf(
  repair: Repair,
  { problems }: Pick<Reason, 'problems'>,
  { records, shownVersion }: { records: readonly OutboxRecord[]; shownVersion: number },
): Repaired {
  const parts = byRecord(problems)
  const dealtWith = parts.map(({ record, items }) => ({ record, items: [...items] }))
  const calls = parts.flatMap((part) => callsOf(repair, part))
  if (calls.length === 0) return { calls, dealtWith }
  const creates = new Map(problems.flatMap(({ cause }) => (cause ? [[cause.id, cause.record]] : [])))
  const again = [...creates].map(([id, record]) => ({ record, items: new Set([id]) }))
  const brought = new Set(
    [...parts, ...again].flatMap(({ record: { type, was, args }, items }) => {
      const { users = [], groups = [] } =
        readable(() => routedDefinition(was?.type ?? type)?.creates?.(was?.args ?? args)) ?? {}
      return [...users, ...groups].filter((id) => items.has(id))
    }),
  )
  const existing = repair.kind === 'reactivate' || repair.kind === 'apply-to-existing'
  const holders = new Map(existing ? parts.flatMap(({ facts }) => [...facts].flatMap(holderOf)) : [])
  const already = new Set(dealtWith.map(({ record }) => record.id))
  const waiting = dependentsOf(brought, records, shownVersion).filter(({ record }) => !already.has(record.id))
  return {
    calls: [
      ...again.map((part) => sameCall(part)),
      ...calls,
      ...waiting.map(({ record, items }) => standIn(sameCall({ record, items: new Set(items) }), holders)),
    ],
    dealtWith: [
      ...dealtWith,
      ...again
        .filter(({ record }) => !already.has(record.id))
        .map(({ record, items }) => ({ record, items: [...items] })),
      ...waiting,
    ],
  }
}

/** How many rejected changes of other operations a repair of this reason does again with it. */
export const dependentCount = (
  reason: Pick<Reason, 'problems'>,
  outbox: { records: readonly OutboxRecord[]; shownVersion: number },
): number => repairOf({ kind: 'again' }, reason, outbox).calls.length - byRecord(reason.problems).length

interface Part {
  record: OutboxRecord
  items: ReadonlySet<string>
  facts: ReadonlyMap<string, Problem['outcome']>
}

function byRecord(problems: readonly Problem[]): Part[] {
  const parts = Map.groupBy(problems, ({ record }) => record)
  return [...parts].map(([record, own]) => ({
    record,
    items: new Set(own.map(({ outcome }) => outcome.item)),
    facts: new Map(own.map(({ outcome }) => [outcome.item, outcome])),
  }))
}

function callsOf(repair: Repair, part: Part): Call[] {
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
function sameCall({ record, items }: Pick<Part, 'record' | 'items'>, changed: Row = {}): Call {
  const { type, args: own } = record.was ?? record
  const args = asRow(own)
  const pick = (list: unknown): unknown => (Array.isArray(list) ? list.filter((id) => items.has(String(id))) : list)
  const narrowed: Record<string, unknown> = { ...args, ...changed }
  if (type === 'add-users') narrowed['users'] = asRows(args['users']).filter(({ id }) => items.has(String(id)))
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
const holderOf = ([item, outcome]: [string, Problem['outcome']]): [string, string][] =>
  outcome.code === 'email-taken' ? [[item, outcome.fact.userId]] : []

function standIn({ type, args }: Call, holders: ReadonlyMap<string, string>): Call {
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
