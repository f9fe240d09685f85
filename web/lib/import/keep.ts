// A file that is being imported, kept in the account's database until it is queued: it survives a reload, and goes with everything else
// when the device is erased. Plain IndexedDB and a connection for each call, since there are few. Never creates a database, and writes
// nothing into one that has been erased.

const STORE = 'imports'
const KEY = 'import'

/** What was kept last; undefined where nothing is. */
export const keptIn = <Kept>(database: string): Promise<Kept | undefined> =>
  within(database, 'readonly', (store, answer) => {
    const read: IDBRequest<{ value: Kept } | undefined> = store.get(KEY)
    read.onsuccess = () => answer(read.result?.value)
  })

/** Keeps it in the place of what was kept before; undefined forgets it. */
export const keepIn = (database: string, value: unknown): Promise<void> =>
  within(database, 'readwrite', (store, answer) => {
    const owner = store.transaction.objectStore('sync').get('sync')
    owner.onsuccess = () => {
      if (value === undefined) store.delete(KEY)
      else if (owner.result !== undefined) store.put({ key: KEY, value })
      answer(undefined)
    }
  })

function within<T>(
  database: string,
  mode: IDBTransactionMode,
  work: (store: IDBObjectStore, answer: (value: T | undefined) => void) => void,
): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(database)
    let missing = false
    opening.onupgradeneeded = () => {
      missing = true
      opening.transaction?.abort()
    }
    opening.onerror = () => (missing ? resolve(undefined) : reject(opening.error ?? new Error('Could not be opened.')))
    opening.onsuccess = () => {
      const connection = opening.result
      // Erasing, or a newer version of the app, need not wait for this.
      connection.onversionchange = () => connection.close()
      if (!connection.objectStoreNames.contains(STORE)) {
        connection.close()
        resolve(undefined)
        return
      }
      const transaction = connection.transaction([STORE, 'sync'], mode)
      let found: T | undefined
      work(transaction.objectStore(STORE), (value) => (found = value))
      transaction.oncomplete = () => {
        resolve(found)
        connection.close()
      }
      transaction.onabort = () => {
        reject(transaction.error ?? new Error('The import could not be kept.'))
        connection.close()
      }
    }
  })
}
