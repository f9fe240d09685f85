// Erasing a user on the server: what the operation's effect asks for, in the operation's own transaction. From then on the id stands
// among those that were erased, and nothing personal is written down under it again.
import type { Instant, OrganisationId, UserId } from '#shared/model.ts'
import type { Tx } from '../store/index.ts'
import type { Random } from '../sync/log.ts'
import type { Redaction } from '../sync/redactions.ts'
import { redactLog, type Prepared } from './log.ts'
import { eraseRows } from './rows.ts'

interface Erasing {
  at: Instant
  random: Random
  /** Of the operation that erases. */
  version: number
  prepared: Prepared | undefined
}

/** All that was kept before must be in SQL. @returns what the contents of the log that were rewritten read as now */
export async function eraseUser(
  tx: Tx,
  orgId: OrganisationId,
  userId: UserId,
  { at, random, version, prepared }: Erasing,
): Promise<Redaction[]> {
  const redacted = await redactLog(tx, orgId, userId, { random, prepared })
  await eraseRows(tx, orgId, userId, at)
  await tx.db
    .insertInto('erasures')
    .values({ orgId, userId, version, at })
    .onConflict((conflict) => conflict.columns(['orgId', 'userId']).doUpdateSet({ version, at }))
    .execute()
  return redacted
}
