// The store in IndexedDB keeps the contract, and what it said to be kept survives each way in which a browser's database fails:
// every call in turn that throws, whose transaction aborts, that finds the disk full, whose connection is dead.
import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import { afterEach, describe, expect, test } from 'vitest'
import { dexieStorage } from '#lib/replica/dexie.ts'
import type { Storage } from '#lib/replica/storage.ts'
import { failAt, FAULTS, stopFailing } from './failing-indexeddb.ts'
import { block, draft, storageContract, syncRow } from './storage-contract.ts'

const fresh = () => {
  const indexedDB = new IDBFactory()
  return () => dexieStorage({ name: 'store', indexedDB, IDBKeyRange })
}

describe('Dexie', () => storageContract(fresh))

/** What a device does with its store, call by call; each names what must be there once it has been said. */
const script: { name: string; run: (storage: Storage) => Promise<unknown> }[] = [
  { name: 'open', run: (storage) => storage.open() },
  { name: 'append', run: (storage) => storage.append([draft('b')], { born: 'first', knownPlace: 1 }) },
  {
    name: 'append a batch',
    run: (storage) => storage.append([draft('b'), draft('c')], { born: 'first', knownPlace: 1 }),
  },
  {
    name: 'receive',
    run: (storage) =>
      storage.transact('relaxed', 0, ({ sync, records }) => ({
        sync: { ...sync, revision: 2, cursor: { version: 5, since: 0 } },
        records: records.map((record) => ({
          ...record,
          settlement: { id: record.id, version: 5, at: 1, total: 1, notApplied: [] },
        })),
        blocks: [block(5), block(5, 1)],
      })),
  },
  {
    name: 'replace blocks',
    run: (storage) =>
      storage.replaceBlocks(
        [
          [1, 1, 0],
          [1, 2, 0],
        ],
        () => block(2),
      ),
  },
  { name: 'prune', run: (storage) => storage.prune(1) },
  { name: 'outbox', run: (storage) => storage.outbox(0) },
  { name: 'create', run: (storage) => storage.create(syncRow({ born: 'second' })) },
  { name: 'erase', run: (storage) => storage.erase() },
]

/** All that is stored, as one value. */
async function stored(storage: Storage): Promise<unknown> {
  const blocks: unknown[] = []
  await storage.readBlocks(
    { generation: 1, after: -1, upTo: 99 },
    'oldest-first',
    (found) => void blocks.push(...found),
  )
  return { ...(await storage.outbox(0)), blocks }
}

async function prepared() {
  const connect = fresh()
  const storage = connect()
  await storage.create(syncRow())
  await storage.append([draft('a')], { born: 'first', knownPlace: 0 })
  await storage.transact('relaxed', 0, ({ sync }) => ({ sync, records: [], blocks: [block(1), block(2)] }))
  storage.close()
  return connect
}

afterEach(stopFailing)

describe.each(FAULTS)('a call that %s', (fault) => {
  test.each(script)('$name: all of it or nothing, and what was said is there', async ({ run }) => {
    const untouched = await stored((await prepared())())
    const whole = await prepared().then(async (connect) => {
      await run(connect())
      return await stored(connect())
    })
    // Every call site of the script in turn, once and for good, until a run no longer reaches one.
    for (const forGood of [false, true])
      for (let site = 1; ; site += 1) {
        const connect = await prepared()
        const storage = connect()
        const reached = failAt(site, fault, forGood)
        const said = await run(storage).then(
          () => true,
          () => false,
        )
        const hit = reached()
        stopFailing()
        storage.close()
        const after = await stored(connect())
        if (said) expect(after, `site ${site}`).toEqual(whole)
        else expect([JSON.stringify(untouched), JSON.stringify(whole)], `site ${site}`).toContain(JSON.stringify(after))
        if (!hit) break
        expect(site).toBeLessThan(200)
      }
  })
})
