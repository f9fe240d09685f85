// The store in IndexedDB, through Dexie: one database per account and organisation. Durability belongs to a Dexie object and not to a
// transaction, so there are two on the same database: what the admin did is flushed to disk before it is called kept; a page of the
// server, which can be fetched again, is not. No index on any store: questions are asked of memory.
import { Dexie, type EntityTable, type Table } from 'dexie'
import { append } from './append.ts'
import { firstScreen } from './first-screen.ts'
import { healing } from './healing.ts'
import {
  FORMAT,
  NewerFormat,
  type OutboxRecord,
  type Screen,
  type Storage,
  type StoredBlock,
  type SyncRow,
} from './storage.ts'

export interface DexieDoors {
  name: string
  /** Only tests give these: fake-indexeddb, one factory per device. */
  indexedDB?: IDBFactory
  IDBKeyRange?: typeof globalThis.IDBKeyRange
  /** Told once when the connection is gone for good, or a newer tab needs the database. */
  onClosed?: () => void
}

interface Stores {
  blocks: Table<StoredBlock, StoredBlock['key']>
  outbox: EntityTable<OutboxRecord, 'place'>
  screen: EntityTable<Screen, 'key'>
  sync: EntityTable<SyncRow, 'key'>
  /** Written by the worker of usage alone; this side only empties it. */
  usage: EntityTable<{ key: string }, 'key'>
  /** A file that is not queued yet: written by Add Multiple Users alone, emptied here. */
  imports: EntityTable<{ key: string }, 'key'>
  /** The last entries of the organisation's log: written by the Activity page alone, emptied here. */
  activity: EntityTable<{ key: string }, 'key'>
}
type Database = Dexie & Stores

/** Whatever this device holds of an account. */
const all = (db: Database): Table[] => [db.sync, db.blocks, db.outbox, db.screen, db.usage, db.imports, db.activity]

/** Blocks in one read: ten keep each task on the page well under 50 ms. */
const READ_AT_ONCE = 10

export function dexieStorage(doors: DexieDoors): Storage {
  const open = (durability: 'strict' | 'relaxed') => openDatabase(doors, durability)
  const strict = healing(() => open('strict'), doors.onClosed)
  const relaxed = healing(() => open('relaxed'), doors.onClosed)

  const lastPlace = async (db: Database) => (await db.outbox.orderBy(':id').last())?.place ?? 0
  const after = (db: Database, place: number) => db.outbox.where('place').above(place).toArray()
  const readSync = async (db: Database) => {
    const sync = await db.sync.get('sync')
    if (sync && sync.format > FORMAT)
      throw new NewerFormat('This device’s data was written by a newer version. Reload to update.')
    return sync
  }

  /** Visits the blocks of a range; false where one was gone before it was read. */
  const readOnce: (...args: Parameters<Storage['readBlocks']>) => Promise<boolean> = async (
    { generation, after: from, upTo },
    order,
    visit,
  ) => {
    const keys = await relaxed.run((db) =>
      db.blocks
        .where('key')
        .between([generation, from + 1, 0], [generation, upTo, Infinity], true, true)
        .primaryKeys(),
    )
    const chunks = Array.from({ length: Math.ceil(keys.length / READ_AT_ONCE) }, (_, at) =>
      keys.slice(at * READ_AT_ONCE, (at + 1) * READ_AT_ONCE),
    )
    if (order === 'newest-first') chunks.reverse()
    const read = (chunk: readonly StoredBlock['key'][] = []) => {
      const [first, last] = [chunk[0], chunk.at(-1)]
      return first && last
        ? relaxed.run((db) => db.blocks.where('key').between(first, last, true, true).toArray())
        : Promise.resolve([])
    }
    // The browser reads the next ten while rows are made of these.
    let coming = read(chunks[0])
    for (let at = 0; at < chunks.length; at += 1) {
      const blocks = await coming
      if (blocks.length < (chunks[at]?.length ?? 0)) return false
      coming = read(chunks[at + 1])
      await visit(order === 'newest-first' ? blocks.reverse() : blocks)
    }
    return true
  }

  return {
    open: () => relaxed.run(readSync),
    create: (sync) =>
      strict.run((db) =>
        db.transaction('rw', all(db), async () => {
          if (await readSync(db)) return false
          await Promise.all(all(db).map((store) => store.clear()))
          await db.sync.put(sync)
          return true
        }),
      ),
    outbox: (afterPlace) =>
      relaxed.run((db) =>
        db.transaction('r', [db.outbox, db.sync], async () => {
          const [sync, records] = await Promise.all([readSync(db), after(db, afterPlace)])
          return { sync, records }
        }),
      ),

    append: (drafts, from) => strict.run((db) => append(db, doors.IDBKeyRange ?? IDBKeyRange, drafts, from)),

    transact: (mode, afterPlace, decide) =>
      (mode === 'strict' ? strict : relaxed).run((db) =>
        db.transaction('rw', [db.blocks, db.outbox, db.sync], async () => {
          const [sync, last, records] = await Promise.all([readSync(db), lastPlace(db), after(db, afterPlace)])
          const plan = sync && decide({ sync, records, lastPlace: last })
          if (!plan) return undefined
          const writes: PromiseLike<unknown>[] = [db.sync.put(plan.sync)]
          if (plan.records.length > 0) writes.push(db.outbox.bulkPut(plan.records))
          if (plan.blocks.length > 0) writes.push(db.blocks.bulkPut(plan.blocks))
          await Promise.all(writes)
          return plan
        }),
      ),

    // A block that another tab merged away meanwhile may have moved behind what was read: then all is read again.
    readBlocks: async (range, order, visit) => {
      let whole = false
      while (!whole) whole = await readOnce(range, order, visit)
    },

    replaceBlocks: (keys, by) =>
      relaxed.run((db) =>
        db.transaction('rw', db.blocks, async () => {
          const found = await db.blocks.bulkGet([...keys])
          const blocks = found.filter((block) => block !== undefined)
          if (blocks.length < keys.length) return false
          const one = by(blocks)
          await db.blocks.bulkDelete([...keys])
          if (one) await db.blocks.put(one)
          return true
        }),
      ),
    keepGeneration: (generation) =>
      relaxed.run(async (db) => void (await db.blocks.where('key').below([generation]).delete())),
    prune: (beforePlace) =>
      relaxed.run((db) =>
        db.transaction('rw', db.outbox, async () => {
          const newest = await lastPlace(db)
          await db.outbox.where('place').below(Math.min(beforePlace, newest)).delete()
        }),
      ),
    screen: () =>
      firstScreen(doors.name, doors.indexedDB ?? indexedDB).catch(() =>
        // A connection that dies is mended here; what then still fails is said.
        relaxed.run((db) => db.screen.get('screen')),
      ),
    putScreen: (screen) =>
      relaxed.run((db) =>
        db.transaction('rw', [db.screen, db.sync], async () => {
          const sync = await readSync(db)
          if (sync && screen.version >= sync.shown.version) await db.screen.put(screen)
        }),
      ),

    erase: async (last) => {
      // First empty, then gone: a frozen tab can hold the deletion up, but not the emptying.
      const erased = await strict.run((db) =>
        db.transaction('rw', all(db), async () => {
          if (last !== undefined && (!(await readSync(db)) || (await lastPlace(db)) !== last)) return false
          await Promise.all(all(db).map((store) => store.clear()))
          return true
        }),
      )
      if (!erased) return false
      strict.close()
      relaxed.close()
      return true
    },
    close: () => {
      strict.close()
      relaxed.close()
    },
  }
}

function openDatabase({ name, indexedDB, IDBKeyRange }: DexieDoors, durability: 'strict' | 'relaxed'): Database {
  const db = new Dexie(name, {
    chromeTransactionDurability: durability,
    ...(indexedDB && { indexedDB }),
    ...(IDBKeyRange && { IDBKeyRange }),
  }) as Database
  db.version(1).stores({ blocks: 'key', outbox: 'place', screen: 'key', sync: 'key' })
  db.version(2).stores({ usage: 'key', imports: 'key' })
  db.version(3).stores({ activity: 'key' })
  return db
}
