// A device that may keep nothing any more: all that its store held is in the tab's memory, and nothing of it in the store; what another tab
// appends meanwhile is not lost.
import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import { describe, expect, test } from 'vitest'
import { dexieStorage } from '#lib/replica/dexie.ts'
import { emptyDisk, memoryStorage } from '#lib/replica/memory.ts'
import type { Storage } from '#lib/replica/storage.ts'
import { moveToMemory } from '#lib/replica/to-memory.ts'
import { block, draft, syncRow } from './storage-contract.ts'

const BORN = { born: 'first', knownPlace: 0 }

function inDexie(): () => Storage {
  const indexedDB = new IDBFactory()
  return () => dexieStorage({ name: 'store', indexedDB, IDBKeyRange })
}
function inMemory(): () => Storage {
  const disk = emptyDisk()
  return () => memoryStorage(disk)
}

async function filled(connect: () => Storage) {
  const storage = connect()
  await storage.create(syncRow({ shown: { generation: 1, version: 3 }, cursor: { version: 3, since: 0 } }))
  await storage.transact('relaxed', 0, ({ sync }) => ({ sync, records: [], blocks: [block(1), block(3), block(4)] }))
  await storage.append([draft('a'), draft('b')], BORN)
  return storage
}

describe.each([
  ['Dexie', inDexie],
  ['memory', inMemory],
])('a store in %s', (_name, fresh) => {
  test('moves as a whole: rows as far as they are shown, and the queue', async () => {
    const connect = fresh()
    const disk = await moveToMemory(await filled(connect))
    expect(disk?.sync).toMatchObject({ born: 'first', shown: { generation: 1, version: 3 } })
    expect(disk?.outbox.map(({ id, place }) => [id, place])).toEqual([
      ['a', 1],
      ['b', 2],
    ])
    expect(disk?.blocks.map(({ key }) => key[1])).toEqual([1, 3])
    expect(await connect().open()).toBeUndefined()
    expect((await connect().outbox(0)).records).toEqual([])
  })

  test('takes along what is appended while it is read', async () => {
    const connect = fresh()
    const storage = await filled(connect)
    let appended = false
    const slow: Storage = {
      ...storage,
      readBlocks: async (...args) => {
        await storage.readBlocks(...args)
        if (!appended) await connect().append([draft('c')], { born: 'first', knownPlace: 2 })
        appended = true
      },
    }
    const disk = await moveToMemory(slow)
    expect(disk?.outbox.map(({ id }) => id)).toEqual(['a', 'b', 'c'])
    expect((await connect().outbox(0)).records).toEqual([])
  })

  test('reads all anew where a page or a merge of blocks came meanwhile', async () => {
    const connect = fresh()
    const storage = await filled(connect)
    let moved = false
    const slow: Storage = {
      ...storage,
      readBlocks: async (...args) => {
        await storage.readBlocks(...args)
        if (moved) return
        moved = true
        await connect().transact('relaxed', 0, ({ sync }) => ({
          sync: { ...sync, shown: { generation: 1, version: 4 }, cursor: { version: 4, since: 0 } },
          records: [],
          blocks: [],
        }))
      },
    }
    const disk = await moveToMemory(slow)
    expect(disk?.sync?.shown.version).toBe(4)
    expect(disk?.blocks.map(({ key }) => key[1])).toEqual([1, 3, 4])
  })

  test('of two tabs that move at once one takes it, the other begins empty', async () => {
    const connect = fresh()
    const [one, other] = [await filled(connect), connect()]
    await other.open()
    const disks = await Promise.all([moveToMemory(one), moveToMemory(other)])
    expect(disks.filter((disk) => disk !== undefined)).toHaveLength(1)
  })

  test('a snapshot under way is begun anew, with the queue as it is', async () => {
    const connect = fresh()
    const storage = connect()
    await storage.create(
      syncRow({ generation: 2, shown: { generation: 1, version: 3 }, cursor: { version: 2, since: 0 } }),
    )
    await storage.append([draft('a')], BORN)
    const disk = await moveToMemory(storage)
    expect(disk?.sync).toMatchObject({ generation: 3, cursor: null, shown: { generation: 1, version: 3 } })
    expect(disk?.outbox).toHaveLength(1)
  })
})
