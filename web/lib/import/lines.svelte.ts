// The lines of the grid: the rows that are shown, and after those that need a word the line with it. Gone over in slices, since a hundred
// thousand rows are more than one task should touch; few rows are there at once.
import { createBreathe } from '#lib/replica/breathe.ts'
import { drafts } from '#lib/users/drafts.svelte.ts'
import type { Check } from './check.svelte.ts'
import type { DraftField } from './fields.ts'
import type { DraftRow } from './rows.ts'
import type { State, Verdict } from './verdict.ts'

/** Rows in one look at the clock. */
const SLICE = 500

export interface Line {
  row: DraftRow
  /** Where the row stood among all rows. */
  at: number
  number: number
  /** `why` tells the two lines of a row apart. */
  why: boolean
}

/** @param shown which rows; @param optional the fields that are shown where a row has them. Made while a component is set up. */
export function createLines(check: Check, shown: () => 'all' | State, optional: readonly DraftField[]) {
  const breathe = createBreathe(() => performance.now())
  let lines = $state.raw<readonly Line[]>([])
  let of = $state<'all' | State>('all')
  let used = $state.raw<readonly DraftField[]>([])
  let going = false
  let again = false

  async function collect(): Promise<void> {
    const state = shown()
    const { rows } = drafts
    const found: Line[] = []
    let missing = optional
    let number = 0
    for (const [at, row] of rows.entries()) {
      number = row.number ?? number + 1
      if (missing.some((field) => row[field] !== '')) missing = missing.filter((field) => row[field] === '')
      const verdict = check.peek(row.id)
      if (state === 'all' || verdict?.state === state) {
        found.push({ row, at, number, why: false })
        if (verdict && hasWords(verdict)) found.push({ row, at, number, why: true })
      }
      if (at % SLICE === SLICE - 1) await breathe()
    }
    lines = found
    of = state
    const now = optional.filter((field) => !missing.includes(field))
    if (now.join() !== used.join()) used = now
  }

  /** One time after the other: what moves meanwhile is shown by the next one. */
  async function follow(): Promise<void> {
    going = true
    for (;;) {
      again = false
      const began = performance.now()
      await collect()
      if (!again) break
      // While rows still come, most of the time is theirs.
      const took = performance.now() - began
      if (took > 50) await new Promise((resolve) => setTimeout(resolve, 3 * took))
    }
    going = false
  }

  $effect(() => {
    void check.version
    void drafts.rows
    void shown()
    if (going) again = true
    else void follow()
  })

  return {
    get all(): readonly Line[] {
      return lines
    },
    /** Which rows these are of. */
    get of(): 'all' | State {
      return of
    },
    /** Those of the optional fields that a row has. */
    get used(): readonly DraftField[] {
      return used
    },
    /** The row of a line as it stands now: lines may be a moment older than the last key. */
    rowOf({ row, at }: Line): DraftRow {
      const there = drafts.rows[at]
      if (there?.id === row.id) return there
      return drafts.rows.find(({ id }) => id === row.id) ?? row
    },
  }
}

const hasWords = ({ fault, state, understood }: Verdict): boolean =>
  fault !== undefined || (state === 'changed' && understood.kind === 'change')
