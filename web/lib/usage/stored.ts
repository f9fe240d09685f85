// What lies in the store of usage, and what the index of it says after a write. Pure.
import type { Instant } from '#shared/model.ts'
import { bytesOfDigest, type Digest } from './section.ts'

/** A month as it lies in the store. */
export interface StoredMonth {
  version: number
  /** Rows in all its days. */
  entries: number
  bytes: number
}

/** What is in the store, without the blocks themselves. */
export interface UsageIndex {
  key: 'index'
  /** Of the replica, when these were fetched: another one may count versions and ids differently. */
  generation: number
  months: Readonly<Record<string, StoredMonth>>
  /** How many ids are stored. */
  ids: number
  /** The versions that the server has, as last heard: what is behind them is missing. */
  known: Readonly<Record<string, number>>
  /** When all that was known was here last, by the server's clock. */
  upTo: Instant | undefined
}

export interface Belongs {
  born: string
  generation: number
}

/** What is written together; each part may be left out. */
export interface UsageChange {
  months?: readonly { month: string; version: number; entries: number; buffer: ArrayBuffer; digest: Digest }[]
  ids?: { from: number; ids: readonly string[] }
  drop?: readonly string[]
  known?: Readonly<Record<string, number>>
  upTo?: Instant | undefined
}

export const emptyIndex = (generation: number): UsageIndex => ({
  key: 'index',
  generation,
  months: {},
  ids: 0,
  known: {},
  upTo: undefined,
})

/** The index after a write of all of this. */
export function indexAfter(before: UsageIndex, { months = [], ids, drop = [], known, upTo }: UsageChange): UsageIndex {
  const dropped = new Set(drop)
  const after = new Map(Object.entries(before.months).filter(([month]) => !dropped.has(month)))
  for (const { month, version, entries, buffer, digest } of months) {
    // Another tab may have written a newer one meanwhile.
    if ((after.get(month)?.version ?? 0) >= version) continue
    after.set(month, { version, entries, bytes: buffer.byteLength + bytesOfDigest(digest) })
  }
  return {
    ...before,
    months: Object.fromEntries(after),
    ids: ids && ids.from <= before.ids ? Math.max(before.ids, ids.from + ids.ids.length) : before.ids,
    known: known ?? before.known,
    upTo: upTo ?? before.upTo,
  }
}
