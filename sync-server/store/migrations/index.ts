// The migrations in order, the same list for every database: each runs once, all that are missing in one transaction.
// Never goes back: a database that a newer server has migrated is refused.
import { sql, type Kysely } from 'kysely'
import type { Schema } from '../schema.ts'
import { ground } from './0001-ground.ts'
import { usage } from './0002-usage.ts'
import { accounts } from './0003-accounts.ts'
import { activity } from './0004-activity.ts'
import { policies } from './0005-policies.ts'
import { factors } from './0006-factors.ts'
import { signOn } from './0007-sign-on.ts'
import { erasure } from './0008-erasure.ts'
import { audit } from './0009-audit.ts'

const migrations: readonly [name: string, up: (db: Kysely<unknown>) => Promise<void>][] = [
  ['0001-ground', ground],
  ['0002-usage', usage],
  ['0003-accounts', accounts],
  ['0004-activity', activity],
  ['0005-policies', policies],
  ['0006-factors', factors],
  ['0007-sign-on', signOn],
  ['0008-erasure', erasure],
  ['0009-audit', audit],
]

export class NewerDatabase extends Error {
  override readonly name = 'NewerDatabase'
  constructor(migration: string) {
    super(
      `The database was made by a newer server (it has migration ${migration}). Start that version, or restore a backup.`,
    )
  }
}

/** Brings the schema up to date. `db` is a transaction. @throws {NewerDatabase} */
export async function migrate(db: Kysely<Schema>, now: number): Promise<void> {
  await sql`create table if not exists migrations ("name" text primary key, "at" bigint not null)`.execute(db)
  const done = new Set((await db.selectFrom('migrations').select('name').execute()).map(({ name }) => name))
  const known = new Set(migrations.map(([name]) => name))
  for (const name of done) if (!known.has(name)) throw new NewerDatabase(name)
  for (const [name, up] of migrations) {
    if (done.has(name)) continue
    await up(db as Kysely<unknown>)
    await db.insertInto('migrations').values({ name, at: now }).execute()
  }
}
