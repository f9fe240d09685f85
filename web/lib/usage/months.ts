// Months as they lie in the store: bytes as they came, into which days are put that were published again.
import { decodeMonth, encodeMonth, UnreadableUsage, type UsageBlock } from '#shared/usage.ts'

/** The month with newer days in place of its own. */
export function mergedMonth(held: UsageBlock, newer: UsageBlock): ArrayBuffer {
  const days = new Map([...held.days, ...newer.days].map((section) => [section.day, section]))
  const ordered = [...days.values()].sort((a, b) => (a.day < b.day ? -1 : 1))
  return encodeMonth(newer.month, newer.version, ordered).buffer
}

/** Rows in all days. */
export const entriesIn = ({ days }: UsageBlock): number =>
  days.reduce((sum, { columns }) => sum + columns.users.length, 0)

/** The largest number that stands for an id. */
export function mostNumberIn({ days }: UsageBlock): number {
  let most = 0
  for (const { columns } of days)
    for (const column of [columns.users, columns.products, columns.groups])
      for (let row = 0; row < column.length; row += 1) most = Math.max(most, column[row] ?? 0)
  return most
}

/** A stored month; undefined where what lies there is none: it is fetched anew as a whole. */
export function readable(buffer: ArrayBuffer): UsageBlock | undefined {
  try {
    return decodeMonth(buffer)
  } catch (error) {
    if (error instanceof UnreadableUsage) return undefined
    throw error
  }
}
