// All that a database holds, as it is: to see that nothing has changed, and to put it back as it was.
import { sql } from 'kysely'
import type { Store } from '../../sync-server/store/index.ts'

export type Everything = ReadonlyMap<string, readonly Readonly<Record<string, unknown>>[]>

/** Every row of every table, those of the identity library too. */
export async function everythingOf(store: Store): Promise<Everything> {
  const { rows: tables } = await sql<{ name: string }>`
    select "name" from sqlite_master where "type" = 'table' and "name" not like 'sqlite_%' order by "name"`.execute(
    store.db,
  )
  const all = new Map<string, readonly Readonly<Record<string, unknown>>[]>()
  for (const { name } of tables)
    all.set(name, (await sql<Record<string, unknown>>`select * from ${sql.table(name)}`.execute(store.db)).rows)
  return all
}

/** The rows are as they were then. */
export async function putBack(store: Store, everything: Everything): Promise<void> {
  await store.transaction(async ({ db }) => {
    await sql`pragma defer_foreign_keys = on`.execute(db)
    // All of them first: what hangs on a row goes with it.
    for (const name of everything.keys()) await sql`delete from ${sql.table(name)}`.execute(db)
    for (const [name, rows] of everything)
      for (const row of rows) {
        const columns = sql.join(Object.keys(row).map((column) => sql.ref(column)))
        await sql`insert into ${sql.table(name)} (${columns}) values (${sql.join(Object.values(row))})`.execute(db)
      }
  })
}
