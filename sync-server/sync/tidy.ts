// Forgets tombstones that are older than is promised, and remembers how far: a device that was away for longer takes a new snapshot.
import { sql } from 'kysely'
import { TOMBSTONE_DAYS } from '#shared/protocol.ts'
import type { Store } from '../store/index.ts'

const DAY = 24 * 60 * 60 * 1000

/** Of all organisations. @returns how many were forgotten */
export async function forgetTombstones(store: Store, now: number): Promise<number> {
  const before = now - TOMBSTONE_DAYS * DAY
  return await store.transaction(async (tx) => {
    await sql`update heads set "horizon" = coalesce(
      (select max(t."version") from tombstones t where t."orgId" = heads."orgId" and t."at" < ${before}), "horizon")`.execute(
      tx.db,
    )
    const { numDeletedRows } = await tx.db.deleteFrom('tombstones').where('at', '<', before).executeTakeFirst()
    return Number(numDeletedRows)
  })
}
