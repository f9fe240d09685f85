// What following a link does: an invitation makes an account, or joins the one that its owner has already, and the user is active from
// then on; a reset sets the password and ends the sessions; a confirmation makes the address the one to sign in with.
// All of it in one transaction with the link's use, so that of many who follow one link one wins and the others have changed nothing.
import type { OrganisationId, UserId } from '#shared/model.ts'
import { changeAdmins } from '#shared/operations/each.ts'
import type { View } from '#shared/view.ts'
import { Refusal } from '../problem.ts'
import type { Store, Tx } from '../store/index.ts'
import { rowsBy } from '../store/rows.ts'
import { adopt, drop } from '../sign-on/accounts.ts'
import { recordChange, type By } from '../sync/record.ts'
import { readHead } from '../sync/log.ts'
import {
  accountByEmail,
  accountOf,
  addAccount,
  endSessionsOf,
  hashOf,
  join,
  membershipsOf,
  setEmail,
  setHash,
  type Account,
} from './credentials.ts'
import { dead, endLinksOfAccount, openLink, useLink, type Link } from './links.ts'
import { hashPassword, isPassword } from './passwords.ts'
import { weaknessOf } from './strength.ts'

/** What a page shows of a link before it is used. */
export interface Seen {
  purpose: Link['purpose']
  organisation: string
  name: string
  /** The address that it was mailed to; with it, or with `signInEmail`, the person signs in. */
  email: string
  signInEmail: string
  /** A new password is chosen, the known one is asked for, or none is needed. */
  password: 'new' | 'current' | 'none'
}

export interface Followed {
  purpose: Link['purpose']
  /** Who may be signed in by it, with which address; undefined where the person signs in as always. */
  admit: { email: string; password: string } | undefined
  /** Whether the person has a console to enter. */
  console: boolean
  organisation: OrganisationId
  version: number
  /** The account whose sessions have ended. */
  ended: string | undefined
  /** What was done to the account, for the logs of its other organisations. */
  elsewhere: readonly { organisation: OrganisationId; userId: UserId; type: string }[]
}

interface Found {
  link: Link
  user: Awaited<ReturnType<typeof userOf>> & object
  account: Account | undefined
}

const userOf = async (tx: Tx, { orgId, userId }: Link) => (await rowsBy(tx, orgId, 'users', 'id', [userId]))[0]

/** @throws {Refusal} 410 where what the link was for is over */
async function whole(tx: Tx, link: Link): Promise<Found> {
  const user = await userOf(tx, link)
  if (!user || user.status === 'deactivated') throw dead('ended', link.purpose)
  const member = await accountOf(tx, link.orgId, link.userId)
  switch (link.purpose) {
    case 'invitation':
      // Its address is the invited one alone, and nobody has come by it yet.
      if (member || user.status !== 'invited' || user.emailKey !== link.email) throw dead('ended', link.purpose)
      return { link, user, account: await accountByEmail(tx, link.email) }
    case 'reset-password':
      if (member ? member.id !== link.accountId || member.email !== link.email : link.accountId !== null)
        throw dead('ended', link.purpose)
      if (!member && user.emailKey !== link.email) throw dead('ended', link.purpose)
      return { link, user, account: member ?? (await accountByEmail(tx, link.email)) }
    case 'confirm-email':
      if (!member || member.id !== link.accountId || user.emailKey !== link.email) throw dead('ended', link.purpose)
      return { link, user, account: member }
    case 'first-admin':
      throw dead('unknown')
  }
}

/** A link to an account that is not a member yet: joining needs no password, it was mailed to the account's own address. */
const joins = ({ link, account }: Found): boolean => account !== undefined && link.accountId === null

const passwordFor = (found: Found): Seen['password'] =>
  found.link.purpose === 'confirm-email' ? 'current' : joins(found) ? 'none' : 'new'

async function organisationOf(tx: Tx, orgId: string): Promise<string> {
  const row = await tx.db.selectFrom('organisations').select('name').where('orgId', '=', orgId).executeTakeFirst()
  return row?.name ?? ''
}

/** Looks at a link without using it. @throws {Refusal} 410 `link-dead` */
export const lookAt = (store: Store, token: string, now: number): Promise<Seen> =>
  store.read(async (tx) => {
    const found = await whole(tx, await openLink(tx, token, now))
    const { link, user, account } = found
    return {
      purpose: link.purpose,
      organisation: await organisationOf(tx, link.orgId),
      name: `${user.firstName} ${user.lastName}`.trim(),
      email: link.email,
      signInEmail: account?.email ?? link.email,
      password: passwordFor(found),
    }
  })

/** @throws {Refusal} 400 `password-weak`, its fact says why */
export function judgePassword(password: string, about: readonly string[]): void {
  const why = weaknessOf(password, about)
  if (why) throw new Refusal(400, 'password-weak', { why })
}

/**
 * Follows a link.
 * @param password a new one, or the current one, as `lookAt` says
 * @throws {Refusal} `link-dead`, `password-weak`, `wrong-password`, `email-taken`; then the link is as it was
 */
export async function follow(
  store: Store,
  { token, password }: { token: string; password: string | undefined },
  by: By,
): Promise<Followed> {
  const seen = await lookAt(store, token, by.now)
  if (seen.password !== 'none' && password === undefined)
    throw new Refusal(400, 'malformed', { path: 'password', message: 'A password is asked for.' })
  if (seen.password === 'new') judgePassword(password ?? '', [seen.name, seen.email, seen.organisation])
  // Hashed before the transaction: nobody waits for that.
  const hash = seen.password === 'new' ? await hashPassword(password ?? '') : ''
  if (seen.password === 'current' && !(await knows(store, token, password ?? '', by.now)))
    throw new Refusal(401, 'wrong-password')
  return await store.transaction(async (tx) => {
    const found = await whole(tx, await useLink(tx, token, by.now))
    // What it asks for may have changed since it was looked at.
    if (passwordFor(found) !== seen.password) throw dead('replaced', found.link.purpose)
    return await carryOut(tx, found, hash, password, by)
  })
}

async function knows(store: Store, token: string, password: string, now: number): Promise<boolean> {
  const stored = await store.read(async (tx) => {
    const { account } = await whole(tx, await openLink(tx, token, now))
    return account && (await hashOf(tx, account.id))
  })
  return stored !== undefined && (await isPassword(stored, password))
}

async function carryOut(tx: Tx, found: Found, hash: string, password: string | undefined, by: By): Promise<Followed> {
  const { link, user } = found
  const organisation = user.id && (link.orgId as OrganisationId)
  const console = user.role !== 'member'
  const name = `${user.firstName} ${user.lastName}`.trim()
  let admit: Followed['admit']
  let ended: string | undefined
  let done: string
  if (link.purpose === 'confirm-email') {
    await confirm(tx, found, by.now)
    done = 'confirm-email'
  } else if (!found.account) {
    const wanted = { email: link.email, name, hash }
    const adopted = await adopt(tx, organisation, user.id, wanted, by.now)
    const account = adopted ?? (await addAccount(tx, wanted, by.now))
    if (!adopted) await join(tx, account.id, organisation, user.id)
    ended = adopted?.id
    if (password !== undefined) admit = { email: account.email, password }
    done = 'set-password'
  } else if (joins(found)) {
    ended = (await drop(tx, organisation, user.id))?.id
    await join(tx, found.account.id, organisation, user.id)
    done = 'join-account'
  } else {
    await setHash(tx, found.account.id, hash, by.now)
    await endSessionsOf(tx, found.account.id)
    await endLinksOfAccount(tx, found.account.id)
    ended = found.account.id
    if (password !== undefined) admit = { email: found.account.email, password }
    done = 'set-password'
  }
  if (user.status === 'invited') await activate(tx, organisation, user.id, by)
  else await note(tx, organisation, user.id, done, by)
  const version = (await readHead(tx, organisation))?.version ?? 0
  const all = found.account && done !== 'join-account' ? await membershipsOf(tx, found.account.id) : []
  const elsewhere = all.filter((one) => one.organisation !== organisation).map((one) => ({ ...one, type: done }))
  return { purpose: link.purpose, admit: console ? admit : undefined, console, organisation, version, ended, elsewhere }
}

/** In the log with the link's use. Never the address: what an account signs in with is no other organisation's business. */
const note = (tx: Tx, organisation: OrganisationId, userId: UserId, type: string, by: By): Promise<void> =>
  recordChange(tx, organisation, { type, args: { userId } }, { ...by, actor: userId }, [], () => undefined)

async function confirm(tx: Tx, { link, account }: Found, now: number): Promise<void> {
  if (!account) throw dead('ended', link.purpose)
  const holder = await accountByEmail(tx, link.email)
  if (holder && holder.id !== account.id) throw new Refusal(409, 'address-taken')
  await setEmail(tx, account.id, link.email, now)
  // Those to the address of before lead nowhere any more.
  await endLinksOfAccount(tx, account.id)
}

/** The user has come: a versioned change like any other, so that every device sees it. */
export const activate = (tx: Tx, organisation: OrganisationId, userId: UserId, by: By): Promise<void> =>
  recordChange(
    tx,
    organisation,
    { type: 'accept-invitation', args: { userId } },
    { ...by, actor: userId },
    [{ users: [userId] }],
    (view: View) => {
      const user = view.users.get(userId)
      if (!user) throw dead('ended', 'invitation')
      const active = { ...user, status: 'active' as const, joinedAt: user.joinedAt ?? by.now, updatedAt: by.now }
      view.users.put(active)
      changeAdmins(view, active, +1)
    },
  )
