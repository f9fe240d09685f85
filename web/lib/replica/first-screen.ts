// What the list showed last, read before anything else is opened: one connection, one record. Dexie's opening alone takes longer than
// all of this, and nobody should look at an empty list for its sake. Never creates a database.
import type { Screen } from './storage.ts'

/** The screen of the database with this name; undefined where there is none. */
export function firstScreen(name: string, factory: IDBFactory): Promise<Screen | undefined> {
  return new Promise((resolve, reject) => {
    const opening = factory.open(name)
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
      if (!connection.objectStoreNames.contains('screen')) {
        connection.close()
        resolve(undefined)
        return
      }
      const read: IDBRequest<Screen | undefined> = connection.transaction('screen').objectStore('screen').get('screen')
      read.onsuccess = () => {
        resolve(read.result)
        connection.close()
      }
      read.onerror = () => {
        reject(read.error ?? new Error('Could not be read.'))
        connection.close()
      }
    }
  })
}
