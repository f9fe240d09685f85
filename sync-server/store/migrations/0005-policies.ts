// What an organisation asks of those who enter and of their devices. Those that are there keep what they had: nothing is asked.
import { sql, type Kysely } from 'kysely'

const columns = [
  `"secondFactor" text not null default 'off'`,
  `"localData" text not null default 'kept'`,
  `"leaseDays" integer`,
  `"lockMinutes" integer`,
]

export async function policies(db: Kysely<unknown>): Promise<void> {
  for (const column of columns) await sql.raw(`alter table organisations add column ${column}`).execute(db)
}
