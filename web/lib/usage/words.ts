// The usage on this device in words, for Settings.
import { formatBytes, formatCount, formatMonth, formatNames } from '#lib/format.ts'
import type { HeldState } from './messages.ts'

export interface UsageWords {
  /** "13 months, 107,951 entries by day, user and product". */
  held: string
  /** "August 2025 and July 2025 are not here yet"; empty where nothing is missing. */
  missing: string
  /** "640 kB, 1.2 MB in memory". */
  size: string
}

export function usageWords({ months, memoryBytes, diskBytes }: HeldState): UsageWords {
  const here = months.filter(({ version }) => version > 0)
  const missing = months.filter(({ version }) => version === 0).map(({ month }) => formatMonth(month))
  const entries = here.reduce((sum, month) => sum + month.entries, 0)
  return {
    held: here.length
      ? `${formatCount(here.length, 'month')}, ${formatCount(entries, 'entry', 'entries')} by day, user and product`
      : 'None on this device yet',
    missing: missing.length
      ? `${formatNames(missing)} ${missing.length === 1 ? 'is' : 'are'} not here yet: fetched as soon as the server can be reached`
      : '',
    size: `${formatBytes(diskBytes)}, ${formatBytes(memoryBytes)} in memory`,
  }
}
