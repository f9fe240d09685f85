// IndexedDB by itself, doing the least that each job needs: what the replica is measured against. No library, no rows, no rules.
import type { Block } from '#shared/blocks.ts'

type Durability = 'strict' | 'relaxed'

const answered = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error ?? new Error('The request failed.'))
  })

/** Opens a database with one store of blocks (keys out of line) and one of records. */
export function openRaw(name: string): Promise<IDBDatabase> {
  const request = indexedDB.open(name, 1)
  request.onupgradeneeded = () => {
    request.result.createObjectStore('blocks')
    request.result.createObjectStore('records', { keyPath: 'place' })
  }
  return answered(request)
}

export const deleteRaw = (name: string): Promise<unknown> => answered(indexedDB.deleteDatabase(name))

/** One transaction; resolves when it is complete. */
export function inTransaction(
  database: IDBDatabase,
  stores: string | string[],
  durability: Durability,
  work: (transaction: IDBTransaction) => void,
): Promise<void> {
  const transaction = database.transaction(stores, 'readwrite', { durability })
  work(transaction)
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve()
    transaction.onabort = () => reject(transaction.error ?? new Error('The transaction was aborted.'))
  })
}

/** Adds the blocks of one page. */
export const addBlocks = (database: IDBDatabase, page: number, blocks: readonly Block[]): Promise<void> =>
  inTransaction(database, 'blocks', 'relaxed', (transaction) => {
    const store = transaction.objectStore('blocks')
    blocks.forEach((block, part) => store.put(block, [page, part]))
  })

/** Reads all blocks, ten at a time, yielding between; `visit` sees each ten. */
export async function readBlocks(database: IDBDatabase, visit: (blocks: readonly Block[]) => void): Promise<void> {
  const keys = await answered(database.transaction('blocks').objectStore('blocks').getAllKeys())
  for (let from = 0; from < keys.length; from += 10) {
    const range = IDBKeyRange.bound(keys[from], keys[Math.min(from + 9, keys.length - 1)])
    visit((await answered(database.transaction('blocks').objectStore('blocks').getAll(range))) as Block[])
  }
}

export const getRecord = (database: IDBDatabase, place: number): Promise<unknown> =>
  answered(database.transaction('records').objectStore('records').get(place))

export const countRecords = (database: IDBDatabase): Promise<number> =>
  answered(database.transaction('records').objectStore('records').count())

/** The durable append: one strict transaction that adds one record. */
export const append = (database: IDBDatabase, record: unknown): Promise<void> =>
  inTransaction(database, 'records', 'strict', (transaction) => void transaction.objectStore('records').add(record))
