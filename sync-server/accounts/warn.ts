// Tells the owner of an account by mail what happens to it: that somebody guesses at the password or the second factor, at most once a
// day, and what of the second factor was changed or used.
import { v7 } from 'uuid'
import type { EmailKey } from '#shared/email.ts'
import type { AccountTemplate } from '../mail/letter.ts'
import type { Store, Tx } from '../store/index.ts'
import { accountByEmail, MADE_BY_SIGN_ON } from './credentials.ts'

const DAY = 24 * 60 * 60 * 1000

/** Whom a mail goes to, in the name of which organisation. */
export interface Member {
  orgId: string
  userId: string
}

/** Does nothing where there is no such account. */
export async function warnOwner(store: Store, email: string, of: 'tries' | 'factor-tries', now: number): Promise<void> {
  await store.transaction(async (tx) => {
    if (!(await mailedSince(tx, email, of, now - DAY))) await mailTo(tx, email, of, now)
  })
}

/** Puts a mail to an account in the outbox, in the name of one of its organisations. @returns whose it is; undefined where there is no such account */
export async function mailTo(
  tx: Tx,
  email: string,
  template: AccountTemplate | 'reset-password',
  now: number,
): Promise<Member | undefined> {
  const member = await memberBy(tx, email)
  if (!member) return undefined
  await tx.db
    .insertInto('mails')
    .values({
      ...member,
      id: v7(),
      operationId: '',
      template,
      createdAt: now,
      notBefore: now,
      state: 'waiting',
      tries: 0,
    })
    .execute()
  return member
}

/** How many mails of this kind the account was sent since then. */
export async function mailedSince(tx: Tx, email: string, template: string, since: number): Promise<number> {
  const member = await memberBy(tx, email)
  if (!member) return 0
  const rows = await tx.db
    .selectFrom('mails')
    .select('id')
    .where('orgId', '=', member.orgId)
    .where('userId', '=', member.userId)
    .where('template', '=', template)
    .where('operationId', '=', '')
    .where('createdAt', '>', since)
    .execute()
  return rows.length
}

/** A deactivated user's organisation mails nothing: another one speaks for the account, where there is one. */
async function memberBy(tx: Tx, email: string): Promise<Member | undefined> {
  const account = await accountByEmail(tx, email)
  return await tx.db
    .selectFrom('auth_memberships as m')
    .innerJoin('users as u', (on) => on.onRef('u.orgId', '=', 'm.orgId').onRef('u.id', '=', 'm.userId'))
    .select(['m.orgId', 'm.userId'])
    .innerJoin('auth_users as a', 'a.id', 'm.accountId')
    // Who came by single sign-on alone has no address to sign in with yet: the organisation's stands for it.
    .where((is) =>
      account
        ? is('a.id', '=', account.id)
        : is.and([is('a.email', 'like', `${MADE_BY_SIGN_ON}%`), is('u.emailKey', '=', email as EmailKey)]),
    )
    .where('u.status', '<>', 'deactivated')
    .orderBy('m.orgId')
    .limit(1)
    .executeTakeFirst()
}
