// The period that the dashboard shows, to and from the address of the page: a name, or two days. What the address says wrongly is told
// and never guessed. Pure.
import { addDays, dayOf, lengthOf, PERIODS, periodDays, type DayRange, type Period } from '#shared/periods.ts'
import type { Day, Instant, Organisation } from '#shared/model.ts'

export const PERIOD_NAMES: Record<Period, string> = {
  'last-week': 'Last week',
  'last-2-weeks': 'Last 2 weeks',
  month: 'Month to date',
  quarter: 'Quarter to date',
  year: 'Year to date',
}

export interface ChosenPeriod {
  name: Period | 'custom'
  range: DayRange
  today: Day
  /** Why it is not what the address asks for. */
  note?: string
}

type Calendar = Pick<Organisation, 'timeZone' | 'fiscalYearStart' | 'weekStart'>

/** Longer ones would sum what no device keeps. */
const LONGEST = 366 * 10

/** What `?period=` or `?from=…&to=…` asks for; the year to date where it asks for nothing. */
export function readPeriod(asked: Pick<URLSearchParams, 'get'>, organisation: Calendar, now: Instant): ChosenPeriod {
  const today = dayOf(now, organisation)
  const named = (name: Period, note?: string): ChosenPeriod => ({
    name,
    range: periodDays(name, organisation, now),
    today,
    ...(note === undefined ? {} : { note }),
  })
  const [period, from, to] = [asked.get('period'), asked.get('from'), asked.get('to')]
  if (from !== null || to !== null) {
    const fault = faultOf(from, to, today)
    if (fault) return named('year', `${fault} This is the year to date.`)
    return { name: 'custom', range: { from: from ?? '', to: to ?? '' }, today }
  }
  if (period === null) return named('year')
  const known = PERIODS.find((name) => name === period)
  return known
    ? named(known)
    : named('year', 'The address asks for a period that is not known. This is the year to date.')
}

/** Why these two days are no period, or nothing. */
export function faultOf(from: string | null, to: string | null, today: Day): string | undefined {
  if (!isDay(from) || !isDay(to)) return 'A period needs two days.'
  if (from > to) return 'The first day of a period lies before its last.'
  if (to > today) return 'Days to come can’t be chosen.'
  if (lengthOf({ from, to }) > LONGEST) return 'A period has ten years at most.'
  return undefined
}

/** Whether it is a day of the calendar. */
export function isDay(text: string | null): text is Day {
  if (!text || !/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const time = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text)
}

/** The address for a period, other parameters kept. */
export function withPeriod(search: string, choice: Period | DayRange): string {
  const next = new URLSearchParams(search)
  for (const name of ['period', 'from', 'to']) next.delete(name)
  if (typeof choice !== 'string') {
    next.set('from', choice.from)
    next.set('to', choice.to)
  } else if (choice !== 'year') next.set('period', choice)
  const text = next.toString().replaceAll('%2C', ',')
  return text && `?${text}`
}

/** The same with a parameter set, or left out where `value` is empty. */
export function withParameter(search: string, name: string, value: string): string {
  const next = new URLSearchParams(search)
  if (value) next.set(name, value)
  else next.delete(name)
  const text = next.toString().replaceAll('%2C', ',')
  return text && `?${text}`
}

/** The full days that the pace is the mean of, and today. */
export const paceDays = (today: Day, days: number): DayRange => ({ from: addDays(today, -days), to: today })
