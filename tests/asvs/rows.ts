// How the table of OWASP ASVS is written down: one answer for each requirement, held by tests where it can be.
import type { PROOFS } from './proofs.ts'

/**
 * `held`: met here. `not-applicable`: we have nothing of the kind. `operator`: met by whoever runs the server, with what the README says.
 * `deviation`: not met, and decided so. `open`: not met.
 */
export type Answer = 'held' | 'not-applicable' | 'operator' | 'deviation' | 'open'
export type Proof = keyof typeof PROOFS

export interface Row {
  /** A few words for finding it; the requirement itself is in the standard. */
  about: string
  answer: Answer
  how: string
  tests: readonly Proof[]
}

export interface Chapter {
  name: string
  rows: Readonly<Record<string, Row>>
}

const row =
  (answer: Answer) =>
  (about: string, how: string, ...tests: Proof[]): Row => ({ about, answer, how, tests })

export const held = row('held')
export const without = row('not-applicable')
export const operator = row('operator')
export const deviation = row('deviation')
