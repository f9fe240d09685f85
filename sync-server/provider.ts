// What is done on the server's host alone: organisations and their first admins. It is authoritative: no admin operation can change
// or pass what is set here. Like every writer it comes by the organisation's lock and leaves an entry in the log.
import { v7 } from 'uuid'
import * as v from 'valibot'
import { toEmailKey } from '#shared/email.ts'
import { OrganisationId, UserId, type Organisation, type User } from '#shared/model.ts'
import { FIRST_POLICIES, type Policies } from '#shared/policies.ts'
import type { Call } from '#shared/operations/definition.ts'
import { changeAdmins } from '#shared/operations/each.ts'
import { filledText } from '#shared/text.ts'
import { TIME_ZONES } from '#shared/time-zones.ts'
import type { View } from '#shared/view.ts'
import { accountByEmail, join, membershipsOf, type Account } from './accounts/credentials.ts'
import { makeLink } from './accounts/links.ts'
import type { Identity } from './identity.ts'
import { loadOrganisation } from './load.ts'
import type { Store, Tx } from './store/index.ts'
import { rowsBy } from './store/rows.ts'
import { recordChange, type By } from './sync/record.ts'

const newId = ({ now, random }: By) => v7({ msecs: now, random: random(16) })

/** The organisation with this id, or the only one. @throws Error that lists them where there are several */
export async function onlyOrganisation(store: Store, id?: string): Promise<OrganisationId> {
  const all = await store.db.selectFrom('organisations').select(['orgId', 'name']).execute()
  const [found, second] = id === undefined ? all : all.filter(({ orgId }) => orgId === id)
  if (!found)
    throw new Error(
      id === undefined
        ? 'There is no organisation yet. Make one with create-organisation.'
        : `There is no organisation ${id}.`,
    )
  if (second)
    throw new Error(`Name one with --organisation: ${all.map(({ orgId, name }) => `${orgId} (${name})`).join(', ')}`)
  return v.parse(OrganisationId, found.orgId)
}

/** An entry in the log of each organisation, for what concerns them all. */
export async function recordEverywhere(store: Store, call: Call, by: By): Promise<void> {
  for (const { orgId } of await store.db.selectFrom('heads').select('orgId').execute())
    await store.transaction((tx) => recordChange(tx, v.parse(OrganisationId, orgId), call, by, [], () => undefined))
}

export async function createOrganisation(
  store: Store,
  wanted: Pick<Organisation, 'name' | 'timeZone' | 'weekStart' | 'fiscalYearStart'> & Partial<Policies>,
  by: By,
): Promise<OrganisationId> {
  const id = v.parse(OrganisationId, newId(by))
  // The list that the app chooses from: another name could not be changed back to.
  if (!TIME_ZONES.includes(wanted.timeZone)) throw new Error(`${wanted.timeZone} is no time zone.`)
  if (wanted.weekStart < 1 || wanted.weekStart > 7) throw new Error('--week-start is 1 (Monday) to 7 (Sunday).')
  if (wanted.fiscalYearStart < 1 || wanted.fiscalYearStart > 12)
    throw new Error('--fiscal-year-start is a month, 1 to 12.')
  const named = v.safeParse(filledText(), wanted.name)
  if (!named.success) throw new Error(`--name: ${named.issues[0].message}`)
  const organisation: Organisation = {
    ...FIRST_POLICIES,
    ...wanted,
    id,
    version: 0,
    name: named.output,
    defaultLimit: null,
    activeAdmins: 0,
  }
  await loadOrganisation(store, { organisation, products: [], grants: [], groups: [], users: [], meters: [] }, by)
  return id
}

interface Accounts {
  store: Store
  identity: Identity
}

/**
 * Makes an admin without a product: active by an account of before, or by the one that a chosen password makes; else invited.
 * @returns the token of the invitation; undefined where the admin is active
 */
export async function addAdmin(
  { store, identity }: Accounts,
  organisation: OrganisationId,
  { email, name, password }: { email: string; name: string; password?: string },
  by: By,
): Promise<string | undefined> {
  const emailKey = keyOf(email)
  const given = v.safeParse(filledText(), name)
  if (!given.success) throw new Error(`--name: ${given.issues[0].message}`)
  const [firstName = '', ...last] = given.output.split(/\s+/)
  const wanted = {
    id: v.parse(UserId, newId(by)),
    version: 0,
    email: email.trim(),
    emailKey,
    firstName,
    lastName: last.join(' '),
    title: '',
    phone: '',
    externalId: '',
    productId: null,
    groupId: null,
    limit: null,
    role: 'admin' as const,
    createdAt: by.now,
    updatedAt: by.now,
  }
  const { account, token } = await store.transaction(async (tx) => {
    if (await userByEmail(tx, organisation, email)) throw new Error(`${email} is a user already. Use restore-admin.`)
    const account = await accountByEmail(tx, emailKey)
    const comes = password !== undefined || account !== undefined
    const user: User = { ...wanted, status: comes ? 'active' : 'invited', joinedAt: comes ? by.now : null }
    await recordChange(
      tx,
      organisation,
      { type: 'add-admin', args: { userId: user.id } },
      by,
      [{ users: [user.id] }],
      (view) => {
        view.users.put(user)
        changeAdmins(view, user, +1)
      },
    )
    if (account) await joinBy(tx, account, organisation, user)
    return { account, token: comes ? undefined : await invite(tx, organisation, user, by) }
  })
  if (!account && password !== undefined)
    await identity.addAccount({ email: emailKey, password, name: given.output, organisation, userId: wanted.id })
  return token
}

/**
 * Makes a user an admin, whatever stood in the way: active, or invited where nobody has ever come.
 * @returns the token of the invitation; undefined where the admin is active
 */
export const restoreAdmin = (
  { store }: { store: Store },
  organisation: OrganisationId,
  { email }: { email: string },
  by: By,
): Promise<string | undefined> =>
  store.transaction(async (tx) => {
    const found = await userByEmail(tx, organisation, email)
    if (!found) throw new Error(`No user has the address ${email}. Use add-admin.`)
    const args = { userId: found.id }
    const account = await accountByEmail(tx, found.emailKey)
    const comes = found.joinedAt !== null || account !== undefined
    const status = comes ? 'active' : 'invited'
    // Also where nothing of the user changes: somebody on the host has asked for a way in.
    const there = found.role === 'admin' && found.status === status
    await recordChange(
      tx,
      organisation,
      { type: 'restore-admin', args },
      by,
      [{ users: [found.id], groupsOfUsers: [found.id] }],
      (view) => void (there || restore(view, found, status, by.now)),
    )
    if (account && !(await isMember(tx, organisation, found))) await joinBy(tx, account, organisation, found)
    return comes ? undefined : await invite(tx, organisation, found, by)
  })

/** Reactivated without a seat where none is left: who must get in comes before what he may use. */
function restore(view: View, user: User, status: 'active' | 'invited', now: number): void {
  const back = user.status === 'deactivated'
  const product = back && user.productId ? view.products.get(user.productId) : undefined
  const seat = product !== undefined && product.seatsUsed < product.seatsPurchased
  if (product && seat) view.products.put({ ...product, seatsUsed: product.seatsUsed + 1 })
  const group = back && user.groupId ? view.groups.get(user.groupId) : undefined
  if (group) view.groups.put({ ...group, members: group.members + 1, lastModified: now, lastModifiedBy: null })
  const productId = back && !seat ? null : user.productId
  const joinedAt = user.joinedAt ?? (status === 'active' ? now : null)
  const restored: User = { ...user, productId, role: 'admin', status, joinedAt, updatedAt: now }
  view.users.put(restored)
  changeAdmins(view, restored, +1)
}

/** In the transaction that makes the admin, who has no other way in. Not mailed: the link of a mail would end the one that is printed. */
const invite = (tx: Tx, orgId: OrganisationId, { id: userId, emailKey: email }: User, { now }: By): Promise<string> =>
  makeLink(tx, { purpose: 'invitation', orgId, userId, accountId: null, email }, now)

/** @throws Error where somebody else of the organisation has the account, since an admin has changed that user's address */
async function joinBy(tx: Tx, { id }: Account, organisation: OrganisationId, user: User): Promise<void> {
  if ((await membershipsOf(tx, id)).some((one) => one.organisation === organisation))
    throw new Error(
      `Another user signs in as ${user.email}, whose address here is another one. Restore that user, or use another address.`,
    )
  await join(tx, id, organisation, user.id)
}

/** Also by an account that single sign-on has made. */
const isMember = async (tx: Tx, organisation: OrganisationId, { id }: User): Promise<boolean> =>
  (await tx.db
    .selectFrom('auth_memberships')
    .select('accountId')
    .where('orgId', '=', organisation)
    .where('userId', '=', id)
    .executeTakeFirst()) !== undefined

const userByEmail = async (tx: Tx, organisation: OrganisationId, email: string): Promise<User | undefined> =>
  (await rowsBy(tx, organisation, 'users', 'emailKey', [keyOf(email)]))[0]

function keyOf(email: string) {
  const key = toEmailKey(email)
  if (!key) throw new Error(`${email} is no e-mail address.`)
  return key
}
