// The days of a period put together for a chart: by month, by week under a quarter, by day under a month. The period may cut the first and
// the last; the one that runs heads for an amount. Pure.
import type { Amounts } from '#lib/usage/types.ts'
import { ahead, type Pace } from '#shared/forecast.ts'
import type { Day, Organisation } from '#shared/model.ts'
import { addDays, dayNumber, firstDayOf, firstDayOfWeek, lengthOf, type DayRange } from '#shared/periods.ts'
import { parseDate } from '@internationalized/date'

export const UNITS = ['day', 'week', 'month'] as const
export type Unit = (typeof UNITS)[number]

type Calendar = Pick<Organisation, 'weekStart' | 'fiscalYearStart'>

export interface Bucket extends Amounts, DayRange {
  /** The first day of the whole month, week or day. */
  key: Day
  days: number
  /** Of these, those that are on this device. */
  here: number
  /** The period takes less than the whole of it. */
  cut: boolean
  /** Some of it is not on this device yet, so that its sums are not what was used. */
  unknown?: boolean
  /** It has not ended: what it heads for in credits at the present pace. */
  heads?: number
}

/** Months, unless the period is shorter than a quarter (weeks) or no longer than a month (days). */
export function unitFor(range: DayRange): Unit {
  const days = lengthOf(range)
  return days <= 31 ? 'day' : days <= 92 ? 'week' : 'month'
}

/**
 * The buckets of a period in order, those without use included.
 * @param days each day of the period in order
 * @param missing months that are not on this device yet
 * @param running what today is and at which pace credits are used: a bucket that today lies in gets `heads`
 */
export function bucketsOf(
  days: readonly (Amounts & { day: Day })[],
  unit: Unit,
  calendar: Calendar,
  running?: { today: Day; pace: Pace | undefined },
  missing: readonly string[] = [],
): Bucket[] {
  const buckets: Bucket[] = []
  let end = ''
  let usedToday = 0
  const away = new Set(missing)
  for (const { day, credits, contactViews } of days) {
    if (day === running?.today) usedToday = credits
    const here = away.has(day.slice(0, 7)) ? 0 : 1
    const last = buckets.at(-1)
    if (last && day <= end) {
      last.to = day
      last.days += 1
      last.here += here
      last.credits += credits
      last.contactViews += contactViews
      continue
    }
    const key = firstOf(unit, day, calendar)
    end = endOf(unit, key)
    buckets.push({ key, from: day, to: day, days: 1, here, credits, contactViews, cut: key !== day })
  }
  const last = buckets.at(-1)
  if (!last) return buckets
  for (const bucket of buckets) if (bucket.here < bucket.days) bucket.unknown = true
  const left = dayNumber(end) - dayNumber(last.to)
  if (left > 0) last.cut = true
  // A day is over too soon to head for anything, and a month that began before the period would be compared with whole ones.
  if (running?.pace && running.today === last.to && left > 0 && last.key === last.from && !last.unknown)
    last.heads = last.credits + ahead(running.pace, usedToday, left)
  return buckets
}

/** The first day of the month, week or day that holds `day`. */
export function firstOf(unit: Unit, day: Day, calendar: Calendar): Day {
  if (unit === 'day') return day
  return unit === 'week' ? firstDayOfWeek(day, calendar) : firstDayOf('month', day, calendar)
}

function endOf(unit: Unit, first: Day): Day {
  if (unit === 'day') return first
  return unit === 'week' ? addDays(first, 6) : parseDate(first).add({ months: 1 }).subtract({ days: 1 }).toString()
}

export const sumOf = (buckets: readonly Amounts[]): Amounts =>
  buckets.reduce<Amounts>(
    (sum, { credits, contactViews }) => ({
      credits: sum.credits + credits,
      contactViews: sum.contactViews + contactViews,
    }),
    { credits: 0, contactViews: 0 },
  )
