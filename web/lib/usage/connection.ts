// A connection of the worker to the account's database: plain IndexedDB, since Dexie is in the page already and a second copy of it would
// only be loaded for six calls. It mends itself where it died, and never creates a database.
import { DeviceFull, Erased, type SyncRow } from '#lib/replica/storage.ts'

const STORE = 'usage'

/** @param doors only tests give a factory */
export function usageConnection({ name, indexedDB = globalThis.indexedDB }: { name: string; indexedDB?: IDBFactory }) {
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
    run,
    close(): void {
      closed = true
      opening?.then((database) => database.close()).catch(() => undefined)
      opening = undefined
    },
  }
}

/** A connection that the browser closed, or that was closed for a newer version of the app. */
const DEAD = new Set(['InvalidStateError', 'UnknownError', 'AbortError', 'TransactionInactiveError'])

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
