// Items that name a user or a group whose create failed: the server can only say that it does not know the id, this device finds the
// create in its outbox, so that both can be repaired together.
import { hasFieldItems } from '#shared/item-words.ts'
import { routedDefinition } from '#shared/operations/index.ts'
import type { Code, Outcome } from '#shared/operations/outcome.ts'
import { readable } from './line-words.ts'
import { isSettled, rejectedOf, type OutboxRecord } from './storage.ts'

export interface FailedCreate {
  /** The id that the create was to bring. */
  id: string
  record: OutboxRecord
  code: Code | 'withdrawn'
}

/** Answers the create behind a rejected item, where that create failed too and nothing has brought the id since. */
export function missingIds(
  records: readonly OutboxRecord[],
  shownVersion: number,
): (record: OutboxRecord, outcome: Outcome) => FailedCreate | undefined {
  let failed: Map<string, FailedCreate> | undefined
  return (record, outcome) => {
    const id = missingId(record, outcome)
    if (id === undefined) return undefined
    failed ??= failedCreates(records, shownVersion)
    const cause = failed.get(id)
    return cause && cause.record.place < record.place ? cause : undefined
  }
}

/** The rejected items, nobody has dealt with yet, that miss this id. */
export const dependentsOf = (
  ids: ReadonlySet<string>,
  records: readonly OutboxRecord[],
  shownVersion: number,
): { record: OutboxRecord; items: string[] }[] =>
  records
    .filter((record) => isSettled(record, shownVersion))
    .flatMap((record) => {
      const items = rejectedOf(record)
        .filter((outcome) => ids.has(missingId(record, outcome) ?? ''))
        .map(({ item }) => item)
      return items.length > 0 ? [{ record, items }] : []
    })

/** Which row a rejected item lacks. */
function missingId({ type, args }: OutboxRecord, outcome: Outcome): string | undefined {
  if (outcome.result !== 'rejected') return undefined
  if (outcome.code === 'group-unknown') return outcome.fact.groupId
  if (outcome.code !== 'user-unknown') return undefined
  const named = hasFieldItems(type) ? (args as { userId?: unknown }).userId : outcome.item
  return typeof named === 'string' ? named : undefined
}

/** By id: creates that were rejected or taken back, where nothing has brought the id since. */
export function failedCreates(records: readonly OutboxRecord[], shownVersion: number): Map<string, FailedCreate> {
  const failed = new Map<string, FailedCreate>()
  for (const record of records) {
    const { type, args } = record.was ?? record
    const { users = [], groups = [] } = readable(() => routedDefinition(type)?.creates?.(args)) ?? {}
    const created: string[] = [...users, ...groups]
    if (created.length === 0) continue
    const codes = new Map(
      isSettled(record, shownVersion)
        ? record.settlement?.notApplied.flatMap((outcome) =>
            outcome.result === 'rejected' ? [[outcome.item, outcome.code] as const] : [],
          )
        : [],
    )
    for (const id of created) {
      const code = record.was ? 'withdrawn' : codes.get(id)
      if (code) failed.set(id, { id, record, code })
      else failed.delete(id)
    }
  }
  return failed
}
