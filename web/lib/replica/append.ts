// The one write that an admin waits for: operations at the end of the outbox, flushed to disk. On Dexie's connection but in plain
// IndexedDB, in one transaction of as few requests as it can be: through Dexie's own promises it took half as long again.
import type { Dexie } from 'dexie'
import { placed } from './memory.ts'
import { Erased, FORMAT, NewerFormat, type Draft, type OutboxRecord, type SyncRow } from './storage.ts'

interface Found {
  sync: SyncRow
  records: OutboxRecord[]
}

/** As `Storage.append`. `ranges`: the constructor of key ranges that belongs to the database. */
export async function append(
  db: Dexie,
  ranges: typeof IDBKeyRange,
  drafts: readonly Draft[],
  { born, knownPlace }: { born: string; knownPlace: number },
): Promise<Found> {
  if (!db.isOpen()) await db.open()
  const transaction = db.backendDB().transaction(['outbox', 'sync'], 'readwrite', { durability: 'strict' })
  const outbox = transaction.objectStore('outbox')
  const syncRow: IDBRequest<SyncRow | undefined> = transaction.objectStore('sync').get('sync')
  const after: IDBRequest<OutboxRecord[]> = outbox.getAll(ranges.lowerBound(knownPlace, true))

  return new Promise((resolve, reject) => {
    let found: Found | undefined
    let refusal: unknown
    // Requests of one transaction are answered in order: the sync row is there by now.
    after.onsuccess = () => {
      try {
        const sync = trusted(syncRow.result, born)
        const unknown = after.result
        // The newest record is never pruned, so nothing above the known place means that it is the last. A try whose transaction was
        // written although its connection died is found again by id.
        const records = placed(drafts, unknown, unknown.at(-1)?.place ?? knownPlace)
        for (const record of records) outbox.add(record)
        found = { sync, records: [...unknown, ...records] }
      } catch (error) {
        refusal = error
        transaction.abort()
      }
    }
    transaction.oncomplete = () => (found ? resolve(found) : reject(new Error('The store answered nothing.')))
    transaction.onabort = () =>
      reject(refusal ?? transaction.error ?? new DOMException('The connection was lost.', 'AbortError'))
  })
}

function trusted(sync: SyncRow | undefined, born: string): SyncRow {
  if (sync && sync.format > FORMAT)
    throw new NewerFormat('This device’s data was written by a newer version. Reload to update.')
  if (sync?.born !== born) throw new Erased('This device no longer holds this account’s data.')
  return sync
}
