// Between the model's rows and the tables' columns: nested values are JSON text in SQL, whatever the database.
import { sql } from 'kysely'
import { COLUMNS, ENTITIES, type Entity, type Rows } from '#shared/model.ts'
import type { Tx } from './index.ts'
import { JSON_COLUMNS } from './schema.ts'

type Columns = readonly string[]
export const columnsOf = (entity: Entity): Columns => COLUMNS[entity]
export const isJson = (entity: Entity, column: string): boolean => (JSON_COLUMNS[entity] as Columns).includes(column)

const decoders = Object.fromEntries(
  ENTITIES.map((entity) => [entity, columnsOf(entity).map((column) => [column, isJson(entity, column)] as const)]),
) as Record<Entity, (readonly [column: string, json: boolean])[]>

const selections = Object.fromEntries(
  ENTITIES.map((entity) => [
    entity,
    sql.raw(
      columnsOf(entity)
        .map((column) => `"${column}"`)
        .join(', '),
    ),
  ]),
) as Record<Entity, ReturnType<typeof sql.raw>>

/** The entity's columns, for a select. */
export const selection = (entity: Entity) => selections[entity]

export type Fields = Record<string, unknown>

/** A stored record as a row of the model. What the tables hold was parsed before it was written. */
export function decode<E extends Entity>(entity: E, record: Fields): Rows[E] {
  const row: Fields = {}
  for (const [column, json] of decoders[entity]) row[column] = json ? fromJson(record[column]) : record[column]
  return row as unknown as Rows[E]
}

export const fromJson = (value: unknown): unknown => (typeof value === 'string' ? JSON.parse(value) : null)

/** Writes rows as they are, their versions included. */
export async function putRows<E extends Entity>(
  tx: Tx,
  orgId: string,
  entity: E,
  rows: readonly Rows[E][],
): Promise<void> {
  if (rows.length === 0) return
  const values = rows.map((row) => [
    orgId,
    ...decoders[entity].map(([column, json]) => {
      const value = (row as unknown as Fields)[column]
      return json && value !== null ? JSON.stringify(value) : value
    }),
  ])
  await tx.forms.upsert(entity, ['orgId', ...columnsOf(entity)], ['orgId', 'id'], values).execute(tx.db)
}

export async function deleteRows(tx: Tx, orgId: string, entity: Entity, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  await sql`delete from ${sql.table(entity)} where "orgId" = ${orgId} and "id" in ${tx.forms.list(ids)}`.execute(tx.db)
}

/** Rows of one entity by a column whose values are named. */
export async function rowsBy<E extends Entity>(
  tx: Tx,
  orgId: string,
  entity: E,
  column: keyof Rows[E] & string,
  values: readonly string[],
): Promise<Rows[E][]> {
  if (values.length === 0) return []
  const { rows } =
    await sql<Fields>`select ${selection(entity)} from ${sql.table(entity)} where "orgId" = ${orgId} and ${sql.ref(column)} in ${tx.forms.list(values)}`.execute(
      tx.db,
    )
  return rows.map((record) => decode(entity, record))
}

/** All rows of a small table of one organisation. */
export async function allRows<E extends Entity>(tx: Tx, orgId: string, entity: E): Promise<Rows[E][]> {
  const { rows } =
    await sql<Fields>`select ${selection(entity)} from ${sql.table(entity)} where "orgId" = ${orgId} order by "id"`.execute(
      tx.db,
    )
  return rows.map((record) => decode(entity, record))
}
