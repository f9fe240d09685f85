// Who was erased: an id and when, nothing else. By it the server knows what must not be written down again.
import { sql, type Kysely } from 'kysely'

export async function erasure(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(
      `create table erasures ("orgId" text not null, "userId" text not null, "version" bigint not null, "at" bigint not null, primary key ("orgId", "userId"))`,
    )
    .execute(db)
}
