// Slows down who guesses a password: some tries are free, then each next one must wait, twice as long each time. Counted when a try
// begins, so that many at once gain nothing, and kept before it goes on, so that a restart frees nobody. A slowed one writes nothing.
import { recall, type Kept, type TriesSoFar } from '../tries.ts'

const FREE = 5
const FIRST_WAIT = 30_000
const LONGEST_WAIT = 15 * 60_000
/** Without a try for so long, all is forgotten. */
const FORGOTTEN = 24 * 60 * 60_000
/** Keys kept at most; a flood of addresses must not fill the memory. */
const MOST = 100_000

export interface Slowdown {
  /** Counts a try. @returns 0 where it may go on, else after how many seconds; `first`: this one has used up the free ones */
  take(key: string): Promise<{ wait: number; first: boolean }>
  /** The right password came: begins anew. */
  clear(key: string): Promise<void>
}

export function createSlowdown(clock: () => number, kept: Kept): Slowdown {
  const known = new Map<string, TriesSoFar>()

  function makeRoom(now: number): void {
    for (const [key, { at }] of known) if (at + FORGOTTEN <= now) known.delete(key)
    // Those go first who are not slowed, then the oldest: a flood does not free anybody who is being guessed at.
    for (const [key, { tries }] of known) if (known.size >= MOST && tries < FREE) known.delete(key)
    for (const key of known.keys()) if (known.size >= MOST) known.delete(key)
  }

  return {
    take: async (key) => {
      await recall(known, kept, key)
      const now = clock()
      const before = known.get(key)
      if (!before && known.size >= MOST) makeRoom(now)
      const state = before && before.at + FORGOTTEN > now ? before : { tries: 0, until: 0, at: now }
      if (state.until > now) return { wait: Math.ceil((state.until - now) / 1000), first: false }
      state.tries += 1
      state.at = now
      const over = state.tries - FREE
      if (over >= 0) state.until = now + Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** over)
      known.set(key, state)
      await kept.write(key, { ...state })
      return { wait: 0, first: over === 0 }
    },
    clear: async (key) => {
      known.delete(key)
      await kept.forget(key)
    },
  }
}
