// The ledger of usage: every use once, by source and id, in the order of arrival. Nothing in it is ever changed.
import { sql } from 'kysely'
import type { Instant, OrganisationId } from '#shared/model.ts'
import type { Tx } from '../store/index.ts'
import type { Use } from './books.ts'

/** Sources that only this server writes: spends of its own, and usage that is older than the ledger. */
export const SPENDS = 'quartermaster:spends'
export const BEFORE = 'before-the-ledger'
export const RESERVED_SOURCES: ReadonlySet<string> = new Set([SPENDS, BEFORE])

export interface LedgerEvent extends Use {
  source: string
  eventId: string
}

const COLUMNS = [
  'orgId',
  'source',
  'eventId',
  'position',
  'at',
  'receivedAt',
  'day',
  'userId',
  'productId',
  'groupId',
  'credits',
  'contactViews',
]

/** Writes events behind the last position. @returns for each whether it is new: one that the ledger has is left out */
export async function writeEvents(
  tx: Tx,
  organisation: OrganisationId,
  receivedAt: Instant,
  events: readonly LedgerEvent[],
): Promise<boolean[]> {
  if (events.length === 0) return []
  const last = await takePositions(tx, organisation, events.length)
  const rows = events.map((event, index) => [
    organisation,
    event.source,
    event.eventId,
    last + 1 + index,
    event.at,
    receivedAt,
    event.day,
    event.userId,
    event.productId,
    event.groupId ?? '',
    event.credits,
    event.contactViews,
  ])
  const written = await tx.forms
    .insertNew('usage_events', COLUMNS, ['orgId', 'source', 'eventId'], rows, 'position')
    .execute(tx.db)
  const isNew = events.map(() => false)
  for (const { position } of written.rows) isNew[Number(position) - last - 1] = true
  return isNew
}

/** Takes so many positions. @returns the last one before them */
async function takePositions(tx: Tx, orgId: OrganisationId, count: number): Promise<number> {
  const { position } = await tx.db
    .insertInto('usage_heads')
    .values({ orgId, position: count, publishedAt: 0 })
    .onConflict((conflict) =>
      conflict.column('orgId').doUpdateSet((row) => ({ position: row('usage_heads.position', '+', count) })),
    )
    .returning('position')
    .executeTakeFirstOrThrow()
  return position - count
}

export const eventKey = (source: string, id: string): string => `${source}\n${id}`

/** Which of these the ledger has, by `eventKey`. */
export async function knownEvents(
  tx: Tx,
  organisation: OrganisationId,
  events: readonly { source: string; id: string }[],
): Promise<Set<string>> {
  const bySource = Map.groupBy(events, ({ source }) => source)
  const known = new Set<string>()
  for (const [source, some] of bySource) {
    const { rows } = await sql<{ eventId: string }>`
      select "eventId" from usage_events
      where "orgId" = ${organisation} and "source" = ${source}
        and "eventId" in ${tx.forms.list(some.map(({ id }) => id))}`.execute(tx.db)
    for (const { eventId } of rows) known.add(eventKey(source, eventId))
  }
  return known
}

/** Notes how far each source has come. */
export async function noteSources(
  tx: Tx,
  organisation: OrganisationId,
  taken: Iterable<{ source: string; lastId: string; lastAt: Instant; events: number }>,
): Promise<void> {
  const rows = [...taken].map(({ source, lastId, lastAt, events }) => [organisation, source, lastId, lastAt, events])
  if (rows.length === 0) return
  await tx.forms
    .add('usage_sources', ['orgId', 'source', 'lastId', 'lastAt', 'events'], ['orgId', 'source'], ['events'], rows)
    .execute(tx.db)
}
