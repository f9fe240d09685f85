// What each card of a chart gets.
import type { Numbers } from '#lib/dashboard/numbers.svelte.ts'

export interface CardProps {
  numbers: Numbers | undefined
  /** There is no answer yet for the chosen period. */
  busy: boolean
  table: boolean
  ontable: (table: boolean) => void
  /** Under a picture. */
  caption: string
}
