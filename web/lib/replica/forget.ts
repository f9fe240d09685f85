// Users who are gone leave this device at once, not with the next tidying: their rows in each block, superseded ones too, the first
// screen, and what settled operations say of them. Any tombstone of a user is an erasure here: an added user who was taken back has no
// more business on a device than one who was erased. The blocks come last: as long as one of them holds such a row, a device that died in
// between finds it when it opens (`leaving`) and does all of it again.
import { blockIds, blockSize, isTombstones, type Block, type RowsBlock } from '#shared/blocks.ts'
import { toEmailKey, type EmailKey } from '#shared/email.ts'
import { COLUMNS } from '#shared/model.ts'
import { failedCreates } from './dependents.ts'
import { redacted, redactSettled, type Gone } from './redact.ts'
import type { Replica } from './replica.ts'
import { isSettled, type OutboxRecord, type Storage, type StoredBlock } from './storage.ts'

/** What the app keeps beside the store: caches and files. Told before the rows go, and again where a device died in between. */
export type Beside = (gone: { ids: ReadonlySet<string>; emails: ReadonlySet<string> }) => Promise<void>

export interface ForgetDoors {
  storage: Storage
  replica: Replica
  breathe: () => Promise<void> | void
  beside?: Beside
}

const EMAIL = COLUMNS.users.indexOf('email')

export function createForget({
  storage,
  replica,
  breathe,
  beside = () => Promise.resolve(),
}: ForgetDoors): () => Promise<boolean> {
  /** Settled operations that say nothing of anybody who had left by then. */
  const looked = new WeakSet<OutboxRecord>()
  /** The generation before which there is nothing any more: a snapshot brings no tombstone of who left before it. */
  let first = -1
  let failed: { of: readonly OutboxRecord[]; creates: ReturnType<typeof failedCreates> } | undefined

  /** Does what is due, and answers whether the store was changed. */
  return async function forget(): Promise<boolean> {
    const { sync, phase } = replica
    if (!sync || phase !== 'ready') return false
    const { generation, version } = sync.shown
    const leaving = new Set(replica.leaving)
    // One who has come back, by a server that was restored and then healed, is not gone.
    const ids = new Set(
      [...leaving].filter((id) => !replica.settledLayer.get('users', id) && !replica.layer.get('users', id)),
    )
    const held = ids.size > 0 ? await whereIn(ids, { generation, version }) : { keys: [], emails: new Set<EmailKey>() }
    const gone: Gone = { is: (id) => ids.has(id) || isUnknown(id), emails: held.emails }

    let changed = false
    if (ids.size > 0) await beside({ ids, emails: held.emails })
    if (ids.size > 0 || first !== generation) changed = await cleanScreen()
    if (await speaksOf(gone, ids.size > 0, version)) changed = (await replica.redact(redactSettled(gone))) || changed
    for (const key of held.keys) {
      let less = { rows: 0, blocks: 0 }
      const replaced = await storage.replaceBlocks([key], ([found]) => {
        if (!found) return undefined
        const block = without(found.block, ids)
        less = { rows: blockSize(found.block) - (block ? blockSize(block) : 0), blocks: block ? 0 : 1 }
        return block && { key: found.key, block }
      })
      if (replaced) replica.tidied(less)
      changed ||= replaced
      await breathe()
    }
    if (first !== generation) await storage.keepGeneration(generation)
    first = generation
    // Another generation, which has come meanwhile, has blocks of its own to look into.
    if (replica.sync?.shown.generation === generation) replica.forgotten(leaving)
    return changed
  }

  /** Nobody and nothing here has this id, and it is not that of a create that failed: also without a tombstone, which no snapshot brings. */
  function isUnknown(id: string): boolean {
    const { settledLayer, layer, records, sync } = replica
    if (settledLayer.wasRemoved('users', id)) return true
    const isHere = (['users', 'groups', 'organisations'] as const).some(
      (entity) => layer.get(entity, id) ?? settledLayer.get(entity, id) ?? settledLayer.wasRemoved(entity, id),
    )
    if (isHere) return false
    if (failed?.of !== records) failed = { of: records, creates: failedCreates(records, sync?.shown.version ?? 0) }
    return !failed.creates.has(id)
  }

  /** The blocks that hold a row of theirs, and every address that stands in these: also one that was changed long ago. */
  async function whereIn(ids: ReadonlySet<string>, shown: { generation: number; version: number }) {
    const keys: StoredBlock['key'][] = []
    const emails = new Set<EmailKey>()
    const range = { generation: shown.generation, after: -1, upTo: shown.version }
    await storage.readBlocks(range, 'oldest-first', async (blocks) => {
      for (const { key, block } of blocks) {
        if (block.entity !== 'users' || isTombstones(block)) continue
        const rows = placesOf(block, ids)
        if (rows.length > 0) keys.push(key)
        for (const at of rows) {
          const email = toEmailKey(String(block.columns[EMAIL]?.[at] ?? ''))
          // Somebody else may have the address by now.
          if (email && !replica.settledLayer.userIdByEmail(email)) emails.add(email)
        }
      }
      await breathe()
    })
    return { keys, emails }
  }

  /** The first screen shows nobody who is not here any more. */
  async function cleanScreen(): Promise<boolean> {
    const screen = await storage.screen()
    if (!screen) return false
    const users = replica.settledLayer
    const gone = new Set(screen.blocks.flatMap(idsOfUsers).filter((id) => !users.get('users', id)))
    if (gone.size === 0) return false
    const blocks = screen.blocks.flatMap((block) => without(block, gone) ?? [])
    const version = replica.sync?.shown.version ?? 0
    await storage.putScreen({ ...screen, version, totals: { users: users.sizeOf('users') }, blocks })
    return true
  }

  /** Whether a settled operation says something of them. Each is looked through once, and again when somebody leaves. */
  async function speaksOf(gone: Gone, anew: boolean, version: number): Promise<boolean> {
    for (const record of replica.records) {
      if (!anew && looked.has(record)) continue
      if (redacted(record, gone, version)) return true
      if (isSettled(record, version)) looked.add(record)
      await breathe()
    }
    return false
  }
}

const idsOfUsers = (block: Block): readonly string[] => (block.entity === 'users' ? blockIds(block) : [])

const placesOf = (block: RowsBlock, ids: ReadonlySet<string>): number[] =>
  blockIds(block).flatMap((id, at) => (ids.has(id) ? [at] : []))

/** The block without the rows of these users: itself where it has none, undefined where it has no others. */
function without(block: Block, ids: ReadonlySet<string>): Block | undefined {
  if (block.entity !== 'users' || isTombstones(block)) return block
  const places = new Set(placesOf(block, ids))
  if (places.size === 0) return block
  const columns = block.columns.map((column) => column.filter((_, at) => !places.has(at)))
  return (columns[0]?.length ?? 0) > 0 ? { entity: block.entity, columns } : undefined
}
