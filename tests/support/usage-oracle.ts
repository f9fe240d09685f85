// What usage and credits must be, reckoned anew from plain lists of what happened: for comparing with the server's books. Shares no code
// with them: days and terms are Temporal's, sums are taken over all events each time.
import type { LimitChoice, Term } from '#shared/model.ts'

export interface Used {
  at: number
  day: string
  user: string
  product: string
  group: string
  credits: number
  views: number
}
export interface Sold {
  id: string
  kind: 'contract' | 'top-up'
  startsOn: string
  endsOn: string
  credits: number
  voided: number
  burnt: Map<string, number>
}
interface Held {
  id: string
  user: string
  group: string
  credits: number
  expiresAt: number
}
interface Ceiling {
  kind: string
  left: number
}

const TERMS: readonly Term[] = ['month', 'quarter', 'year', 'contract']

export class Oracle {
  readonly used: Used[] = []
  readonly sold: Sold[] = []
  readonly overage = new Map<string, number>()
  /** Open ones. */
  readonly held = new Map<string, Held>()
  readonly limits = new Map<string, LimitChoice>()
  readonly pools = new Map<string, LimitChoice>()
  readonly groups = new Map<string, string>()
  /** By user: when usage was reset last, and how many events there were. */
  readonly resets = new Map<string, { at: number; events: number }>()
  /** By user or group: the latest moment that its meter has come to know of, by term. */
  readonly #known = new Map<string, Record<Term, number>>()
  readonly #zone: string
  readonly #fiscalStart: number

  constructor(zone: string, fiscalStart: number) {
    this.#zone = zone
    this.#fiscalStart = fiscalStart
  }

  dayOf(at: number): string {
    return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(this.#zone).toPlainDate().toString()
  }

  #startOfDay(day: string): number {
    return Temporal.PlainDate.from(day).toZonedDateTime(this.#zone).epochMilliseconds
  }

  contractOn(day: string): string {
    const begun = this.sold.filter(({ startsOn, credits, voided }) => startsOn <= day && credits > voided)
    const contracts = begun.filter(({ kind }) => kind === 'contract').map(({ startsOn }) => startsOn)
    if (contracts.length > 0) return contracts.toSorted().at(-1) ?? ''
    return begun.map(({ startsOn }) => startsOn).toSorted()[0] ?? this.#firstDay('year', day)
  }

  #firstDay(term: Exclude<Term, 'contract'>, day: string): string {
    const date = Temporal.PlainDate.from(day)
    let first = date.with({ day: 1 })
    const ends = (month: number) =>
      term === 'month' || (month - this.#fiscalStart + 12) % (term === 'quarter' ? 3 : 12) === 0
    while (!ends(first.month)) first = first.subtract({ months: 1 })
    return first.toString()
  }

  startOf(term: Term, at: number): number {
    const day = this.dayOf(at)
    return this.#startOfDay(term === 'contract' ? this.contractOn(day) : this.#firstDay(term, day))
  }

  /** From when the meter of a user or group counts at `now`. */
  sinceOf(id: string, term: Term, now: number): number {
    const known = this.#known.get(id)?.[term] ?? 0
    return Math.max(this.startOf(term, Math.max(known, now)), this.resets.get(id)?.at ?? 0)
  }

  usedOf(id: string, term: Term, now: number): number {
    const since = this.sinceOf(id, term, now)
    const from = this.resets.get(id)?.events ?? 0
    return sum(
      this.used.slice(from).filter(({ user, group, at }) => at >= since && (user === id || group === id)),
      ({ credits }) => credits,
    )
  }

  /** What a spend is judged at: now, or a moment that a meter has rolled over to already. */
  momentOf(user: string, now: number): number {
    let latest = now
    for (const id of [user, this.groups.get(user) ?? ''])
      if (this.#known.has(id)) for (const term of TERMS) latest = Math.max(latest, this.#stored(id, term))
    return latest
  }
  #stored(id: string, term: Term): number {
    return Math.max(this.startOf(term, this.#known.get(id)?.[term] ?? 0), this.resets.get(id)?.at ?? 0)
  }

  use(use: Used, now: number): void {
    this.used.push(use)
    for (const id of [use.user, use.group])
      if (id !== '') {
        const known = this.#known.get(id) ?? { month: 0, quarter: 0, year: 0, contract: 0 }
        for (const term of TERMS) known[term] = Math.max(known[term], now, use.at)
        this.#known.set(id, known)
      }
    let left = use.credits
    for (const grant of this.#running(use.day)) {
      const part = Math.min(left, grant.credits - grant.voided - total(grant.burnt))
      grow(grant.burnt, use.day, part)
      left -= part
    }
    grow(this.overage, use.day, left)
  }

  #running(day: string): Sold[] {
    return this.sold
      .filter(({ startsOn, endsOn }) => startsOn <= day && day <= endsOn)
      .toSorted((a, b) => order(`${a.endsOn}${a.startsOn}${a.id}`, `${b.endsOn}${b.startsOn}${b.id}`))
  }

  sell(grant: Sold, now: number): void {
    const before = this.contractOn(this.dayOf(now))
    this.sold.push(grant)
    for (const day of [...this.overage.keys()].toSorted()) {
      if (day < grant.startsOn || day > grant.endsOn) continue
      const part = Math.min(this.overage.get(day) ?? 0, grant.credits - total(grant.burnt))
      grow(grant.burnt, day, part)
      grow(this.overage, day, -part)
    }
    this.#contractMoved(before, now)
  }

  takeBack(grant: Sold, credits: number, now: number): void {
    const before = this.contractOn(this.dayOf(now))
    grant.voided += credits
    this.#contractMoved(before, now)
  }

  /** Where the contract that runs now begins on another day, meters count it anew from there. */
  #contractMoved(before: string, now: number): void {
    if (before !== this.contractOn(this.dayOf(now))) for (const known of this.#known.values()) known.contract = now
  }

  reset(user: string, now: number): void {
    if (!TERMS.some((term) => this.usedOf(user, term, now) > 0)) return
    const at = Math.max(now, (this.resets.get(user)?.at ?? 0) + 1)
    this.resets.set(user, { at, events: this.used.length })
    const known = this.#known.get(user)
    if (known) for (const term of TERMS) known[term] = at
  }

  /** By grant, `overage` for what is past them all: what was used of it in each contract. */
  usedByContract(): Record<string, Record<string, number>> {
    const by = (days: ReadonlyMap<string, number>) => {
      const found: Record<string, number> = {}
      for (const [day, credits] of days)
        if (credits > 0) found[this.contractOn(day)] = (found[this.contractOn(day)] ?? 0) + credits
      return found
    }
    const grants = Object.fromEntries(this.sold.map(({ id, burnt }) => [id, by(burnt)]))
    return total(this.overage) > 0 ? { ...grants, overage: by(this.overage) } : grants
  }

  balance(at: number): { total: number; used: number; available: number } {
    const today = this.dayOf(at)
    const contract = this.contractOn(today)
    const within = (days: ReadonlyMap<string, number>) =>
      sum(
        [...days].filter(([day]) => this.contractOn(day) === contract),
        ([, credits]) => credits,
      )
    const past = within(this.overage)
    const used = past + sum(this.sold, ({ burnt }) => within(burnt))
    const left = sum(this.#running(today), (grant) => grant.credits - grant.voided - total(grant.burnt))
    return { total: used - past + left, used, available: left - past }
  }

  reserved(now: number, of: (held: Held) => boolean = () => true): number {
    return sum(
      [...this.held.values()].filter((held) => held.expiresAt > now && of(held)),
      ({ credits }) => credits,
    )
  }

  /** Every ceiling over a user that can bind, the least left first. */
  ceilings(user: string, now: number): Ceiling[] {
    const at = this.momentOf(user, now)
    const group = this.groups.get(user) ?? ''
    const found: Ceiling[] = []
    const add = (kind: string, id: string, limit: LimitChoice | undefined, reserved: number) => {
      if (limit && limit.credits !== null)
        found.push({ kind, left: Math.max(0, limit.credits - this.usedOf(id, limit.term, at) - reserved) })
    }
    const ofUser = this.reserved(now, (held) => held.user === user)
    const ofGroup = this.reserved(now, (held) => held.group === group)
    add('own', user, this.limits.get(user), ofUser)
    add('pool', group, this.pools.get(group), ofGroup)
    found.push({ kind: 'credits', left: Math.max(0, this.balance(at).available - this.reserved(now)) })
    return found.toSorted((a, b) => a.left - b.left)
  }

  /** Day, user, product and group to credits and views. */
  days(): Record<string, [credits: number, views: number]> {
    const found: Record<string, [number, number]> = {}
    for (const { day, user, product, group, credits, views } of this.used) {
      const [so, seen] = found[`${day} ${user} ${product} ${group}`] ?? [0, 0]
      found[`${day} ${user} ${product} ${group}`] = [so + credits, seen + views]
    }
    return found
  }

  metered(): string[] {
    return [...this.#known.keys()]
  }
}

const sum = <Item>(items: readonly Item[], of: (item: Item) => number): number =>
  items.reduce((so, item) => so + of(item), 0)
const total = (days: ReadonlyMap<string, number>): number => sum([...days.values()], (credits) => credits)
const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
function grow(days: Map<string, number>, day: string, credits: number): void {
  if (credits !== 0) days.set(day, (days.get(day) ?? 0) + credits)
}
