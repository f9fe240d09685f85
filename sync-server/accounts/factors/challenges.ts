// What was asked of a passkey or an app and waits for its answer: 256 random bits, kept as a digest with whom they were given to and what
// for. Each is good once, for five minutes, for that purpose and nobody else.
import { randomBytes } from 'node:crypto'
import type { Tx } from '../../store/index.ts'
import type { Schema } from '../../store/schema.ts'
import { digestOf } from '../links.ts'

export const CHALLENGE_LIFE = 5 * 60_000

export type Challenge = Schema['auth_challenges']
type Wanted = Pick<Challenge, 'purpose' | 'boundTo'>

export const newChallenge = () => {
  const bytes = new Uint8Array(randomBytes(32))
  return { bytes, text: Buffer.from(bytes).toString('base64url') }
}

/** Keeps a challenge; earlier ones stay good as well, since pages may be open side by side. */
export async function keepChallenge(
  tx: Tx,
  text: string,
  { secret = null, ...wanted }: Wanted & Pick<Challenge, 'accountId'> & { secret?: string | null },
  now: number,
): Promise<void> {
  await tx.db.deleteFrom('auth_challenges').where('expiresAt', '<=', now).execute()
  await tx.db
    .insertInto('auth_challenges')
    .values({ ...wanted, secret, hash: digestOf(text), expiresAt: now + CHALLENGE_LIFE })
    .execute()
}

/** Looks at one without using it. @returns undefined where it is used, too old, of another purpose or somebody else's */
export const seeChallenge = (
  tx: Tx,
  text: string,
  { purpose, boundTo }: Wanted,
  now: number,
): Promise<Challenge | undefined> =>
  tx.db
    .selectFrom('auth_challenges')
    .selectAll()
    .where('hash', '=', digestOf(text))
    .where('purpose', '=', purpose)
    .where('boundTo', '=', boundTo)
    .where('expiresAt', '>', now)
    .executeTakeFirst()

/** Uses one up; of many who try at once one does. */
export async function takeChallenge(tx: Tx, text: string, wanted: Wanted, now: number): Promise<Challenge | undefined> {
  const found = await seeChallenge(tx, text, wanted, now)
  if (found) await tx.db.deleteFrom('auth_challenges').where('hash', '=', found.hash).execute()
  return found
}
