// What the device keeps of the organisation, read out of its database beside the app.
import type { Page } from '@playwright/test'

/** The rows of one store; none where there is no database yet. */
export const keptRows = (page: Page, store: string): Promise<unknown[]> =>
  page.evaluate(async (name) => {
    const asked = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result)
        request.onerror = () => reject(request.error ?? new Error('not read'))
      })
    const databases = await indexedDB.databases()
    const found = databases.find((one) => one.name?.startsWith('quartermaster/'))?.name
    if (found === undefined) return []
    const database = await asked(indexedDB.open(found))
    const rows: unknown[] = await asked(database.transaction(name).objectStore(name).getAll())
    database.close()
    return rows
  }, store)
