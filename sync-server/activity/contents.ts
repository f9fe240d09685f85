// An entry of the log taken apart for people: its sentence, and its items with what each was before and after. Reads one row at a time
// and nothing else of the database.
import { FIRST_ITEMS, type ActivityItem } from '#shared/activity.ts'
import { hasFieldItems } from '#shared/item-words.ts'
import type { Names } from '#shared/operations/definition.ts'
import type { Image, Images } from '#shared/operations/images.ts'
import { applied, withItem, type Outcome } from '#shared/operations/outcome.ts'
import type { LogRow } from '../store/schema.ts'
import { contentsOf } from '../sync/log.ts'

export interface Contents {
  args: unknown
  names: Names
  /** Something personal was erased from it, or all of it. */
  erased: boolean
  /** The organisation's key that a call of the provider came in by. */
  key: string | null
  /** What the device is called by which an account did something beside operations. */
  device: string | null
  counts: { applied: number; unchanged: number; rejected: number }
  items: ActivityItem[]
}

export type EntryRow = Omit<LogRow, 'salts' | 'digests' | 'hash'>

/** All of an entry; its items in the order in which they were taken, then rows that changed beside them. */
export function takeApart(row: EntryRow): Contents {
  const { args, names, notApplied, applied: done, images, erased } = contentsOf(row)
  const rejected = notApplied.filter(({ result }) => result === 'rejected').length
  const unchanged = notApplied.length - rejected
  const outcomes: Outcome[] = [...done.map((item) => withItem(item, applied())), ...notApplied]
  const { key = null, deviceName = null } = (args ?? {}) as { key?: unknown; deviceName?: unknown }
  return {
    args,
    names,
    erased: row.args === null || erased.size > 0,
    key: row.actor === null && typeof key === 'string' ? key : null,
    device: row.clientId === null && typeof deviceName === 'string' ? deviceName : null,
    counts: { applied: Math.max(0, row.total - notApplied.length), unchanged, rejected },
    items: hasFieldItems(row.type) ? fields(outcomes, images) : rows(outcomes, images),
  }
}

/** Fields of the one row that changed. */
function fields(outcomes: readonly Outcome[], images: Images): ActivityItem[] {
  const [image] = [images.users, images.groups, images.organisations].flatMap((each) => Object.values(each))
  return outcomes.map((outcome) => {
    const { item } = outcome
    const moved = image && (image.before ?? image.after) && item in (image.after ?? image.before ?? {})
    const change = moved
      ? {
          before: image.before && { [item]: image.before[item] ?? null },
          after: image.after && { [item]: image.after[item] ?? null },
        }
      : null
    return { item, outcome, change }
  })
}

function rows(outcomes: readonly Outcome[], images: Images): ActivityItem[] {
  const changed = new Map<string, Image>()
  for (const each of [images.users, images.groups, images.meters, images.organisations])
    for (const [id, image] of Object.entries(each)) changed.set(id, joined(changed.get(id), image))
  const items = outcomes.map((outcome): ActivityItem => {
    const change = changed.get(outcome.item) ?? null
    changed.delete(outcome.item)
    return { item: outcome.item, outcome, change }
  })
  for (const [item, change] of changed) items.push({ item, outcome: withItem(item, applied()), change, also: true })
  return items
}

/** A user's row and meter have the same id. */
const joined = (one: Image | undefined, other: Image): Image =>
  one
    ? { before: one.before && { ...one.before, ...other.before }, after: one.after && { ...one.after, ...other.after } }
    : other

/** What is refused comes first among the few that are shown with an entry: it is what somebody looks for. */
export function firstItems(items: readonly ActivityItem[]): ActivityItem[] {
  if (items.length <= FIRST_ITEMS) return [...items]
  return items.slice(0, FIRST_ITEMS)
}

/** Every id that the items and their reasons speak of. */
export function idsIn(items: readonly ActivityItem[], found: Set<string> = new Set()): Set<string> {
  const look = (value: unknown): void => {
    if (typeof value === 'string') {
      if (value.length === 36) found.add(value)
    } else if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) look(part)
  }
  for (const { item, outcome, change } of items) {
    look(item)
    look(outcome)
    look(change)
  }
  return found
}

/** Ids that the sentence of an entry may name: of its product or group, and of the few users that a sentence counts up. */
export function idsOfArgs(args: unknown, found: Set<string> = new Set()): Set<string> {
  if (typeof args !== 'object' || args === null) return found
  for (const value of Object.values(args) as unknown[])
    for (const one of Array.isArray(value) ? (value.slice(0, 3) as unknown[]) : [value])
      if (typeof one === 'string' && one.length === 36) found.add(one)
  return found
}
