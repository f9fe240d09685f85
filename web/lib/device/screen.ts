// What the list shows first, kept as one small record: the next opening shows it at once, before all rows are read.
import { toBlocks } from '#shared/blocks.ts'
import type { User } from '#shared/model.ts'
import type { Replica } from '#lib/replica/replica.ts'
import { baseLayer, emptyRows, putBlock, type Layer } from '#lib/replica/rows.ts'
import type { Storage } from '#lib/replica/storage.ts'

export interface FirstScreen {
  layer: Layer
  users: number
}

export async function readScreen(storage: Storage): Promise<FirstScreen | undefined> {
  const screen = await storage.screen()
  if (!screen) return undefined
  const rows = emptyRows()
  for (const block of screen.blocks) putBlock(rows, block)
  return { layer: baseLayer(rows), users: screen.totals.users }
}

/** Writes the server's rows of these users, with what they are shown with. */
export async function writeScreen(storage: Storage, replica: Replica, users: readonly User[]): Promise<void> {
  if (replica.phase !== 'ready') return
  const { settledLayer: settled, sync } = replica
  const rows = users.flatMap(({ id }) => settled.get('users', id) ?? [])
  await storage.putScreen({
    key: 'screen',
    version: sync?.shown.version ?? 0,
    totals: { users: settled.sizeOf('users') },
    blocks: [
      ...toBlocks('organisations', [...settled.values('organisations')]),
      ...toBlocks('products', [...settled.values('products')]),
      ...toBlocks('grants', [...settled.values('grants')]),
      ...toBlocks('groups', [...settled.values('groups')]),
      ...toBlocks('users', rows),
      ...toBlocks(
        'meters',
        rows.flatMap(({ id }) => settled.get('meters', id) ?? []),
      ),
    ],
  })
}
