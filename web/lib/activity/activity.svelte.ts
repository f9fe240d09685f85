// The entries that the Activity page shows: from the server while there is one, else those that are kept on this device.
import { ApiError } from '#lib/api.ts'
import { device } from '#lib/device.svelte.ts'
import type { ActivityEntry } from '#shared/activity.ts'
import { askPage } from './door.ts'
import { fits, queryOf, type ActivityFilter } from './filter.ts'
import { recentIn } from './recent.ts'

export function createActivity() {
  let entries = $state.raw<readonly ActivityEntry[]>([])
  /** Where the next page begins; null where all is here. */
  let next = $state.raw<number | null>(null)
  let state = $state.raw<'asking' | 'ready' | 'kept' | 'nothing'>('asking')
  let busy = $state.raw(false)
  let asOf = $state.raw<number>()
  let fault = $state.raw<string>()
  let asked = 0
  let removals = device.removals

  /** What this device has kept of it. */
  async function showKept(filter: ActivityFilter, run: number): Promise<void> {
    const recent = device.database === undefined ? undefined : await recentIn(device.database)
    if (run !== asked) return
    if (!recent) {
      state = 'nothing'
      entries = []
      return
    }
    entries = recent.entries.filter((entry) => fits(entry, filter, device.now()))
    next = null
    asOf = recent.asOf
    state = 'kept'
  }

  async function ask(filter: ActivityFilter, anew: boolean): Promise<void> {
    const run = (asked += 1)
    // What was loaded before somebody was removed may still say who it was.
    if (device.removals !== removals) {
      removals = device.removals
      entries = []
      anew = true
    }
    if (anew) state = 'asking'
    fault = undefined
    if (!device.online) return await showKept(filter, run)
    busy = true
    try {
      const page = await askPage(queryOf(filter, device.now()))
      if (run !== asked) return
      const lowest = page.entries.at(-1)?.version ?? Infinity
      // What was loaded before and follows without a gap stays.
      const older = anew || state === 'kept' ? [] : entries.filter(({ version }) => version < lowest)
      const joins = older.length > 0 && entries.some(({ version }) => version >= lowest)
      entries = joins ? [...page.entries, ...older] : page.entries
      if (!joins) next = page.next
      asOf = Date.now()
      state = 'ready'
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      if (run !== asked) return
      if (error.status > 0) fault = error.message
      await showKept(filter, run)
    } finally {
      busy = false
    }
  }

  return {
    get entries() {
      return entries
    },
    get next() {
      return next
    },
    get state() {
      return state
    },
    get busy() {
      return busy
    },
    get asOf() {
      return asOf
    },
    get fault() {
      return fault
    },
    /** Another filter. */
    show: (filter: ActivityFilter) => ask(filter, true),
    /** What is new of the same. */
    refresh: (filter: ActivityFilter) => ask(filter, false),
    older: async (filter: ActivityFilter): Promise<void> => {
      if (next === null || busy) return
      const run = asked
      busy = true
      fault = undefined
      try {
        const page = await askPage(queryOf(filter, device.now()), next)
        if (run !== asked) return
        entries = [...entries, ...page.entries]
        next = page.next
      } catch (error) {
        if (!(error instanceof ApiError)) throw error
        fault = error.message
      } finally {
        busy = false
      }
    },
  }
}
