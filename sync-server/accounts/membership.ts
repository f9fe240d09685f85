// Which user of which organisation a session is, looked up anew for each request, and on which device. A session is in one
// organisation at a time; nothing of the request but its cookies says which.
import { v7 } from 'uuid'
import * as v from 'valibot'
import { OrganisationId, UserId, type Role } from '#shared/model.ts'
import { needsSecondFactor } from '#shared/policies.ts'
import type { Store, Tx } from '../store/index.ts'
import { deviceName } from './browser.ts'
import type { Factor } from './sessions.ts'

export interface Membership {
  organisation: OrganisationId
  organisationName: string
  userId: UserId
  role: Role
  /** Whether the user may enter the console. */
  console: boolean
}

export interface Place {
  membership: Membership
  /** All organisations whose console the account may enter. */
  organisations: readonly Membership[]
  device: string
  revoked: boolean
  factor: Factor | null
  freshAt: number | null
  /** The one organisation of a session by single sign-on, and who it is there: what other organisations know stays with them. */
  bound: { organisation: OrganisationId; email: string; name: string } | undefined
  /** Whether the organisation asks for a second factor that the session does not have. */
  factorMissing: boolean
}

interface Asked {
  account: string
  session: string
}

/** Where the session is; undefined where the account belongs nowhere. Enters the device where it is new. */
export async function placeOf(store: Store, { account, session }: Asked, now: number): Promise<Place | undefined> {
  const rows = await store.db
    .selectFrom('auth_memberships as m')
    .innerJoin('users as u', (join) => join.onRef('u.orgId', '=', 'm.orgId').onRef('u.id', '=', 'm.userId'))
    .innerJoin('organisations as o', 'o.orgId', 'm.orgId')
    .innerJoin('auth_sessions as s', 's.userId', 'm.accountId')
    .leftJoin('auth_devices as d', (join) =>
      join
        .onRef('d.browser', '=', 's.browser')
        .onRef('d.accountId', '=', 'm.accountId')
        .onRef('d.orgId', '=', 'm.orgId'),
    )
    .select(['m.orgId', 'm.userId', 'u.status', 'u.role', 'o.name', 'o.secondFactor', 's.orgId as chosen', 's.browser'])
    .select(['s.userAgent', 's.factor', 's.freshAt', 's.bound', 'u.email', 'u.firstName', 'u.lastName'])
    .select(['d.id as device', 'd.revokedAt', 'd.endedAt', 'd.lastSyncAt'])
    .where('m.accountId', '=', account)
    .where('s.id', '=', session)
    .where(({ or, eb }) => or([eb('s.bound', 'is', null), eb('s.bound', '=', eb.ref('m.orgId'))]))
    .orderBy('m.orgId')
    .execute()
  const mayEnter = (row: (typeof rows)[number]) => row.status === 'active' && row.role !== 'member'
  const last = rows.filter(mayEnter).sort((a, b) => (b.lastSyncAt ?? 0) - (a.lastSyncAt ?? 0))[0]
  const row = rows.find(({ orgId, chosen }) => orgId === chosen) ?? last ?? rows[0]
  if (!row) return undefined
  // A session from before browsers were known stands for itself.
  const browser = row.browser ?? session
  if (row.chosen === null || row.browser === null) await enter(store, session, row.orgId, browser)
  const device =
    row.device ??
    (await addDevice(
      store,
      { orgId: row.orgId, userId: row.userId, account, browser, name: deviceName(row.userAgent) },
      now,
    ))
  if (row.device !== null && row.endedAt !== null && row.revokedAt === null) await takeUp(store, device)
  const memberships = rows.map((each) => ({
    organisation: v.parse(OrganisationId, each.orgId),
    organisationName: each.name,
    userId: v.parse(UserId, each.userId),
    role: each.role,
    console: mayEnter(each),
  }))
  const membership = memberships.find(({ organisation }) => organisation === row.orgId)
  return (
    membership && {
      membership,
      organisations: memberships.filter(({ console }) => console),
      device,
      revoked: row.revokedAt !== null,
      factor: row.factor,
      freshAt: row.freshAt,
      bound:
        row.bound === null
          ? undefined
          : {
              organisation: membership.organisation,
              email: row.email,
              name: `${row.firstName} ${row.lastName}`.trim(),
            },
      factorMissing: row.factor === null && needsSecondFactor(row, row.role),
    }
  )
}

/** Sessions in an organisation that lack the second factor which it asks for; cheap where it asks for none. */
export async function lackFactor(tx: Tx, orgId: string): Promise<ReadonlySet<string>> {
  const asks = await tx.db
    .selectFrom('organisations')
    .select('secondFactor')
    .where('orgId', '=', orgId)
    .executeTakeFirst()
  if (!asks || asks.secondFactor === 'off') return new Set()
  const rows = await tx.db
    .selectFrom('auth_sessions as s')
    .innerJoin('auth_memberships as m', (on) =>
      on.onRef('m.accountId', '=', 's.userId').onRef('m.orgId', '=', 's.orgId'),
    )
    .innerJoin('users as u', (on) => on.onRef('u.orgId', '=', 'm.orgId').onRef('u.id', '=', 'm.userId'))
    .select(['s.id', 'u.role'])
    .where('m.orgId', '=', orgId)
    .where('s.factor', 'is', null)
    .execute()
  return new Set(rows.filter(({ role }) => needsSecondFactor(asks, role)).map(({ id }) => id))
}

/** The session is in this organisation from now on. */
export const enter = (store: Store, session: string, orgId: string, browser?: string) =>
  store.transaction((tx) =>
    tx.db
      .updateTable('auth_sessions')
      .set({ orgId, ...(browser === undefined ? {} : { browser }) })
      .where('id', '=', session)
      .execute(),
  )

async function addDevice(
  store: Store,
  device: { orgId: string; userId: string; account: string; browser: string; name: string },
  now: number,
): Promise<string> {
  const { orgId, userId, account: accountId, browser, name } = device
  return await store.transaction(async (tx) => {
    // Two requests of a new browser may come at once.
    await tx.db
      .insertInto('auth_devices')
      .values({ id: v7(), orgId, accountId, userId, browser, name, createdAt: now, unsent: 0 })
      .onConflict((conflict) => conflict.columns(['browser', 'accountId', 'orgId']).doNothing())
      .execute()
    const { id } = await tx.db
      .selectFrom('auth_devices')
      .select('id')
      .where('browser', '=', browser)
      .where('accountId', '=', accountId)
      .where('orgId', '=', orgId)
      .executeTakeFirstOrThrow()
    return id
  })
}

const takeUp = (store: Store, device: string) =>
  store.transaction((tx) => tx.db.updateTable('auth_devices').set({ endedAt: null }).where('id', '=', device).execute())
