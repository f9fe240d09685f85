// Tries as they outlive a restart: in a table of the database, under a keyed digest of whose they are, so that it holds neither addresses
// nor accounts. Forgotten after a day.
import { createHmac, hkdfSync } from 'node:crypto'
import { sql } from 'kysely'
import type { Store } from '../store/index.ts'
import type { Kept, TriesSoFar } from '../tries.ts'

const HOUR = 60 * 60_000
const FORGOTTEN = 24 * HOUR
/** Rows kept at most; those that must wait longest stay. */
const MOST = 100_000

/** @param secret the server's own, which is not in the database: who reads the table can't try out whose a row is */
export function createKeptTries({ store, secret, clock }: { store: Store; secret: string; clock: () => number }): Kept {
  const sealing = Buffer.from(hkdfSync('sha256', secret, '', 'quartermaster tries', 32))
  const digestOf = (key: string) => createHmac('sha256', sealing).update(key).digest('base64url')
  let tidied = -Infinity

  async function tidy(now: number): Promise<void> {
    if (Math.abs(now - tidied) < HOUR) return
    tidied = now
    await store.transaction(async (tx) => {
      await tx.db
        .deleteFrom('auth_tries')
        .where('at', '<=', now - FORGOTTEN)
        .execute()
      await sql`delete from auth_tries where "key" in (
        select "key" from auth_tries order by "until" desc, "at" desc limit 1000000000 offset ${MOST})`.execute(tx.db)
    })
  }

  return {
    read: async (key) => {
      const row = await store.db
        .selectFrom('auth_tries')
        .select(['tries', 'until', 'at'])
        .where('key', '=', digestOf(key))
        .executeTakeFirst()
      return row && row.at > clock() - FORGOTTEN ? row : undefined
    },
    write: async (key, { tries, until, at }: TriesSoFar) => {
      await tidy(at)
      const row = { tries, until, at }
      await store.transaction((tx) =>
        tx.db
          .insertInto('auth_tries')
          .values({ key: digestOf(key), ...row })
          .onConflict((conflict) => conflict.column('key').doUpdateSet(row))
          .execute(),
      )
    },
    forget: async (key) => {
      await store.transaction((tx) => tx.db.deleteFrom('auth_tries').where('key', '=', digestOf(key)).execute())
    },
  }
}
