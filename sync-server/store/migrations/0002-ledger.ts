// Puts the usage that a database has from before the ledger into it: one event a row, on its day, in the order of days. Grants burn it in
// that order, so that a recount of the ledger gives what they say. Devices learn of it when it is published. It stands by itself: later
// code may count otherwise, this file goes on doing what it did.
import { parseDate } from '@internationalized/date'
import { sql, type Kysely } from 'kysely'
import { v7 } from 'uuid'

interface Grant {
  id: string
  kind: string
  credits: number
  startsOn: string
  endsOn: string
  used: number
  usedBy: Record<string, number>
}

export async function fillLedger(db: Kysely<unknown>): Promise<void> {
  const organisations = await sql<{ orgId: string; timeZone: string; fiscalYearStart: number }>`
    select "orgId", "timeZone", "fiscalYearStart" from organisations`.execute(db)
  for (const { orgId, timeZone, fiscalYearStart } of organisations.rows) {
    const days = await sql<{ day: string; credits: number; events: number }>`
      select "day", sum("credits") as "credits", count(*) as "events" from usage_days
      where "orgId" = ${orgId} group by "day" order by "day"`.execute(db)
    if (days.rows.length === 0) continue
    let position = 0
    for (const { day, events } of days.rows) {
      await writeDay(db, orgId, day, parseDate(day).toDate(timeZone).getTime() + 12 * HOUR, position)
      position += Number(events)
    }
    await sql`insert into usage_heads ("orgId", "position", "publishedAt") values (${orgId}, ${position}, 0)`.execute(
      db,
    )
    await sql`insert into unpublished ("orgId", "kind", "id")
      select distinct "orgId", 'day', "day" from usage_days where "orgId" = ${orgId}`.execute(db)
    await burnDays(db, orgId, fiscalYearStart, days.rows)
  }
}

const HOUR = 60 * 60 * 1000

async function writeDay(db: Kysely<unknown>, orgId: string, day: string, noon: number, from: number): Promise<void> {
  await sql`
    insert into usage_events ("orgId", "source", "eventId", "position", "at", "receivedAt", "day", "userId", "productId", "groupId", "credits", "contactViews")
    select "orgId", 'before-the-ledger', "day" || ' ' || "userId" || ' ' || "productId" || ' ' || "groupId",
      ${from} + row_number() over (order by "userId", "productId", "groupId"),
      ${noon}, ${noon}, "day", "userId", "productId", "groupId", "credits", "contactViews"
    from usage_days where "orgId" = ${orgId} and "day" = ${day}`.execute(db)
}

async function burnDays(
  db: Kysely<unknown>,
  orgId: string,
  fiscalYearStart: number,
  days: readonly { day: string; credits: number }[],
): Promise<void> {
  const { rows } = await sql<Omit<Grant, 'usedBy'>>`
    select "id", "kind", "credits", "startsOn", "endsOn", 0 as "used" from grants where "orgId" = ${orgId}
    order by "endsOn", "startsOn", "id"`.execute(db)
  const grants = rows.map((row): Grant => ({ ...row, used: 0, usedBy: {} }))
  const overage: Grant = {
    id: v7(),
    kind: 'overage',
    credits: 0,
    startsOn: '0001-01-01',
    endsOn: '9999-12-31',
    used: 0,
    usedBy: {},
  }
  for (const { day, credits } of days) {
    const contract = contractOn(grants, fiscalYearStart, day)
    let left = Number(credits)
    const take = async (grant: Grant, part: number) => {
      if (part <= 0) return
      grant.used += part
      grant.usedBy[contract] = (grant.usedBy[contract] ?? 0) + part
      left -= part
      await sql`insert into grant_days ("orgId", "day", "grantId", "credits") values (${orgId}, ${day}, ${grant.id}, ${part})`.execute(
        db,
      )
    }
    for (const grant of grants)
      if (grant.startsOn <= day && day <= grant.endsOn) await take(grant, Math.min(left, grant.credits - grant.used))
    await take(overage, left)
  }
  if (overage.used > 0) {
    await sql`insert into grants ("orgId", "id", "version", "kind", "credits", "startsOn", "endsOn", "used", "voided", "usedBy")
      values (${orgId}, ${overage.id}, 0, 'overage', 0, ${overage.startsOn}, ${overage.endsOn}, 0, 0, '{}')`.execute(db)
    grants.push(overage)
  }
  for (const { id, used, usedBy } of grants)
    await sql`insert into burnt ("orgId", "grantId", "used", "usedBy") values (${orgId}, ${id}, ${used}, ${JSON.stringify(usedBy)})`.execute(
      db,
    )
}

/** The first day of the latest contract that has begun, else of the first grant, else of the fiscal year. */
function contractOn(grants: readonly Grant[], fiscalYearStart: number, day: string): string {
  const begun = grants
    .filter(({ startsOn, credits }) => startsOn <= day && credits > 0)
    .map(({ startsOn, kind }) => ({ startsOn, kind }))
  const contracts = begun.filter(({ kind }) => kind === 'contract').map(({ startsOn }) => startsOn)
  const latest = contracts.sort().at(-1)
  if (latest !== undefined) return latest
  const first = begun.map(({ startsOn }) => startsOn).sort()[0]
  if (first !== undefined) return first
  const date = parseDate(day).set({ day: 1 })
  return date.subtract({ months: (date.month - fiscalYearStart + 12) % 12 }).toString()
}
