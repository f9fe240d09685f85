// Makes the sections of days from columns as they came, and sums days up to a month. Whole numbers only: sums are exact in any order.
import type { UsageColumns } from '#shared/usage.ts'
import { amountsOf, usedRows } from './columns.ts'
import type { DayTotal, MonthSums, Section, Shares } from './section.ts'

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
const narrow = (share: Uint32Array, shares: number): Uint16Array | Uint32Array =>
  shares <= 0x10000 ? new Uint16Array(share) : share

const emptyShares = (length: number): Shares => ({
  products: new Uint32Array(length),
  groups: new Uint32Array(length),
  credits: new Float64Array(length),
  views: new Float64Array(length),
})

function mostIn(numbers: Uint32Array): number {
  let most = 0
  for (let at = 0; at < numbers.length; at += 1) most = Math.max(most, numbers[at] ?? 0)
  return most
}

/** An array that has at least so many places, with what it had before. */
function grown(numbers: Uint32Array<ArrayBuffer>, length: number): Uint32Array<ArrayBuffer> {
  if (numbers.length >= length) return numbers
  const larger = new Uint32Array(Math.max(length, 2 * numbers.length))
  larger.set(numbers)
  return larger
}
