// For the audit trail: calls of the provider that changed something, until they stand in the log; and tries to sign in, so that a restart
// gives nobody new ones.
import { sql, type Kysely } from 'kysely'

const statements = [
  // what: report, spend, reserve, confirm or release.
  `create table provider_calls ("orgId" text not null, "key" text not null, "what" text not null, "calls" bigint not null, primary key ("orgId", "key", "what"))`,
  // key: a keyed digest of an address or an account. "until": when the next try may come, or when a window ends.
  `create table auth_tries ("key" text not null primary key, "tries" integer not null, "until" bigint not null, "at" bigint not null)`,
  `create index auth_tries_at on auth_tries ("at")`,
]

export async function audit(db: Kysely<unknown>): Promise<void> {
  for (const text of statements) await sql.raw(text).execute(db)
}
