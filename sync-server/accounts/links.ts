// Links that work once: a random token that only the mail holds, and its digest with what it is good for. A link dies when it is used,
// when a newer one of its kind is made, when its time is over, and when its person is deactivated; what it was is kept for a while,
// so that who follows an old one is told why it no longer works.
import { sql } from 'kysely'
import { createHash, randomBytes } from 'node:crypto'
import * as v from 'valibot'
import { Refusal } from '../problem.ts'
import type { Tx } from '../store/index.ts'
import type { Schema } from '../store/schema.ts'
import type { Purpose } from '../store/schema-accounts.ts'

const HOUR = 60 * 60 * 1000
const DAY = 24 * HOUR

const LIVES: Readonly<Record<Purpose, number>> = {
  invitation: 7 * DAY,
  'reset-password': HOUR,
  'confirm-email': 7 * DAY,
  'first-admin': DAY,
}
/** The page that each kind leads to. */
const PAGES: Readonly<Record<Purpose, string>> = {
  invitation: 'invite',
  'reset-password': 'reset',
  'confirm-email': 'confirm',
  'first-admin': 'setup',
}
/** How long it is remembered what a dead link was. */
const REMEMBERED = 30 * DAY

export type Link = Schema['auth_links']

/** 256 bits, base64url. */
export const Token = v.pipe(v.string(), v.regex(/^[\w-]{43}$/, 'Is no token of a link.'))

export const newToken = (): string => randomBytes(32).toString('base64url')
export const digestOf = (token: string): string => createHash('sha256').update(token).digest('hex')

/** The token stands behind the `#`, which no browser sends: it is in no server's log. */
export const addressOf = (base: string, purpose: Purpose, token: string): string => `${base}/${PAGES[purpose]}#${token}`

/** Makes a link; older ones of the same kind for the same user die by it. @returns its token */
export async function makeLink(
  tx: Tx,
  wanted: Pick<Link, 'purpose' | 'orgId' | 'userId' | 'accountId' | 'email'>,
  now: number,
): Promise<string> {
  await tx.db
    .deleteFrom('auth_links')
    .where('expiresAt', '<', now - REMEMBERED)
    .execute()
  await tx.db
    .updateTable('auth_links')
    .set({ state: 'replaced' })
    .where('orgId', '=', wanted.orgId)
    .where('userId', '=', wanted.userId)
    .where('purpose', '=', wanted.purpose)
    .where('state', '=', 'open')
    .execute()
  const token = newToken()
  await tx.db
    .insertInto('auth_links')
    .values({
      ...wanted,
      hash: digestOf(token),
      state: 'open',
      createdAt: now,
      expiresAt: now + LIVES[wanted.purpose],
    })
    .execute()
  return token
}

export type Dead = 'unknown' | 'used' | 'replaced' | 'ended' | 'expired'
export const dead = (why: Dead, purpose?: Purpose): Refusal =>
  new Refusal(410, 'link-dead', { why, ...(purpose ? { purpose } : {}) })

/** The link of a token. @throws {Refusal} 410 `link-dead`, its fact says why */
export async function openLink(tx: Tx, token: string, now: number): Promise<Link> {
  const link = await tx.db.selectFrom('auth_links').selectAll().where('hash', '=', digestOf(token)).executeTakeFirst()
  if (!link) throw dead('unknown')
  if (link.state === 'used' || link.state === 'replaced' || link.state === 'ended') throw dead(link.state, link.purpose)
  if (link.expiresAt <= now) throw dead('expired', link.purpose)
  return link
}

/** Uses a link up; of many who try at once one does. In the transaction of what it is used for. @throws {Refusal} as `openLink` */
export async function useLink(tx: Tx, token: string, now: number): Promise<Link> {
  const link = await openLink(tx, token, now)
  const { numUpdatedRows } = await tx.db
    .updateTable('auth_links')
    .set({ state: 'used' })
    .where('hash', '=', link.hash)
    .where('state', '=', 'open')
    .executeTakeFirst()
  if (numUpdatedRows !== 1n) throw dead('used', link.purpose)
  return link
}

/** All open links of users die: they were deactivated or removed, or their address has changed. */
export async function endLinks(tx: Tx, orgId: string, users: readonly string[]): Promise<void> {
  if (users.length === 0) return
  await tx.db
    .updateTable('auth_links')
    .set({ state: 'ended' })
    .where('orgId', '=', orgId)
    .where('state', '=', 'open')
    .where(sql<boolean>`"userId" in ${tx.forms.list(users)}`)
    .execute()
}

/** All open links of an account die: its password or its address is another one. */
export const endLinksOfAccount = (tx: Tx, accountId: string) =>
  tx.db
    .updateTable('auth_links')
    .set({ state: 'ended' })
    .where('accountId', '=', accountId)
    .where('state', '=', 'open')
    .execute()
