// Counts tries per key (an address and a path) in windows of time. In memory: a restart forgets them, which no stranger can bring about.

/** Keys kept at most; a flood of addresses must not fill the memory. */
const MOST = 10_000

export interface Tries {
  /** @param rule `window` in seconds @returns whether this try is one of the first `max` of its window */
  consume(key: string, rule: { window: number; max: number }): Promise<{ allowed: boolean; retryAfter: number | null }>
}

export function createTries(clock: () => number): Tries {
  const windows = new Map<string, { count: number; ends: number }>()

  function forget(now: number): void {
    for (const [key, { ends }] of windows) if (ends <= now) windows.delete(key)
    for (const key of windows.keys()) {
      if (windows.size < MOST) return
      windows.delete(key)
    }
  }

  return {
    consume: async (key, { window, max }) => {
      const now = clock()
      const known = windows.get(key)
      if (known && known.ends > now) {
        known.count += 1
        const allowed = known.count <= max
        return { allowed, retryAfter: allowed ? null : Math.ceil((known.ends - now) / 1000) }
      }
      if (windows.size >= MOST) forget(now)
      windows.set(key, { count: 1, ends: now + window * 1000 })
      return { allowed: max > 0, retryAfter: null }
    },
  }
}
