// The working days of the demo: which days the usage covers and how busy each of them was. Weekends, Norwegian holidays, the summer and the
// last days of December are quiet, and business grows. Never reads a clock: `now` is handed in.
import { CalendarDate, getDayOfWeek, parseDate } from '@internationalized/date'
import type { Day, Instant, Organisation } from '#shared/model.ts'
import { dayOf, startOfDay } from '#shared/periods.ts'

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

export interface WorkDay {
  day: Day
  /** Its first moment. */
  start: Instant
  /** How likely somebody works, against an ordinary weekday of the last month. */
  busy: number
  /** How much more or less is used by who works, against the last month. */
  trend: number
  /** Minutes after `start` between which somebody works. */
  from: number
  to: number
}

const MONTHS = 14
const OPENS = 7 * 60
const CLOSES = 18 * 60 + 30

/** The first day that has usage: the first of the month, fourteen months before the month of `now`. */
export function firstUsageDay(now: Instant, zone: Pick<Organisation, 'timeZone'>): Day {
  return parseDate(dayOf(now, zone)).set({ day: 1 }).subtract({ months: MONTHS }).toString()
}

/** Every day from the first that has usage through the day of `now`, which is as busy as it is old. */
export function workDays(now: Instant, zone: Pick<Organisation, 'timeZone'>): WorkDay[] {
  const today = parseDate(dayOf(now, zone))
  const first = parseDate(firstUsageDay(now, zone))
  const length = today.compare(first)
  const days: WorkDay[] = []
  for (let at = 0; at <= length; at += 1) {
    const date = first.add({ days: at })
    const start = startOfDay(date.toString(), zone)
    const to = Math.min(CLOSES, Math.floor((now - start) / MINUTE))
    const worked = Math.max(0, (to - OPENS) / (CLOSES - OPENS))
    days.push({
      day: date.toString(),
      start,
      busy: busyness(date) * worked,
      trend: 0.72 + (0.28 * at) / length,
      from: OPENS,
      to,
    })
  }
  return days
}

function busyness(date: CalendarDate): number {
  const weekday = getDayOfWeek(date, 'en-US', 'mon')
  if (weekday >= 5) return 0.04
  if (isHoliday(date)) return 0.05
  const friday = weekday === 4 ? 0.85 : 1
  if (date.month === 7) return 0.55 * friday
  if (date.month === 12 && date.day > 20) return 0.3 * friday
  return friday
}

/** A moment in the office hours of a weekday near `moment`, to the minute; where that would leave `from` to `to`, the moment itself. */
export function officeTime(moment: Instant, from: Instant, to: Instant): Instant {
  const weekday = (Math.floor(moment / DAY) + 3) % 7 // 0 is Monday; 1 January 1970 was a Thursday
  const date = Math.floor(moment / DAY) - Math.max(0, weekday - 4)
  const office = toMinute(date * DAY + 7 * HOUR + (moment % DAY) * (9 / 24))
  return office >= from && office <= to ? office : toMinute(moment)
}

/** The whole minute in which a moment lies. */
export const toMinute = (moment: Instant): Instant => Math.floor(moment / MINUTE) * MINUTE

const FIXED = new Set(['1-1', '5-1', '5-17', '12-24', '12-25', '12-26', '12-31'])
/** Maundy Thursday, Good Friday, Easter Monday, Ascension and Whit Monday, in days from Easter Sunday. */
const MOVING = new Set([-3, -2, 1, 39, 50])

function isHoliday(date: CalendarDate): boolean {
  return FIXED.has(`${date.month}-${date.day}`) || MOVING.has(date.compare(easter(date.year)))
}

/** Easter Sunday of a Gregorian year (the anonymous algorithm). */
function easter(year: number): CalendarDate {
  const golden = year % 19
  const century = Math.floor(year / 100)
  const epact = (century - Math.floor(century / 4) - Math.floor((8 * century + 13) / 25) + 19 * golden + 15) % 30
  const moon = epact - Math.floor(epact / 28) * (1 - Math.floor(29 / (epact + 1)) * Math.floor((21 - golden) / 11))
  const sunday = moon - ((year + Math.floor(year / 4) + moon + 2 - century + Math.floor(century / 4)) % 7)
  const month = 3 + Math.floor((sunday + 40) / 44)
  return new CalendarDate(year, month, sunday + 28 - 31 * Math.floor(month / 4))
}
