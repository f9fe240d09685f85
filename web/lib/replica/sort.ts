// Putting 100,000 rows in order without a long task: distinct values are ranked once, in slices, and rows are then placed by
// counting. Strings are never compared on a keystroke.

/** Lets the page answer; decides itself when it really yields. */
export type Breathe = () => Promise<void> | void

const CHUNK = 2_000

/** Sorts in slices: chunks first, then merges of neighbours, breathing between. */
export async function sortInSlices<T>(
  values: readonly T[],
  compare: (a: T, b: T) => number,
  breathe: Breathe,
): Promise<T[]> {
  let runs: T[][] = []
  for (let from = 0; from < values.length; from += CHUNK) {
    runs.push(values.slice(from, from + CHUNK).sort(compare))
    await breathe()
  }
  while (runs.length > 1) {
    const merged: T[][] = []
    for (let at = 0; at < runs.length; at += 2)
      merged.push(await merge(runs[at] ?? [], runs[at + 1] ?? [], compare, breathe))
    runs = merged
  }
  return runs[0] ?? []
}

async function merge<T>(a: T[], b: T[], compare: (x: T, y: T) => number, breathe: Breathe): Promise<T[]> {
  if (b.length === 0) return a
  const merged: T[] = []
  let i = 0
  let j = 0
  while (i < a.length && j < b.length) {
    const [x, y] = [a[i] as T, b[j] as T]
    if (compare(x, y) <= 0) {
      merged.push(x)
      i += 1
    } else {
      merged.push(y)
      j += 1
    }
    if (merged.length % CHUNK === 0) await breathe()
  }
  while (i < a.length) merged.push(a[i++] as T)
  while (j < b.length) merged.push(b[j++] as T)
  return merged
}

/** Keys that are looked up between two breaths. */
const LOOKUPS = 2_000

/** The rank of each key among the distinct ones; equal keys share it. */
export async function ranksOf<Key>(
  keys: readonly Key[],
  compare: (a: Key, b: Key) => number,
  breathe: Breathe,
): Promise<Uint32Array> {
  const seen = new Set<Key>()
  for (let at = 0; at < keys.length; at += 1) {
    seen.add(keys[at] as Key)
    if (at % LOOKUPS === 0) await breathe()
  }
  const distinct = await sortInSlices([...seen], compare, breathe)
  const rankOf = new Map<Key, number>()
  let rank = 0
  for (let at = 0; at < distinct.length; at += 1) {
    const key = distinct[at] as Key
    // Keys that differ but compare as equal must tie, or the next column could not decide between them.
    if (at > 0 && compare(distinct[at - 1] as Key, key) !== 0) rank += 1
    rankOf.set(key, rank)
    if (at % LOOKUPS === 0) await breathe()
  }
  const ranks = new Uint32Array(keys.length)
  for (let at = 0; at < keys.length; at += 1) {
    ranks[at] = rankOf.get(keys[at] as Key) ?? 0
    if (at % LOOKUPS === 0) await breathe()
  }
  return ranks
}

/** The slots of `within`, ordered by rank; slots of equal rank keep the order that they have in `within`. */
export function orderByRank(ranks: Uint32Array, within: Uint32Array): Uint32Array {
  let highest = 0
  for (const slot of within) highest = Math.max(highest, ranks[slot] ?? 0)
  const starts = new Uint32Array(highest + 2)
  for (const slot of within) starts[(ranks[slot] ?? 0) + 1] = (starts[(ranks[slot] ?? 0) + 1] ?? 0) + 1
  for (let rank = 1; rank < starts.length; rank += 1) starts[rank] = (starts[rank] ?? 0) + (starts[rank - 1] ?? 0)
  const order = new Uint32Array(within.length)
  for (const slot of within) {
    const rank = ranks[slot] ?? 0
    const place = starts[rank] ?? 0
    order[place] = slot
    starts[rank] = place + 1
  }
  return order
}
