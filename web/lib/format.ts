// The one place where numbers, credits, dates and ages become text, by the locale of the browser.
// Formatters are cached: making one costs more than using it a thousand times, and tables format in every row.
// Never reads the clock: what depends on today takes `now`.
import { isolated } from '#shared/bidi.ts'

const whole = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 })
const percent = new Intl.NumberFormat(undefined, { style: 'percent', maximumFractionDigits: 1 })
const time = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })
const dayMonth = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' })
const dayMonthYear = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', year: 'numeric' })
const dayLongMonth = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'long' })
const days = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', timeZone: 'UTC' })
const daysYear = new Intl.DateTimeFormat(undefined, {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  timeZone: 'UTC',
})
const shortMonth = new Intl.DateTimeFormat(undefined, { month: 'short', timeZone: 'UTC' })
const monthName = new Intl.DateTimeFormat(undefined, { month: 'long', timeZone: 'UTC' })
// 1 January 2024 was a Monday.
const weekday = new Intl.DateTimeFormat(undefined, { weekday: 'long', timeZone: 'UTC' })
const clocks = new Map<string, { day: Intl.DateTimeFormat; time: Intl.DateTimeFormat }>()
const tenths = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 })
const month = new Intl.DateTimeFormat(undefined, { month: 'long', year: 'numeric', timeZone: 'UTC' })
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' })
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'always' })
const list = new Intl.ListFormat('en', { type: 'conjunction' })

/** A point in time as the app has it: a Date, milliseconds since 1970, or ISO 8601 text. */
export type Moment = Date | number | string

/** "4,812" */
export const formatNumber = (value: number): string => whole.format(value)

/** Credits are whole numbers: "358,960". */
export const formatCredits = (credits: number): string => whole.format(credits)

const SCALES = [
  [1e9, 'bn'],
  [1e6, 'm'],
  [1e3, 'k'],
] as const

/** Short, for a phone or a crowded chart: "950", "41.3k", "1.2m"; `rough` leaves the tenths out: "41k". */
export function formatCompact(value: number, rough = false): string {
  const [size, unit] = SCALES.find(([size]) => Math.abs(value) >= size) ?? [1, '']
  return `${(rough ? whole : tenths).format(value / size)}${unit}`
}

/** A share from 0 to 1 (or more) as "74.6%". */
export const formatShare = (value: number): string => percent.format(value)

/** "1 user", "12 users". The plural is the noun with an s, unless it is given. */
export const formatCount = (value: number, one: string, many = `${one}s`): string =>
  `${whole.format(value)} ${value === 1 ? one : many}`

/** What is left, or "over by 3" instead of a negative number. */
export const formatLeft = (left: number): string => (left < 0 ? `over by ${whole.format(-left)}` : whole.format(left))

/** "Ada, Bo and 6 more": the first names of a long list, at most `shown` of them. */
export function formatNames(names: readonly string[], total = names.length, shown = 3): string {
  const first = names.slice(0, shown).map((name) => isolated(name))
  const more = total - first.length
  return more > 0 ? `${first.join(', ')} and ${whole.format(more)} more` : list.format(first)
}

/** "09:41" */
export const formatTime = (moment: Moment): string => time.format(asDate(moment))

/** "1 December", for a day within the next year. */
export const formatLongDay = (moment: Moment): string => dayLongMonth.format(asDate(moment))

/** "22 Nov", with the year where it is not this one: "3 Sep 2025". */
export function formatDate(moment: Moment, now: Moment): string {
  const date = asDate(moment)
  return (date.getFullYear() === asDate(now).getFullYear() ? dayMonth : dayMonthYear).format(date)
}

/** "3 Sep 2026", always with its year. */
export const formatFullDate = (moment: Moment): string => dayMonthYear.format(asDate(moment))

/** Every part of it, for titles: "Tuesday 24 November 2026 at 09:41:08". */
export const formatMoment = (moment: Moment): string => full.format(asDate(moment))

/** "November 2026" from "2026-11". */
export const formatMonth = (isoMonth: string): string => month.format(new Date(`${isoMonth}-01T00:00:00Z`))

/** "Nov" from "2026-11" or a day in it. */
export const formatShortMonth = (iso: string): string => shortMonth.format(new Date(`${iso.slice(0, 7)}-01T00:00:00Z`))

/** "Monday" from an ISO weekday, 1 to 7. */
export const formatWeekday = (iso: number): string => weekday.format(Date.UTC(2024, 0, iso))

/** "30 November at 11:00" as the clocks show it in a time zone that this device knows. */
export function formatClockIn(moment: Moment, timeZone: string): string {
  const known = clocks.get(timeZone)
  const clock = known ?? {
    day: new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'long', timeZone }),
    time: new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', timeZone }),
  }
  if (!known) clocks.set(timeZone, clock)
  return `${clock.day.format(asDate(moment))} at ${clock.time.format(asDate(moment))}`
}

/** "November" from "2026-11" or a day in it. */
export const formatMonthName = (iso: string): string => monthName.format(new Date(`${iso.slice(0, 7)}-01T00:00:00Z`))

/** "1 – 30 Nov 2026", "28 Oct – 3 Nov 2026", a single one as "24 Nov 2026": whole days, both included, `2026-11-01` as the model has them. */
export const formatFullDays = ({ from, to }: { from: string; to: string }): string =>
  daysYear.formatRange(new Date(`${from}T00:00:00Z`), new Date(`${to}T00:00:00Z`))

/** The same without its year where all of it lies in that of `now`: "1 – 30 Nov". */
export function formatDays(range: { from: string; to: string }, now?: Moment): string {
  const { from, to } = range
  const year = now === undefined ? 'any' : String(asDate(now).getFullYear())
  return from.startsWith(year) && to.startsWith(year)
    ? days.formatRange(new Date(`${from}T00:00:00Z`), new Date(`${to}T00:00:00Z`))
    : formatFullDays(range)
}

/** "Today 09:38", "Yesterday", "22 Nov", "3 Sep 2025". */
export function formatDay(moment: Moment, now: Moment): string {
  const date = asDate(moment)
  const days = daysBetween(date, asDate(now))
  if (days === 0) return `Today ${time.format(date)}`
  if (days === 1) return 'Yesterday'
  return formatDate(date, now)
}

/** The adverb in a sentence: "today at 08:02", "yesterday at 16:52", "on 3 Sep 2026". */
export function formatWhen(moment: Moment, now: Moment): string {
  const date = asDate(moment)
  const days = daysBetween(date, asDate(now))
  if (days === 0) return `today at ${time.format(date)}`
  if (days === 1) return `yesterday at ${time.format(date)}`
  return `on ${dayMonthYear.format(date)}`
}

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** "just now", "12 minutes ago", "3 hours ago", "2 days ago". A moment to come counts as now: clocks differ a little. */
export function formatAge(moment: Moment, now: Moment): string {
  const age = asDate(now).getTime() - asDate(moment).getTime()
  if (age < MINUTE) return 'just now'
  if (age < HOUR) return relative.format(-Math.floor(age / MINUTE), 'minute')
  if (age < DAY) return relative.format(-Math.floor(age / HOUR), 'hour')
  return relative.format(-Math.floor(age / DAY), 'day')
}

const units = ['kB', 'MB', 'GB', 'TB'] as const

/** "18.4 MB", from bytes. */
export function formatBytes(bytes: number): string {
  let value = bytes / 1000
  let unit = 0
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${value.toLocaleString(undefined, { maximumFractionDigits: 1 })} ${units[unit]}`
}

/** "IS" from "Ingrid Solberg", for the account button. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/)
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined]
  return letters
    .map((word) => [...(word ?? '')][0] ?? '')
    .join('')
    .toLocaleUpperCase()
}

const asDate = (moment: Moment): Date => (moment instanceof Date ? moment : new Date(moment))

/** Whole days between the calendar days of two moments, on this device's calendar. */
function daysBetween(earlier: Date, later: Date): number {
  const midnight = (date: Date) => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate())
  return Math.round((midnight(later) - midnight(earlier)) / DAY)
}
