// Which figures fit above bars and which names below them. Pure; widths in pixels.
import { formatCompact, formatNumber } from '#lib/format.ts'
import type { BarOf } from './chart.ts'

/** Of 12 px medium with tabular figures; whatever is not named here is as wide as a figure. */
const WIDTHS: Readonly<Record<string, number>> = { '.': 3.4, ',': 3.4, ' ': 3.2, '\u00a0': 3.2, '\u202f': 3, m: 10.5 }
const FIGURE = 7.4
/** Between one label and the next. */
const AIR = 4

export const widthOf = (text: string): number =>
  [...text].reduce((sum, letter) => sum + (WIDTHS[letter] ?? FIGURE), AIR)

const FORMS = [formatNumber, (value: number) => formatCompact(value), (value: number) => formatCompact(value, true)]

/**
 * How values are written so that none touches the next: in full, "41.3k", or "41k"; undefined where not even that fits, or where it would
 * say too little ("4k"): then only the highest and the one in hand are written.
 */
export function valueFormat(bars: readonly BarOf[], slot: number): ((value: number) => string) | undefined {
  const fits = (form: (value: number) => string) =>
    bars.every(({ value, unknown }) => unknown || widthOf(form(value)) <= slot)
  const form = FORMS.find(fits)
  const rough = form === FORMS[2] && bars.some(({ value }) => value >= 1_000 && value < 10_000)
  return rough ? undefined : form
}

/** How what a bar heads for is written above it: as much as fits beside the value of the bar before; undefined where nothing does. */
export const headsFormat = (heads: number, slot: number): string | undefined =>
  FORMS.map((form) => `≈ ${form(heads)}`).find((text) => widthOf(text) <= slot)

/** Every how many bars a name is written below, counted from the first. */
export function labelStep(bars: readonly BarOf[], slot: number): number {
  const widest = bars.reduce((most, { label }) => Math.max(most, widthOf(label)), 0)
  return Math.max(1, Math.ceil(widest / Math.max(1, slot)))
}
