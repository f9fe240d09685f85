// One value that is kept beside the replica in the account's database: it survives a reload, and goes with everything else when the
// device is erased. Plain IndexedDB and a connection for each call, since there are few. Never creates a database, and writes nothing
// into one that has been erased.

export interface SideStore<Kept> {
  /** What was kept last; undefined where nothing is. */
  kept(database: string): Promise<Kept | undefined>
  /** Keeps it in the place of what was kept before, where that is as it should be; undefined forgets it. */
  keep(database: string, value: Kept | undefined, where?: (now: Kept | undefined) => boolean): Promise<void>
}

/** @param name of a store of the account's database, which `erase` empties */
export function sideStore<Kept>(name: 'imports' | 'activity', key: string): SideStore<Kept> {
  return {
    kept: (database) =>
      within<Kept>(database, name, 'readonly', (store, answer) => {
        const read: IDBRequest<{ value: Kept } | undefined> = store.get(key)
        read.onsuccess = () => answer(read.result?.value)
      }),
    keep: (database, value, where = () => true) =>
      within<void>(database, name, 'readwrite', (store, answer) => {
        const owner = store.transaction.objectStore('sync').get('sync')
        const now: IDBRequest<{ value: Kept } | undefined> = store.get(key)
        // Requests of one transaction are answered in order: the owner is there by now.
        now.onsuccess = () => {
          if (value === undefined) store.delete(key)
          else if (owner.result !== undefined && where(now.result?.value)) store.put({ key, value })
          answer(undefined)
        }
      }),
  }
}

function within<T>(
  database: string,
  name: string,
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
      if (!connection.objectStoreNames.contains(name)) {
        connection.close()
        resolve(undefined)
        return
      }
      const transaction = connection.transaction([name, 'sync'], mode)
      let found: T | undefined
      work(transaction.objectStore(name), (value) => (found = value))
      transaction.oncomplete = () => {
        resolve(found)
        connection.close()
      }
      transaction.onabort = () => {
        reject(transaction.error ?? new Error('It could not be kept on this device.'))
        connection.close()
      }
    }
  })
}
