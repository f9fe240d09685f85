// The check of the rows of Add Multiple Users as the page follows it: begun anew with each edit, shown as far as it is, and whole when
// `isSettled`. The work itself is in checking.ts.
import { device } from '#lib/device.svelte.ts'
import { createBreathe } from '#lib/replica/breathe.ts'
import { drafts } from '#lib/users/drafts.svelte.ts'
import type { NewGroup, UserId } from '#shared/model.ts'
import { untrack } from 'svelte'
import { createChecker, usedGroups } from './checking.ts'
import type { Entry } from './plan.ts'
import { source } from './source.svelte.ts'
import { createTally, type Summary, type Verdicts } from './tally.ts'
import type { Verdict } from './verdict.ts'

const SHOWN_EVERY = 250
/** After the last key. */
const DELAY = 150

const rowsIn = ({ counts }: Summary): number => Object.values(counts).reduce((sum, count) => sum + count, 0)

export type Check = ReturnType<typeof createCheck>

/** Follows the rows. Made while a component is set up. */
export function createCheck() {
  const breathe = createBreathe(() => performance.now())
  const checker = createChecker()
  let verdicts: Verdicts = createTally()
  /** Of the check that is under way, as far as it is. */
  let coming = verdicts
  let version = $state(0)
  let summary = $state.raw(createTally().summary())
  let progress = $state.raw<{ done: number; total: number }>()
  let problem = $state.raw<string>()
  let settledFor = $state(-1)
  let run = 0

  async function check(mine: number): Promise<void> {
    const edits = drafts.edits
    // The first faults are shown as soon as there are any, all else a few times a second.
    let shownAt = source.isReading ? -Infinity : performance.now()
    const found = await checker.check({
      rows: () => drafts.rows,
      isReading: () => source.isReading,
      settings: drafts.settings,
      columns: source.shape?.columns ?? [],
      before: coming === verdicts ? [verdicts] : [coming, verdicts],
      breathe,
      onprogress: (so, now) => {
        if (run !== mine) return false
        const waited = performance.now() - shownAt
        if (waited < SHOWN_EVERY) return true
        const soFar = so.summary()
        // The file may be on its way: the first row that comes is shown at once.
        if (waited === Infinity && rowsIn(soFar) === 0) return true
        shownAt = performance.now()
        progress = now
        // Of rows that are read anew after an edit, fewer have been looked at than are shown: those stand meanwhile.
        if (rowsIn(soFar) >= rowsIn(summary)) show(so, soFar)
        return true
      },
    })
    if (!found || run !== mine) return
    verdicts = found
    progress = undefined
    settledFor = edits
    show(found)
  }

  function show(so: Verdicts, counted = so.summary()): void {
    coming = so
    summary = counted
    // The grid is drawn in a task of its own.
    setTimeout(() => (version += 1))
  }

  $effect(() => {
    void drafts.edits
    void device.rosterVersion
    void source.shape
    if (device.phase !== 'ready') return
    const begin = () => {
      run += 1
      const mine = run
      problem = undefined
      check(mine).catch((cause: unknown) => {
        if (run !== mine) return
        progress = undefined
        problem = cause instanceof Error ? cause.message : 'The rows could not be checked.'
      })
    }
    const timer = setTimeout(begin, untrack(() => source.isReading) ? 0 : DELAY)
    return () => {
      clearTimeout(timer)
      run += 1
    }
  })

  return {
    of(id: UserId): Verdict | undefined {
      void version
      return coming.get(id) ?? verdicts.get(id)
    },
    /** As `of`, for whoever asks for a hundred thousand and follows `version` once. */
    peek: (id: UserId): Verdict | undefined => coming.get(id) ?? verdicts.get(id),
    get version() {
      return version
    },
    get counts() {
      return summary.counts
    },
    get seats() {
      return summary.seats
    },
    get missingGroups() {
      return summary.missingGroups
    },
    get progress() {
      return progress
    },
    get problem() {
      return problem
    },
    /** All rows, as they stand now, have been tried. */
    get isSettled(): boolean {
      return settledFor === drafts.edits && progress === undefined && !source.isReading
    },
    /** What the rows that nothing keeps back come to, in order, and the groups that they need. */
    async ready(): Promise<{ entries: Entry[]; groups: NewGroup[] }> {
      const settled = verdicts
      const entries: Entry[] = []
      for (const [at, { id }] of drafts.rows.entries()) {
        const { state, understood } = settled.get(id) ?? {}
        if ((state === 'ready' || state === 'changed') && (understood?.kind === 'new' || understood?.kind === 'change'))
          entries.push({ row: id, understood })
        if (at % 500 === 499) await breathe()
      }
      return { entries, groups: usedGroups(checker.newGroups(drafts.settings), entries) }
    },
  }
}
