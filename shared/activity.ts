// What the activity of an organisation looks like on the wire and on a device: entries of its log, newest first, each with a few of its
// items; and what a check of the log's chain finds. Rows are named by ids, and the names of those ids come along.
import * as v from 'valibot'
import { LimitChoice } from './model.ts'
import type { Outcome } from './operations/outcome.ts'

/** What a user is called of whom nothing personal is left. */
export const ERASED_USER = 'Erased user'

/** Items that come with an entry; the others are asked for. */
export const FIRST_ITEMS = 12
/** Items in one further page. */
export const ITEMS_PAGE = 200
/** Entries in one page, at most. */
export const MOST_ENTRIES = 200

const Value = v.nullable(v.union([v.string(), v.number(), LimitChoice]))
const Fields = v.nullable(v.record(v.string(), Value))
const NamesById = v.record(v.string(), v.string())
const Names = v.object({ users: NamesById, groups: NamesById, products: NamesById })

/** An item of an operation, or a row that changed beside them (`also`). Before and after hold the fields that moved; null: no such row. */
export const ActivityItem = v.object({
  item: v.string(),
  /** What a newer server answers is not known here; its words fall back on the code. */
  outcome: v.custom<Outcome>((value) => typeof value === 'object' && value !== null && 'result' in value),
  change: v.nullable(v.object({ before: Fields, after: Fields })),
  also: v.optional(v.boolean()),
})
export type ActivityItem = v.InferOutput<typeof ActivityItem>

export const ActivityEntry = v.object({
  version: v.number(),
  id: v.string(),
  type: v.string(),
  /** What was done, in a sentence. */
  sentence: v.string(),
  /** A user; null for the provider and for commands on the server's host. */
  actor: v.nullable(v.string()),
  /** The provider's key by its name, where it came in by one. */
  key: v.nullable(v.string()),
  clientId: v.nullable(v.string()),
  /** What the device is called, as Settings lists it. */
  device: v.nullable(v.string()),
  /** By the clock of the device. */
  madeAt: v.number(),
  /** By the server's clock. */
  at: v.number(),
  batch: v.nullable(v.string()),
  applied: v.number(),
  unchanged: v.number(),
  rejected: v.number(),
  /** The version that undid it last. */
  undoneBy: v.nullable(v.number()),
  /** Of an undo: the version of what it undid. */
  undoes: v.nullable(v.number()),
  /** Its contents were erased. */
  erased: v.boolean(),
  items: v.array(ActivityItem),
  /** Items that are not among these. */
  more: v.number(),
  names: Names,
})
export type ActivityEntry = v.InferOutput<typeof ActivityEntry>

/** `next`: where the next page begins (`before`); null at the beginning of the log. `head`: the log's last version. */
export const ActivityPage = v.object({
  entries: v.array(ActivityEntry),
  next: v.nullable(v.number()),
  head: v.number(),
  now: v.number(),
})
export type ActivityPage = v.InferOutput<typeof ActivityPage>

export const ActivityItems = v.object({ items: v.array(ActivityItem), next: v.nullable(v.number()), names: Names })

const FAULTS = [
  'missing',
  'inserted',
  'text',
  'salts',
  'digests',
  'args',
  'outcomes',
  'images',
  'hash',
  'head',
  'cut',
  'noted',
] as const
/** What does not hold at a version, or from it up to `to`. */
export const ChainFault = v.object({
  version: v.number(),
  fault: v.picklist(FAULTS),
  to: v.optional(v.number()),
})
export type ChainFault = v.InferOutput<typeof ChainFault>

/** A line of the answer to a check: how far it is, and in the last one what it found. */
export const ChainProgress = v.object({
  checked: v.number(),
  total: v.number(),
  done: v.optional(
    v.object({
      faults: v.array(ChainFault),
      /** Faults beyond those that are listed. */
      more: v.number(),
      head: v.object({ version: v.number(), hash: v.string() }),
      /** When the first entry was written; null where there is none. */
      since: v.nullable(v.number()),
      at: v.number(),
    }),
  ),
})
export type ChainProgress = v.InferOutput<typeof ChainProgress>

const WORDS: Readonly<Record<ChainFault['fault'], string>> = {
  missing: 'is missing',
  inserted: 'was put in later',
  text: 'is not written as it was',
  salts: 'is not written as it was (its salts)',
  digests: 'is not written as it was (its digests)',
  args: 'says that something else was asked for',
  outcomes: 'says that something else came of it',
  images: 'has other values before or after',
  hash: 'does not follow from the entry before it',
  head: 'is not the one that the organisation ends with',
  cut: 'is gone from the end',
  noted: 'is another one than was seen earlier',
}

/** "Operation 12 is missing." */
export function faultWords({ version, fault, to }: ChainFault, number = (n: number) => n.toLocaleString('en')): string {
  const which = to === undefined ? `Operation ${number(version)}` : `Operations ${number(version)} to ${number(to)}`
  const words = to === undefined ? WORDS[fault] : WORDS[fault].replace(/^is /, 'are ').replace(/^was /, 'were ')
  return `${which} ${words}.`
}
