// What the replica is promised by its store, whatever the store is made of: one suite, run on plain memory and on Dexie.
import { expect, test } from 'vitest'
import type { BatchId, ClientId, OperationId, OrganisationId, UserId } from '#shared/model.ts'
import type { RowsBlock } from '#shared/blocks.ts'
import {
  Erased,
  FORMAT,
  NewerFormat,
  type Draft,
  type OutboxRecord,
  type Storage,
  type StoredBlock,
  type SyncRow,
} from '#lib/replica/storage.ts'

/** Opens another connection to the same store at each call. */
export type Connect = () => Storage

export const syncRow = (more: Partial<SyncRow> = {}): SyncRow => ({
  key: 'sync',
  revision: 1,
  format: FORMAT,
  born: 'first',
  account: 'ada',
  userId: 'u' as UserId,
  organisation: 'o' as OrganisationId,
  clientId: 'c' as ClientId,
  base: 0,
  shown: { generation: 1, version: 0 },
  generation: 1,
  cursor: null,
  seen: { version: 0, hash: '' },
  asOf: 0,
  offset: 0,
  ...more,
})

export const draft = (id: string, more: Partial<Draft> = {}): Draft => ({
  id: id as OperationId,
  type: 'set-role',
  args: { userIds: [id] },
  names: { users: {}, groups: {}, products: {} },
  madeAt: 1,
  batch: null as BatchId | null,
  atomic: false,
  ...more,
})

export const block = (version: number, part = 0, generation = 1): StoredBlock => ({
  key: [generation, version, part],
  block: { entity: 'users', columns: [[`user of ${version}.${part}`]] },
})

const BORN = { born: 'first', knownPlace: 0 }

/** Registers the suite; `fresh` makes an empty store for each test. */
export function storageContract(fresh: () => Connect): void {
  const filled = async (drafts: string[] = [], blocks: StoredBlock[] = []) => {
    const connect = fresh()
    const storage = connect()
    await storage.create(syncRow())
    if (drafts.length > 0)
      await storage.append(
        drafts.map((id) => draft(id)),
        BORN,
      )
    if (blocks.length > 0) await storage.transact('relaxed', 0, ({ sync }) => ({ sync, records: [], blocks }))
    return { storage, connect }
  }
  const read = async (
    storage: Storage,
    after: number,
    upTo: number,
    order: 'newest-first' | 'oldest-first',
    generation = 1,
  ) => {
    const keys: StoredBlock['key'][] = []
    const visits: number[] = []
    await storage.readBlocks({ generation, after, upTo }, order, (blocks) => {
      visits.push(blocks.length)
      keys.push(...blocks.map(({ key }) => key))
    })
    return { versions: keys.map(([, version]) => version), keys, visits }
  }
  const outbox = async (storage: Storage) => (await storage.outbox(0)).records

  test('an empty store opens as nobody’s, and reading never creates', async () => {
    const connect = fresh()
    expect(await connect().open()).toBeUndefined()
    expect(await outbox(connect())).toEqual([])
    expect(await connect().screen()).toBeUndefined()
    expect(await connect().transact('strict', 0, ({ sync }) => ({ sync, records: [], blocks: [] }))).toBeUndefined()
    expect(await connect().open()).toBeUndefined()
  })

  test('what one connection created the next one opens', async () => {
    const { connect } = await filled(['a'])
    expect(await connect().open()).toEqual(syncRow())
    expect((await outbox(connect())).map(({ id, place }) => [id, place])).toEqual([['a', 1]])
  })

  test('a new sign-in leaves nothing of the one before', async () => {
    const { storage, connect } = await filled(['a', 'b'], [block(3)])
    await storage.putScreen({ key: 'screen', version: 3, blocks: [], totals: { users: 1 } })
    await storage.erase()
    const next = connect()
    expect(await next.create(syncRow({ born: 'second' }))).toBe(true)
    expect(await next.open()).toEqual(syncRow({ born: 'second' }))
    expect(await outbox(next)).toEqual([])
    expect(await next.screen()).toBeUndefined()
    expect((await read(next, -1, 99, 'oldest-first')).versions).toEqual([])
  })

  test('of two tabs that sign in at once the second takes the store of the first, and what that has queued', async () => {
    const { storage, connect } = await filled(['a'], [block(3)])
    expect(await connect().create(syncRow({ born: 'second' }))).toBe(false)
    expect(await storage.open()).toEqual(syncRow())
    expect((await outbox(connect())).map(({ id }) => id)).toEqual(['a'])
    expect((await read(storage, -1, 99, 'oldest-first')).versions).toEqual([3])
  })

  test('places are given without a gap, in the order of the drafts', async () => {
    const { storage } = await filled(['a', 'b'])
    const { records } = await storage.append([draft('c'), draft('d'), draft('e')], { ...BORN, knownPlace: 2 })
    expect(records.map(({ id, place }) => [id, place])).toEqual([
      ['c', 3],
      ['d', 4],
      ['e', 5],
    ])
    expect((await outbox(storage)).map(({ place }) => place)).toEqual([1, 2, 3, 4, 5])
  })

  test('an append answers what others appended since the place that is known, and the sync row', async () => {
    const { storage, connect } = await filled(['mine'])
    await connect().append([draft('theirs')], BORN)
    const found = await storage.append([draft('mine too')], { ...BORN, knownPlace: 1 })
    expect(found.sync).toEqual(syncRow())
    expect(found.records.map(({ id, place }) => [id, place])).toEqual([
      ['theirs', 2],
      ['mine too', 3],
    ])
  })

  test('appends at the same moment by two tabs take different places', async () => {
    const { connect } = await filled()
    await Promise.all(['a', 'b', 'c', 'd'].map((id) => connect().append([draft(id)], BORN)))
    expect((await outbox(connect())).map(({ place }) => place)).toEqual([1, 2, 3, 4])
  })

  test('the same draft tried again adds nothing', async () => {
    const { storage } = await filled(['a'])
    await storage.append([draft('b'), draft('c')], { ...BORN, knownPlace: 1 })
    const { records } = await storage.append([draft('b'), draft('c')], { ...BORN, knownPlace: 1 })
    expect(records.map(({ id, place }) => [id, place])).toEqual([
      ['b', 2],
      ['c', 3],
    ])
    expect((await outbox(storage)).map(({ id }) => id)).toEqual(['a', 'b', 'c'])
  })

  test('nothing is appended where the store was erased, or filled by another sign-in', async () => {
    const { storage, connect } = await filled(['a'])
    await expect(storage.append([draft('b')], { ...BORN, born: 'before' })).rejects.toThrow(Erased)
    expect((await outbox(storage)).map(({ id }) => id)).toEqual(['a'])
    await storage.erase()
    await expect(connect().append([draft('b')], BORN)).rejects.toThrow(Erased)
    expect(await outbox(connect())).toEqual([])
    expect(await connect().open()).toBeUndefined()
  })

  test('the outbox is read after a place, with the sync row of that moment', async () => {
    const { storage } = await filled(['a', 'b', 'c'])
    const { sync, records } = await storage.outbox(1)
    expect(sync).toEqual(syncRow())
    expect(records.map(({ place }) => place)).toEqual([2, 3])
  })

  test('a transaction finds the sync row, the records after its place and the last place', async () => {
    const { storage } = await filled(['a', 'b', 'c'])
    let found: { places: number[]; lastPlace: number; sync: SyncRow } | undefined
    await storage.transact('strict', 1, ({ sync, records, lastPlace }) => {
      found = { places: records.map(({ place }) => place), lastPlace, sync }
      return undefined
    })
    expect(found).toEqual({ places: [2, 3], lastPlace: 3, sync: syncRow() })
  })

  test('a transaction writes sync row, records and blocks together', async () => {
    const { storage, connect } = await filled(['a', 'b'])
    const plan = await storage.transact('relaxed', 0, ({ sync, records }) => ({
      sync: { ...sync, revision: 2 },
      records: [
        { ...(records[0] as OutboxRecord), confirmedAt: 7 },
        { ...draft('late'), place: 3 },
      ],
      blocks: [block(4), block(4, 1)],
    }))
    expect(plan?.sync.revision).toBe(2)
    expect((await connect().open())?.revision).toBe(2)
    expect((await outbox(connect())).map(({ id, confirmedAt }) => [id, confirmedAt])).toEqual([
      ['a', 7],
      ['b', undefined],
      ['late', undefined],
    ])
    expect((await read(connect(), -1, 9, 'oldest-first')).keys).toEqual([
      [1, 4, 0],
      [1, 4, 1],
    ])
  })

  test('a decision that answers undefined writes nothing', async () => {
    const { storage } = await filled(['a'])
    expect(await storage.transact('strict', 0, () => undefined)).toBeUndefined()
    expect(await storage.open()).toEqual(syncRow())
    expect((await outbox(storage)).length).toBe(1)
  })

  test('a decision that throws writes nothing, and its error arrives', async () => {
    const { storage } = await filled(['a'])
    const decide = () => {
      throw new RangeError('no')
    }
    await expect(storage.transact('strict', 0, decide)).rejects.toThrow(RangeError)
    expect(await storage.open()).toEqual(syncRow())
  })

  test('what can’t be stored leaves nothing half written', async () => {
    const { storage } = await filled(['a'])
    const unstorable = { ...draft('b', { args: { toString: () => 'a function' } }), place: 2 }
    const decide = ({ sync }: { sync: SyncRow }) => ({
      sync: { ...sync, revision: 9 },
      records: [unstorable],
      blocks: [block(5)],
    })
    await expect(storage.transact('relaxed', 0, decide)).rejects.toThrow()
    await expect(storage.append([draft('c'), unstorable], BORN)).rejects.toThrow()
    expect(await storage.open()).toEqual(syncRow())
    expect((await outbox(storage)).map(({ id }) => id)).toEqual(['a'])
    expect((await read(storage, -1, 9, 'oldest-first')).keys).toEqual([])
  })

  test('blocks are read in order, within the bounds, ten at a time', async () => {
    const versions = Array.from({ length: 25 }, (_, at) => at + 1)
    const { storage } = await filled([], [...versions.map((version) => block(version)), block(7, 1), block(8, 0, 2)])
    const oldest = await read(storage, 3, 20, 'oldest-first')
    expect(oldest.versions).toEqual([4, 5, 6, 7, 7, ...versions.slice(7, 20)])
    expect(Math.max(...oldest.visits)).toBeLessThanOrEqual(10)
    const newest = await read(storage, 3, 20, 'newest-first')
    expect(newest.keys).toEqual(oldest.keys.toReversed())
    expect((await read(storage, -1, 99, 'oldest-first', 2)).versions).toEqual([8])
    expect((await read(storage, 25, 99, 'oldest-first')).versions).toEqual([])
  })

  test('an error of the visitor ends the reading', async () => {
    const { storage } = await filled([], [block(1), block(2)])
    const visit = () => {
      throw new RangeError('no')
    }
    await expect(storage.readBlocks({ generation: 1, after: 0, upTo: 9 }, 'oldest-first', visit)).rejects.toThrow(
      RangeError,
    )
  })

  test('neighbouring blocks become one, or none', async () => {
    const { storage } = await filled([], [block(1), block(2), block(3), block(4)])
    expect(
      await storage.replaceBlocks(
        [
          [1, 1, 0],
          [1, 2, 0],
        ],
        () => block(2),
      ),
    ).toBe(true)
    expect((await read(storage, -1, 9, 'oldest-first')).versions).toEqual([2, 3, 4])
    expect(await storage.replaceBlocks([[1, 3, 0]], () => undefined)).toBe(true)
    expect((await read(storage, -1, 9, 'oldest-first')).versions).toEqual([2, 4])
  })

  test('blocks that are no longer as given are not replaced', async () => {
    const { storage } = await filled([], [block(1), block(2)])
    expect(
      await storage.replaceBlocks(
        [
          [1, 2, 0],
          [1, 3, 0],
        ],
        () => block(9),
      ),
    ).toBe(false)
    expect((await read(storage, -1, 99, 'oldest-first')).versions).toEqual([1, 2])
  })

  test('the generations before one are removed, and not the snapshot that is under way', async () => {
    const { storage } = await filled([], [block(1), block(2, 0, 2), block(2, 1, 2), block(5, 0, 3)])
    await storage.keepGeneration(2)
    expect((await read(storage, -1, 99, 'oldest-first', 1)).versions).toEqual([])
    expect((await read(storage, -1, 99, 'oldest-first', 2)).keys).toEqual([
      [2, 2, 0],
      [2, 2, 1],
    ])
    expect((await read(storage, -1, 99, 'oldest-first', 3)).versions).toEqual([5])
  })

  test('pruning forgets what lies before a place, never the newest record', async () => {
    const { storage } = await filled(['a', 'b', 'c'])
    await storage.prune(2)
    expect((await outbox(storage)).map(({ place }) => place)).toEqual([2, 3])
    await storage.prune(99)
    expect((await outbox(storage)).map(({ place }) => place)).toEqual([3])
    const { records } = await storage.append([draft('d')], { ...BORN, knownPlace: 3 })
    expect(records.map(({ place }) => place)).toEqual([4])
  })

  test('the first screen is kept until the next one', async () => {
    const { storage } = await filled()
    const screen = { key: 'screen' as const, version: 3, blocks: [], totals: { users: 1 } }
    await storage.putScreen(screen)
    await storage.putScreen({ ...screen, version: 4 })
    expect(await storage.screen()).toEqual({ ...screen, version: 4 })
  })

  test('a first screen of rows that are no longer shown is not kept, nor one of a store that was erased', async () => {
    const { storage, connect } = await filled()
    const screen = { key: 'screen' as const, version: 4, blocks: [], totals: { users: 1 } }
    await storage.putScreen(screen)
    const shown = { generation: 1, version: 5 }
    await storage.transact('relaxed', 0, ({ sync }) => ({ sync: { ...sync, shown }, records: [], blocks: [] }))
    await storage.putScreen({ ...screen, totals: { users: 2 } })
    expect(await storage.screen()).toEqual(screen)
    await storage.putScreen({ ...screen, version: 5 })
    expect((await storage.screen())?.version).toBe(5)
    await storage.erase()
    await connect().putScreen({ ...screen, version: 6 })
    expect(await connect().screen()).toBeUndefined()
  })

  test('erasing leaves nothing', async () => {
    const { storage, connect } = await filled(['a'], [block(1)])
    await storage.putScreen({ key: 'screen', version: 1, blocks: [], totals: { users: 1 } })
    await storage.erase()
    expect(await connect().open()).toBeUndefined()
    expect(await outbox(connect())).toEqual([])
    expect(await connect().screen()).toBeUndefined()
    expect((await read(connect(), -1, 99, 'oldest-first')).versions).toEqual([])
  })

  test('erasing up to a place does nothing where more was appended, or where there is nobody’s', async () => {
    const { storage, connect } = await filled(['a', 'b'], [block(1)])
    expect(await storage.erase(1)).toBe(false)
    expect(await outbox(connect())).toHaveLength(2)
    expect((await read(connect(), -1, 99, 'oldest-first')).versions).toEqual([1])
    expect(await storage.erase(2)).toBe(true)
    expect(await connect().open()).toBeUndefined()
    expect(await connect().erase(0)).toBe(false)
    expect(await connect().erase()).toBe(true)
  })

  test('what was given and what was answered can be changed without harm', async () => {
    const { storage } = await filled()
    const given = draft('a', { args: { userIds: ['as given'] } })
    const { records } = await storage.append([given], BORN)
    const page = block(1)
    await storage.transact('relaxed', 0, ({ sync }) => ({ sync, records: [], blocks: [page] }))
    for (const args of [given.args, records[0]?.args] as { userIds: string[] }[]) args.userIds.push('changed later')
    ;(page.block as RowsBlock).columns[0]?.push('changed later')
    const read = await outbox(storage)
    ;(read[0]?.args as { userIds: string[] }).userIds.push('changed in the answer')
    expect((await outbox(storage))[0]?.args).toEqual({ userIds: ['as given'] })
    let columns: unknown
    await storage.readBlocks({ generation: 1, after: -1, upTo: 9 }, 'oldest-first', ([first]) => {
      columns = (first?.block as RowsBlock).columns
    })
    expect(columns).toEqual([['user of 1.0']])
  })

  test('a store of a newer version of the app is left alone', async () => {
    const connect = fresh()
    await connect().create(syncRow({ format: FORMAT + 1 }))
    await expect(connect().open()).rejects.toThrow(NewerFormat)
    await expect(connect().append([draft('a')], BORN)).rejects.toThrow(NewerFormat)
    await expect(connect().transact('strict', 0, ({ sync }) => ({ sync, records: [], blocks: [] }))).rejects.toThrow(
      NewerFormat,
    )
    await expect(connect().outbox(0)).rejects.toThrow(NewerFormat)
  })
}
