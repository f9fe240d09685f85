// Accounts as rows: made, found and changed inside a transaction of ours, in the identity library's own tables and form.
import { randomBytes } from 'node:crypto'
import * as v from 'valibot'
import { OrganisationId, type UserId } from '#shared/model.ts'
import type { Tx } from '../store/index.ts'

const CREDENTIAL = 'credential'
/** Made as the library makes its ids: they name an account, they open nothing. */
const newId = (): string => randomBytes(16).toString('hex')

export interface Account {
  id: string
  email: string
  name: string
}

export const accountByEmail = (tx: Tx, email: string): Promise<Account | undefined> =>
  tx.db.selectFrom('auth_users').select(['id', 'email', 'name']).where('email', '=', email).executeTakeFirst()

export const accountById = (tx: Tx, id: string): Promise<Account | undefined> =>
  tx.db.selectFrom('auth_users').select(['id', 'email', 'name']).where('id', '=', id).executeTakeFirst()

/** What stands in place of an address where single sign-on has made an account: nobody can type it, and no mail goes there. */
export const MADE_BY_SIGN_ON = 'sign-on:'

/** The account that is a user of an organisation; none that single sign-on has made, which has no owner beside that user. */
export const accountOf = (tx: Tx, orgId: string, userId: string): Promise<Account | undefined> =>
  tx.db
    .selectFrom('auth_memberships as m')
    .innerJoin('auth_users as a', 'a.id', 'm.accountId')
    .select(['a.id', 'a.email', 'a.name'])
    .where('m.orgId', '=', orgId)
    .where('m.userId', '=', userId as UserId)
    .where('a.email', 'not like', `${MADE_BY_SIGN_ON}%`)
    .executeTakeFirst()

/** Where the account is a user. */
export const membershipsOf = async (
  tx: Tx,
  accountId: string,
): Promise<{ organisation: OrganisationId; userId: UserId }[]> => {
  const rows = await tx.db
    .selectFrom('auth_memberships')
    .select(['orgId', 'userId'])
    .where('accountId', '=', accountId)
    .orderBy('orgId')
    .execute()
  return rows.map(({ orgId, userId }) => ({ organisation: v.parse(OrganisationId, orgId), userId }))
}

/** @param email as a key @param hash of the password */
export async function addAccount(
  tx: Tx,
  { email, name, hash }: { email: string; name: string; hash: string },
  now: number,
): Promise<Account> {
  const at = new Date(now).toISOString()
  const id = newId()
  const times = { createdAt: at, updatedAt: at }
  await tx.db
    .insertInto('auth_users')
    .values({ id, name, email, emailVerified: 1, ...times })
    .execute()
  await addPassword(tx, id, hash, now)
  return { id, email, name }
}

/** The first password of an account. */
export async function addPassword(tx: Tx, accountId: string, hash: string, now: number): Promise<void> {
  const at = new Date(now).toISOString()
  const times = { createdAt: at, updatedAt: at }
  await tx.db
    .insertInto('auth_accounts')
    .values({ id: newId(), accountId, providerId: CREDENTIAL, userId: accountId, password: hash, ...times })
    .execute()
}

export const join = (tx: Tx, accountId: string, orgId: OrganisationId, userId: UserId) =>
  tx.db.insertInto('auth_memberships').values({ accountId, orgId, userId }).execute()

export const hashOf = (tx: Tx, accountId: string): Promise<string | undefined> =>
  tx.db
    .selectFrom('auth_accounts')
    .select('password')
    .where('userId', '=', accountId)
    .where('providerId', '=', CREDENTIAL)
    .executeTakeFirst()
    .then((row) => row?.password ?? undefined)

export const setHash = (tx: Tx, accountId: string, hash: string, now: number) =>
  tx.db
    .updateTable('auth_accounts')
    .set({ password: hash, updatedAt: new Date(now).toISOString() })
    .where('userId', '=', accountId)
    .where('providerId', '=', CREDENTIAL)
    .execute()

export const setEmail = (tx: Tx, accountId: string, email: string, now: number) =>
  tx.db
    .updateTable('auth_users')
    .set({ email, emailVerified: 1, updatedAt: new Date(now).toISOString() })
    .where('id', '=', accountId)
    .execute()

/** Ends all sessions of an account, in every organisation, and sign-ins that are under way. */
export async function endSessionsOf(tx: Tx, accountId: string): Promise<void> {
  await tx.db.deleteFrom('auth_sessions').where('userId', '=', accountId).execute()
  await tx.db.deleteFrom('auth_halves').where('accountId', '=', accountId).execute()
}
