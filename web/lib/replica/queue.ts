// The outbox as an admin reads it: what needs attention, what asks before it is sent, what waits in order, what is settled. Pure:
// derived from the records each time it is shown. What can be done about a rejected item is in repairs.ts.
import type { Instant, OperationId } from '#shared/model.ts'
import { rejected, withItem, type Code, type Outcome, type Rejected } from '#shared/operations/outcome.ts'
import { hasFieldItems } from '#shared/item-words.ts'
import { missingIds, type FailedCreate } from './dependents.ts'
import { describeLine, type QueueLine } from './line-words.ts'
import { isWithdrawn, linesOf } from './status.ts'
import { isSettled, rejectedOf, type OutboxRecord } from './storage.ts'

/** One rejected item with the operation that it belongs to. */
export interface Problem {
  record: OutboxRecord
  outcome: { item: string } & Rejected
  /** Set where it depends on a create that was rejected or taken back. */
  cause?: FailedCreate
}

/** Rejected items of one reason, which one repair can mend together. */
export interface Reason {
  key: string
  code: Code
  problems: [Problem, ...Problem[]]
}

export interface SettledLine extends QueueLine {
  at: Instant
  applied: number
  unchanged: number
  rejected: number
  /** An undo of it waits or has been done. */
  undone: boolean
}

export interface AttentionLine extends SettledLine {
  reasons: Reason[]
  /** Operations that no server would take for their size. */
  aside: OutboxRecord[]
}

export interface Queue {
  attention: AttentionLine[]
  /** Items that need attention, as the pill counts them. */
  items: number
  asks: QueueLine | undefined
  /** In the order in which they are sent. */
  waiting: QueueLine[]
  /** The latest first. */
  settled: SettledLine[]
  oldest: Instant | undefined
}

export interface QueueInput {
  records: readonly OutboxRecord[]
  shownVersion: number
  /** The operation that asks before it is sent. */
  asks: OperationId | undefined
}

/** Sorts the outbox into the sections of the queue panel. */
export function queueOf({ records, shownVersion, asks }: QueueInput): Queue {
  const causes = missingIds(records, shownVersion)
  const undone = undoneIds(records)
  const byId = new Map(records.map((record) => [record.id, record]))
  const queue: Queue = { attention: [], items: 0, asks: undefined, waiting: [], settled: [], oldest: undefined }
  for (const line of linesOf(records)) {
    const own = line.records.filter((record) => !isWithdrawn(record))
    const waiting = own.filter((record) => !isSettled(record, shownVersion))
    const settled = own.filter((record) => isSettled(record, shownVersion))
    const named = (part: OutboxRecord[]): QueueLine => describeLine({ key: line.key, records: part }, byId)
    if (waiting.length > 0) {
      const asking = waiting.find(({ id }) => id === asks)
      if (asking) queue.asks = named([asking])
      const rest = asking ? waiting.filter((record) => record !== asking) : waiting
      if (rest.length > 0) queue.waiting.push(named(rest))
    }
    if (settled.length === 0) continue
    const summary = summed(named(settled), undone)
    const problems = settled.flatMap((record) =>
      rejectedOf(record).flatMap((outcome) => (outcome.result === 'rejected' ? problem(record, outcome, causes) : [])),
    )
    const aside = settled.filter((record) => record.aside && !(record.dismissed ?? []).includes(record.id))
    if (problems.length + aside.length === 0) queue.settled.push(summary)
    else queue.attention.push({ ...summary, reasons: byReason(problems), aside })
    queue.items += problems.length + aside.length
  }
  queue.settled.reverse()
  queue.oldest = [queue.asks, ...queue.waiting].reduce<Instant | undefined>(
    (oldest, line) => (line && line.madeAt < (oldest ?? Infinity) ? line.madeAt : oldest),
    undefined,
  )
  return queue
}

function problem(
  record: OutboxRecord,
  outcome: { item: string } & Rejected,
  causes: (record: OutboxRecord, outcome: Outcome) => FailedCreate | undefined,
): Problem {
  const cause = causes(record, outcome)
  if (!cause) return { record, outcome }
  const depends = rejected('dependency-rejected', { operationId: cause.record.id, code: cause.code })
  return { record, outcome: withItem(outcome.item, depends) as Problem['outcome'], cause }
}

/** Fields stand alone, each is a choice of its own; rows of one operation type are told together by reason. */
function byReason(problems: readonly Problem[]): Reason[] {
  const reasons = new Map<string, Reason>()
  for (const found of problems) {
    const { record, outcome, cause } = found
    const about =
      outcome.code === 'no-seat-left' || outcome.code === 'product-unknown'
        ? outcome.fact.productId
        : outcome.code === 'group-unknown'
          ? outcome.fact.groupId
          : (cause?.id ?? '')
    const key = hasFieldItems(record.type)
      ? `${record.id} ${outcome.item}`
      : [record.type, outcome.code, about].join(' ')
    const reason = reasons.get(key)
    if (reason) reason.problems.push(found)
    else reasons.set(key, { key, code: outcome.code, problems: [found] })
  }
  return [...reasons.values()]
}

function summed(line: QueueLine, undone: ReadonlySet<string>): SettledLine {
  const sum = { at: 0, applied: 0, unchanged: 0, rejected: 0 }
  for (const { settlement, madeAt } of line.records) {
    sum.at = Math.max(sum.at, settlement?.at ?? madeAt)
    if (!settlement) continue
    const unchanged = settlement.notApplied.filter(({ result }) => result === 'unchanged').length
    sum.unchanged += unchanged
    sum.rejected += settlement.notApplied.length - unchanged
    sum.applied += settlement.total - settlement.notApplied.length
  }
  return { ...line, ...sum, undone: line.records.every(({ id }) => undone.has(id)) }
}

/** What an undo that waits, or that took effect, has named. */
function undoneIds(records: readonly OutboxRecord[]): Set<string> {
  const ids = new Set<string>()
  for (const { type, args, settlement } of records) {
    const named = type === 'undo' ? (args as { operationId?: unknown }).operationId : undefined
    const failed = settlement !== undefined && settlement.total === settlement.notApplied.length
    if (typeof named === 'string' && !failed) ids.add(named)
  }
  return ids
}
