// The rows of a device in memory: what the server removed is gone by entity and id, since a group and its pool's meter share their id.
import { expect, test } from 'vitest'
import { baseLayer, emptyRows, Overlay, putBlock, putOlderBlock, removedIn } from '#lib/replica/rows.ts'
import type { Block } from '#shared/blocks.ts'
import { COLUMNS } from '#shared/model.ts'

const ID = '01932000-0000-7000-8000-000000000300'
const meter: Block = { entity: 'meters', columns: COLUMNS.meters.map((column) => [column === 'id' ? ID : 0]) }
const tombstone: Block = { entity: 'groups', gone: [ID], versions: [2] }

const rowsOf = (...blocks: Block[]) => {
  const rows = emptyRows()
  for (const block of blocks) putBlock(rows, block)
  return rows
}

test('A removed group leaves the meter of its pool, in whatever order the two come', () => {
  const older = emptyRows()
  for (const block of [tombstone, meter]) putOlderBlock(older, block)
  const absorbed = baseLayer(rowsOf(meter))
  absorbed.absorb(rowsOf(tombstone))
  const over = new Overlay(baseLayer(rowsOf(meter)))
  over.takeRows(rowsOf(tombstone))
  for (const layer of [baseLayer(rowsOf(meter, tombstone)), baseLayer(rowsOf(tombstone, meter)), baseLayer(older)])
    expect([layer.sizeOf('meters'), layer.wasRemoved('groups', ID)]).toEqual([1, true])
  for (const layer of [absorbed, over])
    expect([layer.sizeOf('meters'), layer.wasRemoved('groups', ID), layer.wasRemoved('meters', ID)]).toEqual([
      1,
      true,
      false,
    ])
  expect(removedIn(older)).toBe(1)
})
