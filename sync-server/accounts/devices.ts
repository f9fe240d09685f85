// The browsers that people have signed in with, as Settings lists them. Revoking one ends its session at once; what it holds it erases
// as soon as it is in touch.
import { sql } from 'kysely'
import * as v from 'valibot'
import { OrganisationId, UserId } from '#shared/model.ts'
import { Refusal } from '../problem.ts'
import type { Store, Tx } from '../store/index.ts'
import type { SignedIn } from './signed-in.ts'

export interface ListedDevice {
  id: string
  name: string
  /** Whose it is. */
  userId: string
  userName: string
  createdAt: number
  lastSyncAt: number | null
  /** Operations that it held when it was last in touch. */
  unsent: number
  signedIn: boolean
  revokedAt: number | null
  /** This one. */
  own: boolean
  current: boolean
}

/** How often at most a device's last contact is written. */
const NOTED_EVERY = 60_000
/** Revoked ones stay in the list for so long. */
const LISTED = 30 * 24 * 60 * 60_000

/** Own ones, and for an admin all of the organisation; the last in touch first. Those that were signed out hold nothing and are left out. */
export async function listDevices(store: Store, who: SignedIn, now: number): Promise<ListedDevice[]> {
  const { rows } = await sql<Omit<ListedDevice, 'signedIn' | 'own' | 'current'> & { sessions: number }>`
    select d."id", d."name", d."userId", trim(u."firstName" || ' ' || u."lastName") as "userName", d."createdAt",
      d."lastSyncAt", d."unsent", d."revokedAt",
      (select count(*) from auth_sessions s where s."browser" = d."browser" and s."userId" = d."accountId"
        and s."expiresAt" > ${new Date(now).toISOString()}) as "sessions"
    from auth_devices d join users u on u."orgId" = d."orgId" and u."id" = d."userId"
    where d."orgId" = ${who.organisation} and d."endedAt" is null
      and (d."revokedAt" is null or d."revokedAt" > ${now - LISTED})
      and (${who.role === 'admin' ? 1 : 0} = 1 or d."accountId" = ${who.account})
    order by coalesce(d."lastSyncAt", d."createdAt") desc limit 500`.execute(store.db)
  return rows.map(({ sessions, ...device }) => ({
    ...device,
    signedIn: sessions > 0 && device.revokedAt === null,
    own: device.userId === who.userId,
    current: device.id === who.device,
  }))
}

/**
 * Revokes an own device, or as an admin any of the organisation.
 * @returns whose it is and what it is called; undefined where it was revoked already @throws {Refusal} 404 where there is none such
 */
export async function revokeDevice(
  store: Store,
  who: SignedIn,
  id: string,
  now: number,
): Promise<{ userId: string; name: string } | undefined> {
  return await store.transaction(async (tx) => {
    const device = await tx.db
      .selectFrom('auth_devices')
      .select(['id', 'accountId', 'userId', 'name', 'revokedAt'])
      .where('id', '=', id)
      .where('orgId', '=', who.organisation)
      .executeTakeFirst()
    if (!device || (device.accountId !== who.account && who.role !== 'admin')) throw new Refusal(404, 'not-found')
    if (device.revokedAt !== null) return undefined
    await tx.db.updateTable('auth_devices').set({ revokedAt: now }).where('id', '=', id).execute()
    return { userId: device.userId, name: device.name }
  })
}

/**
 * Ends all sessions of the account but this one; by one of single sign-on those that are bound as it is: the others are not its business.
 * @returns the ids of those that ended
 */
export async function signOutOthers(store: Store, who: SignedIn): Promise<string[]> {
  return await store.transaction((tx) => endSessionsBut(tx, who))
}

/** The same within a transaction. */
export async function endSessionsBut(tx: Tx, who: SignedIn): Promise<string[]> {
  // Sign-ins that are under way end as well.
  if (who.bound === null) await tx.db.deleteFrom('auth_halves').where('accountId', '=', who.account).execute()
  const ended = await tx.db
    .deleteFrom('auth_sessions')
    .where('userId', '=', who.account)
    .where('id', '<>', who.session)
    .where((is) => (who.bound === null ? is.lit(true) : is('bound', '=', who.bound)))
    .returning('id')
    .execute()
  return ended.map(({ id }) => id)
}

/** Whose device it was that signed out. */
export interface Left {
  organisation: OrganisationId
  userId: UserId
  device: string
  /** Its queue waits there for the account. */
  kept: boolean
}

/** The session is signed out; unless the queue was kept there, its device holds nothing any more. */
export async function leave(store: Store, session: string, kept: boolean, now: number): Promise<Left | undefined> {
  const { rows } = await sql<{ id: string; orgId: string; userId: string }>`
    select d."id", d."orgId", d."userId" from auth_devices d join auth_sessions s on d."accountId" = s."userId"
      and d."orgId" = s."orgId" and d."browser" = coalesce(s."browser", s."id")
    where s."id" = ${session} and d."revokedAt" is null`.execute(store.db)
  const [device] = rows
  if (!device) return undefined
  const { id, orgId, userId } = device
  if (!kept)
    await store.transaction((tx) =>
      tx.db.updateTable('auth_devices').set({ endedAt: now, unsent: 0 }).where('id', '=', id).execute(),
    )
  return { organisation: v.parse(OrganisationId, orgId), userId: v.parse(UserId, userId), device: id, kept }
}

/** Notes that a device was in touch, and what it still held then; not each time, since every write waits for the disk. */
export function createContacts(store: Store, clock: () => number) {
  const noted = new Map<string, { at: number; unsent: number }>()
  return async (device: string, unsent: number): Promise<void> => {
    const now = clock()
    const last = noted.get(device)
    if (last && last.unsent === unsent && now - last.at < NOTED_EVERY) return
    noted.set(device, { at: now, unsent })
    if (noted.size > 10_000) noted.clear()
    await store.transaction((tx) =>
      tx.db.updateTable('auth_devices').set({ lastSyncAt: now, unsent }).where('id', '=', device).execute(),
    )
  }
}
