// The account that a session by sign-on is of: the user's own where there is one, else one that is made for this user alone. That one has
// no password, and in place of an address a name that nobody can type or mail: an account with the person's address may be there already,
// of another organisation, and no provider gets at it.
import type { OrganisationId, UserId } from '#shared/model.ts'
import { randomBytes } from 'node:crypto'
import type { Account } from '../accounts/credentials.ts'
import { accountOf, join } from '../accounts/credentials.ts'
import type { Tx } from '../store/index.ts'

const nameOf = (organisation: string, userId: string): string => `sign-on:${organisation}:${userId}`

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

const madeFor = (tx: Tx, organisation: string, userId: string): Promise<Account | undefined> =>
  tx.db
    .selectFrom('auth_users')
    .select(['id', 'email', 'name'])
    .where('email', '=', nameOf(organisation, userId))
    .executeTakeFirst()
