// The days of a range by month, by arithmetic on texts: a question over 13 months has 400 days, and a calendar would take longer than
// the sums.
import type { DayRange } from '#shared/periods.ts'

export interface MonthPart {
  /** `2026-11`. */
  month: string
  /** Two digits each: the days of it that are in the range. */
  first: string
  last: string
}

const TWO_DIGITS = Array.from({ length: 32 }, (_, day) => String(day).padStart(2, '0'))
const twoDigits = (day: number): string => TWO_DIGITS[day] ?? ''

/** The month so many months after another (before it, where negative). */
export function monthAfter(month: string, months: number): string {
  const count = Number(month.slice(0, 4)) * 12 + Number(month.slice(5, 7)) - 1 + months
  return `${String(Math.floor(count / 12)).padStart(4, '0')}-${twoDigits((count % 12) + 1)}`
}

const lastDayOf = (month: string): string =>
  twoDigits(new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5, 7)), 0)).getUTCDate())

/** The months of a range, in order; none where it ends before it begins. */
export function monthsOf({ from, to }: DayRange): MonthPart[] {
  const parts: MonthPart[] = []
  const [begin, end] = [from.slice(0, 7), to.slice(0, 7)]
  if (from > to) return parts
  for (let month = begin; month <= end; month = monthAfter(month, 1))
    parts.push({
      month,
      first: month === begin ? from.slice(8) : '01',
      last: month === end ? to.slice(8) : lastDayOf(month),
    })
  return parts
}

/** Two digits for each day from one through another. */
export const daysIn = (first: string, last: string): readonly string[] =>
  TWO_DIGITS.slice(Number(first), Number(last) + 1)
