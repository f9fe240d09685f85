// The entities that admins and the provider write, as schemas; their types are inferred from these.
// Every row is plain JSON, so that the same value travels from SQL to the wire, to IndexedDB and to the screen.
import * as v from 'valibot'
import type { EmailKey } from './email.ts'
import type { Policies } from './policies.ts'
import { filledText, text } from './text.ts'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const id = <const Name extends string>(name: Name) => v.pipe(v.string(), v.regex(UUID, 'Is not an id.'), v.brand(name))

export const OrganisationId = id('OrganisationId')
export const ProductId = id('ProductId')
export const GrantId = id('GrantId')
export const UserId = id('UserId')
export const GroupId = id('GroupId')
export const OperationId = id('OperationId')
export const ClientId = id('ClientId')
export const BatchId = id('BatchId')
export type OrganisationId = v.InferOutput<typeof OrganisationId>
export type ProductId = v.InferOutput<typeof ProductId>
export type GrantId = v.InferOutput<typeof GrantId>
export type UserId = v.InferOutput<typeof UserId>
export type GroupId = v.InferOutput<typeof GroupId>
export type OperationId = v.InferOutput<typeof OperationId>
export type ClientId = v.InferOutput<typeof ClientId>
export type BatchId = v.InferOutput<typeof BatchId>

/** Milliseconds since 1970 UTC. */
export type Instant = number
/** A calendar day in the organisation's time zone, `2026-11-24`. */
export type Day = string

export const TERMS = ['month', 'quarter', 'year', 'contract'] as const
export const Term = v.picklist(TERMS)
export type Term = v.InferOutput<typeof Term>

export const MAX_CREDITS = 1_000_000_000_000
export const Credits = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(MAX_CREDITS))

/** What an admin chooses: credits per term; 0 blocks, null credits is unlimited: two different things. */
export const LimitChoice = v.strictObject({ credits: v.nullable(Credits), term: Term })
export type LimitChoice = v.InferOutput<typeof LimitChoice>

/** A limit as stored: the choice, who made it and when, and what it replaced (`was`, for the sentence that explains it). */
export interface Limit extends LimitChoice {
  setBy: UserId
  setAt: Instant
  was: LimitChoice | null
}

export const ROLES = ['member', 'viewer', 'admin'] as const
export const Role = v.picklist(ROLES)
export type Role = v.InferOutput<typeof Role>

export type Status = 'invited' | 'active' | 'deactivated'

export interface Organisation extends Policies {
  id: OrganisationId
  version: number
  name: string
  /** IANA name. */
  timeZone: string
  /** ISO weekday: 1 Monday to 7 Sunday. */
  weekStart: number
  /** 1 to 12. */
  fiscalYearStart: number
  defaultLimit: Limit | null
  /** Maintained: users with role admin and status active. */
  activeAdmins: number
}

export interface Product {
  id: ProductId
  version: number
  name: string
  seatsPurchased: number
  /** Maintained: invited and active users that have this product. */
  seatsUsed: number
  /** Who took a seat last: a rejection for want of one names him. */
  lastSeat: { by: UserId; at: Instant } | null
  /** What the provider last changed seatsPurchased from. */
  lastContract: { from: number; at: Instant } | null
}

/**
 * Credits that the provider sold, or `overage`: the one row per organisation that takes what was used when no grant had any left. It
 * has no credits of its own, so that what is past the credits counts against them.
 */
export interface CreditGrant {
  id: GrantId
  version: number
  kind: 'contract' | 'top-up' | 'overage'
  /** As sold; what can be burnt is `credits` − `voided`. */
  credits: number
  /** What the provider took back of it: never more than was left. */
  voided: number
  startsOn: Day
  /** The last day on which it can be burnt. */
  endsOn: Day
  used: number
  /** The same credits by the contract in which they were used: its first day (see periods.ts, `contractOf`). */
  usedBy: Readonly<Record<Day, number>>
}

export const USER_FIELDS = ['email', 'firstName', 'lastName', 'title', 'phone', 'externalId'] as const
export type UserField = (typeof USER_FIELDS)[number]

export interface User {
  id: UserId
  version: number
  email: string
  emailKey: EmailKey
  firstName: string
  lastName: string
  title: string
  phone: string
  externalId: string
  /** null only for a first admin made on the server's host. */
  productId: ProductId | null
  groupId: GroupId | null
  /** null inherits from the group or the organisation. */
  limit: Limit | null
  role: Role
  status: Status
  /** When the invitation was accepted; null: never signed in, so undoing add-users may remove the row. */
  joinedAt: Instant | null
  createdAt: Instant
  updatedAt: Instant
}

export interface Group {
  id: GroupId
  version: number
  name: string
  nameKey: string
  /** A limit that each member has, unless of its own. */
  memberLimit: Limit | null
  /** A ceiling that the members share and that nothing overrides. */
  poolLimit: Limit | null
  /** Maintained: members that are not deactivated. */
  members: number
  lastModified: Instant
  lastModifiedBy: UserId | null
}

/** When usage was reset, and what each term had used before: undo takes it back, the chart shows it. */
export interface ResetMarker {
  at: Instant
  used: Record<Term, number>
  since: Record<Term, Instant>
}

/**
 * What a user, or a group's pool, has used in each term; `since` is the start of the term that it counts (or a later marker).
 * A meter whose `since` lies before the current term counts as 0: nothing turns at midnight.
 */
export interface Meter {
  /** The user's or the group's id: one meter each. */
  id: UserId | GroupId
  version: number
  of: 'user' | 'pool'
  month: number
  quarter: number
  year: number
  contract: number
  monthSince: Instant
  quarterSince: Instant
  yearSince: Instant
  contractSince: Instant
  lastUsedAt: Instant | null
  markers: ResetMarker[]
}

/**
 * A month of usage as the devices know it. The usage itself travels as blocks (usage.ts); this row says which days changed at which
 * version, so that a device fetches those and no others.
 */
export interface UsageMonth {
  /** `2026-11`. */
  id: string
  version: number
  /** The version at which each day was published last, by the day's two digits. */
  days: Readonly<Record<string, number>>
  /** Entries in all its days. */
  entries: number
}

/** The rows that travel, by entity. */
export interface Rows {
  organisations: Organisation
  products: Product
  grants: CreditGrant
  groups: Group
  users: User
  meters: Meter
  months: UsageMonth
}
export const ENTITIES = ['organisations', 'products', 'grants', 'months', 'groups', 'users', 'meters'] as const
export type Entity = (typeof ENTITIES)[number]
export type AnyRow = Rows[Entity]

/** The columns of each entity in the order in which they travel; `satisfies` keeps them complete. */
export const COLUMNS = {
  organisations: [
    'id',
    'version',
    'name',
    'timeZone',
    'weekStart',
    'fiscalYearStart',
    'defaultLimit',
    'activeAdmins',
    'secondFactor',
    'localData',
    'leaseDays',
    'lockMinutes',
  ],
  products: ['id', 'version', 'name', 'seatsPurchased', 'seatsUsed', 'lastSeat', 'lastContract'],
  grants: ['id', 'version', 'kind', 'credits', 'startsOn', 'endsOn', 'used', 'voided', 'usedBy'],
  months: ['id', 'version', 'days', 'entries'],
  groups: ['id', 'version', 'name', 'nameKey', 'memberLimit', 'poolLimit', 'members', 'lastModified', 'lastModifiedBy'],
  users: [
    'id',
    'version',
    'email',
    'emailKey',
    'firstName',
    'lastName',
    'title',
    'phone',
    'externalId',
    'productId',
    'groupId',
    'limit',
    'role',
    'status',
    'joinedAt',
    'createdAt',
    'updatedAt',
  ],
  meters: [
    'id',
    'version',
    'of',
    'month',
    'quarter',
    'year',
    'contract',
    'monthSince',
    'quarterSince',
    'yearSince',
    'contractSince',
    'lastUsedAt',
    'markers',
  ],
} as const satisfies { [E in Entity]: readonly (keyof Rows[E])[] }

/** What Add User asks for; checked as typed, stored as parsed. */
export const NewUser = v.strictObject({
  id: UserId,
  email: text(254),
  firstName: text(),
  lastName: text(),
  title: text(),
  phone: text(),
  externalId: text(),
  productId: ProductId,
  groupId: v.nullable(GroupId),
  limit: v.nullable(LimitChoice),
  role: Role,
})
export type NewUser = v.InferOutput<typeof NewUser>

export const NewGroup = v.strictObject({
  id: GroupId,
  name: filledText(),
  memberLimit: v.nullable(LimitChoice),
  poolLimit: v.nullable(LimitChoice),
})
export type NewGroup = v.InferOutput<typeof NewGroup>

/** Two group names are the same when their keys are: trimmed, white space folded, lower-cased without locale, NFC (last: see email.ts). */
export const toNameKey = (name: string): string => name.trim().replace(/\s+/gu, ' ').toLowerCase().normalize('NFC')
