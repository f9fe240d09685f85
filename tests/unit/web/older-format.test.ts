// A store that the version before wrote: the queue stays as it is, the rows are shown as they were and fetched anew.
import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import { describe, expect, test } from 'vitest'
import { createExchange } from '#lib/replica/exchange.ts'
import { dexieStorage } from '#lib/replica/dexie.ts'
import { emptyDisk, memoryStorage, type Disk } from '#lib/replica/memory.ts'
import { createReplica } from '#lib/replica/replica.ts'
import { FORMAT, type OutboxRecord, type Storage, type SyncRow } from '#lib/replica/storage.ts'
import { toBlocks, type RowsBlock } from '#shared/blocks.ts'
import { PROTOCOL, type SyncRequest } from '#shared/protocol.ts'
import { organisation } from '../../support/organisation.ts'
import { draft, syncRow } from './storage-contract.ts'

const acme = organisation({ users: { ada: {} } })
const [organisationRow] = acme.rows.all('organisations')
const GRANT = '01932000-0000-7000-8000-0000000000aa'

/** What an app of format 1 had stored: a complete copy, and two operations that wait. */
function disk(): Disk {
  const grant: RowsBlock = {
    entity: 'grants',
    columns: [[GRANT], [3], ['contract'], [1_000], ['2026-07-01'], ['2027-06-30'], [240]],
  }
  const rows = [
    ...toBlocks('organisations', acme.rows.all('organisations')),
    grant,
    ...toBlocks('users', acme.rows.all('users')),
  ]
  const records: OutboxRecord[] = [1, 2].map((place) => ({
    ...draft(acme.newId(), { args: { userIds: [acme.user('ada').id], role: 'viewer' } }),
    place,
  }))
  return {
    ...emptyDisk(),
    sync: syncRow({
      format: 1,
      userId: acme.user('ingrid').id,
      organisation: organisationRow?.id as SyncRow['organisation'],
      clientId: acme.newId() as SyncRow['clientId'],
      shown: { generation: 2, version: 7 },
      generation: 2,
      cursor: { version: 7, since: 0 },
    }),
    outbox: records,
    blocks: rows.map((block, part) => ({ key: [2, 7, part], block })),
  }
}

/** The same in a database as Dexie made it then: without a store of usage. */
async function oldDatabase({ sync, outbox, blocks }: Disk): Promise<IDBFactory> {
  const indexedDB = new IDBFactory()
  await new Promise<void>((resolve, reject) => {
    const opening = indexedDB.open('store', 10)
    opening.onupgradeneeded = () => {
      const make = (name: string, key: string) => opening.result.createObjectStore(name, { keyPath: key })
      const [blockStore, outboxStore] = [make('blocks', 'key'), make('outbox', 'place')]
      for (const block of blocks) blockStore.put(block)
      for (const record of outbox) outboxStore.put(record)
      make('screen', 'key')
      make('sync', 'key').put(sync)
    }
    opening.onerror = () => reject(new Error('The database could not be made.'))
    opening.onsuccess = () => {
      opening.result.close()
      resolve()
    }
  })
  return indexedDB
}

const replicaOver = (storage: Storage) =>
  createReplica({
    storage,
    clock: () => 1e12,
    newId: () => acme.newId(),
    breathe: () => undefined,
    report: (error) => {
      throw error
    },
  })

describe.each([
  ['memory', async (before: Disk) => memoryStorage(structuredClone(before))],
  [
    'IndexedDB',
    async (before: Disk) => dexieStorage({ name: 'store', indexedDB: await oldDatabase(before), IDBKeyRange }),
  ],
])('a store of format 1 in %s', (_name, opened) => {
  test('keeps its queue and its client, and asks for a fresh snapshot beside what is shown', async () => {
    const before = disk()
    const storage = await opened(before)
    const replica = replicaOver(storage)
    expect(await replica.open()).toBe(true)
    expect(replica.records).toEqual(before.outbox)
    expect(replica.sync).toMatchObject({
      format: FORMAT,
      born: before.sync?.born,
      clientId: before.sync?.clientId,
      base: before.sync?.base,
      shown: { generation: 2, version: 7 },
      generation: 3,
      cursor: null,
    })
    expect(replica.phase).toBe('ready')
    expect(replica.settledLayer.get('users', acme.user('ada').id)?.role).toBe('member')
    // Pending operations show as before, and the grants as far as they were known.
    expect(replica.layer.get('users', acme.user('ada').id)?.role).toBe('viewer')
    expect(replica.layer.get('grants', GRANT)).toMatchObject({ used: 240, voided: 0, usedBy: { '2026-07-01': 240 } })
    storage.close()
  })

  test('is mended once: opening it again changes nothing', async () => {
    const storage = await opened(disk())
    const first = replicaOver(storage)
    await first.open()
    const second = replicaOver(storage)
    await second.open()
    expect(second.sync).toEqual(first.sync)
    storage.close()
  })

  test('takes the snapshot before it sends what waits, in the order of the queue', async () => {
    const storage = await opened(disk())
    const replica = replicaOver(storage)
    await replica.open()
    const requests: SyncRequest[] = []
    const exchange = createExchange({
      replica,
      clock: () => 1e12,
      network: async (_path, body) => {
        const request = body as SyncRequest
        requests.push(request)
        const changes =
          request.cursor === null
            ? [
                ...toBlocks('organisations', acme.rows.all('organisations')),
                ...toBlocks('users', acme.rows.all('users')),
              ]
            : []
        return {
          status: 200,
          body: {
            protocol: PROTOCOL,
            now: 1e12,
            outcomes: [],
            changes,
            cursor: { version: 9, since: 9 },
            seen: { version: 9, hash: '' },
            more: false,
            total: 0,
          },
        }
      },
    })
    expect(await exchange()).toEqual({ kind: 'again' })
    expect(replica.sync).toMatchObject({ shown: { generation: 3, version: 9 }, generation: 3 })
    await exchange()
    expect(requests[0]).toMatchObject({ cursor: null, operations: [] })
    expect(requests[1]?.operations.map((operation) => (operation as { sequence: number }).sequence)).toEqual([1, 2])
    storage.close()
  })
})
