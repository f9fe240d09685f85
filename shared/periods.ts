// Days and terms in the organisation's time zone: functions of rows and a moment, so that nothing has to run at midnight.
import { CalendarDate, fromAbsolute, parseDate, startOfMonth, toCalendarDate } from '@internationalized/date'
import type { CreditGrant, Day, Instant, Organisation, Term } from './model.ts'
import { zoneHere } from './time-zones.ts'

type Calendar = Pick<Organisation, 'timeZone' | 'fiscalYearStart'>

/** The calendar day at `now` in the organisation's time zone. */
export function dayOf(now: Instant, { timeZone }: Pick<Organisation, 'timeZone'>): Day {
  return toCalendarDate(fromAbsolute(now, zoneHere(timeZone))).toString()
}

/** The first moment of a day in the organisation's time zone (where midnight is skipped by a clock change, the first that exists). */
export function startOfDay(day: Day, { timeZone }: Pick<Organisation, 'timeZone'>): Instant {
  return parseDate(day).toDate(zoneHere(timeZone)).getTime()
}

/** When each term that runs at `now` began. */
export function termStarts(organisation: Calendar, grants: Iterable<CreditGrant>, now: Instant): Record<Term, Instant> {
  const today = dayOf(now, organisation)
  const start = (day: Day) => startOfDay(day, organisation)
  return {
    month: start(firstDayOf('month', today, organisation)),
    quarter: start(firstDayOf('quarter', today, organisation)),
    year: start(firstDayOf('year', today, organisation)),
    contract: start(contractOf(organisation, grants, today)),
  }
}

/** When the term that runs at `now` starts anew; undefined for a contract, which ends with what the provider sells next. */
export function nextStart(term: Term, organisation: Calendar, now: Instant): Instant | undefined {
  if (term === 'contract') return undefined
  const months = { month: 1, quarter: 3, year: 12 }[term]
  const first = parseDate(firstDayOf(term, dayOf(now, organisation), organisation))
  return startOfDay(first.add({ months }).toString(), organisation)
}

/** The first day of the month, fiscal quarter or fiscal year that holds `day`. */
export function firstDayOf(
  term: Exclude<Term, 'contract'>,
  day: Day,
  { fiscalYearStart }: Pick<Organisation, 'fiscalYearStart'>,
): Day {
  const date = startOfMonth(parseDate(day))
  if (term === 'month') return date.toString()
  const since = (date.month - fiscalYearStart + 12) % 12
  return date.subtract({ months: term === 'quarter' ? since % 3 : since }).toString()
}

/**
 * The first day of the contract that `day` belongs to: the latest that has begun, also after its end, until the next begins. Where there
 * is no contract, the first grant that has begun; where there is none either, the fiscal year.
 */
export function contractOf(
  calendar: Pick<Organisation, 'fiscalYearStart'>,
  grants: Iterable<CreditGrant>,
  day: Day,
): Day {
  let contract: Day | undefined
  let first: Day | undefined
  for (const { kind, startsOn, credits, voided } of grants) {
    // One that was taken back whole never was.
    if (kind === 'overage' || startsOn > day || credits === voided) continue
    if (kind === 'contract' && (contract === undefined || startsOn > contract)) contract = startsOn
    if (first === undefined || startsOn < first) first = startsOn
  }
  return contract ?? first ?? firstDayOf('year', day, calendar)
}

/** Whether credits of this grant can be burnt on `day`; both its days are included. */
export const runsOn = ({ startsOn, endsOn }: Pick<CreditGrant, 'startsOn' | 'endsOn'>, day: Day): boolean =>
  startsOn <= day && day <= endsOn

/** A day from its parts, for tests and seeds: month 1 to 12. */
export const dayFrom = (year: number, month: number, day: number): Day => new CalendarDate(year, month, day).toString()

export const PERIODS = ['last-week', 'last-2-weeks', 'month', 'quarter', 'year'] as const
/** The named periods of the dashboard: full calendar weeks before this one, or a term from its first day through today. */
export type Period = (typeof PERIODS)[number]

/** Whole days in the organisation's time zone, both included. */
export interface DayRange {
  from: Day
  to: Day
}

/** The days of a named period at `now`. */
export function periodDays(
  period: Period,
  organisation: Calendar & Pick<Organisation, 'weekStart'>,
  now: Instant,
): DayRange {
  const today = dayOf(now, organisation)
  if (period !== 'last-week' && period !== 'last-2-weeks')
    return { from: firstDayOf(period, today, organisation), to: today }
  const thisWeek = firstDayOfWeek(today, organisation)
  return { from: addDays(thisWeek, period === 'last-week' ? -7 : -14), to: addDays(thisWeek, -1) }
}

/** The first day of the week that holds `day`. */
export function firstDayOfWeek(day: Day, { weekStart }: Pick<Organisation, 'weekStart'>): Day {
  // ISO weekdays from a count of days: 1970-01-01 was a Thursday.
  const weekday = ((((dayNumber(day) + 3) % 7) + 7) % 7) + 1
  return addDays(day, -((weekday - weekStart + 7) % 7))
}

export const addDays = (day: Day, days: number): Day => parseDate(day).add({ days }).toString()

/** Days since 1970-01-01: for arithmetic where no time zone matters. */
export const dayNumber = (day: Day): number =>
  Date.UTC(+day.slice(0, 4), +day.slice(5, 7) - 1, +day.slice(8)) / 86_400_000

/** How many days a range has. */
export const lengthOf = ({ from, to }: DayRange): number => dayNumber(to) - dayNumber(from) + 1
