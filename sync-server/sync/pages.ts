// What changed after a cursor, in the order of versions. A page ends where a version ends: half a version would be a state that the
// server never had. All of it is read at one moment, else a commit between two queries would be skipped for good.
import { sql, type RawBuilder } from 'kysely'
import { BLOCK_ROWS, blockSize, type Block } from '#shared/blocks.ts'
import { ENTITIES, type Entity, type OrganisationId } from '#shared/model.ts'
import type { Cursor } from '#shared/protocol.ts'
import type { Tx } from '../store/index.ts'
import { columnsOf, isJson, selection } from '../store/rows.ts'
import type { Head } from './log.ts'

export interface Page {
  changes: Block[]
  cursor: Cursor
  more: boolean
  /** Rows still to fetch, these included. */
  total: number
}

/** Small tables, which the first page of a snapshot carries whole so that users can be shown with their groups from the start. */
const SMALL: readonly Entity[] = ['organisations', 'products', 'grants', 'months', 'groups']
const LARGE: readonly Entity[] = ['users', 'meters']

/**
 * The page after `cursor`; null starts a snapshot.
 * @param rows how many rows a page has at most, unless its first version alone has more
 */
export async function readPage(
  tx: Tx,
  organisation: OrganisationId,
  head: Head,
  cursor: Cursor | null,
  rows: number,
): Promise<Page> {
  const from = cursor?.version ?? 0
  const since = cursor?.since ?? head.version
  if (from >= head.version) return { changes: [], cursor: { version: from, since }, more: false, total: 0 }
  const paged = cursor ? ENTITIES : LARGE
  // What was removed before the snapshot began was never in it.
  const goneAfter = Math.max(from, since)

  const to = (await endOfPage(tx, organisation, paged, from, goneAfter, rows)) ?? head.version
  const more = to < head.version
  const changes: Block[] = []
  if (!cursor) for (const entity of SMALL) changes.push(...(await rowBlocks(tx, organisation, entity, 0, head.version)))
  for (const entity of paged) changes.push(...(await rowBlocks(tx, organisation, entity, from, to)))
  if (to > goneAfter) changes.push(...(await tombstoneBlocks(tx, organisation, goneAfter, to)))
  const total = more
    ? await countRows(tx, organisation, from, goneAfter)
    : changes.reduce((sum, block) => sum + blockSize(block), 0)
  return { changes, cursor: { version: to, since }, more, total }
}

type Range = (table: Entity | 'tombstones', after: number) => RawBuilder<unknown>

/** The last version that still fits into a page of so many rows; undefined when everything fits. */
async function endOfPage(
  tx: Tx,
  organisation: OrganisationId,
  entities: readonly Entity[],
  from: number,
  goneAfter: number,
  rows: number,
): Promise<number | undefined> {
  const versions: Range = (table, after) =>
    sql`select * from (select "version" from ${sql.table(table)} where "orgId" = ${organisation} and "version" > ${after} order by "version" limit ${rows + 1}) as t`
  const all = sql.join(
    [...entities.map((entity) => versions(entity, from)), versions('tombstones', goneAfter)],
    sql` union all `,
  )
  const at = async (offset: number) =>
    (
      await sql<{
        version: number
      }>`select "version" from (${all}) as v order by "version" limit 1 offset ${offset}`.execute(tx.db)
    ).rows[0]?.version
  const over = await at(rows)
  if (over === undefined) return undefined
  const first = (await at(0)) ?? over
  return first === over ? first : over - 1
}

async function rowBlocks(
  tx: Tx,
  organisation: OrganisationId,
  entity: Entity,
  from: number,
  to: number,
): Promise<Block[]> {
  // Each column comes as one text of JSON, made by the database: rows as objects, to be turned into columns here, took twice as long.
  const texts = sql.join(columnsOf(entity).map((column) => tx.forms.gathered(column, isJson(entity, column))))
  const { rows } = await sql<Record<string, string>>`
    select ${texts} from (
      select ${selection(entity)} from ${sql.table(entity)}
      where "orgId" = ${organisation} and "version" > ${from} and "version" <= ${to} order by "version"
    ) as page`.execute(tx.db)
  const columns = columnsOf(entity).map((column): unknown[] => JSON.parse(rows[0]?.[column] ?? '[]'))
  const size = columns[0]?.length ?? 0
  const blocks: Block[] = []
  for (let start = 0; start < size; start += BLOCK_ROWS)
    blocks.push({ entity, columns: columns.map((values) => values.slice(start, start + BLOCK_ROWS)) })
  return blocks
}

async function tombstoneBlocks(tx: Tx, organisation: OrganisationId, from: number, to: number): Promise<Block[]> {
  const gone = await tx.db
    .selectFrom('tombstones')
    .select(['entity', 'id', 'version'])
    .where('orgId', '=', organisation)
    .where('version', '>', from)
    .where('version', '<=', to)
    .orderBy('version')
    .execute()
  return ENTITIES.flatMap((entity) => {
    const rows = gone.filter((row) => row.entity === entity)
    const blocks: Block[] = []
    for (let start = 0; start < rows.length; start += BLOCK_ROWS) {
      const part = rows.slice(start, start + BLOCK_ROWS)
      blocks.push({ entity, gone: part.map(({ id }) => id), versions: part.map(({ version }) => version) })
    }
    return blocks
  })
}

async function countRows(tx: Tx, organisation: OrganisationId, from: number, goneAfter: number): Promise<number> {
  const count: Range = (table, after) =>
    sql`(select count(*) from ${sql.table(table)} where "orgId" = ${organisation} and "version" > ${after})`
  const all = sql.join([...ENTITIES.map((entity) => count(entity, from)), count('tombstones', goneAfter)], sql` + `)
  return Number((await sql<{ total: number }>`select ${all} as total`.execute(tx.db)).rows[0]?.total ?? 0)
}
