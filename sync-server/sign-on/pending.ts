// Sign-ins that are on their way to a provider and back: each is one browser's, good once and for ten minutes. The state that travels
// through the browser is kept as a digest; nonce and verifier never leave the server but for what the protocol sends.
import { digestOf } from '../accounts/links.ts'
import type { Store } from '../store/index.ts'
import type { Schema } from '../store/schema.ts'

const GOOD_FOR = 10 * 60_000

export type Pending = Omit<Schema['auth_sign_ons'], 'hash' | 'browser' | 'expiresAt'>

/** @param browser digest of its cookie */
export const begin = (store: Store, state: string, browser: string, pending: Pending, now: number): Promise<void> =>
  store.transaction(async (tx) => {
    await tx.db.deleteFrom('auth_sign_ons').where('expiresAt', '<=', now).execute()
    await tx.db
      .insertInto('auth_sign_ons')
      .values({ ...pending, hash: digestOf(state), browser, expiresAt: now + GOOD_FOR })
      .execute()
  })

/** Takes a sign-in up where it was left; of many who try at once one does. @returns undefined where it is over, or another browser's */
export const takeUp = (store: Store, state: string, browser: string, now: number): Promise<Pending | undefined> =>
  store.transaction((tx) =>
    tx.db
      .deleteFrom('auth_sign_ons')
      .where('hash', '=', digestOf(state))
      // Another browser's stays: who has found a state can't end somebody's sign-in by it.
      .where('browser', '=', browser)
      .where('expiresAt', '>', now)
      .returningAll()
      .executeTakeFirst(),
  )
