// Month blocks in the account's database, read and written by the worker. It writes only while the store still belongs to the sign-in and
// the history that the blocks were fetched for.
import { Erased } from '#lib/replica/storage.ts'
import { usageConnection } from './connection.ts'
import type { Digest } from './section.ts'
import { emptyIndex, indexAfter, type Belongs, type UsageChange, type UsageIndex } from './stored.ts'

export type UsageStore = ReturnType<typeof usageStore>

export interface StoredDigest {
  key: string
  month: string
  version: number
  digest: Digest
}
const digestKey = (month: string): string => `${month} summed up`

/** @param doors only tests give a factory */
export function usageStore(doors: { name: string; indexedDB?: IDBFactory }) {
  const { run, close } = usageConnection(doors)

  return {
    /** Whose store it is, and what it holds; undefined where it was erased. */
    read: () =>
      run<{ owner: Belongs; index: UsageIndex } | undefined>('readonly', (usage, sync, answer) => {
        if (!sync) return answer(undefined)
        const index: IDBRequest<UsageIndex | undefined> = usage.get('index')
        const owner = { born: sync.born, generation: sync.shown.generation }
        index.onsuccess = () => answer({ owner, index: index.result ?? emptyIndex(owner.generation) })
      }),
    /** A month, and how many ids its numbers count on. */
    block: (month: string) =>
      run<{ buffer: ArrayBuffer; ids: number } | undefined>('readonly', (usage, _sync, answer) => {
        const index: IDBRequest<UsageIndex | undefined> = usage.get('index')
        const block: IDBRequest<{ buffer: ArrayBuffer } | undefined> = usage.get(month)
        // Requests of one transaction are answered in order: the index is there by now.
        block.onsuccess = () => answer(block.result && { buffer: block.result.buffer, ids: index.result?.ids ?? 0 })
      }),
    /** Of these months, what there is: each with the version that it sums up. */
    digests: (months: readonly string[]) =>
      run<{ digests: StoredDigest[]; ids: number }>('readonly', (usage, _sync, answer) => {
        const digests: StoredDigest[] = []
        for (const month of months) {
          const digest: IDBRequest<StoredDigest | undefined> = usage.get(digestKey(month))
          digest.onsuccess = () => digest.result && digests.push(digest.result)
        }
        const index: IDBRequest<UsageIndex | undefined> = usage.get('index')
        index.onsuccess = () => answer({ digests, ids: index.result?.ids ?? 0 })
      }),
    ids: () =>
      run<string[]>('readonly', (usage, _sync, answer) => {
        const ids: IDBRequest<{ ids: string[] } | undefined> = usage.get('ids')
        ids.onsuccess = () => answer(ids.result?.ids ?? [])
      }),

    /**
     * Writes all of it or nothing, and answers the index as it is then. Blocks of another history go first.
     * @throws {Erased} where the store belongs to nobody, to another sign-in or has moved to another history
     * @throws {DeviceFull}
     */
    write: (belongs: Belongs, change: UsageChange) =>
      run<UsageIndex>('readwrite', (usage, sync, answer) => {
        if (sync?.born !== belongs.born || sync.shown.generation !== belongs.generation)
          throw new Erased('This device no longer holds this account’s data.')
        const found: IDBRequest<UsageIndex | undefined> = usage.get('index')
        found.onsuccess = () => {
          const kept = found.result?.generation === belongs.generation ? found.result : undefined
          if (!kept) usage.clear()
          const before = kept ?? emptyIndex(belongs.generation)
          if (change.ids) writeIds(usage, change.ids)
          const index = indexAfter(before, change)
          for (const { month, version, buffer, digest } of change.months ?? []) {
            if (index.months[month]?.version !== version || before.months[month]?.version === version) continue
            usage.put({ key: month, buffer })
            usage.put({ key: digestKey(month), month, version, digest } satisfies StoredDigest)
          }
          for (const month of change.drop ?? []) for (const key of [month, digestKey(month)]) usage.delete(key)
          usage.put(index)
          answer(index)
        }
      }),
    close,
  }
}

/** Ids only grow: what another tab has written beyond these stays. */
function writeIds(usage: IDBObjectStore, { from, ids }: { from: number; ids: readonly string[] }): void {
  const found: IDBRequest<{ ids: string[] } | undefined> = usage.get('ids')
  found.onsuccess = () => {
    const known = found.result?.ids ?? []
    if (known.length >= from && known.length < from + ids.length)
      usage.put({ key: 'ids', ids: [...known.slice(0, from), ...ids] })
  }
}
