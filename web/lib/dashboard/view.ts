// How the charts of the dashboard are made of its numbers: bars, their table, and the file. Pure.
import {
  formatCount,
  formatDays,
  formatFullDays,
  formatLongDay,
  formatMonth,
  formatMonthName,
  formatShare,
  formatShortMonth,
} from '#lib/format.ts'
import type { BarOf, ChartFile, Twin, TwinCell, TwinRow } from '#lib/components/charts/chart.ts'
import { fileName } from '#lib/components/charts/chart.ts'
import type { Amounts } from '#lib/usage/types.ts'
import { writeDays } from '#lib/users/used-in.ts'
import type { ProductId } from '#shared/model.ts'
import type { DayRange } from '#shared/periods.ts'
import { bucketName, HERE } from './words.ts'
import { sumOf, type Bucket, type Unit } from './buckets.ts'

/** The users who used credits on these days, or had contact views, of a product where one is named. */
export const usersBehind = (range: DayRange, productId?: ProductId, of: keyof Amounts = 'credits'): string =>
  `/users?used=${writeDays(range)}${productId ? `&usedProduct=${productId}` : ''}${of === 'credits' ? '' : '&usedFor=views'}`

/** A bar for each bucket; a second line where a year or a month begins. */
export function barsOf(unit: Unit, buckets: readonly Bucket[]): BarOf[] {
  const years = buckets[0]?.key.slice(0, 4) !== buckets.at(-1)?.key.slice(0, 4)
  let begun = ''
  return buckets.map((bucket) => {
    const begins =
      unit === 'month' ? (years ? bucket.key.slice(0, 4) : '') : unit === 'day' ? bucket.key.slice(0, 7) : ''
    const second = begins === begun ? '' : unit === 'month' ? begins : formatShortMonth(begins)
    begun = begins
    return {
      key: bucket.key,
      label: labelOf(unit, bucket),
      ...(second ? { second } : {}),
      name: bucket.cut && bucket.heads === undefined ? formatFullDays(bucket) : bucketName(unit, bucket, true),
      value: bucket.credits,
      heads: bucket.heads,
      ...(bucket.unknown ? { unknown: true } : {}),
      href: usersBehind(bucket),
    }
  })
}

function labelOf(unit: Unit, { key, from }: Bucket): string {
  if (unit === 'month') return formatShortMonth(key)
  return unit === 'day' ? String(Number(key.slice(8))) : formatDays({ from, to: from }, `${from}T12:00`)
}

const HEADS: Record<Unit, string> = { day: 'Day', week: 'Week', month: 'Month' }

/** The same as a table; months stand below shorter parts. Its sums are of the days that are on this device. */
export function summaryTwin(unit: Unit, buckets: readonly Bucket[], months: readonly Bucket[]): Twin {
  const { credits, contactViews } = sumOf(buckets)
  const days = buckets.reduce((sum, bucket) => sum + bucket.here, 0)
  const partial = buckets.some(({ unknown }) => unknown)
  const a = (credits: number, days: number) => Math.round(credits / Math.max(1, days))
  const years = buckets[0]?.key.slice(0, 4) !== buckets.at(-1)?.key.slice(0, 4)
  const row =
    (unit: Unit) =>
    (bucket: Bucket): TwinRow => ({
      key: bucket.key,
      href: usersBehind(bucket),
      cells: [
        partName(unit, bucket, years),
        bucket.days,
        ...(bucket.unknown
          ? [null, null, null]
          : [bucket.credits, a(bucket.credits, bucket.days), bucket.contactViews]),
      ],
    })
  return {
    columns: [
      { label: HEADS[unit] },
      { label: 'Days', number: true, class: 'out-xs' },
      { label: 'Credits', number: true },
      { label: 'A day', number: true, class: 'out-xxs' },
      { label: 'Contact views', number: true },
    ],
    rows: buckets.map(row(unit)),
    ...(unit === 'month' ? {} : { more: { title: 'By month', rows: months.map(row('month')) } }),
    total: [`${formatCount(days, 'day')}${partial ? HERE : ''}`, days, credits, a(credits, days), contactViews],
  }
}

function partName(unit: Unit, bucket: Bucket, years: boolean): string {
  if (unit === 'day') return years ? formatFullDays(bucket) : formatLongDay(`${bucket.key}T00:00`)
  if (unit === 'week' || bucket.cut) return years ? formatFullDays(bucket) : formatDays(bucket, `${bucket.to}T12:00`)
  return years ? formatMonth(bucket.key.slice(0, 7)) : formatMonthName(bucket.key)
}

export const summaryFile = (range: DayRange, buckets: readonly Bucket[]): ChartFile => ({
  name: fileName('usage', range),
  rows: () => [
    ['From', 'To', 'Days', 'Credits', 'Contact views'],
    ...buckets.map(({ from, to, days, credits, contactViews, unknown }) =>
      unknown ? [from, to, days, null, null] : [from, to, days, credits, contactViews],
    ),
  ],
})

export interface Part {
  key: string
  name: string
  value: number
  href: string
  /** Between name and value in the table: "Sales Pro". */
  also?: string
}

/** A ranked list as a table, with its shares of `total`. `partial`: some of the time is not on this device. */
export function rankedTwin(
  parts: readonly Part[],
  {
    names,
    also,
    unit,
    total,
    all,
    partial = false,
  }: { names: string; also?: string; unit: string; total: number; all: string; partial?: boolean },
): Twin {
  const between = (value: TwinCell): TwinCell[] => (also === undefined ? [] : [value])
  return {
    columns: [
      { label: names },
      ...(also === undefined ? [] : [{ label: also, class: 'out-xs' }]),
      { label: unit, number: true },
      { label: 'Share', number: true, format: formatShare },
    ],
    rows: parts.map(({ key, name, also: beside, value, href }) => ({
      key,
      href,
      cells: [name, ...between(beside ?? null), value, total > 0 ? value / total : null],
    })),
    total: [`${all}${partial ? HERE : ''}`, ...between(''), total, total > 0 ? 1 : null],
  }
}

export const rankedFile = (
  title: string,
  range: DayRange,
  parts: readonly Part[],
  heads: readonly string[],
): ChartFile => ({
  name: fileName(title, range),
  rows: () => [
    heads,
    ...parts.map(({ name, also, value }) => (heads.length > 2 ? [name, also ?? '', value] : [name, value])),
  ],
})
