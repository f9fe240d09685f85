// Which figures fit above bars and which names below them. Pure; widths in pixels.
import { formatCompact, formatNumber } from '#lib/format.ts'
import type { BarOf } from './chart.ts'

/** A figure of 12 px medium Inter and a little air; wide enough for every letter that a compact number has. */
const LETTER = 6.9
const AIR = 6

export const widthOf = (text: string): number => text.length * LETTER + AIR

/**
 * How values are written so that none touches the next: in full, "41.3k", "41k", or not at all (then only the highest and the one in
 * hand are).
 */
export function valueFormat(bars: readonly BarOf[], slot: number): ((value: number) => string) | undefined {
  const forms = [formatNumber, (value: number) => formatCompact(value), (value: number) => formatCompact(value, true)]
  return forms.find((form) =>
    bars.every(
      ({ value, heads }) =>
        widthOf(form(value)) <= slot && (heads === undefined || widthOf(`≈ ${form(heads)}`) <= slot * 1.5),
    ),
  )
}

/** Every how many bars a name is written below, counted from the first. */
export function labelStep(bars: readonly BarOf[], slot: number): number {
  const widest = bars.reduce((most, { label }) => Math.max(most, widthOf(label)), 0)
  return Math.max(1, Math.ceil(widest / Math.max(1, slot)))
}
