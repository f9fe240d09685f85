// Keeps the store from growing with time: rows that later blocks replaced, small blocks that each page leaves behind, generations that
// are no longer shown, operations settled for a month. What to merge is decided without I/O; the store reads and replaces each group in
// one transaction. Never touches a block above the shown version, and never a tombstone that says something.
import { BLOCK_ROWS, blockIds, blockSize, isTombstones, type Block } from '#shared/blocks.ts'
import { COLUMNS, ENTITIES, type Entity } from '#shared/model.ts'
import type { Replica } from './replica.ts'
import { compareKeys } from './memory.ts'
import type { Layer } from './rows.ts'
import type { Stored } from './load.ts'
import type { OutboxRecord, Storage, StoredBlock } from './storage.ts'

export const KEPT_FOR = 30 * 24 * 60 * 60 * 1000
/** At most once in so long. */
const PAUSE = 60_000
/** Blocks beyond what the rows need, before merging them is worth the work. */
const SPARE_BLOCKS = 100

/** Whether a third of the stored rows is superseded, or many blocks are small. `living`: rows in memory, and tombstones. */
export const needsTidying = ({ rows, blocks }: Stored, living: number, spare = SPARE_BLOCKS): boolean =>
  (rows > BLOCK_ROWS && (rows - living) * 3 > rows) || blocks > (living / BLOCK_ROWS) * 2 + spare

/** A block by what is needed for the decision. */
export interface Sized {
  key: StoredBlock['key']
  entity: Entity
  tombstones: boolean
  rows: number
  /** Those that no later block replaced. */
  living: number
}

/**
 * The groups of blocks that become one each, under the key of the last, or none where nothing in them is alive. Only what is alive moves to
 * a later key, and above it nothing newer stands: so the order of the groups does not matter.
 * @param blocks in ascending order of keys, all at or below the shown version
 */
export function groupsToMerge(blocks: readonly Sized[]): StoredBlock['key'][][] {
  const groups: StoredBlock['key'][][] = []
  const open = new Map<string, { keys: StoredBlock['key'][]; rows: number; living: number }>()
  const close = (group: { keys: StoredBlock['key'][]; rows: number; living: number } | undefined) => {
    if (group && (group.keys.length > 1 || group.living * 3 < group.rows * 2)) groups.push(group.keys)
  }
  for (const { key, entity, tombstones, rows, living } of blocks) {
    const kind = `${entity} ${tombstones}`
    const group = open.get(kind)
    if (group && group.living + living <= BLOCK_ROWS) {
      group.keys.push(key)
      group.rows += rows
      group.living += living
    } else {
      close(group)
      open.set(kind, { keys: [key], rows, living })
    }
  }
  for (const group of open.values()) close(group)
  return groups
}

/** One block with what is alive in the found ones, under the last one's key; undefined where nothing is. */
export function merged(found: readonly StoredBlock[], layer: Layer): StoredBlock | undefined {
  const sorted = found.toSorted((a, b) => compareKeys(a.key, b.key))
  const last = sorted.at(-1)
  if (!last) return undefined
  const { entity } = last.block
  const block: Block = isTombstones(last.block)
    ? { entity, gone: [], versions: [] }
    : { entity, columns: COLUMNS[entity].map(() => []) }
  for (const { block: from } of sorted)
    for (const at of livingIn(from, layer)) {
      if (isTombstones(from)) {
        if (!isTombstones(block)) continue
        block.gone.push(from.gone[at] ?? '')
        block.versions.push(from.versions[at] ?? 0)
      } else if (!isTombstones(block)) block.columns.forEach((column, index) => column.push(from.columns[index]?.[at]))
    }
  return blockSize(block) > 0 ? { key: last.key, block } : undefined
}

/** The places in a block of what is still so: rows with the version that memory has, tombstones of what has not come back. */
function livingIn(block: Block, layer: Layer): number[] {
  const versions = isTombstones(block) ? [] : ((block.columns[1] ?? []) as number[])
  const places: number[] = []
  blockIds(block).forEach((id, at) => {
    const row = layer.get(block.entity, id)
    if (isTombstones(block) ? row === undefined : row?.version === versions[at]) places.push(at)
  })
  return places
}

/** The place before which all records have been settled for 30 days; 0 where none has. */
export function prunable(records: readonly OutboxRecord[], shownVersion: number, now: number): number {
  const kept = records.find(
    ({ settlement }) => !settlement || settlement.version > shownVersion || now - settlement.at < KEPT_FOR,
  )
  return kept ? kept.place : (records.at(-1)?.place ?? 0)
}

const livingRows = ({ settledLayer, removed }: Replica): number =>
  ENTITIES.reduce((rows, entity) => rows + settledLayer.sizeOf(entity), removed)

/** A function for the idle moments of the syncing tab: does what is due, at most once a minute, and lets the page answer between. */
export function createTidy({
  storage,
  replica,
  clock,
  breathe,
  spareBlocks,
}: {
  storage: Storage
  replica: Replica
  clock: () => number
  breathe: () => Promise<void> | void
  /** Few in the simulation, where there is little to tidy. */
  spareBlocks?: number
}): () => Promise<void> {
  let last = -Infinity
  return async () => {
    const { sync, phase, records, stored, settledLayer } = replica
    if (!sync || phase !== 'ready' || Math.abs(clock() - last) < PAUSE) return
    last = clock()
    const { generation, version } = sync.shown
    const pruned = prunable(records, version, clock() + sync.offset)
    if (pruned > (records[0]?.place ?? 0)) await storage.prune(pruned)
    await storage.keepGeneration(generation)
    if (!needsTidying(stored, livingRows(replica), spareBlocks)) return

    const sizes: Sized[] = []
    await storage.readBlocks({ generation, after: -1, upTo: version }, 'oldest-first', async (blocks) => {
      for (const { key, block } of blocks)
        sizes.push({
          key,
          entity: block.entity,
          tombstones: isTombstones(block),
          rows: blockSize(block),
          living: livingIn(block, settledLayer).length,
        })
      await breathe()
    })
    const byKey = new Map(sizes.map((size) => [size.key.join(), size]))
    for (const keys of groupsToMerge(sizes)) {
      // Memory may have moved on: what was superseded stays so, and what has been since is left for the next time.
      if (replica.sync?.shown.generation !== generation) return
      let kept = 0
      const replaced = await storage.replaceBlocks(keys, (found) => {
        const one = merged(found, settledLayer)
        kept = one ? blockSize(one.block) : 0
        return one
      })
      const before = keys.reduce((rows, key) => rows + (byKey.get(key.join())?.rows ?? 0), 0)
      if (replaced) replica.tidied({ rows: before - kept, blocks: keys.length - (kept > 0 ? 1 : 0) })
      await breathe()
    }
  }
}
