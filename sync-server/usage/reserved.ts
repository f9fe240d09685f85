// What is promised to jobs under way: open reservations that have not expired. A function of their rows and now, so that nothing has to
// run when one expires.
import { sql } from 'kysely'
import type { Reserved } from '#shared/limits.ts'
import type { Instant, OrganisationId } from '#shared/model.ts'
import type { Tx } from '../store/index.ts'
import type { Payer } from './payers.ts'

/** What is reserved of a user's, his pool's and everybody's credits. Credits of a pool are those reserved while in its group. */
export async function reservedFor(
  tx: Tx,
  organisation: OrganisationId,
  { id, groupId }: Pick<Payer, 'id' | 'groupId'>,
  now: Instant,
): Promise<Reserved> {
  const { rows } = await sql<{ user: number | null; pool: number | null; all: number | null }>`
    select sum(case when "userId" = ${id} then "credits" end) as "user",
      sum(case when "groupId" <> '' and "groupId" = ${groupId ?? ''} then "credits" end) as "pool",
      sum("credits") as "all"
    from reservations where "orgId" = ${organisation} and "state" = 'open' and "expiresAt" > ${now}`.execute(tx.db)
  const [row] = rows
  return { user: row?.user ?? 0, pool: row?.pool ?? 0, all: row?.all ?? 0 }
}
