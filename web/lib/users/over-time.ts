// What one user or group used over time: twelve months by month or the running one by day, as bars and as a table, with the limit where its
// term fits and the days on which usage was reset. Pure.
import type { BarOf, Twin } from '#lib/components/charts/chart.ts'
import { bucketsOf, sumOf, type Bucket, type Unit } from '#lib/dashboard/buckets.ts'
import { bucketName } from '#lib/dashboard/words.ts'
import { formatCredits, formatDays, formatShortMonth } from '#lib/format.ts'
import type { UsageSums } from '#lib/usage/types.ts'
import { paceOf } from '#shared/forecast.ts'
import type { Day, Limit, Organisation, ResetMarker, Term } from '#shared/model.ts'
import { dayNumber, dayOf, firstDayOf, lengthOf, type DayRange } from '#shared/periods.ts'
import { parseDate } from '@internationalized/date'

export const SPANS = ['year', 'month'] as const
/** The running month and the eleven before it, or the running month alone. */
export type Span = (typeof SPANS)[number]

type Calendar = Pick<Organisation, 'timeZone' | 'weekStart' | 'fiscalYearStart'>

export const unitOf = (span: Span): Unit => (span === 'year' ? 'month' : 'day')

/** The days of a span that ends today. */
export function spanDays(span: Span, today: Day, calendar: Calendar): DayRange {
  const first = firstDayOf('month', today, calendar)
  return { from: span === 'month' ? first : parseDate(first).subtract({ months: 11 }).toString(), to: today }
}

export interface Reset {
  day: Day
  /** What the term of the limit had used before. */
  used: number
  /** The place of the bar that it falls into, and how far into it, 0 to 1. */
  bar: number
  within: number
}

/** The resets that fall into these bars, at their days. */
export function resetsIn(
  markers: readonly ResetMarker[],
  buckets: readonly Bucket[],
  unit: Unit,
  term: Term,
  organisation: Calendar,
): Reset[] {
  return markers.flatMap(({ at, used }): Reset[] => {
    const day = dayOf(at, organisation)
    const bar = buckets.findIndex(({ from, to }) => from <= day && day <= to)
    const bucket = buckets[bar]
    if (!bucket) return []
    const days = unit === 'day' ? 1 : lengthOf(wholeMonth(bucket.key))
    return [{ day, used: used[term], bar, within: (dayNumber(day) - dayNumber(bucket.key) + 0.5) / days }]
  })
}

const wholeMonth = (first: Day): DayRange => ({
  from: first,
  to: parseDate(first).add({ months: 1 }).subtract({ days: 1 }).toString(),
})

/** The limit as a line across the bars: only where each bar is one of its terms. */
export const lineOf = (limit: Limit | null | undefined, unit: Unit): number | undefined =>
  unit === 'month' && limit?.term === 'month' && limit.credits ? limit.credits : undefined

export interface OverTime {
  unit: Unit
  buckets: readonly Bucket[]
  bars: BarOf[]
  twin: Twin
  credits: number
  contactViews: number
}

/**
 * `hrefOf`: where a bar leads, to the users behind it; `markers`: told in the table at their month or day, with what `term` had used;
 * `missing`: months that are not on this device yet, for which no number is claimed.
 */
export function overTime(
  span: Span,
  { days }: Pick<UsageSums, 'days'>,
  organisation: Calendar,
  today: Day,
  {
    hrefOf,
    markers = [],
    term = 'month',
    missing = [],
  }: {
    hrefOf?: (range: DayRange) => string
    markers?: readonly ResetMarker[]
    term?: Term
    missing?: readonly string[]
  },
): OverTime & { resets: Reset[] } {
  const unit = unitOf(span)
  const first = days.find(({ credits }) => credits > 0)?.day
  const buckets = bucketsOf(days, unit, organisation, { today, pace: paceOf(days, today, first) }, missing)
  const resets = resetsIn(markers, buckets, unit, term, organisation)
  const sum = sumOf(buckets)
  const bars = buckets.map((bucket): BarOf => ({
    key: bucket.key,
    label: unit === 'month' ? formatShortMonth(bucket.key) : String(Number(bucket.key.slice(8))),
    ...secondLine(unit, bucket, buckets[0]),
    name: bucketName(unit, bucket, true),
    value: bucket.credits,
    heads: bucket.heads,
    ...(bucket.unknown ? { unknown: true } : {}),
    ...(hrefOf && bucket.credits > 0 ? { href: hrefOf(bucket) } : {}),
  }))
  return { unit, buckets, bars, twin: twinOf(unit, buckets, bars, resets, sum), ...sum, resets }
}

/** The year under its January, and under the first bar unless a January is close by. */
const secondLine = (unit: Unit, { key }: Bucket, first: Bucket | undefined): { second?: string } => {
  if (unit !== 'month') return {}
  const month = key.slice(5, 7)
  return month === '01' || (key === first?.key && month < '11') ? { second: key.slice(0, 4) } : {}
}

function twinOf(
  unit: Unit,
  buckets: readonly Bucket[],
  bars: readonly BarOf[],
  resets: readonly Reset[],
  sum: { credits: number; contactViews: number },
): Twin {
  const told = (bar: number) =>
    resets
      .filter((reset) => reset.bar === bar)
      .map(resetWords)
      .join('; ')
  const columns = [
    { label: unit === 'month' ? 'Month' : 'Day' },
    { label: 'Credits', number: true },
    { label: 'Contact views', number: true },
    ...(resets.length > 0 ? [{ label: 'Reset' }] : []),
  ]
  // The latest first: what a table is looked up for.
  const rows = buckets
    .map(({ key, credits, contactViews, unknown }, at) => ({
      key,
      cells: [
        bars[at]?.name ?? key,
        ...(unknown ? [null, null] : [credits, contactViews]),
        ...(resets.length > 0 ? [told(at)] : []),
      ],
      ...(bars[at]?.href ? { href: bars[at].href } : {}),
    }))
    .toReversed()
  return {
    columns,
    rows,
    total: ['Total', sum.credits, sum.contactViews, ...(resets.length > 0 ? [''] : [])],
  }
}

const resetWords = ({ day, used }: Reset): string => `${dayWords(day)}, ${formatCredits(used)} used before`

/** "12 Nov": no bar lies further back than a year. */
export const dayWords = (day: Day): string => formatDays({ from: day, to: day }, `${day}T12:00`)

/** The rows of the table as a file has them: days as the model writes them, so that every program reads them. */
export const fileRows = ({ buckets }: Pick<OverTime, 'buckets'>): (string | number | null)[][] => [
  ['From', 'To', 'Credits', 'Contact views'],
  ...buckets.map(({ from, to, credits, contactViews, unknown }) =>
    unknown ? [from, to, null, null] : [from, to, credits, contactViews],
  ),
]

/** "Usage was reset on 12 Nov, 420 used before. What the limit counts begins there; the chart shows all." */
export function resetSentence(resets: readonly Reset[]): string {
  if (resets.length === 0) return ''
  const list = resets.map(resetWords).join('; ')
  return `Usage was reset on ${list}. The limit counts from there; the chart shows all.`
}
