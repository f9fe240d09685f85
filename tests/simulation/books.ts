// The oracle's books of usage: what the ledger says, told again in the order of arrival. They share no code with the server's books; what
// both must agree on is asked of them after every commit. Meters stand with the rows of the model, since operations move them too.
import type { CreditGrant, Day, Instant, Meter } from '#shared/model.ts'
import { ALL_TERMS, contractOn, dayAt, startsAt, type Own } from './calendar.ts'

/** One use, as a row of the ledger has it. */
export interface Event {
  source: string
  eventId: string
  position: number
  at: Instant
  receivedAt: Instant
  day: Day
  userId: string
  productId: string
  groupId: string
  credits: number
  contactViews: number
}

export type Sold = Pick<CreditGrant, 'id' | 'kind' | 'credits' | 'voided' | 'startsOn' | 'endsOn'>

/** A reservation, as its row has it. */
export interface Held {
  id: string
  userId: string
  productId: string
  groupId: string
  credits: number
  confirmed: number
  state: string
  createdAt: Instant
  expiresAt: Instant
}

export interface Books {
  /** By source and id. */
  events: Map<string, Event>
  position: number
  /** By day, user, product, group: credits and views. */
  days: Map<string, [credits: number, views: number]>
  sold: Map<string, Sold>
  /** By grant, by day. */
  burnt: Map<string, Map<Day, number>>
  held: Map<string, Held>
  /** By the provider's key: what it was answered. */
  answers: Map<string, string>
  answeredAt: Instant
  /** Counted, and not yet published. */
  dirty: { days: Set<Day>; meters: Set<string>; grants: Set<string> }
  /** Days as they were published last. */
  blocks: Map<Day, { version: number; entries: number }>
  /** Terms have begun on other days since a meter began to count: its terms are no longer a sum over moments. */
  calendarMoved: boolean
}

export const newBooks = (): Books => ({
  events: new Map(),
  position: 0,
  days: new Map(),
  sold: new Map(),
  burnt: new Map(),
  held: new Map(),
  answers: new Map(),
  answeredAt: 0,
  dirty: { days: new Set(), meters: new Set(), grants: new Set() },
  blocks: new Map(),
  calendarMoved: false,
})

export const eventKey = ({ source, eventId }: Pick<Event, 'source' | 'eventId'>) => `${source}\n${eventId}`
export const sum = (numbers: Iterable<number>): number => [...numbers].reduce((so, one) => so + one, 0)
export const burntOf = (books: Books, id: string): number => sum(books.burnt.get(id)?.values() ?? [])

function burn(books: Books, id: string, day: Day, credits: number): void {
  const days = books.burnt.getOrInsertComputed(id, () => new Map<Day, number>())
  days.set(day, (days.get(day) ?? 0) + credits)
  if (days.get(day) === 0) days.delete(day)
}

/** Grants that are burnt on a day, the soonest to end first. */
export const runningOn = (books: Books, day: Day): Sold[] =>
  [...books.sold.values()]
    .filter(({ kind, startsOn, endsOn }) => kind !== 'overage' && startsOn <= day && day <= endsOn)
    .toSorted((a, b) => (`${a.endsOn} ${a.startsOn} ${a.id}` < `${b.endsOn} ${b.startsOn} ${b.id}` ? -1 : 1))

/** Counts an event. @param overageId the id under which the server keeps what is past all grants */
export function use(books: Books, event: Event, overageId: string | undefined): void {
  const { day, userId, productId, groupId, credits, contactViews } = event
  books.events.set(eventKey(event), event)
  books.position = event.position
  const key = `${day} ${userId} ${productId} ${groupId}`
  const [so, seen] = books.days.get(key) ?? [0, 0]
  books.days.set(key, [so + credits, seen + contactViews])
  books.dirty.days.add(day)
  for (const id of [userId, groupId]) if (id !== '') books.dirty.meters.add(id)
  let left = credits
  for (const grant of runningOn(books, day)) {
    const part = Math.min(left, grant.credits - grant.voided - burntOf(books, grant.id))
    if (part <= 0) continue
    burn(books, grant.id, day, part)
    books.dirty.grants.add(grant.id)
    left -= part
  }
  if (left === 0) return
  const id = overageId ?? 'overage'
  if (!books.sold.has(id))
    books.sold.set(id, {
      id: id as Sold['id'],
      kind: 'overage',
      credits: 0,
      voided: 0,
      startsOn: '0001-01-01',
      endsOn: '9999-12-31',
    })
  burn(books, id, day, left)
  books.dirty.grants.add(id)
}

/** A meter with an event counted in. */
export function metered(meter: Meter | undefined, id: string, of: Meter['of'], event: Event, books: Books, own: Own) {
  const starts = startsAt(Math.max(event.receivedAt, event.at), books.sold.values(), own)
  const next: Meter = meter
    ? { ...meter }
    : { ...({ id, version: 0, of, markers: [], month: 0, quarter: 0, year: 0, contract: 0 } as unknown as Meter) }
  next.lastUsedAt = Math.max(meter?.lastUsedAt ?? 0, event.at)
  for (const term of ALL_TERMS) {
    const rolls = (meter?.[`${term}Since`] ?? -1) < starts[term]
    if (rolls) {
      next[term] = 0
      next[`${term}Since`] = starts[term]
    }
    if (event.at >= next[`${term}Since`]) next[term] += event.credits
  }
  const last = next.markers.at(-1)
  if (!last || event.at >= last.at) return next
  const used = { ...last.used }
  for (const term of ALL_TERMS) if (event.at >= last.since[term]) used[term] += event.credits
  return { ...next, markers: [...next.markers.slice(0, -1), { ...last, used }] }
}

/** What a grant has used by contract. */
export function usedByContract(books: Books, id: string, own: Own): Record<Day, number> {
  const found: Record<Day, number> = {}
  for (const [day, credits] of books.burnt.get(id) ?? []) {
    const contract = contractOn(day, books.sold.values(), own)
    found[contract] = (found[contract] ?? 0) + credits
  }
  return found
}

/** A change after which days may belong to other contracts: the grants for which that is so will be published. */
export function movingContracts(books: Books, before: Own, after: Own, change: () => void): void {
  const textOf = (id: string, own: Own) => JSON.stringify(Object.entries(usedByContract(books, id, own)).toSorted())
  const were = new Map([...books.sold.keys()].map((id) => [id, textOf(id, before)]))
  change()
  for (const id of books.sold.keys()) if (were.get(id) !== textOf(id, after)) books.dirty.grants.add(id)
}

/** A grant is sold; it takes over what was used past the credits on its days. */
export function sell(books: Books, grant: Sold, own: Own): void {
  movingContracts(books, own, own, () => {
    books.sold.set(grant.id, grant)
    books.dirty.grants.add(grant.id)
    const overage = [...books.sold.values()].find(({ kind }) => kind === 'overage')
    if (!overage) return
    for (const [day, credits] of [...(books.burnt.get(overage.id) ?? [])].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
      if (day < grant.startsOn || day > grant.endsOn) continue
      const part = Math.min(credits, grant.credits - burntOf(books, grant.id))
      if (part === 0) continue
      burn(books, grant.id, day, part)
      burn(books, overage.id, day, -part)
      books.dirty.grants.add(overage.id)
    }
  })
}

/** Credits are taken back. */
export function takeBack(books: Books, id: string, credits: number, own: Own): void {
  const grant = books.sold.get(id)
  if (!grant) return
  movingContracts(books, own, own, () => {
    books.sold.set(id, { ...grant, voided: grant.voided + credits })
    books.dirty.grants.add(id)
  })
}

/** total − used = available, in the contract that runs at a moment. */
export function balanceAt(books: Books, at: Instant, own: Own): { total: number; used: number; available: number } {
  const today = dayAt(at, own)
  const contract = contractOn(today, books.sold.values(), own)
  const within = (id: string) => usedByContract(books, id, own)[contract] ?? 0
  const used = sum([...books.sold.keys()].map(within))
  const past = sum([...books.sold.values()].filter(({ kind }) => kind === 'overage').map(({ id }) => within(id)))
  const left = sum(runningOn(books, today).map((grant) => grant.credits - grant.voided - burntOf(books, grant.id)))
  return { total: used - past + left, used, available: left - past }
}
