// Month blocks in the account's database, read and written by the worker: plain IndexedDB, since Dexie is in the page already and a
// second copy of it would only be loaded for six calls. It never creates a database, and writes only while the store still belongs to
// the sign-in and the history that the blocks were fetched for.
import { DeviceFull, Erased, type SyncRow } from '#lib/replica/storage.ts'
import type { Instant } from '#shared/model.ts'
import { bytesOfDigest, type Digest } from './section.ts'

/** A month as it lies in the store. */
export interface StoredMonth {
  version: number
  /** Rows in all its days. */
  entries: number
  bytes: number
}

/** What is in the store, without the blocks themselves. */
export interface UsageIndex {
  key: 'index'
  /** Of the replica, when these were fetched: another one may count versions and ids differently. */
  generation: number
  months: Readonly<Record<string, StoredMonth>>
  /** How many ids are stored. */
  ids: number
  /** The versions that the server has, as last heard: what is behind them is missing. */
  known: Readonly<Record<string, number>>
  /** When all that was known was here last, by the server's clock. */
  upTo: Instant | undefined
}

export interface Belongs {
  born: string
  generation: number
}

/** What is written together; each part may be left out. */
export interface UsageChange {
  months?: readonly { month: string; version: number; entries: number; buffer: ArrayBuffer; digest: Digest }[]
  ids?: { from: number; ids: readonly string[] }
  drop?: readonly string[]
  known?: Readonly<Record<string, number>>
  upTo?: Instant | undefined
}

export type UsageStore = ReturnType<typeof usageStore>

interface StoredDigest {
  key: string
  month: string
  version: number
  digest: Digest
}
const digestKey = (month: string): string => `${month} summed up`

const STORE = 'usage'

export const emptyIndex = (generation: number): UsageIndex => ({
  key: 'index',
  generation,
  months: {},
  ids: 0,
  known: {},
  upTo: undefined,
})

/** @param doors only tests give a factory */
export function usageStore({ name, indexedDB = globalThis.indexedDB }: { name: string; indexedDB?: IDBFactory }) {
  let opening: Promise<IDBDatabase> | undefined
  let closed = false

  function connection(): Promise<IDBDatabase> {
    if (closed) return Promise.reject(new Erased('The store is closed.'))
    opening ??= open(name, indexedDB).then((database) => {
      const forget = () => {
        opening = undefined
        database.close()
      }
      // Erasing, or a newer version of the app, need not wait for this.
      database.onversionchange = forget
      database.onclose = forget
      return database
    })
    opening.catch(() => (opening = undefined))
    return opening
  }

  /** One transaction over the sync row and the blocks; once more where the connection had died. */
  async function run<T>(
    mode: IDBTransactionMode,
    work: (usage: IDBObjectStore, sync: SyncRow | undefined, answer: (value: T) => void) => void,
    again = true,
  ): Promise<T> {
    try {
      return await transact(await connection(), mode, work)
    } catch (error) {
      const dead = error instanceof Error && DEAD.has(error.name)
      if (!dead || !again || closed) throw error
      opening = undefined
      return run(mode, work, false)
    }
  }

  return {
    /** Whose store it is, and what it holds; undefined where it was erased. */
    read: () =>
      run<{ sync: SyncRow; index: UsageIndex } | undefined>('readonly', (usage, sync, answer) => {
        if (!sync) return answer(undefined)
        const index: IDBRequest<UsageIndex | undefined> = usage.get('index')
        index.onsuccess = () => answer({ sync, index: index.result ?? emptyIndex(sync.shown.generation) })
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
    close(): void {
      closed = true
      opening?.then((database) => database.close()).catch(() => undefined)
      opening = undefined
    },
  }
}

/** A connection that the browser closed, or that was closed for a newer version of the app. */
const DEAD = new Set(['InvalidStateError', 'UnknownError', 'AbortError', 'TransactionInactiveError'])

function indexAfter(before: UsageIndex, { months = [], ids, drop = [], known, upTo }: UsageChange): UsageIndex {
  const dropped = new Set(drop)
  const after = new Map(Object.entries(before.months).filter(([month]) => !dropped.has(month)))
  for (const { month, version, entries, buffer, digest } of months) {
    // Another tab may have written a newer one meanwhile.
    if ((after.get(month)?.version ?? 0) >= version) continue
    after.set(month, { version, entries, bytes: buffer.byteLength + bytesOfDigest(digest) })
  }
  return {
    ...before,
    months: Object.fromEntries(after),
    ids: ids && ids.from <= before.ids ? Math.max(before.ids, ids.from + ids.ids.length) : before.ids,
    known: known ?? before.known,
    upTo: upTo ?? before.upTo,
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

function open(name: string, factory: IDBFactory): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = factory.open(name)
    let missing = false
    request.onupgradeneeded = () => {
      missing = true
      request.transaction?.abort()
    }
    request.onerror = () => reject(missing ? notYet() : (request.error ?? new Error('The store could not be opened.')))
    request.onsuccess = () => {
      if (request.result.objectStoreNames.contains(STORE)) return resolve(request.result)
      // Of the version before: the page is about to upgrade it.
      request.result.close()
      reject(notYet())
    }
  })
}

/** The page is about to make it: it is looked for again with what the replica knows. */
const notYet = () => new DOMException('The store has no usage yet.', 'NotFoundError')

function transact<T>(
  database: IDBDatabase,
  mode: IDBTransactionMode,
  work: (usage: IDBObjectStore, sync: SyncRow | undefined, answer: (value: T) => void) => void,
): Promise<T> {
  const transaction = database.transaction(['sync', STORE], mode, { durability: 'relaxed' })
  return new Promise((resolve, reject) => {
    let answered: { value: T } | undefined
    let refusal: unknown
    transaction.oncomplete = () =>
      answered ? resolve(answered.value) : reject(new Error('The store answered nothing.'))
    transaction.onabort = () => reject(isFull(transaction.error) ? full() : (refusal ?? transaction.error ?? lost()))
    const sync: IDBRequest<SyncRow | undefined> = transaction.objectStore('sync').get('sync')
    sync.onsuccess = () => {
      try {
        work(transaction.objectStore(STORE), sync.result, (value) => (answered = { value }))
      } catch (error) {
        refusal = error
        transaction.abort()
      }
    }
  })
}

const isFull = (error: DOMException | null): boolean => error?.name === 'QuotaExceededError'
const full = () => new DeviceFull('This device has no room for more usage. What it has stays; free some space.')
const lost = () => new DOMException('The connection was lost.', 'AbortError')
