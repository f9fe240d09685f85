// What can be done about a rejected item: the repairs that are at hand for its reason, and the new operations that each makes.
// Pure. Whoever performs them dismisses the rejected items afterwards, never before: until then nothing is lost.
import { hasFieldItems } from '#shared/item-words.ts'
import type { GroupId, ProductId } from '#shared/model.ts'
import type { Call } from '#shared/operations/definition.ts'
import { routedDefinition } from '#shared/operations/index.ts'
import { dependentsOf } from './dependents.ts'
import { readable } from './line-words.ts'
import type { Reason } from './queue.ts'
import { byRecord, callsOf, holderOf, sameCall, standIn } from './repair-calls.ts'
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
      if (type === 'update-users') return [...select, 'discard']
      if (type !== 'add-users') return ['change-email', 'discard']
      return [outcome.fact.status === 'deactivated' ? 'reactivate' : 'apply-to-existing', 'change-email', 'discard']
    }
    case 'email-invalid':
      if (type === 'update-users') return [...select, 'discard']
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
