// Rows from the store's blocks: a whole generation, or what pages brought since a version. Reads and builds aside; it touches nothing
// that is shown.
import { blockIds, blockSize, isTombstones, type Block } from '#shared/blocks.ts'
import type { User } from '#shared/model.ts'
import { baseLayer, emptyRows, Overlay, putBlock, putOlderBlock, type Layer, type RowSet } from './rows.ts'
import type { Plan, Storage, StoredBlock } from './storage.ts'

/** How much the store holds of a generation: rows, superseded ones included, and blocks. */
export interface Stored {
  rows: number
  blocks: number
}
export const nothingStored: Stored = { rows: 0, blocks: 0 }

export interface Generation {
  rows: RowSet
  base: ReturnType<typeof baseLayer>
  stored: Stored
  /** Users who are gone, of whom a block still holds a row: what should have left the store has not. */
  lingering: Set<string>
}
export type Delta = RowSet & { stored: Stored }

/** What has just been written, and from which version it was asked for. */
export type Page = Plan & { from: number }

export const emptyGeneration = (): Generation => {
  const rows = emptyRows()
  return { rows, base: baseLayer(rows), stored: nothingStored, lingering: new Set() }
}

export function createLoader({ storage, breathe }: { storage: Storage; breathe: () => Promise<void> | void }) {
  return {
    /** All rows of a generation as of a version, the newest blocks first. */
    async generation(shown: { generation: number; version: number }): Promise<Generation> {
      const fresh = emptyGeneration()
      await storage.readBlocks(
        { generation: shown.generation, after: -1, upTo: shown.version },
        'newest-first',
        async (blocks) => {
          for (const { block } of blocks) {
            putOlderBlock(fresh.rows, block)
            for (const id of goneIn(block, fresh.rows)) fresh.lingering.add(id)
            await breathe()
          }
          fresh.stored = addStored(fresh.stored, blocks)
        },
      )
      fresh.rows.version = shown.version
      return fresh
    },

    /** What came after a version up to another; undefined where that is nothing. */
    async delta(
      range: { generation: number; after: number; upTo: number },
      page: Page | undefined,
    ): Promise<Delta | undefined> {
      if (range.upTo <= range.after) return undefined
      const delta: Delta = { ...emptyRows(), stored: nothingStored }
      const put = (blocks: readonly StoredBlock[]) => {
        for (const { block } of blocks) putBlock(delta, block)
        delta.stored = addStored(delta.stored, blocks)
      }
      // A page that came alone is at hand already; else all pages since the shown version are read back.
      if (page?.from === range.after && page.sync.cursor?.version === range.upTo) put(page.blocks)
      else
        await storage.readBlocks(range, 'oldest-first', async (blocks) => {
          put(blocks)
          await breathe()
        })
      delta.version = range.upTo
      return delta
    },
  }
}

/** Users who were among the rows and are not any more, as they were: by another generation, or by what came since. */
export function leavers(before: RowSet, next: Generation | undefined, delta: RowSet | undefined): Map<string, User> {
  const gone = new Map<string, User>()
  const now = next?.rows.tables.users
  if (now) for (const [id, user] of before.tables.users) if (!now.has(id)) gone.set(id, user)
  for (const id of delta?.removed.users ?? []) {
    const user = before.tables.users.get(id)
    if (user) gone.set(id, user)
  }
  return gone
}

/** Users of a block of rows who are gone since. */
function goneIn(block: Block, { removed }: RowSet): readonly string[] {
  if (block.entity !== 'users' || isTombstones(block) || removed.users.size === 0) return []
  return blockIds(block).filter((id) => removed.users.has(id))
}

/** The rows of a layer with a delta over them, as they will be once it is absorbed. */
export function withDelta(under: Layer, delta: RowSet): Layer {
  const layer = new Overlay(under)
  layer.takeRows(delta)
  return layer
}

/** The ids of all rows that a delta changes or removes. */
export function* idsIn({ tables, removed }: RowSet): Iterable<string> {
  for (const table of Object.values(tables)) yield* table.keys()
  for (const gone of Object.values(removed)) yield* gone
}

export const sumStored = (a: Stored, b: Stored): Stored => ({ rows: a.rows + b.rows, blocks: a.blocks + b.blocks })

const addStored = (stored: Stored, blocks: readonly StoredBlock[]): Stored => ({
  rows: blocks.reduce((rows, { block }) => rows + blockSize(block), stored.rows),
  blocks: stored.blocks + blocks.length,
})
