// When the credits run out if they are used at the present pace: the mean of the last full days, burnt from the grants as usage is (the
// soonest to end first), so that what a grant has left at its end is counted out and what is to come counts from its first day. What the
// contract used past the credits is taken off what is left first, as the totals do.
// Whole numbers throughout: amounts are counted in parts of a credit, as many to a credit as the mean has days.
import { burningOrder, capacity, shareOf } from './credits.ts'
import type { CreditGrant, Day, GrantId } from './model.ts'
import { addDays, dayNumber } from './periods.ts'

/** Days whose mean is the pace. */
export const PACE_DAYS = 28

/** Credits used in so many full days: the pace is their quotient. */
export interface Pace {
  credits: number
  days: number
}

/** Credits a day, rounded. */
export const perDay = ({ credits, days }: Pace): number => Math.round(credits / days)

export type Forecast =
  /** Used for fewer full days than the mean takes. */
  | { kind: 'too-little'; days: number }
  /** Nothing was used in those days. */
  | { kind: 'unused' }
  /** No credits are available today: no grant has any left, or no more than was used past the credits. */
  | { kind: 'none' }
  /**
   * `on` is the first day that they don't cover; `short`: days from there to the end of the last grant. `toCome`: grants are counted in
   * that begin after today.
   */
  | { kind: 'out'; on: Day; short: number; toCome: boolean; pace: Pace }
  /** To the end of the last grant; `unused` credits end with their grants. */
  | { kind: 'lasts'; to: Day; unused: number; toCome: boolean; pace: Pace }

/**
 * The pace of the last full days before `today`; undefined where usage began too late for it.
 * @param days what was used on each day, in any order; days that are missing count as unused
 * @param first the first day with any usage at all
 */
export function paceOf(
  days: Iterable<{ day: Day; credits: number }>,
  today: Day,
  first: Day | undefined,
): Pace | undefined {
  const from = addDays(today, -PACE_DAYS)
  if (first === undefined || first > from) return undefined
  let credits = 0
  for (const used of days) if (used.day >= from && used.day < today) credits += used.credits
  return { credits, days: PACE_DAYS }
}

/** What is still to come today at this pace, and on so many days after it, rounded. */
export const ahead = ({ credits, days }: Pace, usedToday: number, daysAfter: number): number =>
  Math.round((Math.max(0, credits - usedToday * days) + credits * daysAfter) / days)

export interface ForecastBasis {
  today: Day
  /** The first day of the contract that runs today. */
  contract: Day
  pace: Pace | undefined
  usedToday: number
  /** The first day with any usage at all. */
  first: Day | undefined
}

/** What the grants come to at this pace; agrees with the available credits of `creditTotals`. */
export function forecastOf(
  grants: readonly CreditGrant[],
  { today, contract, pace, usedToday, first }: ForecastBasis,
): Forecast {
  if (!pace)
    return { kind: 'too-little', days: first === undefined ? 0 : Math.max(0, dayNumber(today) - dayNumber(first)) }
  if (pace.credits === 0) return { kind: 'unused' }
  const sold = grants.filter((grant) => grant.kind !== 'overage' && capacity(grant) > 0 && grant.endsOn >= today)
  const left = new Map(sold.map((grant) => [grant.id, (capacity(grant) - grant.used) * pace.days]))
  const leftOf = (some: readonly CreditGrant[]) => some.reduce((sum, { id }) => sum + (left.get(id) ?? 0), 0)
  const last = sold.reduce((latest, { endsOn }) => (endsOn > latest ? endsOn : latest), '')
  const atHand = burningOrder(sold, today)
  const past = grants.reduce(
    (sum, grant) => sum + (grant.kind === 'overage' ? shareOf(grant, contract, today).used * pace.days : 0),
    0,
  )
  if (leftOf(atHand) <= past) return { kind: 'none' }
  take(atHand, left, past)

  const toCome = (by: Day) => sold.some(({ startsOn }) => startsOn > today && startsOn < by)
  const out = (on: Day): Forecast => ({
    kind: 'out',
    on,
    short: Math.max(0, dayNumber(last) - dayNumber(on)),
    toCome: toCome(on),
    pace,
  })
  // The rest of today, then one stretch after another in which the same grants run.
  let need = Math.max(0, pace.credits - usedToday * pace.days)
  for (let day = today, until = today; day <= last; day = addDays(until, 1)) {
    const running = burningOrder(sold, day)
    if (day !== today) {
      need = pace.credits
      until = lastOfStretch(sold, running, day, last)
    }
    const days = dayNumber(until) - dayNumber(day) + 1
    const covered = need === 0 ? days : Math.floor(leftOf(running) / need)
    if (covered < days) return out(addDays(day, covered))
    take(running, left, days * need)
  }
  return {
    kind: 'lasts',
    to: last,
    unused: Math.floor(leftOf(sold) / pace.days),
    toCome: toCome(addDays(last, 1)),
    pace,
  }
}

/** The last day from `day` on which the same grants run. */
function lastOfStretch(sold: readonly CreditGrant[], running: readonly CreditGrant[], day: Day, last: Day): Day {
  let until = last
  for (const { endsOn } of running) if (endsOn < until) until = endsOn
  for (const { startsOn } of sold) if (startsOn > day && startsOn <= until) until = addDays(startsOn, -1)
  return until
}

function take(running: readonly CreditGrant[], left: Map<GrantId, number>, amount: number): void {
  let open = amount
  for (const { id } of running) {
    const part = Math.min(open, left.get(id) ?? 0)
    left.set(id, (left.get(id) ?? 0) - part)
    open -= part
  }
}
