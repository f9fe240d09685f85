// Blocks of the format before, as they are read until the fresh snapshot has come: whoever opens a newer app without a network still
// sees what he had.
import type { RowsBlock } from '#shared/blocks.ts'
import { COLUMNS } from '#shared/model.ts'

const [USED, STARTS_ON] = [COLUMNS.grants.indexOf('used'), COLUMNS.grants.indexOf('startsOn')]
const BEFORE = COLUMNS.grants.indexOf('voided')

/** The block with the columns of now. Grants of format 1 knew of nothing voided, and of one contract alone. */
export function asNow(block: RowsBlock): RowsBlock {
  if (block.entity !== 'grants' || block.columns.length > BEFORE) return block
  const used = block.columns[USED] ?? []
  const startsOn = block.columns[STARTS_ON] ?? []
  return {
    entity: 'grants',
    columns: [...block.columns, used.map(() => 0), used.map((credits, at) => ({ [String(startsOn[at])]: credits }))],
  }
}
