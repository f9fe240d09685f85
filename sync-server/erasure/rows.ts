// Takes a user out of everything beside the log: sessions, links, mails, devices, sign-on, and the account itself where it has no other
// organisation. What is deleted where is read off the list of tables.
import { sql } from 'kysely'
import type { Instant, OrganisationId, UserId } from '#shared/model.ts'
import type { Tx } from '../store/index.ts'
import { tablesOf } from './tables.ts'

/** In the transaction of the erasure; the row itself is the operation's. */
export async function eraseRows(tx: Tx, orgId: OrganisationId, userId: UserId, at: Instant): Promise<void> {
  const member = await tx.db
    .selectFrom('auth_memberships')
    .select('accountId')
    .where('orgId', '=', orgId)
    .where('userId', '=', userId)
    .executeTakeFirst()
  await emptyDevices(tx, orgId, userId, at)
  for (const { table, by } of tablesOf('user'))
    await sql`delete from ${sql.table(table)} where "orgId" = ${orgId} and ${sql.ref(by)} = ${userId}`.execute(tx.db)
  if (member) await leaveAccount(tx, orgId, member.accountId)
  // Nobody is there any more to use what was promised. One that has expired stays what the provider was told of it.
  await tx.db
    .updateTable('reservations')
    .set({ state: 'released' })
    .where('orgId', '=', orgId)
    .where('userId', '=', userId)
    .where('state', '=', 'open')
    .where('expiresAt', '>', at)
    .execute()
}

/** A device stays as a revoked one without a name, so that it is told to erase what it holds. */
const emptyDevices = (tx: Tx, orgId: OrganisationId, userId: UserId, at: Instant) =>
  tx.db
    .updateTable('auth_devices')
    .set((row) => ({
      name: '',
      unsent: 0,
      lastSyncAt: null,
      revokedAt: row.fn.coalesce('revokedAt', row.val(at)),
    }))
    .where('orgId', '=', orgId)
    .where('userId', '=', userId)
    .execute()

async function leaveAccount(tx: Tx, orgId: OrganisationId, accountId: string): Promise<void> {
  const elsewhere = await tx.db
    .selectFrom('auth_memberships')
    .select('orgId')
    .where('accountId', '=', accountId)
    .limit(1)
    .executeTakeFirst()
  if (elsewhere) {
    // What is open in the other organisations stays open.
    await sql`delete from auth_sessions where "userId" = ${accountId} and ("orgId" is null or "orgId" = ${orgId})`.execute(
      tx.db,
    )
    return
  }
  const account = await tx.db.selectFrom('auth_users').select('email').where('id', '=', accountId).executeTakeFirst()
  await sql`delete from auth_verifications where "identifier" = ${account?.email ?? ''}`.execute(tx.db)
  for (const { table, by } of tablesOf('account'))
    await sql`delete from ${sql.table(table)} where ${sql.ref(by)} = ${accountId}`.execute(tx.db)
}
