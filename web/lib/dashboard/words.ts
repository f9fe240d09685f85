// The sentences of the dashboard: what a chart shows, how long the credits last, what is not on this device yet. Pure, so that what is
// claimed can be tested.
import type { Bucket, Unit } from '#lib/dashboard/buckets.ts'
import type { Reference } from '#lib/dashboard/reference.ts'
import {
  formatCount,
  formatCredits,
  formatDate,
  formatFullDate,
  formatLongDay,
  formatMonth,
  formatMonthName,
  formatShare,
  formatTime,
} from '#lib/format.ts'
import { PACE_DAYS, perDay, type Forecast } from '#shared/forecast.ts'
import type { Day, Instant } from '#shared/model.ts'
import { isolated } from '#shared/bidi.ts'
import { missingWords } from './missing-words.ts'

/** Behind a sum of a time that is not all here. */
export const HERE = ' on this device'

const atMidnight = (day: Day) => `${day}T00:00`

/** "October", "the week of 9 November", "9 November"; with the year where `year`. */
export function bucketName(unit: Unit, { key, from }: Pick<Bucket, 'key' | 'from'>, year: boolean): string {
  if (unit === 'month') return year ? formatMonth(key.slice(0, 7)) : formatMonthName(key)
  const day = year ? formatFullDate(atMidnight(from)) : formatLongDay(atMidnight(from))
  return unit === 'week' ? `the week of ${day}` : day
}

/** "Highest in October, 52,640. November stands at 41,720 after 24 days and heads for 52,142." */
export function summaryWords(unit: Unit, buckets: readonly Bucket[]): string {
  let highest: Bucket | undefined
  for (const bucket of buckets) if (!bucket.unknown && bucket.credits > (highest?.credits ?? 0)) highest = bucket
  const partial = buckets.some(({ unknown }) => unknown)
  if (!highest) return partial ? 'Nothing was used in what is on this device.' : 'Nothing was used in this time.'
  const first = buckets[0]
  const last = buckets.at(-1)
  const year = first?.key.slice(0, 4) !== last?.key.slice(0, 4)
  const name = (bucket: Bucket) => bucketName(unit, bucket, year)
  const sentences: string[] = []
  if (buckets.length > 1) {
    const preposition = unit === 'day' ? 'on' : 'in'
    sentences.push(
      `${partial ? 'Of what is on this device, highest' : 'Highest'} ${preposition} ${name(highest)}, ${formatCredits(highest.credits)}.`,
    )
  }
  if (last?.heads !== undefined)
    sentences.push(
      `${capital(name(last))} stands at ${formatCredits(last.credits)} after ${formatCount(last.days, 'day')} and heads for ${formatCredits(last.heads)}.`,
    )
  else if (buckets.length === 1) sentences.push(`${capital(name(highest))}: ${formatCredits(highest.credits)}.`)
  const cut = cutWords(unit, buckets)
  return [...sentences, ...(cut ? [cut] : [])].join(' ')
}

/** "The first and the last week are cut by the period." */
function cutWords(unit: Unit, buckets: readonly Bucket[]): string | undefined {
  const first = buckets[0]
  const last = buckets.at(-1)
  if (!first || !last || unit === 'day') return undefined
  if (first === last)
    return first.cut && first.heads === undefined ? `The period takes a part of this ${unit}.` : undefined
  const ends = [...(first.cut ? ['first'] : []), ...(last.cut && last.heads === undefined ? ['last'] : [])]
  if (ends.length === 0) return undefined
  return ends.length === 2
    ? `The first and the last ${unit} are cut by the period.`
    : `The ${ends[0] ?? ''} ${unit} is cut by the period.`
}

/** "Dotted line: an even pace of 45,833 a month." */
export function referenceWords(unit: Unit, { kind, value }: Reference): string {
  const amount = `${formatCredits(value)} a ${unit}`
  return kind === 'even-pace' ? `Dotted line: an even pace of ${amount}.` : `Dotted line: the mean, ${amount}.`
}

export interface ForecastWords {
  before: string
  /** The day that matters. */
  day: string
  after: string
  /** What it rests on. */
  assumption: string
}

const assumption = (toCome: boolean): string => {
  const rests = `The pace is the mean of the last ${PACE_DAYS} full days; what a grant has left at its end is counted out`
  return toCome ? `${rests}, and grants to come are counted in from their first day.` : `${rests}.`
}

/** "At this pace, 1,737 a day, credits last until **14 March 2027**, 17 days short." */
export function forecastWords(forecast: Forecast): ForecastWords {
  const plain = (before: string, assumption = ''): ForecastWords => ({ before, day: '', after: '', assumption })
  switch (forecast.kind) {
    case 'too-little':
      return plain(
        `Too little usage to say how long the credits last: it takes ${PACE_DAYS} full days, ${formatCount(forecast.days, 'is', 'are')} here.`,
      )
    case 'unused':
      return plain(`Nothing was used in the last ${PACE_DAYS} full days, so nothing runs out.`)
    case 'none':
      return plain('No credits are left. What is used now counts past the credits until the provider adds a grant.')
    case 'out':
      return {
        before: `At this pace, ${formatCredits(perDay(forecast.pace))} a day, credits last until `,
        day: longDate(forecast.on),
        after: forecast.short > 0 ? `, ${formatCount(forecast.short, 'day')} short.` : ', their last day.',
        assumption: assumption(forecast.toCome),
      }
    case 'lasts':
      return {
        before: `At this pace, ${formatCredits(perDay(forecast.pace))} a day, credits last to the end of the last grant, `,
        day: longDate(forecast.to),
        after: forecast.unused > 0 ? `; ${formatCredits(forecast.unused)} end unused.` : '.',
        assumption: assumption(forecast.toCome),
      }
  }
}

const longDates = new Intl.DateTimeFormat(undefined, {
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  timeZone: 'UTC',
})
const longDate = (day: Day): string => longDates.format(new Date(`${day}T00:00:00Z`))

const OF_HERE = 'of what is on this device'

/** "Amara Okafor used most, 14,212. 10 of 312 users used 30.2% of all." `partial`: some of the time is not on this device. */
export function topWords(
  top: readonly { name: string; credits: number }[],
  users: number,
  total: number,
  partial = false,
): string {
  const [first] = top
  const time = partial ? 'in what is on this device' : 'in this time'
  if (!first || total === 0) return `Nobody used credits ${time}.`
  const sum = top.reduce((all, { credits }) => all + credits, 0)
  const most = `${isolated(first.name)} used most${partial ? ` ${OF_HERE}` : ''}, ${formatCredits(first.credits)}.`
  if (users <= top.length) return `${most} ${formatCount(users, 'user')} used credits ${time}.`
  return `${most} ${formatCredits(top.length)} of ${formatCount(users, 'user')} used ${formatShare(sum / total)} of ${partial ? 'it' : 'all'}.`
}

/** "Most with Sales Pro, 55.2%." `partial`: some of the time is not on this device. */
export function shareWords(parts: readonly { name: string; value: number }[], none: string, partial = false): string {
  const total = parts.reduce((sum, { value }) => sum + value, 0)
  const [first] = parts
  if (!first || total === 0) return none
  if (parts.length === 1) return `All ${partial ? OF_HERE : 'of it'} with ${isolated(first.name)}.`
  return `Most ${partial ? `${OF_HERE} ` : ''}with ${isolated(first.name)}, ${formatShare(first.value / total)}.`
}

/** Why there is nothing to show, and what to do. `first`: the first day with any usage; `missing`: months that are not here. */
export function emptyWords(first: Day | undefined, missing: readonly string[], online: boolean): string {
  if (missing.length > 0) return missingWords(missing, online)
  return first === undefined
    ? 'No usage yet. It appears here within a minute of the first use that the provider reports.'
    : 'Nothing was used in this time. Choose another period.'
}

/**
 * "09:41" of today, "22 Nov, 09:41" of another day, on this device's clock; "09:41 CET" where that differs from the organisation's, whose
 * days stand beside it.
 */
export function upToWords(at: Instant, now: Instant, timeZone: string | undefined): string {
  const day = new Date(at).toDateString() === new Date(now).toDateString() ? '' : `${formatDate(at, now)}, `
  const other = timeZone !== undefined && zoneName(at, 'shortOffset', timeZone) !== zoneName(at, 'shortOffset')
  return `${day}${formatTime(at)}${other ? ` ${zoneName(at, 'short')}` : ''}`
}

const zoneName = (at: Instant, timeZoneName: 'short' | 'shortOffset', timeZone?: string): string =>
  new Intl.DateTimeFormat(undefined, { timeZone, timeZoneName })
    .formatToParts(at)
    .find(({ type }) => type === 'timeZoneName')?.value ?? ''

const capital = (text: string): string => text.charAt(0).toLocaleUpperCase() + text.slice(1)
