// For the Activity page: which device a client id is of, and the undos of an organisation without reading the rest of its log.
import { sql, type Kysely } from 'kysely'

const statements = [
  `alter table clients add column "device" text`,
  `create index log_undos on log ("orgId", "version") where "type" = 'undo'`,
]

export async function activity(db: Kysely<unknown>): Promise<void> {
  for (const text of statements) await sql.raw(text).execute(db)
}
