// What follows when a contract begins on another day: what grants have used by contract, and the meters' contract term, are counted anew.
import { sql } from 'kysely'
import type { Day, Organisation } from '#shared/model.ts'
import { contractOf } from '#shared/periods.ts'
import type { Tx } from '../store/index.ts'
import { noteBurnt, type Burning } from './grants-now.ts'

/** Counts `usedBy` anew from the days on which each grant was burnt, and notes the grants that moved. `used` must be right. */
export async function recountContracts(tx: Tx, organisation: Organisation, grants: readonly Burning[]): Promise<void> {
  const { rows } = await sql<{ grantId: string; day: Day; credits: number }>`
    select "grantId", "day", "credits" from grant_days where "orgId" = ${organisation.id} and "credits" <> 0`.execute(
    tx.db,
  )
  const contracts = new Map<Day, Day>()
  const found = new Map<string, Record<Day, number>>()
  for (const { grantId, day, credits } of rows) {
    const contract = contracts.getOrInsertComputed(day, () => contractOf(organisation, grants, day))
    const usedBy = found.getOrInsertComputed(grantId, () => ({}))
    usedBy[contract] = (usedBy[contract] ?? 0) + credits
  }
  const moved = grants.filter((grant) => {
    const usedBy = found.get(grant.id) ?? {}
    if (same(grant.usedBy, usedBy)) return false
    grant.usedBy = usedBy
    return true
  })
  await noteBurnt(tx, organisation.id, moved)
}

function same(a: Readonly<Record<Day, number>>, b: Readonly<Record<Day, number>>): boolean {
  const days = Object.keys(a)
  return days.length === Object.keys(b).length && days.every((day) => a[day] === b[day])
}
