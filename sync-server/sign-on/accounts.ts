// The account that a session by sign-on is of: the user's own where there is one, else one that is made for this user alone. That one has
// no password, and in place of an address a name that nobody can type or mail: an account with the person's address may be there already,
// of another organisation, and no provider gets at it.
import type { OrganisationId, UserId } from '#shared/model.ts'
import { sql } from 'kysely'
import { randomBytes } from 'node:crypto'
import { accountOf, addPassword, endSessionsOf, join, MADE_BY_SIGN_ON, type Account } from '../accounts/credentials.ts'
import type { Tx } from '../store/index.ts'

const nameOf = (organisation: string, userId: string): string => `${MADE_BY_SIGN_ON}${organisation}:${userId}`

export async function accountFor(tx: Tx, organisation: OrganisationId, userId: UserId, now: number): Promise<Account> {
  const own = (await accountOf(tx, organisation, userId)) ?? (await madeFor(tx, organisation, userId))
  if (own) return own
  const id = randomBytes(16).toString('hex')
  const email = nameOf(organisation, userId)
  const at = new Date(now).toISOString()
  const account = { id, email, name: '' }
  await tx.db
    .insertInto('auth_users')
    .values({ ...account, emailVerified: 0, createdAt: at, updatedAt: at })
    .execute()
  await join(tx, id, organisation, userId)
  return account
}

/** Gives the account that was made for a user a password and an address of its own: what waits on its devices stays the account's. */
export async function adopt(
  tx: Tx,
  organisation: OrganisationId,
  userId: UserId,
  { email, name, hash }: { email: string; name: string; hash: string },
  now: number,
): Promise<Account | undefined> {
  const made = await madeFor(tx, organisation, userId)
  if (!made) return undefined
  await endSessionsOf(tx, made.id)
  await tx.db
    .updateTable('auth_users')
    .set({ email, name, emailVerified: 1, updatedAt: new Date(now).toISOString() })
    .where('id', '=', made.id)
    .execute()
  await addPassword(tx, made.id, hash, now)
  return { id: made.id, email, name }
}

/** The user has come in by an account of before: the one that was made is needed no more. Its sessions go with it. */
export async function drop(tx: Tx, organisation: OrganisationId, userId: UserId): Promise<Account | undefined> {
  const made = await madeFor(tx, organisation, userId)
  if (!made) return undefined
  await tx.db.deleteFrom('auth_memberships').where('accountId', '=', made.id).execute()
  await tx.db.deleteFrom('auth_users').where('id', '=', made.id).execute()
  return made
}

/** Users who have lost the console: whoever is let in again is found by the address anew. */
export async function forgetIdentities(tx: Tx, organisation: string, users: readonly string[]): Promise<void> {
  if (users.length === 0) return
  await tx.db
    .deleteFrom('sign_on_identities')
    .where('orgId', '=', organisation)
    .where(sql<boolean>`"userId" in ${tx.forms.list(users)}`)
    .execute()
}

const madeFor = (tx: Tx, organisation: string, userId: string): Promise<Account | undefined> =>
  tx.db
    .selectFrom('auth_users')
    .select(['id', 'email', 'name'])
    .where('email', '=', nameOf(organisation, userId))
    .executeTakeFirst()
