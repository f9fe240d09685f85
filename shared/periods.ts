// Days and terms in the organisation's time zone: functions of rows and a moment, so that nothing has to run at midnight.
import { CalendarDate, fromAbsolute, parseDate, startOfMonth, toCalendarDate } from '@internationalized/date'
import type { CreditGrant, Day, Instant, Organisation, Term } from './model.ts'

type Calendar = Pick<Organisation, 'timeZone' | 'fiscalYearStart'>

/** The calendar day at `now` in the organisation's time zone. */
export function dayOf(now: Instant, { timeZone }: Pick<Organisation, 'timeZone'>): Day {
  return toCalendarDate(fromAbsolute(now, timeZone)).toString()
}

/** The first moment of a day in the organisation's time zone (where midnight is skipped by a clock change, the first that exists). */
export function startOfDay(day: Day, { timeZone }: Pick<Organisation, 'timeZone'>): Instant {
  return parseDate(day).toDate(timeZone).getTime()
}

/** When each term that runs at `now` began. The contract began with the contract grant that runs (the latest one), else with the earliest running grant. */
export function termStarts(organisation: Calendar, grants: Iterable<CreditGrant>, now: Instant): Record<Term, Instant> {
  const today = dayOf(now, organisation)
  const start = (day: Day) => startOfDay(day, organisation)
  return {
    month: start(firstDayOf('month', today, organisation)),
    quarter: start(firstDayOf('quarter', today, organisation)),
    year: start(firstDayOf('year', today, organisation)),
    contract: start(contractStart(grants, today) ?? firstDayOf('year', today, organisation)),
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

/** The first day of the contract that runs on `day`, undefined where nothing runs. */
export function contractStart(grants: Iterable<CreditGrant>, day: Day): Day | undefined {
  let contract: Day | undefined
  let any: Day | undefined
  for (const grant of grants) {
    if (!runsOn(grant, day)) continue
    if (grant.kind === 'contract' && (contract === undefined || grant.startsOn > contract)) contract = grant.startsOn
    if (any === undefined || grant.startsOn < any) any = grant.startsOn
  }
  return contract ?? any
}

/** Whether credits of this grant can be burnt on `day`; both its days are included. */
export const runsOn = ({ startsOn, endsOn }: Pick<CreditGrant, 'startsOn' | 'endsOn'>, day: Day): boolean =>
  startsOn <= day && day <= endsOn

/** A day from its parts, for tests and seeds: month 1 to 12. */
export const dayFrom = (year: number, month: number, day: number): Day => new CalendarDate(year, month, day).toString()
