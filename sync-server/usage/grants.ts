// Credits as the provider sells them and takes them back. A new grant first takes over what was used past the credits on days that it runs
// on; one taken back loses at most what is left of it. Both are published at once: grants and days of one version add up.
import { v7 } from 'uuid'
import * as v from 'valibot'
import { sql } from 'kysely'
import { capacity } from '#shared/credits.ts'
import { read } from '#shared/faults.ts'
import { Credits, GrantId, type CreditGrant, type Day, type Organisation, type OrganisationId } from '#shared/model.ts'
import { contractOf, dayOf } from '#shared/periods.ts'
import { Refusal } from '../problem.ts'
import type { Tx } from '../store/index.ts'
import { putRows, rowsBy } from '../store/rows.ts'
import { locked, type By } from '../sync/record.ts'
import { addGrantDays } from './books.ts'
import { recountContracts } from './contracts.ts'
import { grantsNow, noteBurnt, type Burning } from './grants-now.ts'
import { publishNow } from './publish.ts'
import { recountMeters } from './recount.ts'

export interface NewGrant {
  /** Makes it happen once: the same id with the same content answers the grant as it is. */
  id?: string
  kind: string
  credits: number
  startsOn: Day
  endsOn: Day
}

export interface GrantChanged {
  grant: CreditGrant
  /** The organisation's new version; undefined where nothing changed. */
  version: number | undefined
}

const CalendarDay = v.pipe(v.string(), v.isoDate())
const Wanted = v.object({
  id: v.optional(GrantId),
  credits: Credits,
  startsOn: CalendarDay,
  endsOn: CalendarDay,
  kind: v.picklist(['contract', 'top-up']),
})

/** @throws {Refusal} 400 `malformed`, 409 `id-taken` */
export async function addGrant(tx: Tx, organisation: OrganisationId, wanted: NewGrant, by: By): Promise<GrantChanged> {
  const { id = v.parse(GrantId, v7({ msecs: by.now, random: by.random(16) })), ...sold } = parsed(wanted)
  const row = await organisationOf(tx, organisation)
  const grants = await grantsNow(tx, organisation)
  const there = grants.find((grant) => grant.id === id)
  if (there) {
    const same = Object.entries(sold).every(([field, value]) => there[field as keyof typeof sold] === value)
    if (!same) throw new Refusal(409, 'id-taken', { id })
    return { grant: there, version: undefined }
  }
  const contract = contractNow(row, grants, by)
  const grant: Burning = { id, version: 0, ...sold, voided: 0, used: 0, usedBy: {} }
  await putRows(tx, organisation, 'grants', [grant])
  grants.push(grant)
  await takeOver(tx, organisation, grants, grant)
  const args = { grantId: id, ...sold }
  const version = await finish(tx, row, grants, grant, contract, { type: 'add-grant', args }, by)
  return { grant: { ...grant, version }, version }
}

/**
 * Takes credits back of a grant: all that is left, or as many as named.
 * @throws {Refusal} 404 `grant-unknown`, 409 `grant-exceeded` where more is named than is left
 */
export async function voidGrant(
  tx: Tx,
  organisation: OrganisationId,
  { id, credits }: { id: string; credits?: number | undefined },
  by: By,
): Promise<GrantChanged> {
  const row = await organisationOf(tx, organisation)
  const grants = await grantsNow(tx, organisation)
  const grant = grants.find((one) => one.id === id && one.kind !== 'overage')
  if (!grant) throw new Refusal(404, 'grant-unknown', { id })
  const left = capacity(grant) - grant.used
  const taken = credits ?? left
  if (taken > left) throw new Refusal(409, 'grant-exceeded', { left })
  if (taken === 0) return { grant, version: undefined }
  const contract = contractNow(row, grants, by)
  grant.voided += taken
  await tx.db
    .updateTable('grants')
    .set({ voided: grant.voided })
    .where('orgId', '=', organisation)
    .where('id', '=', grant.id)
    .execute()
  const version = await finish(
    tx,
    row,
    grants,
    grant,
    contract,
    { type: 'void-grant', args: { grantId: id, taken } },
    by,
  )
  return { grant: { ...grant, version }, version }
}

function parsed(wanted: NewGrant) {
  const result = read(Wanted, wanted)
  const fault = result.ok
    ? result.output.endsOn < result.output.startsOn && { path: 'endsOn', message: 'Lies before the first day.' }
    : result.fault
  if (!result.ok || fault) throw new Refusal(400, 'malformed', fault || {})
  const { id, ...sold } = result.output
  return { ...(id === undefined ? {} : { id }), ...sold }
}

async function organisationOf(tx: Tx, id: OrganisationId): Promise<Organisation> {
  await locked(tx, id)
  const [row] = await rowsBy(tx, id, 'organisations', 'id', [id])
  if (!row) throw new Error('The organisation has no row.')
  return row
}

const contractNow = (organisation: Organisation, grants: readonly CreditGrant[], { now }: By): Day =>
  contractOf(organisation, grants, dayOf(now, organisation))

/** What was used past the credits on days of this grant becomes its own, day by day, as far as it reaches. */
async function takeOver(tx: Tx, organisation: OrganisationId, grants: Burning[], grant: Burning): Promise<void> {
  const overage = grants.find(({ kind }) => kind === 'overage')
  if (!overage) return
  const { rows } = await sql<{ day: Day; credits: number }>`
    select "day", "credits" from grant_days
    where "orgId" = ${organisation} and "grantId" = ${overage.id} and "credits" > 0
      and "day" >= ${grant.startsOn} and "day" <= ${grant.endsOn} order by "day"`.execute(tx.db)
  const moved: { day: Day; id: string; credits: number }[] = []
  for (const { day, credits } of rows) {
    const part = Math.min(credits, capacity(grant) - grant.used)
    if (part <= 0) break
    moved.push({ day, id: grant.id, credits: part }, { day, id: overage.id, credits: -part })
    grant.used += part
    overage.used -= part
  }
  await addGrantDays(tx, organisation, moved)
  if (moved.length > 0) await noteBurnt(tx, organisation, [overage])
}

/** Counts anew what the change has moved, and publishes all of it as one version. */
async function finish(
  tx: Tx,
  organisation: Organisation,
  grants: readonly Burning[],
  grant: Burning,
  contract: Day,
  call: { type: string; args: object },
  by: By,
): Promise<number> {
  await recountContracts(tx, organisation, grants)
  // Noted also where nothing was used of it: it is the row that devices must learn of.
  await noteBurnt(tx, organisation.id, [grant])
  if (contractNow(organisation, grants, by) !== contract)
    await recountMeters(tx, organisation.id, by.now, ['contract'], undefined)
  const version = await publishNow(tx, organisation.id, by, call)
  if (version === undefined) throw new Error('A change of grants was not published.')
  return version
}
