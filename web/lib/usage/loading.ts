// Brings what the store has of a question's range into memory: what months come to, and their days only where they are needed.
import { monthsOf } from './days.ts'
import type { Engine } from './engine.ts'
import { readable } from './months.ts'
import type { UsageStore } from './store.ts'
import type { UsageQuery } from './types.ts'

export interface LoadingDoors {
  store: UsageStore
  engine: Engine
  /** The version of a month in the store; undefined where it is not there. */
  storedVersion: (month: string) => number | undefined
  /** What lies there as this month is none. */
  onbroken: (month: string) => Promise<void>
}

export function createLoading({ store, engine, storedVersion, onbroken }: LoadingDoors) {
  async function loadIds(needed: number): Promise<void> {
    if (engine.ids < needed) engine.putIds(0, await store.ids())
  }

  /** Reads what stored months come to into memory, where memory has nothing or something older. */
  async function loadDigests(months: readonly string[]): Promise<void> {
    const { digests, ids } = await store.digests(months)
    await loadIds(ids)
    for (const { month, version, digest } of digests)
      if (version > (engine.versionOf(month) ?? 0)) engine.put({ month, version, digest, sections: undefined })
  }

  /** Reads a stored month with its days. */
  async function loadDays(month: string): Promise<void> {
    const stored = await store.block(month)
    if (!stored) return
    await loadIds(stored.ids)
    const block = readable(stored.buffer)
    if (!block) return onbroken(month)
    if (block.version >= (engine.versionOf(month) ?? 0) && !isReady(month, true)) engine.put(engine.makeMonth(block))
  }

  /** Whether memory has what the store has of a month. */
  const isReady = (month: string, withDays: boolean): boolean =>
    (storedVersion(month) ?? 0) <= (engine.versionOf(month) ?? 0) && (!withDays || engine.hasDays(month))

  return {
    /** Has in memory what the store holds of a range; once more where another version was written meanwhile. `onload`: memory grew. */
    async loadRange(query: UsageQuery, onload: () => void): Promise<void> {
      const parts = monthsOf(query)
        .filter(({ month }) => storedVersion(month) !== undefined)
        .reverse()
      for (let tries = 0; tries < 3; tries += 1) {
        const outdated = parts.map(({ month }) => month).filter((month) => !isReady(month, false))
        if (outdated.length > 0) await loadDigests(outdated)
        const days = parts.filter((part) => !isReady(part.month, engine.needsDays(query, part)))
        for (const { month } of days) await loadDays(month)
        if (outdated.length + days.length === 0) return
        onload()
      }
    },
  }
}
