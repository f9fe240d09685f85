// All that is held on one user, for the answer that a person may ask an organisation for: rows, usage, account and devices, mails, and
// what the log says of that user, of entries on many users only this one's part. Written piece by piece, the log in parts, so that a long
// history holds nobody up. Never a hash, a secret or a link.
import { sql } from 'kysely'
import { activityTitle } from '#shared/activity-words.ts'
import type { OrganisationId, UserId } from '#shared/model.ts'
import { takeApart, type EntryRow } from '../activity/contents.ts'
import { scan } from '../activity/scan.ts'
import type { Store, Tx } from '../store/index.ts'
import { rowsBy } from '../store/rows.ts'
import { asFields } from './redact.ts'

const ENTRIES_AT_ONCE = 50
const USAGE_AT_ONCE = 2_000

interface About {
  organisation: OrganisationId
  userId: UserId
  /** Entries before this version are in it. */
  before: number
  now: number
}

/** The file's text in parts: one object of JSON. */
export async function* dataOf(store: Store, about: About): AsyncGenerator<string, void> {
  const { organisation, userId, now } = about
  const head = await store.read(async (tx) => ({
    exportedAt: new Date(now).toISOString(),
    ...(await rowsOf(tx, organisation, userId)),
    ...(await accountOf(tx, organisation, userId)),
    ...(await reachedBy(tx, organisation, userId)),
  }))
  yield `${JSON.stringify(head, null, 1).slice(0, -2)},\n "usage": [`
  yield* listed(usageOf(store, about))
  yield '],\n "log": ['
  yield* listed(entriesOf(store, about))
  yield ']\n}\n'
}

async function* listed(parts: AsyncGenerator<readonly unknown[]>): AsyncGenerator<string, void> {
  let first = true
  for await (const part of parts)
    for (const one of part) {
      yield `${first ? '' : ','}\n  ${JSON.stringify(one)}`
      first = false
    }
}

async function rowsOf(tx: Tx, organisation: OrganisationId, userId: UserId) {
  const [user] = await rowsBy(tx, organisation, 'users', 'id', [userId])
  const [meter] = await rowsBy(tx, organisation, 'meters', 'id', [userId])
  const named = async (table: 'products' | 'groups' | 'organisations', id: string | null | undefined) => {
    if (!id) return null
    const { rows } = await sql<{ name: string }>`
      select "name" from ${sql.table(table)} where "orgId" = ${organisation} and "id" = ${id}`.execute(tx.db)
    return rows[0]?.name ?? null
  }
  return {
    organisation: await named('organisations', organisation),
    user: user ?? null,
    product: await named('products', user?.productId),
    group: await named('groups', user?.groupId),
    meter: meter ?? null,
  }
}

/** The account that signs in, and what it signs in with: names and moments, nothing that opens anything. */
async function accountOf(tx: Tx, orgId: OrganisationId, userId: UserId) {
  const account = await tx.db
    .selectFrom('auth_memberships as m')
    .innerJoin('auth_users as a', 'a.id', 'm.accountId')
    .select(['a.id', 'a.email', 'a.name', 'a.createdAt', 'a.updatedAt'])
    .where('m.orgId', '=', orgId)
    .where('m.userId', '=', userId)
    .executeTakeFirst()
  const factors = tx.db.selectFrom('auth_factors').select(['kind', 'name', 'createdAt', 'lastUsedAt'])
  const sessions = tx.db.selectFrom('auth_sessions').select(['userAgent', 'expiresAt', 'factor'])
  return {
    account: account ?? null,
    secondFactors: account ? await factors.where('accountId', '=', account.id).execute() : [],
    sessions: account ? await sessions.where('userId', '=', account.id).where('orgId', '=', orgId).execute() : [],
    signOn: await tx.db
      .selectFrom('sign_on_identities')
      .select(['issuer', 'createdAt'])
      .where('orgId', '=', orgId)
      .where('userId', '=', userId)
      .execute(),
  }
}

async function reachedBy(tx: Tx, orgId: OrganisationId, userId: UserId) {
  return {
    devices: await tx.db
      .selectFrom('auth_devices')
      .select(['id', 'name', 'createdAt', 'lastSyncAt', 'unsent', 'endedAt', 'revokedAt'])
      .where('orgId', '=', orgId)
      .where('userId', '=', userId)
      .orderBy('createdAt')
      .execute(),
    mails: await tx.db
      .selectFrom('mails')
      .select(['template', 'createdAt', 'state', 'tries', 'sentAt', 'error'])
      .where('orgId', '=', orgId)
      .where('userId', '=', userId)
      .orderBy('createdAt')
      .execute(),
    links: await tx.db
      .selectFrom('auth_links')
      .select(['purpose', 'email', 'state', 'createdAt', 'expiresAt'])
      .where('orgId', '=', orgId)
      .where('userId', '=', userId)
      .orderBy('createdAt')
      .execute(),
    reservations: await tx.db
      .selectFrom('reservations')
      .select(['id', 'productId', 'groupId', 'credits', 'contactViews', 'confirmed', 'state', 'createdAt', 'expiresAt'])
      .where('orgId', '=', orgId)
      .where('userId', '=', userId)
      .orderBy('createdAt')
      .execute(),
  }
}

/** By day, the latest first. */
async function* usageOf(store: Store, { organisation, userId }: About): AsyncGenerator<readonly unknown[]> {
  let day = '9999-99-99'
  for (;;) {
    const before = day
    const part = await store.read((tx) =>
      tx.db
        .selectFrom('usage_days')
        .select(['day', 'productId', 'groupId', 'credits', 'contactViews'])
        .where('orgId', '=', organisation)
        .where('userId', '=', userId)
        .where('day', '<', before)
        .orderBy('day', 'desc')
        .limit(USAGE_AT_ONCE)
        .execute(),
    )
    const last = part.at(-1)?.day
    // A day is never cut in two: its rest comes with the next part.
    const days = part.length < USAGE_AT_ONCE ? part : part.filter((row) => row.day !== last)
    const whole = days.length > 0 ? days : part
    yield whole
    if (last === undefined || part.length < USAGE_AT_ONCE) return
    day = whole.at(-1)?.day ?? last
  }
}

async function* entriesOf(store: Store, { organisation, userId, before }: About): AsyncGenerator<readonly unknown[]> {
  for (let at: number | null = before; at !== null;) {
    const part: Awaited<ReturnType<typeof scan>> = await scan(
      store,
      organisation,
      { item: userId, types: undefined },
      { before: at, limit: ENTRIES_AT_ONCE },
    )
    yield part.rows.map((row) => partOf(row, userId))
    at = part.next
  }
}

/** Of an entry what it says of this user; of what the user did to others only that it was done. */
function partOf(row: EntryRow, userId: UserId) {
  const { args, items, device } = takeApart(row)
  const asked = asFields(args)
  const whole = asked['userId'] === userId
  const users = Array.isArray(asked['users']) ? asked['users'].map(asFields) : []
  const own = whole ? items : items.filter(({ item }) => item === userId)
  const wanted = whole ? asked : users.find(({ id }) => id === userId)
  return {
    version: row.version,
    what: activityTitle(row.type),
    type: row.type,
    receivedAt: new Date(row.at).toISOString(),
    madeAt: new Date(row.madeAt).toISOString(),
    byThisUser: row.actor === userId,
    ...(device === null ? {} : { device }),
    ...(wanted ? { asked: wanted } : {}),
    items: own.map(({ item, outcome, change }) => ({ item, outcome, change })),
  }
}
