// Tidying changes what is stored and nothing that is known: whatever was merged, a device that opens afterwards has the same rows.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { blockSize, isTombstones, toBlocks, type Block } from '#shared/blocks.ts'
import type { Group, GroupId } from '#shared/model.ts'
import { emptyDisk, memoryStorage } from '#lib/replica/memory.ts'
import { createReplica } from '#lib/replica/replica.ts'
import { FORMAT, type OutboxRecord, type SyncRow } from '#lib/replica/storage.ts'
import { createTidy, groupsToMerge, KEPT_FOR, needsTidying, prunable } from '#lib/replica/tidy.ts'
import { organisation } from '../../support/organisation.ts'

const acme = organisation()
const group = (n: number, version: number): Group => ({
  id: `01932000-0000-7000-8000-${String(n).padStart(12, '0')}` as GroupId,
  version,
  name: `Group ${n} of ${version}`,
  nameKey: `group ${n} of ${version}`,
  memberLimit: null,
  poolLimit: null,
  members: 0,
  lastModified: version,
  lastModifiedBy: null,
})

/** A device on which these pages came, one version each; `above` is stored but not shown yet. */
async function device(pages: readonly (readonly Block[])[], { above = [] as readonly Block[] } = {}) {
  const disk = emptyDisk()
  disk.sync = {
    key: 'sync',
    revision: 1,
    format: FORMAT,
    born: 'first',
    account: 'account',
    userId: acme.user('ingrid').id,
    organisation: acme.rows.all('organisations')[0]?.id,
    clientId: acme.newId(),
    base: 0,
    shown: { generation: 2, version: pages.length },
    generation: 2,
    cursor: { version: pages.length, since: 0 },
    seen: { version: 0, hash: '' },
    asOf: 0,
    offset: 0,
  } as SyncRow
  for (const [at, blocks] of [...pages, above].entries())
    for (const [part, block] of blocks.entries()) disk.blocks.push({ key: [2, at + 1, part], block })
  const opened = async () => {
    const storage = memoryStorage(disk)
    const replica = createReplica({
      storage,
      clock: () => 1e12,
      newId: () => acme.newId(),
      breathe: () => undefined,
      report: (error) => {
        throw error
      },
    })
    await replica.open()
    return {
      storage,
      replica,
      rows: [...replica.settledLayer.values('groups')].toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    }
  }
  return { disk, opened }
}

const ground = [
  ...toBlocks('organisations', acme.rows.all('organisations')),
  ...toBlocks('users', acme.rows.all('users')),
]
const gone = (ids: readonly number[], version: number): Block => ({
  entity: 'groups',
  gone: ids.map((n) => group(n, 0).id),
  versions: ids.map(() => version),
})

test('after tidying a device opens with the same rows, from fewer blocks, none of them superseded', async () => {
  const change = fc.record({ n: fc.nat(8), removed: fc.boolean() })
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(change, { minLength: 1, maxLength: 4 }), { minLength: 220, maxLength: 240 }),
      async (history) => {
        const pages = history.map((changes, at) => {
          const version = at + 2
          const last = new Map(changes.map(({ n, removed }) => [n, removed]))
          const kept = [...last].filter(([, removed]) => !removed).map(([n]) => group(n, version))
          const lost = [...last].filter(([, removed]) => removed).map(([n]) => n)
          return [...toBlocks('groups', kept), ...(lost.length > 0 ? [gone(lost, version)] : [])]
        })
        const above = toBlocks('groups', [group(1, pages.length + 2)])
        const { disk, opened } = await device([ground, ...pages], { above })
        const before = await opened()
        await createTidy({ ...before, clock: () => 1e12, breathe: () => undefined })()
        const after = await opened()
        expect(after.rows).toEqual(before.rows)
        for (let n = 0; n <= 8; n += 1)
          expect(after.replica.settledLayer.wasRemoved('groups', group(n, 0).id)).toBe(
            before.replica.settledLayer.wasRemoved('groups', group(n, 0).id),
          )
        const shown = disk.blocks.filter(({ key }) => key[1] <= pages.length + 1)
        expect(shown.length).toBeLessThanOrEqual(4)
        const stored = shown.filter(({ block }) => block.entity === 'groups' && !isTombstones(block))
        expect(stored.reduce((rows, { block }) => rows + blockSize(block), 0)).toBe(after.rows.length)
        expect(disk.blocks.filter(({ key }) => key[1] > pages.length + 1)).toHaveLength(1)
        expect(before.replica.stored).toEqual(after.replica.stored)
      },
    ),
    { numRuns: 20 },
  )
})

test('generations that are no longer shown are removed', async () => {
  const { disk, opened } = await device([ground])
  disk.blocks.unshift({ key: [1, 1, 0], block: toBlocks('groups', [group(1, 1)])[0] as Block })
  const { storage, replica } = await opened()
  await createTidy({ storage, replica, clock: () => 1e12, breathe: () => undefined })()
  expect(disk.blocks.every(({ key }) => key[0] === 2)).toBe(true)
})

test('it is done at most once a minute', async () => {
  const { disk, opened } = await device([ground])
  const { storage, replica } = await opened()
  let now = 1e12
  const tidy = createTidy({ storage, replica, clock: () => now, breathe: () => undefined })
  await tidy()
  disk.blocks.unshift({ key: [1, 1, 0], block: toBlocks('groups', [group(1, 1)])[0] as Block })
  now += 59_000
  await tidy()
  expect(disk.blocks.some(({ key }) => key[0] === 1)).toBe(true)
  now += 2_000
  await tidy()
  expect(disk.blocks.some(({ key }) => key[0] === 1)).toBe(false)
})

test('a third of superseded rows, or many small blocks, is worth the work', () => {
  expect(needsTidying({ rows: 9_000, blocks: 18 }, 6_100)).toBe(false)
  expect(needsTidying({ rows: 9_000, blocks: 18 }, 5_900)).toBe(true)
  expect(needsTidying({ rows: 9_000, blocks: 400 }, 9_000)).toBe(true)
  expect(needsTidying({ rows: 30, blocks: 20 }, 10)).toBe(false)
})

test('blocks that are full of living rows are left alone', () => {
  const sized = (version: number, rows: number, living = rows) => ({
    key: [1, version, 0] as [number, number, number],
    entity: 'users' as const,
    tombstones: false,
    rows,
    living,
  })
  expect(groupsToMerge([sized(1, 500), sized(2, 500)])).toEqual([])
  expect(groupsToMerge([sized(1, 500, 300), sized(2, 10), sized(3, 500)])).toEqual([
    [
      [1, 1, 0],
      [1, 2, 0],
    ],
  ])
  expect(groupsToMerge([sized(1, 500, 300)])).toEqual([[[1, 1, 0]]])
})

test('an operation is forgotten 30 days after it was settled, and none that another waits before', () => {
  const now = 1e12
  const record = (place: number, at: number | undefined, version = 5): OutboxRecord =>
    ({ place, settlement: at === undefined ? undefined : { version, at } }) as OutboxRecord
  const old = now - KEPT_FOR - 1
  expect(prunable([record(3, old), record(4, old), record(5, now)], 9, now)).toBe(5)
  expect(prunable([record(3, old), record(4, undefined), record(5, old)], 9, now)).toBe(4)
  expect(prunable([record(3, old, 10)], 9, now)).toBe(3)
  expect(prunable([record(3, old), record(4, old)], 9, now)).toBe(4)
  expect(prunable([], 9, now)).toBe(0)
})
