// Whom a provider means. The first time it must vouch for an e-mail address that is a user's of its own organisation; from then on its
// own name for the person counts, whatever becomes of the address. It opens that one user of that one organisation, and nothing else.
import { toEmailKey } from '#shared/email.ts'
import type { User } from '#shared/model.ts'
import type { SignOnRefusal } from '#shared/sign-on.ts'
import type { Account } from '../accounts/credentials.ts'
import { activate } from '../accounts/follow.ts'
import { digestOf } from '../accounts/links.ts'
import type { Store, Tx } from '../store/index.ts'
import { rowsBy } from '../store/rows.ts'
import type { By } from '../sync/by.ts'
import { readHead } from '../sync/log.ts'
import { accountFor } from './accounts.ts'
import type { Settings } from './settings.ts'

/** What the provider says, once its signature, audience, time and nonce were found right. */
export interface Said {
  subject: string
  email: string | undefined
  emailVerified: boolean
}

export type Arrival = { refused: SignOnRefusal; userId?: User['id'] } | { account: Account; version: number }

/** Finds the user, ties the provider's name for the person to it, and has an invited one come. */
export const arrive = (store: Store, settings: Settings, said: Said, by: By): Promise<Arrival> =>
  store.transaction(async (tx): Promise<Arrival> => {
    const found = await userFor(tx, settings, said)
    if (typeof found === 'string') return { refused: found }
    const { user, known } = found
    const userId = user.id
    if (user.status === 'deactivated') return { refused: 'deactivated', userId }
    if (user.role === 'member') return { refused: 'no-console', userId }
    if (!known && !(await tie(tx, settings, said, userId, by.now))) return { refused: 'other-identity', userId }
    if (user.status === 'invited') await activate(tx, settings.organisation, userId, by)
    const account = await accountFor(tx, settings.organisation, userId, by.now)
    return { account, version: (await readHead(tx, settings.organisation))?.version ?? 0 }
  })

async function userFor(
  tx: Tx,
  { organisation, issuer }: Settings,
  { subject, email, emailVerified }: Said,
): Promise<{ user: User; known: boolean } | SignOnRefusal> {
  const identity = await tx.db
    .selectFrom('sign_on_identities')
    .select('userId')
    .where('orgId', '=', organisation)
    .where('issuer', '=', issuer)
    .where('subject', '=', digestOf(subject))
    .executeTakeFirst()
  const [known] = identity ? await rowsBy(tx, organisation, 'users', 'id', [identity.userId]) : []
  if (known) return { user: known, known: true }
  const key = email === undefined || !emailVerified ? undefined : toEmailKey(email)
  if (!key) return 'unverified'
  const [user] = await rowsBy(tx, organisation, 'users', 'emailKey', [key])
  return user ? { user, known: false } : 'unknown-user'
}

/**
 * @returns false where the provider means somebody else by this user: an address that was given to another person opens nothing of the
 * one who had it before
 */
async function tie(
  tx: Tx,
  { organisation, issuer }: Settings,
  said: Said,
  userId: string,
  now: number,
): Promise<boolean> {
  const subject = digestOf(said.subject)
  // Of a user who was removed since.
  await tx.db
    .deleteFrom('sign_on_identities')
    .where('orgId', '=', organisation)
    .where('issuer', '=', issuer)
    .where('subject', '=', subject)
    .execute()
  const { numInsertedOrUpdatedRows } = await tx.db
    .insertInto('sign_on_identities')
    .values({ orgId: organisation, issuer, subject, userId, createdAt: now })
    .onConflict((conflict) => conflict.columns(['orgId', 'issuer', 'userId']).doNothing())
    .executeTakeFirst()
  return numInsertedOrUpdatedRows === 1n
}
