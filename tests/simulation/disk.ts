// What survives on a device when its tabs die: plain memory in tier A, a database of its own in fake-indexeddb in tier B. Both are
// used through the same interface that the app uses, so that a copied profile is copied the same way.
import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import { databaseName } from '#lib/replica/account-store.ts'
import { dexieStorage } from '#lib/replica/dexie.ts'
import { emptyDisk, memoryStorage } from '#lib/replica/memory.ts'
import type { OutboxRecord, Storage, StoredBlock, SyncRow } from '#lib/replica/storage.ts'
import { ORGANISATION } from './world.ts'

export interface Disk {
  /** A connection for one tab. */
  connect(): Storage
  /** What is stored, read behind the app's back. */
  look(): Promise<{ sync: SyncRow | undefined; outbox: OutboxRecord[] }>
  /** All blocks of rows, of whatever generation, superseded ones too. */
  blocks(): Promise<StoredBlock[]>
}

export function memoryDisk(): Disk {
  const disk = emptyDisk()
  return {
    connect: () => memoryStorage(disk),
    look: async () => structuredClone({ sync: disk.sync, outbox: disk.outbox }),
    blocks: async () => structuredClone(disk.blocks),
  }
}

export function indexedDbDisk(account: string): Disk {
  const indexedDB = new IDBFactory()
  const connect = () => dexieStorage({ name: databaseName(account, ORGANISATION), indexedDB, IDBKeyRange })
  return {
    connect,
    look: async () => {
      const storage = connect()
      const { sync, records } = await storage.outbox(0)
      storage.close()
      return { sync, outbox: records }
    },
    blocks: async () => {
      const storage = connect()
      const sync = await storage.open()
      const blocks = sync ? await blocksOf(storage, sync.generation) : []
      storage.close()
      return blocks
    },
  }
}

async function blocksOf(storage: Storage, newest: number): Promise<StoredBlock[]> {
  const blocks: StoredBlock[] = []
  for (let generation = 0; generation <= newest; generation += 1)
    await storage.readBlocks({ generation, after: -1, upTo: Infinity }, 'oldest-first', (found) => {
      blocks.push(...found)
    })
  return blocks
}

/** A copied browser profile: everything that one disk holds, on another. False where there is nothing yet. */
export async function copyDisk(from: Disk, to: Disk): Promise<boolean> {
  const source = from.connect()
  const sync = await source.open()
  if (!sync) return false
  const blocks = await blocksOf(source, sync.generation)
  const { records } = await source.outbox(0)
  source.close()
  const target = to.connect()
  await target.create(sync)
  await target.transact('strict', 0, () => ({ sync, records, blocks }))
  target.close()
  return true
}
