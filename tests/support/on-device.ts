// A small organisation as a device has it: its rows in memory, and what a call would do to them.
import { attempt } from '#lib/replica/pending.ts'
import { baseLayer, emptyRows, Overlay, type RowSet } from '#lib/replica/rows.ts'
import { ENTITIES, type AnyRow } from '#shared/model.ts'
import type { Call } from '#shared/operations/definition.ts'
import { NOON } from './blueprint.ts'
import type { MemorySource } from './memory-source.ts'
import type { World } from './organisation.ts'

export function rowsOf(source: MemorySource): RowSet {
  const rows = emptyRows()
  for (const entity of ENTITIES) {
    const into: Map<string, AnyRow> = rows.tables[entity]
    for (const row of source.all(entity)) into.set(row.id, row)
  }
  return rows
}

/** What Ingrid would do by a call; nothing is written. */
export const tried = (call: Call, world: World, rows: RowSet) =>
  attempt(
    new Overlay(baseLayer(rows)),
    { ...call, madeAt: NOON, atomic: false },
    { organisation: world.rows.organisation, userId: world.user('ingrid').id },
  )
