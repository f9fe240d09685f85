// Looks for entries of an organisation's log, newest first, in parts: between two of them everybody else has a turn, and none holds the
// process for long. What is asked for is looked for where it stands; there is no index to keep in step or to erase from.
import { sql, type RawBuilder } from 'kysely'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { OrganisationId } from '#shared/model.ts'
import type { Store, Tx } from '../store/index.ts'
import { contentBytes, firstPart } from '../sync/parts.ts'
import type { EntryRow } from './contents.ts'

export interface Filter {
  /** A user's id, or `provider` for all that no user did. */
  actor?: string | undefined
  types?: readonly string[] | undefined
  /** The id of a user, group or other row that it speaks of. */
  item?: string | undefined
  clientId?: string | undefined
  outcome?: 'rejected' | 'unchanged' | undefined
  /** Received at or after this moment, before that one. */
  from?: number | undefined
  to?: number | undefined
}

/** Usage is published once a minute: what nobody has done is shown to whoever asks for it. */
const UNASKED = ['publish-usage']
/** Bytes of contents that one part looks into, and entries of which it reads the columns alone. */
const [PART_BYTES, PART_ROWS] = [8_000_000, 2_000]
/** A clock may have been set back; by more than a day it is not looked for. */
const DAY = 24 * 60 * 60 * 1000

const COLUMNS = ['orgId', 'version', 'operationId', 'clientId', 'sequence', 'actor', 'type', 'batch'] as const
const MORE = ['atomic', 'madeAt', 'at', 'total', 'args', 'outcomes', 'images'] as const

/**
 * The entries before a version that fit a filter, newest first, at most `limit`, looking for `budget` milliseconds at most.
 * @returns `next`: where to go on; null at the beginning of the log
 */
export async function scan(
  store: Store,
  organisation: OrganisationId,
  filter: Filter,
  { before, limit, budget = 1_000 }: { before: number; limit: number; budget?: number },
): Promise<{ rows: EntryRow[]; next: number | null }> {
  const found: number[] = []
  const started = performance.now()
  let at: number | null = before
  while (at !== null && found.length < limit && performance.now() - started < budget) {
    const from: number = at
    const part = await store.read((tx) => look(tx, organisation, filter, from, limit - found.length))
    found.push(...part.versions)
    at = part.next
    await nextTurn()
  }
  const rows: EntryRow[] = []
  for (const version of found) {
    const row = await store.read((tx) =>
      tx.db
        .selectFrom('log')
        .select([...COLUMNS, ...MORE])
        .where('orgId', '=', organisation)
        .where('version', '=', version)
        .executeTakeFirst(),
    )
    if (row) rows.push(row)
    // One entry may hold what became of ten thousand users.
    await nextTurn()
  }
  return { rows, next: at }
}

async function look(
  tx: Tx,
  organisation: OrganisationId,
  filter: Filter,
  before: number,
  limit: number,
): Promise<{ versions: number[]; next: number | null }> {
  const { rows: sizes } = await sql<{ version: number; bytes: number; at: number }>`
    select "version", "at", ${contentBytes} as "bytes" from log where "orgId" = ${organisation} and "version" < ${before}
    order by "version" desc limit ${PART_ROWS}`.execute(tx.db)
  const lowest = firstPart(sizes, PART_BYTES).at(-1)
  if (!lowest) return { versions: [], next: null }
  const { rows } = await sql<{ version: number }>`
    select "version" from log where "orgId" = ${organisation} and "version" < ${before}
      and "version" >= ${lowest.version} and ${sql.join(conditions(filter), sql` and `)}
    order by "version" desc limit ${limit}`.execute(tx.db)
  const versions = rows.map(({ version }) => version)
  const last = versions.at(-1)
  if (last !== undefined && versions.length === limit) return { versions, next: last > 1 ? last : null }
  const tooOld = filter.from !== undefined && lowest.at < filter.from - DAY
  return { versions, next: tooOld || lowest.version <= 1 ? null : lowest.version }
}

function conditions({ actor, types, item, clientId, outcome, from, to }: Filter): RawBuilder<unknown>[] {
  const all = [
    types && types.length > 0 ? sql`"type" in (${sql.join(types)})` : sql`"type" not in (${sql.join(UNASKED)})`,
  ]
  if (actor === 'provider') all.push(sql`"actor" is null`)
  else if (actor !== undefined) all.push(sql`"actor" = ${actor}`)
  if (clientId !== undefined) all.push(sql`"clientId" = ${clientId}`)
  if (from !== undefined) all.push(sql`"at" >= ${from}`)
  if (to !== undefined) all.push(sql`"at" < ${to}`)
  if (outcome !== undefined) all.push(sql`"outcomes" like ${`%"result":"${outcome}"%`}`)
  if (item !== undefined) {
    // Ids are hexadecimal digits and hyphens: nothing in them means anything to `like`.
    const like = `%"${item}"%`
    all.push(sql`("actor" = ${item} or "args" like ${like} or "images" like ${like})`)
  }
  return all
}
