// The demo organisation: everything that a fresh server shows, made from a seed. Pure: the same seed, size and moment give the same rows, and
// nothing here reads a clock, a file or a database. Rows have version 0; whoever stores them numbers them.
import {
  GroupId,
  OrganisationId,
  ProductId,
  type CreditGrant,
  type Group,
  type Instant,
  type Meter,
  type Organisation,
  type Product,
  type User,
  type UserId,
} from '#shared/model.ts'
import { dayOf, startOfDay, termStarts } from '#shared/periods.ts'
import { NO_POLICIES } from '#shared/policies.ts'
import * as v from 'valibot'
import { HOUR, MINUTE, firstUsageDay, workDays } from './calendar.ts'
import { GROUPS, PRODUCTS, type ProductName } from './catalogue.ts'
import { fillGrants, planGrants } from './grants.ts'
import { makeGroups, finishGroups } from './groups.ts'
import { ZONE, byId, limitSet, setOwnLimits, tightenSome, type Setting } from './limits.ts'
import { at, makeMembers, type Member } from './members.ts'
import { makeProducts } from './products.ts'
import { randomFrom, type Random } from './random.ts'
import { burn, countMeters, type UsageDay } from './usage.ts'

/** Who can sign in; the first is the demo's own sign-in. */
interface DemoAccount {
  email: string
  password: string
  name: string
  userId: UserId
}

export interface Demo {
  organisation: Organisation
  products: Product[]
  grants: CreditGrant[]
  groups: Group[]
  /** In the order in which they were made, which is the order of their ids. */
  users: User[]
  meters: Meter[]
  /** In the order of days. */
  usage: UsageDay[]
  accounts: DemoAccount[]
  /** How many of the users were looked at for usage: all of them, or a sample of a large organisation. */
  usersWithUsage: number
}

/** In a larger organisation only so many users have usage: it would take the time and memory that the users themselves should have. */
const USAGE_SAMPLE = 10_000
export const DEMO_PASSWORD = 'northern-terns'

const VIEWS: Readonly<Record<ProductName, number>> = {
  'Sales Pro': 1.2,
  Recruiter: 1.5,
  'Data API': 1.1,
  Insights: 2.8,
}

/**
 * @param seed any whole number
 * @param users how many, 6 at least
 * @param now the moment up to which the organisation has lived, in milliseconds
 */
export function demoOrganisation({ seed, users: size, now }: { seed: number; users: number; now: Instant }): Demo {
  if (!Number.isSafeInteger(size) || size < 6)
    throw new RangeError(`A demo organisation has 6 users or more, not ${size}.`)
  const random = randomFrom(seed)
  const first = firstUsageDay(now, ZONE)
  const began = startOfDay(first, ZONE) + 8 * HOUR

  const groupIds = new Map(
    GROUPS.map(({ name }, index) => [name, v.parse(GroupId, random.uuid(began + HOUR + index * MINUTE))]),
  )
  const productIds = new Map(PRODUCTS.map((name) => [name, v.parse(ProductId, random.uuid(began))]))
  const organisationId = v.parse(OrganisationId, random.uuid(began))
  const members = makeMembers(size, { groups: groupIds, products: productIds, began, now }, random)
  const admins = members.flatMap(({ row }) => (row.role === 'admin' ? [row.id] : []))
  const setting: Setting = { admins, began, now }

  const organisation: Organisation = {
    id: organisationId,
    version: 0,
    name: 'Tern & Sable',
    ...ZONE,
    weekStart: 1,
    fiscalYearStart: 4,
    defaultLimit: limitSet(
      { credits: 500, term: 'month' },
      { ...setting, admins: admins.slice(0, 1) },
      began + HOUR,
      began + 2 * HOUR,
      random,
    ),
    activeAdmins: admins.length,
    // Whoever tries the demo comes in by its password.
    ...NO_POLICIES,
  }
  const groups = makeGroups(groupIds, setting, random)
  const groupById = byId(groups)
  endUseOfBlocked(members, groupById, setting, random)

  const today = dayOf(now, ZONE)
  const plan = planGrants(first, today, organisation, random)
  const starts = termStarts(organisation, Object.values(plan), now)
  const viewsOf = new Map(PRODUCTS.map((name) => [at(productIds, name), VIEWS[name]]))
  const sample = members.slice(0, USAGE_SAMPLE)
  const usage = burn(sample, groupById, organisation, workDays(now, ZONE), viewsOf, random)

  const users = members.map(({ row }) => row).sort((a, b) => (a.id < b.id ? -1 : 1))
  const meters = countMeters(usage, users, groups, organisation, starts)
  tightenSome(sample, meters, starts, setting, random)
  finishGroups(groups, members, meters, usage.days, setting, random)

  return {
    organisation,
    products: makeProducts(productIds, users, setting, random),
    grants: fillGrants(plan, usage.days, today, organisation),
    groups,
    users,
    meters: [...meters.values()],
    usage: usage.days,
    accounts: accountsOf(members),
    usersWithUsage: sample.length,
  }
}

/** Limits of the users' own first: who has one is not blocked with the group. */
function endUseOfBlocked(
  members: readonly Member[],
  groups: ReadonlyMap<GroupId, Group>,
  setting: Setting,
  random: Random,
): void {
  setOwnLimits(members, setting, random)
  for (const member of members) {
    const { limit, groupId } = member.row
    const groupLimit = groupId ? groups.get(groupId)?.memberLimit : null
    if (!limit && groupLimit?.credits === 0) member.until = Math.min(member.until, groupLimit.setAt)
  }
}

function accountsOf(members: readonly Member[]): DemoAccount[] {
  const signIn = ({ row }: Member): DemoAccount => ({
    email: row.email,
    password: DEMO_PASSWORD,
    name: `${row.firstName} ${row.lastName}`,
    userId: row.id,
  })
  const viewer = members.find(({ row }) => row.role === 'viewer')
  return [...members.filter(({ row }) => row.role === 'admin'), ...(viewer ? [viewer] : [])].map(signIn)
}
