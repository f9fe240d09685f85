// Rows in columns: how they travel and how the device stores them, as they came. A block holds up to 500 rows of one entity, or
// tombstones. IndexedDB charges per record and not per byte, and columns repeat no key: so 100,000 users sync in a second.
import * as v from 'valibot'
import { COLUMNS, ENTITIES, type Entity, type Rows } from './model.ts'

export const BLOCK_ROWS = 500

/** `columns[i][j]` is row j's value of the i-th column in COLUMNS[entity]. */
export interface RowsBlock {
  entity: Entity
  columns: unknown[][]
}
/** Rows that are gone, with the version that removed each. */
export interface TombstonesBlock {
  entity: Entity
  gone: string[]
  versions: number[]
}
export type Block = RowsBlock | TombstonesBlock

export const Block = v.union([
  v.object({ entity: v.picklist(ENTITIES), columns: v.array(v.array(v.unknown())) }),
  v.object({ entity: v.picklist(ENTITIES), gone: v.array(v.string()), versions: v.array(v.number()) }),
])

export const isTombstones = (block: Block): block is TombstonesBlock => 'gone' in block

/** Cuts rows into blocks of at most 500. */
export function toBlocks<E extends Entity>(entity: E, rows: readonly Rows[E][]): RowsBlock[] {
  const blocks: RowsBlock[] = []
  for (let from = 0; from < rows.length; from += BLOCK_ROWS) {
    const part = rows.slice(from, from + BLOCK_ROWS)
    blocks.push({ entity, columns: COLUMNS[entity].map((column) => part.map((row) => row[column as keyof Rows[E]])) })
  }
  return blocks
}

/** How many rows or tombstones a block holds. */
export const blockSize = (block: Block): number =>
  isTombstones(block) ? block.gone.length : (block.columns[0]?.length ?? 0)

/** The ids in a block, rows or tombstones. */
export const blockIds = (block: Block): readonly string[] =>
  isTombstones(block) ? block.gone : ((block.columns[0] ?? []) as string[])

/** Makes the rows of a block. Each entity has a constructor of its own, so that all its rows share one hidden class. */
export function* rowsOf(block: RowsBlock): Generator<Rows[Entity]> {
  const make = constructors[block.entity]
  const size = blockSize(block)
  for (let row = 0; row < size; row += 1) yield make(block.columns, row)
}

// What the server sends was parsed when it was written; checking 100,000 rows again field by field would cost more than the sync.
const constructors = Object.fromEntries(
  ENTITIES.map((entity) => {
    const columns = COLUMNS[entity]
    return [
      entity,
      (values: unknown[][], at: number) => {
        const row: Record<string, unknown> = {}
        for (let column = 0; column < columns.length; column += 1) row[columns[column] as string] = values[column]?.[at]
        return row as unknown as Rows[Entity]
      },
    ]
  }),
) as Record<Entity, (values: unknown[][], at: number) => Rows[Entity]>
