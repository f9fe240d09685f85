// The one write that an admin waits for: operations at the end of the outbox, flushed to disk. On Dexie's connection but in plain
// IndexedDB, since Dexie's own promises take half as long again; and without a question before the write, since each one is a way to
// the browser's store and back.
import type { Dexie } from 'dexie'
import { placed } from './memory.ts'
import { Erased, FORMAT, NewerFormat, type Draft, type OutboxRecord, type SyncRow } from './storage.ts'

interface Found {
  sync: SyncRow
  records: OutboxRecord[]
}
interface From {
  born: string
  knownPlace: number
}

/** As `Storage.append`. `ranges`: the constructor of key ranges that belongs to the database. */
export async function append(
  db: Dexie,
  ranges: typeof IDBKeyRange,
  drafts: readonly Draft[],
  from: From,
): Promise<Found> {
  if (!db.isOpen()) await db.open()
  return (await appendAfterKnown(db, drafts, from)) ?? (await appendAfterLast(db, ranges, drafts, from))
}

/**
 * Places have no gaps and the newest record is never pruned: so if the place after the last known one is free, nothing was appended that
 * this tab does not know. Undefined where it is taken, by another tab or by an earlier try of this one; then nothing was written.
 */
function appendAfterKnown(db: Dexie, drafts: readonly Draft[], from: From): Promise<Found | undefined> {
  const records = placed(drafts, [], from.knownPlace)
  return inStrictTransaction(db, (outbox, syncRow, settle) => {
    syncRow.onsuccess = () => settle(() => ({ sync: trusted(syncRow.result, from.born), records }))
    addAll(outbox, records)
  })
}

/** Reads what was appended meanwhile. A try that was written although its connection died is found again by id. */
async function appendAfterLast(
  db: Dexie,
  ranges: typeof IDBKeyRange,
  drafts: readonly Draft[],
  { born, knownPlace }: From,
): Promise<Found> {
  const found = await inStrictTransaction(db, (outbox, syncRow, settle) => {
    const after: IDBRequest<OutboxRecord[]> = outbox.getAll(ranges.lowerBound(knownPlace, true))
    // Requests of one transaction are answered in order: the sync row is there by now.
    after.onsuccess = () =>
      settle(() => {
        const sync = trusted(syncRow.result, born)
        const records = placed(drafts, after.result, after.result.at(-1)?.place ?? knownPlace)
        addAll(outbox, records)
        return { sync, records: [...after.result, ...records] }
      })
  })
  if (!found) throw new Error('The place after the last one is taken.')
  return found
}

/**
 * A hundred operations of a thousand users each take a quarter of a second to copy: after some, the rest waits until these are written,
 * which keeps the transaction alive. What can't be copied, or stands in the way, aborts it.
 */
function addAll(outbox: IDBObjectStore, records: readonly OutboxRecord[]): void {
  const [some, rest] = [records.slice(0, AT_ONCE), records.slice(AT_ONCE)]
  let last: IDBRequest | undefined
  for (const record of some) last = outbox.add(record)
  if (last && rest.length > 0) last.onsuccess = () => addAll(outbox, rest)
}
const AT_ONCE = 4

/** Resolves with what was settled, once it is on disk; with undefined where a place was taken. What `settle` throws takes all back. */
function inStrictTransaction(
  db: Dexie,
  work: (outbox: IDBObjectStore, syncRow: IDBRequest<SyncRow | undefined>, settle: (make: () => Found) => void) => void,
): Promise<Found | undefined> {
  const transaction = db.backendDB().transaction(['outbox', 'sync'], 'readwrite', { durability: 'strict' })
  return new Promise((resolve, reject) => {
    let found: Found | undefined
    let refusal: unknown
    transaction.oncomplete = () => (found ? resolve(found) : reject(new Error('The store answered nothing.')))
    transaction.onabort = () => {
      if (refusal === undefined && transaction.error?.name === 'ConstraintError') resolve(undefined)
      else reject(refusal ?? transaction.error ?? new DOMException('The connection was lost.', 'AbortError'))
    }
    const takeBack = (error: unknown) => {
      refusal = error
      transaction.abort()
    }
    try {
      work(transaction.objectStore('outbox'), transaction.objectStore('sync').get('sync'), (make) => {
        try {
          found = make()
        } catch (error) {
          takeBack(error)
        }
      })
    } catch (error) {
      takeBack(error)
    }
  })
}

function trusted(sync: SyncRow | undefined, born: string): SyncRow {
  if (sync && sync.format > FORMAT)
    throw new NewerFormat('This device’s data was written by a newer version. Reload to update.')
  if (sync?.born !== born) throw new Erased('This device no longer holds this account’s data.')
  return sync
}
