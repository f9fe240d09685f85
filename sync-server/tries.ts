// Counts tries per key (an address) in windows of time. In memory, and every tenth kept: a restart gives nobody a whole window anew.

/** Keys in memory at most; a flood of addresses must not fill it. */
const MOST = 10_000
/** Every how many tries a window is written down. */
const WRITTEN_EVERY = 10

export interface TriesSoFar {
  tries: number
  /** When the next may come, or when the window ends. */
  until: number
  /** When the last one came. */
  at: number
}

/** Where tries outlive the process. */
export interface Kept {
  read(key: string): Promise<TriesSoFar | undefined>
  write(key: string, so: TriesSoFar): Promise<void>
  forget(key: string): Promise<void>
}

/** Puts into memory what was kept of a key, where memory has nothing of it. */
export async function recall(known: Map<string, TriesSoFar>, kept: Kept, key: string): Promise<void> {
  if (known.has(key)) return
  const before = await kept.read(key)
  // Of many at once that found nothing in memory the first has put it there.
  if (before && !known.has(key)) known.set(key, before)
}

export interface Tries {
  /** @param rule `window` in seconds @returns whether this try is one of the first `max` of its window */
  consume(key: string, rule: { window: number; max: number }): Promise<{ allowed: boolean; retryAfter: number | null }>
}

export function createTries(clock: () => number, kept: Kept): Tries {
  const windows = new Map<string, TriesSoFar>()

  function makeRoom(now: number): void {
    for (const [key, { until }] of windows) if (until <= now) windows.delete(key)
    for (const key of windows.keys()) {
      if (windows.size < MOST) return
      windows.delete(key)
    }
  }

  return {
    consume: async (key, { window, max }) => {
      await recall(windows, kept, key)
      const now = clock()
      const known = windows.get(key)
      if (windows.size >= MOST && !known) makeRoom(now)
      const state = known && known.until > now ? known : { tries: 0, until: now + window * 1000, at: now }
      state.tries += 1
      state.at = now
      windows.set(key, state)
      // Judged before anything is waited for: others are counted meanwhile.
      const allowed = state.tries <= max
      if (allowed && state.tries % WRITTEN_EVERY === 0) await kept.write(key, { ...state })
      return { allowed, retryAfter: allowed ? null : Math.ceil((state.until - now) / 1000) }
    },
  }
}
