// Lets devices see what was counted: one version with the days that changed, encoded as they travel, and the grants and meters as they
// stand. All of it at once, so that what grants say and what days say always adds up. The organisation must be locked.
import { sql } from 'kysely'
import type { Day, OrganisationId, UsageMonth } from '#shared/model.ts'
import type { Call } from '#shared/operations/definition.ts'
import { PAGE_ROWS } from '#shared/protocol.ts'
import { encodeDay, type UsageEntry } from '#shared/usage.ts'
import type { Tx } from '../store/index.ts'
import type { LogRow } from '../store/schema.ts'
import { putRows } from '../store/rows.ts'
import { seal, writeEntries, type Head } from '../sync/log.ts'
import { entryOf, locked, type By } from '../sync/record.ts'
import { takeCalls } from './calls.ts'
import { publishBurnt } from './grants-now.ts'
import { createNumbers, type Numbers } from './numbers.ts'

/**
 * Publishes what was not yet. Takes more than one version only where more meters moved than a page carries.
 * @param call what the log says was done; without one it says that usage was published
 * @returns the new version; undefined where there was nothing
 */
export async function publishNow(
  tx: Tx,
  organisation: OrganisationId,
  by: By,
  call?: Call,
): Promise<number | undefined> {
  let head: Head = await locked(tx, organisation)
  const days = await dirtyDays(tx, organisation)
  let meters = await count(tx, organisation, 'meter')
  const grants = await countBurnt(tx, organisation)
  const calls = call ? [] : await takeCalls(tx, organisation)
  if (!call && days.length + meters + grants + calls.length === 0) return undefined

  const entries: LogRow[] = []
  const next = (done: Call): number => {
    const sealed = seal(organisation, head, entryOf(done, by), by.random)
    entries.push(sealed.row)
    head = sealed.head
    return head.version
  }
  for (; meters > PAGE_ROWS; meters -= PAGE_ROWS)
    await publishMeters(
      tx,
      organisation,
      next({ type: 'publish-usage', args: { days: 0, meters: PAGE_ROWS, grants: 0 } }),
    )
  const args = { days: days.length, meters, grants, ...(calls.length > 0 ? { calls } : {}) }
  const version = next(call ?? { type: 'publish-usage', args })
  await publishMeters(tx, organisation, version)
  await publishBurnt(tx, organisation, version)
  const numbers = createNumbers(tx, organisation)
  for (const day of days) await publishDay(tx, organisation, day, version, numbers)
  await publishMonths(tx, organisation, new Set(days.map(monthOf)), version)
  await tx.db.deleteFrom('unpublished').where('orgId', '=', organisation).execute()
  await noteTime(tx, organisation, by.now)
  await writeEntries(tx, organisation, entries, head)
  return version
}

const monthOf = (day: Day): string => day.slice(0, 7)

async function dirtyDays(tx: Tx, organisation: OrganisationId): Promise<Day[]> {
  const rows = await tx.db
    .selectFrom('unpublished')
    .select('id')
    .where('orgId', '=', organisation)
    .where('kind', '=', 'day')
    .orderBy('id')
    .execute()
  return rows.map(({ id }) => id)
}

async function count(tx: Tx, organisation: OrganisationId, kind: string): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*) as n from unpublished where "orgId" = ${organisation} and "kind" = ${kind}`.execute(tx.db)
  return Number(rows[0]?.n ?? 0)
}

async function countBurnt(tx: Tx, organisation: OrganisationId): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*) as n from burnt where "orgId" = ${organisation}`.execute(
    tx.db,
  )
  return Number(rows[0]?.n ?? 0)
}

/** Gives as many meters as fit into a page the version. */
async function publishMeters(tx: Tx, organisation: OrganisationId, version: number): Promise<void> {
  const some = sql`(select "id" from unpublished where "orgId" = ${organisation} and "kind" = 'meter' order by "id" limit ${PAGE_ROWS})`
  await sql`update meters set "version" = ${version} where "orgId" = ${organisation} and "id" in ${some}`.execute(tx.db)
  await sql`delete from unpublished where "orgId" = ${organisation} and "kind" = 'meter' and "id" in ${some}`.execute(
    tx.db,
  )
}

async function publishDay(tx: Tx, orgId: OrganisationId, day: Day, version: number, numbers: Numbers): Promise<void> {
  const used = await tx.db
    .selectFrom('usage_days')
    .select(['userId', 'productId', 'groupId', 'credits', 'contactViews'])
    .where('orgId', '=', orgId)
    .where('day', '=', day)
    .execute()
  await numbers.know(used.flatMap(({ userId, productId, groupId }) => [userId, productId, groupId]))
  const rows = used.map(({ userId, productId, groupId, credits, contactViews }): UsageEntry => ({
    users: numbers.of(userId),
    products: numbers.of(productId),
    groups: numbers.of(groupId),
    credits,
    views: contactViews,
  }))
  rows.sort((a, b) => a.users - b.users || a.products - b.products || a.groups - b.groups)
  const block = { version, entries: rows.length, bytes: encodeDay(rows) }
  await tx.db
    .insertInto('usage_blocks')
    .values({ orgId, day, ...block })
    .onConflict((conflict) => conflict.columns(['orgId', 'day']).doUpdateSet(block))
    .execute()
}

async function publishMonths(
  tx: Tx,
  organisation: OrganisationId,
  months: ReadonlySet<string>,
  version: number,
): Promise<void> {
  const rows: UsageMonth[] = []
  for (const id of months) {
    const blocks = await blocksOf(tx, organisation, id)
    rows.push({
      id,
      version,
      days: Object.fromEntries(blocks.map((block) => [block.day.slice(8), block.version])),
      entries: blocks.reduce((sum, { entries }) => sum + entries, 0),
    })
  }
  await putRows(tx, organisation, 'months', rows)
}

const blocksOf = (tx: Tx, organisation: OrganisationId, month: string) =>
  tx.db
    .selectFrom('usage_blocks')
    .select(['day', 'version', 'entries'])
    .where('orgId', '=', organisation)
    .where('day', '>=', `${month}-01`)
    .where('day', '<=', `${month}-31`)
    .orderBy('day')
    .execute()

async function noteTime(tx: Tx, orgId: OrganisationId, publishedAt: number): Promise<void> {
  await tx.db
    .insertInto('usage_heads')
    .values({ orgId, position: 0, publishedAt })
    .onConflict((conflict) => conflict.column('orgId').doUpdateSet({ publishedAt }))
    .execute()
}
