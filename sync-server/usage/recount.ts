// Counts meters anew from the days, when terms have come to begin on other days: another time zone or fiscal year, a contract sold or taken
// back. Days stay as they were counted. A meter goes on counting from its last reset where that is later than the term's new start.
import { sql } from 'kysely'
import { TERMS, type Instant, type Meter, type OrganisationId, type Term } from '#shared/model.ts'
import { dayOf, termStarts } from '#shared/periods.ts'
import type { Tx } from '../store/index.ts'
import { decode, putRows, rowsBy, selection, type Fields } from '../store/rows.ts'
import { noteUnpublished } from './books.ts'
import { recountContracts } from './contracts.ts'
import { grantsNow } from './grants-now.ts'

/** Meters are read and written so many at a time. */
const CHUNK = 5_000

/**
 * Counts everything anew after the calendar has changed: all terms of all meters, and what grants have used by contract. Grants move only
 * where none has ever begun; that is noted, and published with the next days.
 * @param version that what moves is given, for devices to fetch
 */
export async function recount(tx: Tx, organisationId: OrganisationId, now: Instant, version: number): Promise<void> {
  const organisation = await organisationOf(tx, organisationId)
  const grants = await grantsNow(tx, organisationId)
  await recountContracts(tx, organisation, grants)
  await recountMeters(tx, organisationId, now, TERMS, version)
}

/** Counts these terms of all meters anew. @param version given to those that move; undefined: they are noted to be published */
export async function recountMeters(
  tx: Tx,
  organisationId: OrganisationId,
  now: Instant,
  terms: readonly Term[],
  version: number | undefined,
): Promise<void> {
  const organisation = await organisationOf(tx, organisationId)
  const starts = termStarts(organisation, await grantsNow(tx, organisationId), now)
  const sums = await sumsFrom(tx, organisationId, (term) => dayOf(starts[term], organisation))
  for (let after = ''; ;) {
    const meters = await chunk(tx, organisationId, after)
    const last = meters.at(-1)
    if (!last) return
    after = last.id
    const sinceReset = await sinceResets(tx, organisationId, meters, starts)
    const moved = meters.flatMap((meter) => {
      const next = recounted(meter, terms, starts, sums.get(meter.id), sinceReset.get(meter.id))
      return next ? [version === undefined ? next : { ...next, version }] : []
    })
    await putRows(tx, organisationId, 'meters', moved)
    if (version === undefined)
      await noteUnpublished(
        tx,
        organisationId,
        'meter',
        moved.map(({ id }) => id),
      )
  }
}

/** The meter with these terms counted anew; undefined where nothing moves. */
function recounted(
  meter: Meter,
  terms: readonly Term[],
  starts: Readonly<Record<Term, Instant>>,
  sums: Readonly<Record<Term, number>> | undefined,
  sinceReset: number | undefined,
): Meter | undefined {
  const next = { ...meter }
  const marker = meter.markers.at(-1)?.at
  for (const term of terms) {
    const reset = marker !== undefined && marker > starts[term]
    const [since, used] = reset ? [marker, sinceReset ?? 0] : [starts[term], sums?.[term] ?? 0]
    // A term that was over counts as nothing: its old number says the same as none from the start of the new one.
    const stands = meter[`${term}Since`] < starts[term] && used === 0
    if (stands) continue
    next[`${term}Since`] = since
    next[term] = used
  }
  const moves = terms.some((term) => next[term] !== meter[term] || next[`${term}Since`] !== meter[`${term}Since`])
  return moves ? next : undefined
}

async function organisationOf(tx: Tx, id: OrganisationId) {
  const [organisation] = await rowsBy(tx, id, 'organisations', 'id', [id])
  if (!organisation) throw new Error('The organisation has no row.')
  return organisation
}

async function chunk(tx: Tx, organisation: OrganisationId, after: string): Promise<Meter[]> {
  const { rows } = await sql<Fields>`
    select ${selection('meters')} from meters where "orgId" = ${organisation} and "id" > ${after}
    order by "id" limit ${CHUNK}`.execute(tx.db)
  return rows.map((record) => decode('meters', record))
}

/** What each user and each pool used since the first day of each term. */
async function sumsFrom(
  tx: Tx,
  organisation: OrganisationId,
  firstDay: (term: Term) => string,
): Promise<Map<string, Record<Term, number>>> {
  const days = Object.fromEntries(TERMS.map((term) => [term, firstDay(term)])) as Record<Term, string>
  const least = TERMS.map((term) => days[term]).sort()[0] ?? ''
  const sum = (term: Term) => sql`sum(case when "day" >= ${days[term]} then "credits" else 0 end) as ${sql.ref(term)}`
  const by = (column: string) => sql<Record<Term, number> & { id: string }>`
    select ${sql.ref(column)} as "id", ${sql.join(TERMS.map(sum))} from usage_days
    where "orgId" = ${organisation} and "day" >= ${least} and ${sql.ref(column)} <> '' group by ${sql.ref(column)}`
  const found = new Map<string, Record<Term, number>>()
  for (const column of ['userId', 'groupId'])
    for (const { id, ...used } of (await by(column).execute(tx.db)).rows) found.set(id, used)
  return found
}

/** What was used since the last reset, of meters whose last reset is later than the start of some term. */
async function sinceResets(
  tx: Tx,
  organisation: OrganisationId,
  meters: readonly Meter[],
  starts: Readonly<Record<Term, Instant>>,
): Promise<Map<string, number>> {
  const found = new Map<string, number>()
  const asked: [string, Instant][] = []
  for (const meter of meters) {
    const marker = meter.markers.at(-1)?.at
    if (marker === undefined || TERMS.every((term) => marker <= starts[term])) continue
    // A term that counts from the reset has the number already; the ledger is asked where none does.
    const counting = TERMS.find((term) => meter[`${term}Since`] === marker)
    if (counting) found.set(meter.id, meter[counting])
    else asked.push([meter.id, marker])
  }
  if (asked.length === 0) return found
  const markers = new Map(asked)
  const least = Math.min(...markers.values())
  // Cut at each user's own reset below: one pass over the ledger for all of them.
  const { rows } = await sql<{ userId: string; at: Instant; credits: number }>`
    select "userId", "at", sum("credits") as "credits" from usage_events
    where "orgId" = ${organisation} and "at" >= ${least} and "userId" in ${tx.forms.list([...markers.keys()])}
    group by "userId", "at"`.execute(tx.db)
  for (const { userId, at, credits } of rows)
    if (at >= (markers.get(userId) ?? Infinity)) found.set(userId, (found.get(userId) ?? 0) + credits)
  return found
}
