// The loops of the engine: what a section or a month's sums hold, added to tables by number. Each runs over hundreds of thousands of rows;
// none makes an object for one.
import type { DayTotal, MonthSums, Section, Shares } from './section.ts'

/** Which rows count: numbers of the list of ids, undefined for all, null for an id that the list doesn't have. */
export interface Filter {
  user: number | null | undefined
  product: number | null | undefined
  group: number | null | undefined
}

/** Sums by number. */
export interface Tally {
  credits: Float64Array
  views: Float64Array
}
export const tally = (length: number): Tally => ({ credits: new Float64Array(length), views: new Float64Array(length) })

export function add(to: Tally, number: number, credits: number, views: number): void {
  to.credits[number] = (to.credits[number] ?? 0) + credits
  to.views[number] = (to.views[number] ?? 0) + views
}

const passes = (shares: Shares, at: number, { product, group }: Filter): boolean =>
  (product === undefined || shares.products[at] === product) && (group === undefined || shares.groups[at] === group)

/** Which shares count; undefined for all of them. */
export function maskOf(shares: Shares, filter: Filter): Uint8Array | undefined {
  if (filter.product === undefined && filter.group === undefined) return undefined
  return Uint8Array.from(shares.products, (_, at) => Number(passes(shares, at, filter)))
}

export function addTallies(shares: Shares, products: Tally, groups: Tally, filter: Filter): void {
  for (let at = 0; at < shares.products.length; at += 1) {
    if (!passes(shares, at, filter)) continue
    const [credits, views] = [shares.credits[at] ?? 0, shares.views[at] ?? 0]
    add(products, shares.products[at] ?? 0, credits, views)
    add(groups, shares.groups[at] ?? 0, credits, views)
  }
}

export const isWhole = (days: readonly DayTotal[], first: string, last: string): boolean =>
  days.every(({ day }) => day >= first && day <= last)

export function addTotal({ credits, contactViews }: DayTotal, day: DayTotal | undefined): void {
  if (!day) return
  day.credits += credits
  day.contactViews += contactViews
}

export function addDay(shares: Shares, filter: Filter, day: DayTotal | undefined): void {
  if (!day) return
  for (let at = 0; at < shares.products.length; at += 1) {
    if (!passes(shares, at, filter)) continue
    day.credits += shares.credits[at] ?? 0
    day.contactViews += shares.views[at] ?? 0
  }
}

export function addSums(
  sums: MonthSums,
  intoCredits: Float64Array,
  intoUses: Int32Array,
  mask: Uint8Array | undefined,
): void {
  const { users, share, credits, uses } = sums
  for (let at = 0; at < users.length; at += 1) {
    if (mask && mask[share[at] ?? 0] === 0) continue
    const user = users[at] ?? 0
    intoCredits[user] = (intoCredits[user] ?? 0) + (credits[at] ?? 0)
    intoUses[user] = (intoUses[user] ?? 0) + (uses[at] ?? 0)
  }
}

export function addRows(
  section: Section,
  intoCredits: Float64Array,
  intoUses: Int32Array,
  mask: Uint8Array | undefined,
  sign: 1 | -1,
): void {
  const { users, share } = section
  const { small, largeRows, large } = section.credits
  for (let row = 0; row < users.length; row += 1) {
    if (mask && mask[share[row] ?? 0] === 0) continue
    const user = users[row] ?? 0
    intoCredits[user] = (intoCredits[user] ?? 0) + sign * (small[row] ?? 0)
    intoUses[user] = (intoUses[user] ?? 0) + sign
  }
  for (let at = 0; at < large.length; at += 1) {
    const row = largeRows[at] ?? 0
    if (mask && mask[share[row] ?? 0] === 0) continue
    const user = users[row] ?? 0
    intoCredits[user] = (intoCredits[user] ?? 0) + sign * (large[at] ?? 0)
  }
}
