// What an organisation asks of those who enter its console, and of their devices: part of its row, each changed on its own by
// `update-policies`. The server holds people to the second factor; the rest each device holds itself to.
import * as v from 'valibot'
import type { Role } from './model.ts'

export const SECOND_FACTORS = ['off', 'admins', 'everyone'] as const
export const LOCAL_DATA = ['kept', 'none'] as const
export const MAX_LEASE_DAYS = 365
export const MAX_LOCK_MINUTES = 24 * 60

const upTo = (most: number) => v.nullable(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(most)))

export const Policies = v.strictObject({
  /** Who enters with a second factor only. */
  secondFactor: v.picklist(SECOND_FACTORS),
  /** `none`: devices keep nothing, and work only while the server can be reached. */
  localData: v.picklist(LOCAL_DATA),
  /** Days without contact with the server before a device locks until somebody signs in; null: never. */
  leaseDays: upTo(MAX_LEASE_DAYS),
  /** Minutes without input before the app locks until somebody signs in; null: never. */
  lockMinutes: upTo(MAX_LOCK_MINUTES),
})
export type Policies = v.InferOutput<typeof Policies>
export const POLICY_FIELDS = ['secondFactor', 'localData', 'leaseDays', 'lockMinutes'] as const
export type PolicyField = (typeof POLICY_FIELDS)[number]
export const isPolicy = (field: string): field is PolicyField => (POLICY_FIELDS as readonly string[]).includes(field)

/** Those that each device holds itself to. */
export const DevicePolicies = v.pick(Policies, ['localData', 'leaseDays', 'lockMinutes'])
export type DevicePolicies = v.InferOutput<typeof DevicePolicies>
/** As a session tells them: with the version of the organisation's row that says so. */
export const ToldPolicies = v.object({ ...DevicePolicies.entries, version: v.number() })
export type ToldPolicies = v.InferOutput<typeof ToldPolicies>

/** What an organisation has that was there before policies were; rows of that time mean this. */
export const NO_POLICIES: Policies = { secondFactor: 'off', localData: 'kept', leaseDays: null, lockMinutes: null }
/** What a new organisation begins with. */
export const FIRST_POLICIES: Policies = { ...NO_POLICIES, secondFactor: 'admins' }

/** Whether somebody of this role must have a second factor to enter. */
export const needsSecondFactor = ({ secondFactor }: Pick<Policies, 'secondFactor'>, role: Role): boolean =>
  secondFactor === 'everyone' || (secondFactor === 'admins' && role === 'admin')
