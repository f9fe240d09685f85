// What an entry of the provider's in the log makes of the rows that devices see: usage is published, credits and seats are sold. And how
// meters count anew when terms have come to begin on other days.
import type { CreditGrant, Instant, Meter, Product, Term, UsageMonth } from '#shared/model.ts'
import { burntOf, sell, sum, takeBack, usedByContract, type Books, type Sold } from './books.ts'
import { ALL_TERMS, contractOn, dayAt, startsAt, type Own } from './calendar.ts'
import { putMeters, stateOf, stateWith, type Epoch, type Logged, type State, type Tables } from './model.ts'

/** The state after an entry that no device asked for; undefined where it is none of the provider's. */
export function afterProvider(epoch: Epoch, entry: Logged): State | undefined {
  const { type, version, at } = entry
  if (type === 'set-product')
    return stateWith(stateOf(epoch), { products: [resold(stateOf(epoch).tables, entry)] }, version)
  if (type !== 'publish-usage' && type !== 'add-grant' && type !== 'void-grant') return undefined
  const [own] = stateOf(epoch).tables.organisations.values()
  if (!own) return undefined
  if (type !== 'publish-usage') changeGrants(epoch, entry, own, at)
  return published(epoch, version, own)
}

function resold({ products }: Tables, { args, at }: Logged): Product {
  const { name, seats } = args as { name: string; seats: number }
  const product = [...products.values()].find((one) => one.name === name)
  if (!product) throw new Error(`Seats of ${name} were sold, which there is not.`)
  return { ...product, seatsPurchased: seats, lastContract: { from: product.seatsPurchased, at } }
}

function changeGrants(epoch: Epoch, { type, args }: Logged, own: Own, at: Instant): void {
  const { books } = epoch
  const contract = () => contractOn(dayAt(at, own), books.sold.values(), own)
  const before = contract()
  if (type === 'add-grant') {
    const { grantId, ...sold } = args as { grantId: Sold['id'] } & Omit<Sold, 'id' | 'voided'>
    sell(books, { id: grantId, ...sold, voided: 0 }, own)
  } else {
    const { grantId, taken } = args as { grantId: string; taken: number }
    takeBack(books, grantId, taken, own)
  }
  if (contract() === before) return
  books.calendarMoved = true
  const moved = countedAnew(stateOf(epoch).tables.meters, books, own, at, ['contract'])
  for (const { id } of moved) books.dirty.meters.add(id)
  putMeters(epoch, moved)
}

/** What was sold with a grant, whatever is used of it. */
export const soldOf = ({ id, kind, credits, voided, startsOn, endsOn }: CreditGrant): Sold => ({
  id,
  kind,
  credits,
  voided,
  startsOn,
  endsOn,
})

/** One version with all that was counted since the last. */
function published(epoch: Epoch, version: number, own: Own): State {
  const { books } = epoch
  const state = stateOf(epoch)
  const { days, meters, grants } = books.dirty
  for (const day of days) {
    const entries = [...books.days.keys()].filter((key) => key.startsWith(`${day} `)).length
    books.blocks.set(day, { version, entries })
  }
  const rows = {
    meters: [...meters].flatMap((id) => state.tables.meters.get(id) ?? []),
    grants: [...grants].flatMap((id) => grantRow(books, id, own) ?? []),
    months: [...new Set([...days].map((day) => day.slice(0, 7)))].map((id) => monthRow(books, id)),
  }
  for (const one of [days, meters, grants]) one.clear()
  return stateWith(state, rows, version)
}

function grantRow(books: Books, id: string, own: Own): CreditGrant | undefined {
  const sold = books.sold.get(id)
  return sold && { ...sold, version: 0, used: burntOf(books, id), usedBy: usedByContract(books, id, own) }
}

function monthRow(books: Books, id: string): UsageMonth {
  const blocks = [...books.blocks].filter(([day]) => day.startsWith(id)).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return {
    id,
    version: 0,
    days: Object.fromEntries(blocks.map(([day, { version }]) => [day.slice(8), version])),
    entries: sum(blocks.map(([, { entries }]) => entries)),
  }
}

/** The meters that move when these terms are counted anew, as they are then. */
export function countedAnew(
  meters: ReadonlyMap<string, Meter>,
  books: Books,
  own: Own,
  at: Instant,
  terms: readonly Term[],
): Meter[] {
  const starts = startsAt(at, books.sold.values(), own)
  return [...meters.values()].flatMap((meter) => {
    const next = { ...meter }
    const reset = meter.markers.at(-1)?.at ?? -Infinity
    for (const term of terms) {
      const used =
        reset > starts[term] ? sinceReset(meter, reset, books) : sinceDay(meter, dayAt(starts[term], own), books)
      if (meter[`${term}Since`] < starts[term] && used === 0) continue
      next[`${term}Since`] = Math.max(starts[term], reset)
      next[term] = used
    }
    const moved = terms.some((term) => next[term] !== meter[term] || next[`${term}Since`] !== meter[`${term}Since`])
    return moved ? [next] : []
  })
}

/** Days stay as they were counted, whatever day a moment would be now. */
const sinceDay = ({ id }: Meter, from: string, books: Books): number =>
  sum(
    [...books.days].flatMap(([key, [credits]]) => {
      const [day = '', user, , group] = key.split(' ')
      return day >= from && (user === id || group === id) ? [credits] : []
    }),
  )

/** A term that counts from the reset has the number; else the ledger. */
function sinceReset(meter: Meter, reset: Instant, books: Books): number {
  const counting = ALL_TERMS.find((term) => meter[`${term}Since`] === reset)
  if (counting) return meter[counting]
  return sum(
    [...books.events.values()]
      .filter(({ userId, at }) => userId === meter.id && at >= reset)
      .map(({ credits }) => credits),
  )
}
