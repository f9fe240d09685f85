// A day of usage, or a month summed up, as the engine keeps it: columns of fixed kinds, whatever kinds they came in, so that the loops
// over them are compiled once; and what was used of each product in each group beside them, so that few questions need the rows.
import type { UsageColumns } from '#shared/usage.ts'

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

/** Makes sections; it keeps its tables from one to the next, since thousands of days come one after the other. */
export function createSectioner() {
  let productSlots = new Uint32Array(256)
  let groupSlots = new Uint32Array(256)
  let [products, groups] = [0, 0]
  let stride = 64
  let table = new Uint32Array(stride * 16)
  let first = new Uint32Array(1024)

  /** Gives every number a slot of its own, from 1 on; answers how many there are. */
  function giveSlots(numbers: Uint32Array, slots: Uint32Array, given: number): number {
    let count = given
    for (let row = 0; row < numbers.length; row += 1) {
      const number = numbers[row] ?? 0
      if (slots[number] === 0) slots[number] = count += 1
    }
    return count
  }

  function makeRoom(ofProducts: Uint32Array, ofGroups: Uint32Array): void {
    productSlots = grown(productSlots, mostIn(ofProducts) + 1)
    groupSlots = grown(groupSlots, mostIn(ofGroups) + 1)
    products = giveSlots(ofProducts, productSlots, products)
    groups = giveSlots(ofGroups, groupSlots, groups)
    while (stride < groups) stride *= 2
    if (table.length < stride * products) table = new Uint32Array(2 * stride * products)
  }

  /** Numbers the pairs of product and group in the order in which they come; `places` collects what is to be cleared. */
  function placeShares(ofProducts: Uint32Array, ofGroups: Uint32Array, places: number[]): Uint32Array {
    const share = new Uint32Array(ofProducts.length)
    for (let row = 0; row < share.length; row += 1) {
      const product = (productSlots[ofProducts[row] ?? 0] ?? 1) - 1
      const place = product * stride + (groupSlots[ofGroups[row] ?? 0] ?? 1) - 1
      let found = table[place] ?? 0
      if (found === 0) {
        places.push(place)
        found = places.length
        table[place] = found
      }
      share[row] = found - 1
    }
    return share
  }

  const clear = (places: readonly number[]) => {
    for (const place of places) table[place] = 0
  }

  function sectionOf(day: string, version: number, columns: UsageColumns): Section {
    const rows = usedRows(columns)
    const { users, credits, views } = rows
    makeRoom(rows.products, rows.groups)
    const places: number[] = []
    const share = placeShares(rows.products, rows.groups, places)
    clear(places)
    const shares = emptyShares(places.length)
    const total: DayTotal = { day, credits: 0, contactViews: 0 }
    for (let row = 0; row < share.length; row += 1) {
      const at = share[row] ?? 0
      const [ofCredits, ofViews] = [credits[row] ?? 0, views[row] ?? 0]
      shares.products[at] = rows.products[row] ?? 0
      shares.groups[at] = rows.groups[row] ?? 0
      shares.credits[at] = (shares.credits[at] ?? 0) + ofCredits
      shares.views[at] = (shares.views[at] ?? 0) + ofViews
      total.credits += ofCredits
      total.contactViews += ofViews
    }
    return {
      day,
      version,
      users,
      share: narrow(share, places.length),
      credits: amountsOf(credits),
      views: amountsOf(views),
      shares,
      total,
    }
  }

  function sumUp(sections: readonly Section[]): MonthSums {
    for (const { shares } of sections) makeRoom(shares.products, shares.groups)
    const places: number[] = []
    const placed = sections.map(({ shares }) => placeShares(shares.products, shares.groups, places))
    clear(places)
    const shares = emptyShares(places.length)
    for (const [at, section] of sections.entries()) addShares(shares, section.shares, placed[at] ?? new Uint32Array())

    const most = sections.reduce((sum, { users }) => sum + users.length, 0)
    const room: Room = {
      users: new Uint32Array(most),
      share: new Uint32Array(most),
      credits: new Float64Array(most),
      uses: new Uint8Array(most),
      next: new Uint32Array(most),
      length: 0,
    }
    for (const [at, section] of sections.entries()) {
      // Rows are sorted by user.
      first = grown(first, (section.users.at(-1) ?? 0) + 1)
      addRows(room, first, section, placed[at] ?? new Uint32Array())
    }
    for (let slot = 0; slot < room.length; slot += 1) first[room.users[slot] ?? 0] = 0
    return {
      users: room.users.slice(0, room.length),
      share: narrow(room.share.slice(0, room.length), places.length),
      credits: room.credits.slice(0, room.length),
      uses: room.uses.slice(0, room.length),
      shares,
    }
  }

  return { sectionOf, sumUp }
}

/** Sums under way: the slots of one user are a chain, which begins at `first[user] - 1`; few users have more than one. */
interface Room {
  users: Uint32Array
  share: Uint32Array
  credits: Float64Array
  uses: Uint8Array
  next: Uint32Array
  length: number
}

function addRows(room: Room, first: Uint32Array, section: Section, placed: Uint32Array): void {
  const { users, share, credits, uses, next } = room
  const { small, largeRows, large } = section.credits
  const slotOf = (row: number): number => {
    const user = section.users[row] ?? 0
    const wanted = placed[section.share[row] ?? 0] ?? 0
    let slot = first[user] ?? 0
    while (slot > 0 && share[slot - 1] !== wanted) slot = next[slot - 1] ?? 0
    if (slot > 0) return slot - 1
    const made = room.length
    room.length += 1
    users[made] = user
    share[made] = wanted
    next[made] = first[user] ?? 0
    first[user] = made + 1
    return made
  }
  for (let row = 0; row < small.length; row += 1) {
    const slot = slotOf(row)
    credits[slot] = (credits[slot] ?? 0) + (small[row] ?? 0)
    uses[slot] = (uses[slot] ?? 0) + 1
  }
  for (let at = 0; at < large.length; at += 1) {
    const slot = slotOf(largeRows[at] ?? 0)
    credits[slot] = (credits[slot] ?? 0) + (large[at] ?? 0)
  }
}

function addShares(into: Shares, from: Shares, placed: Uint32Array): void {
  for (let at = 0; at < placed.length; at += 1) {
    const place = placed[at] ?? 0
    into.products[place] = from.products[at] ?? 0
    into.groups[place] = from.groups[at] ?? 0
    into.credits[place] = (into.credits[place] ?? 0) + (from.credits[at] ?? 0)
    into.views[place] = (into.views[place] ?? 0) + (from.views[at] ?? 0)
  }
}

/** Shares are named by two bytes a row, as long as those suffice. */
export const narrow = (share: Uint32Array, shares: number): Uint16Array | Uint32Array =>
  shares <= 0x10000 ? new Uint16Array(share) : share

export const emptyShares = (length: number): Shares => ({
  products: new Uint32Array(length),
  groups: new Uint32Array(length),
  credits: new Float64Array(length),
  views: new Float64Array(length),
})

interface Rows {
  users: Uint32Array
  products: Uint32Array
  groups: Uint32Array
  credits: Float64Array
  views: Float64Array
}

/** The rows in which something was used, sorted by user: converted by the browser itself, which is faster than any loop. */
function usedRows(columns: UsageColumns): Rows {
  const rows: Rows = {
    users: new Uint32Array(columns.users),
    products: new Uint32Array(columns.products),
    groups: new Uint32Array(columns.groups),
    credits: new Float64Array(columns.credits),
    views: new Float64Array(columns.views),
  }
  const { users, credits, views } = rows
  let whole = true
  for (let row = 0; row < users.length; row += 1)
    if ((credits[row] === 0 && views[row] === 0) || (row > 0 && (users[row - 1] ?? 0) > (users[row] ?? 0)))
      whole = false
  if (whole) return rows
  const order = [...users.keys()].filter((row) => credits[row] !== 0 || views[row] !== 0)
  order.sort((a, b) => (users[a] ?? 0) - (users[b] ?? 0))
  const pick = <Column extends Uint32Array | Float64Array>(from: Column, into: Column): Column => {
    for (const [at, row] of order.entries()) into[at] = from[row] ?? 0
    return into
  }
  return {
    users: pick(users, new Uint32Array(order.length)),
    products: pick(rows.products, new Uint32Array(order.length)),
    groups: pick(rows.groups, new Uint32Array(order.length)),
    credits: pick(credits, new Float64Array(order.length)),
    views: pick(views, new Float64Array(order.length)),
  }
}

const SMALL = 0xffff

function amountsOf(values: Float64Array): Amounts {
  const small = new Uint16Array(values.length)
  const rows: number[] = []
  for (let row = 0; row < values.length; row += 1) {
    const value = values[row] ?? 0
    if (value <= SMALL) small[row] = value
    else rows.push(row)
  }
  return { small, largeRows: Uint32Array.from(rows), large: Float64Array.from(rows, (row) => values[row] ?? 0) }
}

/** The amount of one row. */
export function amountAt({ small, largeRows, large }: Amounts, row: number): number {
  const value = small[row] ?? 0
  if (value > 0 || large.length === 0) return value
  const at = largeRows.indexOf(row)
  return at < 0 ? 0 : (large[at] ?? 0)
}

export function mostIn(numbers: Uint32Array): number {
  let most = 0
  for (let at = 0; at < numbers.length; at += 1) most = Math.max(most, numbers[at] ?? 0)
  return most
}

/** An array that has at least so many places, with what it had before. */
export function grown(numbers: Uint32Array<ArrayBuffer>, length: number): Uint32Array<ArrayBuffer> {
  if (numbers.length >= length) return numbers
  const larger = new Uint32Array(Math.max(length, 2 * numbers.length))
  larger.set(numbers)
  return larger
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
