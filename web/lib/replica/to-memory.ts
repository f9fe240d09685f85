// A device that may keep nothing any more: what its store holds goes into this tab's memory, the queue included, and leaves the store.
// Nothing that was appended meanwhile, by another tab, is lost: then it is all read again.
import { emptyDisk, type Disk } from './memory.ts'
import type { Storage } from './storage.ts'

/** @returns what the store held; undefined where it was nobody's any more: another tab was first */
export async function moveToMemory(storage: Storage): Promise<Disk | undefined> {
  for (;;) {
    const disk = await copied(storage)
    if (!disk) return undefined
    if (await storage.erase(disk.outbox.at(-1)?.place ?? 0)) return disk
  }
}

/** Rows of one state that the server really had, and every record. */
async function copied(storage: Storage): Promise<Disk | undefined> {
  const { sync, records } = await storage.outbox(0)
  if (!sync) return undefined
  const { shown } = sync
  const blocks: Disk['blocks'] = []
  await storage.readBlocks(
    { generation: shown.generation, after: -1, upTo: shown.version },
    'oldest-first',
    (some) => void blocks.push(...some),
  )
  const now = (await storage.outbox(records.at(-1)?.place ?? 0)).sync
  if (!now) return undefined
  // Moved on while it was read: what was read is of no state at all, since blocks at or below a shown version are merged under later keys.
  if (now.shown.generation !== shown.generation || now.shown.version !== shown.version) return copied(storage)
  // The pages of a snapshot under way are not worth their copying: it is begun anew.
  const whole = sync.generation === shown.generation && shown.version > 0
  const anew = { ...sync, generation: sync.generation + 1, cursor: null }
  return { ...emptyDisk(), sync: whole ? sync : anew, outbox: records, blocks }
}
