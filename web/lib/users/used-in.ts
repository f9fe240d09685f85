// The users behind a bar: who used credits, or had contact views, on certain days, of a product or in a group. To and from the address of the page.
import type { UsageQuery } from '#lib/usage/types.ts'
import { dayNumber, lengthOf } from '#shared/periods.ts'
import type { Day } from '#shared/model.ts'

export type UsedIn = Pick<UsageQuery, 'from' | 'to' | 'productId' | 'groupId' | 'views'>

/** Ten years: more is a slip, and would be fetched month by month. */
const MOST_DAYS = 3_660
const RANGE = /^(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})$/

/** "2026-11-01..2026-11-30": both days included; undefined for anything else, days that no calendar has included. */
export function parseDays(text: string): { from: Day; to: Day } | undefined {
  const [, from = '', to = ''] = RANGE.exec(text) ?? []
  if (!isDay(from) || !isDay(to)) return undefined
  const days = lengthOf({ from, to })
  return days >= 1 && days <= MOST_DAYS ? { from, to } : undefined
}

export const writeDays = ({ from, to }: { from: Day; to: Day }): string => `${from}..${to}`

const isDay = (text: Day): boolean => {
  const days = dayNumber(text)
  return Number.isFinite(days) && new Date(days * 86_400_000).toISOString().slice(0, 10) === text
}
