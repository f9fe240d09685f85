// What an action would do, kept true while its dialog is open: the call is run on a copy of the rows, in slices, again whenever the
// choice or the rows change. Nothing is written.
import { device } from '#lib/device.svelte.ts'
import type { Layer } from '#lib/replica/rows.ts'
import { tallyOf } from '#shared/action-words.ts'
import type { Call } from '#shared/operations/definition.ts'
import type { Outcome } from '#shared/operations/outcome.ts'
import { untrack } from 'svelte'

export interface Forecast {
  /** What it was reckoned for. */
  call: Call
  outcomes: readonly Outcome[]
  /** The rows as they would be. */
  layer: Layer
  /** More than one cannot be all or nothing. */
  operations: number
  applied: number
  refused: number
}

/**
 * Follows `call`; undefined while nothing is chosen. Made while a component is set up. What is being confirmed is not reckoned again
 * while it changes the rows: `rests`.
 */
export function createForecast(call: () => Call | undefined, rests: () => boolean = () => false) {
  let current = $state.raw<Forecast>()
  let progress = $state.raw<{ done: number; total: number }>()
  let problem = $state.raw<string>()
  let wanted: Call | undefined
  let running = false
  let again = false

  async function run(): Promise<void> {
    if (running) {
      again = true
      return
    }
    running = true
    do {
      again = false
      await reckon(wanted)
    } while (again)
    running = false
  }

  async function reckon(asked: Call | undefined): Promise<void> {
    if (!asked) {
      current = undefined
      return
    }
    try {
      const { outcomes, layer, operations } = await device.forecast(asked, (done, total) => {
        if (total > 1) progress = { done, total }
        return wanted === asked
      })
      // A newer choice stopped it, or is about to be reckoned.
      if (wanted !== asked) return
      const { applied, rejected } = tallyOf(outcomes)
      current = { call: asked, outcomes, layer, operations, applied, refused: rejected }
      problem = undefined
    } catch (cause) {
      current = undefined
      problem = cause instanceof Error ? cause.message : 'The preview could not be made.'
    } finally {
      progress = undefined
    }
  }

  $effect(() => {
    if (rests()) return
    wanted = call()
    void device.rosterVersion
    untrack(() => void run())
  })

  return {
    /** The forecast for what is chosen now; undefined until it is there. */
    get current(): Forecast | undefined {
      return current?.call === call() ? current : undefined
    },
    /** The last one, also for an earlier choice: shown until the next is there, so that nothing jumps. */
    get latest(): Forecast | undefined {
      return call() ? current : undefined
    },
    /** Operations reckoned so far, of a large selection. */
    get progress() {
      return progress
    },
    get problem() {
      return problem
    },
  }
}
