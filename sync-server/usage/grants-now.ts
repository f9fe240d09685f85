// Grants as they are counted now. The rows of `grants` stand as devices were let see them; what was burnt since stands in `burnt` until it
// is published, so that credits and days of usage of one version always add up on a device.
import { sql } from 'kysely'
import type { CreditGrant, Day, OrganisationId } from '#shared/model.ts'
import type { Tx } from '../store/index.ts'
import { allRows } from '../store/rows.ts'

/** A grant whose counters are moved in place while a transaction counts. */
export type Burning = Omit<CreditGrant, 'usedBy'> & { usedBy: Record<Day, number> }

export async function grantsNow(tx: Tx, organisation: OrganisationId): Promise<Burning[]> {
  const rows = await allRows(tx, organisation, 'grants')
  const counts = await tx.db
    .selectFrom('burnt')
    .select(['grantId', 'used', 'usedBy'])
    .where('orgId', '=', organisation)
    .execute()
  const byId = new Map<string, (typeof counts)[number]>(counts.map((count) => [count.grantId, count]))
  return rows.map((row) => {
    const count = byId.get(row.id)
    if (!count) return { ...row, usedBy: { ...row.usedBy } }
    return { ...row, used: count.used, usedBy: JSON.parse(count.usedBy) as Record<Day, number> }
  })
}

/** Notes how these grants stand, to be published with the next version. */
export async function noteBurnt(tx: Tx, organisation: OrganisationId, grants: readonly CreditGrant[]): Promise<void> {
  if (grants.length === 0) return
  const rows = grants.map(({ id, used, usedBy }) => [organisation, id, used, JSON.stringify(usedBy)])
  await tx.forms.upsert('burnt', ['orgId', 'grantId', 'used', 'usedBy'], ['orgId', 'grantId'], rows).execute(tx.db)
}

/** Makes the counts the rows' own, at a version. @returns how many grants moved */
export async function publishBurnt(tx: Tx, organisation: OrganisationId, version: number): Promise<number> {
  const { numAffectedRows } = await sql`
    update grants set "used" = b."used", "usedBy" = b."usedBy", "version" = ${version}
    from burnt b where b."orgId" = ${organisation} and grants."orgId" = b."orgId" and grants."id" = b."grantId"`.execute(
    tx.db,
  )
  await tx.db.deleteFrom('burnt').where('orgId', '=', organisation).execute()
  return Number(numAffectedRows ?? 0)
}
