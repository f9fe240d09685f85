// The day of a moment for very many moments: as periods.ts has it, but the calendar is asked once an hour and not for each.
import { fromAbsolute } from '@internationalized/date'
import type { Day, Instant, Organisation } from '#shared/model.ts'
import { dayOf } from '#shared/periods.ts'

const HOUR = 60 * 60 * 1000
const DAY = 24 * HOUR
/** Earlier, offsets were no whole minutes, and clocks changed within the hour. */
const SAFE_FROM = Date.UTC(1980, 0)
const SAFE_TO = Date.UTC(9999, 0)
/** Some three years of hours. */
const KEPT = 30_000

/** By time zone and hour the milliseconds from UTC; null for an hour in which clocks change. */
const known = new Map<string, Map<number, number | null>>()

/** A function that gives the calendar day of a moment in the organisation's time zone, the same as `dayOf`. */
export function dayFinder(organisation: Pick<Organisation, 'timeZone'>): (at: Instant) => Day {
  const { timeZone } = organisation
  const offsets = known.getOrInsertComputed(timeZone, () => new Map())
  const days = new Map<number, Day>()
  return (at) => {
    if (at < SAFE_FROM || at > SAFE_TO) return dayOf(at, organisation)
    const hour = Math.floor(at / HOUR)
    let offset = offsets.get(hour)
    if (offset === undefined) {
      if (offsets.size >= KEPT) offsets.clear()
      offset = offsetIn(hour, timeZone)
      offsets.set(hour, offset)
    }
    if (offset === null) return dayOf(at, organisation)
    const number = Math.floor((at + offset) / DAY)
    return days.getOrInsertComputed(number, () => new Date(number * DAY).toISOString().slice(0, 10))
  }
}

function offsetIn(hour: number, timeZone: string): number | null {
  const first = fromAbsolute(hour * HOUR, timeZone).offset
  const last = fromAbsolute((hour + 1) * HOUR - 1, timeZone).offset
  return first === last ? first : null
}
