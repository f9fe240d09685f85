// A day of usage, or a month summed up, as the engine keeps it: columns of fixed kinds, whatever kinds they came in, so that the loops
// over them are compiled once; and what was used of each product in each group beside them, so that few questions need the rows.
// Made by sectioner.ts.

/** What was used of a product in a group, by place: the numbers are those of the organisation's list of ids. */
export interface Shares {
  products: Uint32Array
  groups: Uint32Array
  credits: Float64Array
  views: Float64Array
}

/** Amounts by row: small ones in a narrow column; the row of a large one holds 0 there, and is named apart. */
export interface Amounts {
  small: Uint16Array
  largeRows: Uint32Array
  large: Float64Array
}

/** Rows of those who used something, by user; `shares` says for each row of which product and in which group. */
export interface Section {
  /** Two digits. */
  day: string
  version: number
  users: Uint32Array
  share: Uint16Array | Uint32Array
  credits: Amounts
  views: Amounts
  shares: Shares
  total: DayTotal
}

export interface DayTotal {
  /** Two digits. */
  day: string
  credits: number
  contactViews: number
}

/** What most questions about a month need of it, and a tenth of its size: stored beside the month, so that opening need not sum. */
export interface Digest {
  sums: MonthSums
  days: DayTotal[]
}

/** A whole month by user and share. */
export interface MonthSums {
  users: Uint32Array
  share: Uint16Array | Uint32Array
  credits: Float64Array
  /** On how many days: so that days can be taken off again. */
  uses: Uint8Array
  shares: Shares
}

/** The amount of one row. */
export function amountAt({ small, largeRows, large }: Amounts, row: number): number {
  const value = small[row] ?? 0
  if (value > 0 || large.length === 0) return value
  const at = largeRows.indexOf(row)
  return at < 0 ? 0 : (large[at] ?? 0)
}

/** The first row whose user is not before this one. */
export function firstRowOf(users: Uint32Array, user: number): number {
  let [low, high] = [0, users.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((users[middle] ?? 0) < user) low = middle + 1
    else high = middle
  }
  return low
}

export const bytesOfSection = ({ users, share, credits, views, shares }: Section): number =>
  users.byteLength +
  share.byteLength +
  [credits, views].reduce(
    (sum, { small, largeRows, large }) => sum + small.byteLength + largeRows.byteLength + large.byteLength,
    0,
  ) +
  bytesOfShares(shares)

/** Of a digest, its days aside. */
export const bytesOfDigest = ({ sums }: Pick<Digest, 'sums'>): number =>
  sums.users.byteLength +
  sums.share.byteLength +
  sums.credits.byteLength +
  sums.uses.byteLength +
  bytesOfShares(sums.shares)

const bytesOfShares = (shares: Shares): number => 24 * shares.products.length
