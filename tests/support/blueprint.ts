// The rows of a small organisation from a short description, for organisation.ts.
import { toEmailKey } from '#shared/email.ts'
import {
  toNameKey,
  type GrantId,
  type GroupId,
  type Limit,
  type LimitChoice,
  type Organisation,
  type OrganisationId,
  type ProductId,
  type Status,
  type User,
  type UserId,
} from '#shared/model.ts'
import { NO_POLICIES } from '#shared/policies.ts'
import { memorySource, type MemorySource } from './memory-source.ts'

export interface Blueprint {
  /** Name → seats purchased. Everybody has the first one unless told otherwise. */
  products?: Record<string, number>
  /** Name → members. */
  groups?: Record<string, readonly string[]>
  users?: Record<string, { product?: string | null; role?: User['role']; limit?: LimitChoice | null }>
  deactivated?: readonly string[]
  invited?: readonly string[]
  /** Of the running contract. */
  credits?: number
  defaultLimit?: LimitChoice
  timeZone?: string
  fiscalYearStart?: number
}

export const NOON = Date.UTC(2026, 10, 24, 12)
export const DAY = 24 * 60 * 60 * 1000
/** An id from a number; ids of different kinds never meet, since each kind has its own range. */
export const idOf = <Id extends string>(n: number): Id =>
  `00000000-0000-7000-8000-${n.toString(16).padStart(12, '0')}` as Id

/** The rows that a blueprint describes, counters included. */
export function build(blueprint: Blueprint): MemorySource {
  const { products = { Pro: 100 }, groups = {}, users = {}, deactivated = [], invited = [] } = blueprint
  const names = [
    ...new Set(['ingrid', ...Object.keys(users), ...Object.values(groups).flat(), ...deactivated, ...invited]),
  ]
  const statusOf = (name: string): Status =>
    deactivated.includes(name) ? 'deactivated' : invited.includes(name) ? 'invited' : 'active'
  const roleOf = (name: string) => users[name]?.role ?? (name === 'ingrid' ? 'admin' : 'member')
  const productNames = Object.keys(products)
  const groupNames = Object.keys(groups)
  const productOf = (name: string) => (users[name]?.product === undefined ? productNames[0] : users[name].product)
  const groupOf = (name: string) => groupNames.find((group) => groups[group]?.includes(name))
  const ingrid = idOf<UserId>(0x1000)
  const counted = names.filter((name) => statusOf(name) !== 'deactivated')
  const stamped = (limit: LimitChoice | null | undefined): Limit | null =>
    limit ? { ...limit, setBy: ingrid, setAt: NOON - 30 * DAY, was: null } : null

  const organisationRow: Organisation = {
    id: idOf<OrganisationId>(1),
    version: 1,
    name: 'Acme',
    timeZone: blueprint.timeZone ?? 'Europe/Oslo',
    weekStart: 1,
    fiscalYearStart: blueprint.fiscalYearStart ?? 4,
    defaultLimit: stamped(blueprint.defaultLimit),
    activeAdmins: names.filter((name) => roleOf(name) === 'admin' && statusOf(name) === 'active').length,
    ...NO_POLICIES,
  }
  const rows = memorySource(organisationRow)
  productNames.forEach((name, n) =>
    rows.put('products', {
      id: idOf<ProductId>(0x100 + n),
      version: 1,
      name,
      seatsPurchased: products[name] ?? 0,
      seatsUsed: counted.filter((user) => productOf(user) === name).length,
      lastSeat: null,
      lastContract: null,
    }),
  )
  rows.put('grants', {
    id: idOf<GrantId>(0x200),
    version: 1,
    kind: 'contract',
    credits: blueprint.credits ?? 100_000,
    startsOn: '2026-04-01',
    endsOn: '2027-03-31',
    used: 0,
    voided: 0,
    usedBy: {},
  })
  groupNames.forEach((name, n) =>
    rows.put('groups', {
      id: idOf<GroupId>(0x300 + n),
      version: 1,
      name,
      nameKey: toNameKey(name),
      memberLimit: null,
      poolLimit: null,
      members: counted.filter((user) => groupOf(user) === name).length,
      lastModified: NOON - 10 * DAY,
      lastModifiedBy: null,
    }),
  )
  names.forEach((name, n) => {
    const product = productOf(name)
    const group = groupOf(name)
    const email = `${name}@tern.example`
    rows.put('users', {
      id: idOf<UserId>(0x1000 + n),
      version: 1,
      email,
      emailKey: found(toEmailKey(email), email),
      firstName: name,
      lastName: '',
      title: '',
      phone: '',
      externalId: '',
      productId: product ? idOf<ProductId>(0x100 + productNames.indexOf(product)) : null,
      groupId: group ? idOf<GroupId>(0x300 + groupNames.indexOf(group)) : null,
      limit: stamped(users[name]?.limit),
      role: roleOf(name),
      status: statusOf(name),
      joinedAt: statusOf(name) === 'invited' ? null : NOON - 20 * DAY,
      createdAt: NOON - 21 * DAY,
      updatedAt: NOON - 20 * DAY,
    })
  })
  return rows
}

export function found<Value>(value: Value | undefined, name: string): Value {
  if (value === undefined) throw new Error(`There is no ${name} here.`)
  return value
}
