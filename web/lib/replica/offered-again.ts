// What a server that was restored is offered once more of an operation of which parts were taken out, since they spoke of users who are
// gone. Pure.
import { WITHDRAWN } from '#shared/protocol.ts'
import type { OutboxRecord } from './storage.ts'

/**
 * As it is offered once more to a server that lost it: without the parts that were taken out, or as withdrawn where nothing else is left.
 * A user who is gone never comes back by it.
 */
export function offeredAgain(record: OutboxRecord): OutboxRecord {
  const erased = new Set(record.erased ?? [])
  if (erased.size === 0) return record
  const args = asObject(record.args)
  const own = idOf(args)
  const kept = Object.entries(args).map(([name, value]): [string, unknown] => [
    name,
    Array.isArray(value) ? value.filter((part) => !erased.has(idOf(part) ?? '')) : value,
  ])
  const emptied = kept.some(([name, value]) => Array.isArray(value) && value.length === 0 && asList(args[name]) > 0)
  if (emptied || (own !== undefined && erased.has(own))) return { ...record, type: WITHDRAWN, args: {} }
  return { ...record, args: Object.fromEntries(kept) }
}

const asObject = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
const asList = (value: unknown): number => (Array.isArray(value) ? value.length : 0)
/** Whom an object of the args is about. */
export function idOf(value: unknown): string | undefined {
  const { id, userId } = asObject(value)
  const found = id ?? userId
  return typeof found === 'string' ? found : undefined
}
