// Month blocks in the memory of the worker: for a device that keeps nothing. It has one owner, whom the page tells, and ends with the tab.
import { Erased } from '#lib/replica/storage.ts'
import type { StoredDigest, UsageStore } from './store.ts'
import { emptyIndex, indexAfter, type Belongs, type UsageIndex } from './stored.ts'

export interface UsageInMemory {
  store: UsageStore
  /** The replica that it belongs to from now on: what was of another one goes. */
  belongsTo(owner: Belongs): void
}

export function usageInMemory(): UsageInMemory {
  let owner: Belongs | undefined
  let index: UsageIndex = emptyIndex(0)
  let ids: string[] = []
  const blocks = new Map<string, { buffer: ArrayBuffer; digest: StoredDigest }>()

  return {
    belongsTo({ born, generation }) {
      if (owner?.born === born && owner.generation === generation) return
      owner = { born, generation }
      index = emptyIndex(generation)
      ids = []
      blocks.clear()
    },
    store: {
      read: async () => owner && { owner, index },
      block: async (month) => {
        const buffer = blocks.get(month)?.buffer
        return buffer && { buffer, ids: index.ids }
      },
      digests: async (months) => ({
        digests: months.flatMap((month) => blocks.get(month)?.digest ?? []),
        ids: index.ids,
      }),
      ids: async () => ids,
      write: async (belongs, change) => {
        if (owner?.born !== belongs.born || owner.generation !== belongs.generation)
          throw new Erased('This tab no longer holds this account’s data.')
        const before = index
        index = indexAfter(before, change)
        if (change.ids && change.ids.from <= ids.length) {
          const { from, ids: more } = change.ids
          if (from + more.length > ids.length) ids = [...ids.slice(0, from), ...more]
        }
        for (const { month, version, buffer, digest } of change.months ?? [])
          if (index.months[month]?.version === version && before.months[month]?.version !== version)
            blocks.set(month, { buffer, digest: { key: month, month, version, digest } })
        for (const month of change.drop ?? []) blocks.delete(month)
        return index
      },
      close: () => undefined,
    },
  }
}
