// A part of a transaction that can be taken back alone. After an error of the store itself nothing can be taken back in part: the
// transaction as a whole is lost, and says so.
import { sql } from 'kysely'
import type { Store, Tx } from '../store/index.ts'

export async function savepoint<T>(
  { isFault }: Pick<Store, 'isFault'>,
  tx: Tx,
  name: 'request' | 'operation',
  work: () => Promise<T>,
): Promise<T> {
  await sql.raw(`savepoint ${name}`).execute(tx.db)
  try {
    const result = await work()
    await sql.raw(`release savepoint ${name}`).execute(tx.db)
    return result
  } catch (error) {
    if (!isFault(error)) {
      await sql.raw(`rollback to savepoint ${name}`).execute(tx.db)
      await sql.raw(`release savepoint ${name}`).execute(tx.db)
    }
    throw error
  }
}
