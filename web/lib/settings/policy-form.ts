// The form of the organisation's policies: what is typed, what is wrong with it, and what changes by it. Nothing here is sent.
import { formatNumber } from '#lib/format.ts'
import { typedForm } from '#lib/kept-for-tab.ts'
import type { PolicyChanges } from '#shared/operations/update-policies.ts'
import {
  LOCAL_DATA,
  MAX_LEASE_DAYS,
  MAX_LOCK_MINUTES,
  POLICY_FIELDS,
  SECOND_FACTORS,
  type Policies,
  type PolicyField,
} from '#shared/policies.ts'
import * as v from 'valibot'

export interface PolicyForm {
  secondFactor: Policies['secondFactor']
  localData: Policies['localData']
  /** Empty: never. */
  leaseDays: string
  lockMinutes: string
}

const numberText = (n: number | null): string => (n === null ? '' : String(n))

export const formOf = ({ secondFactor, localData, leaseDays, lockMinutes }: Policies): PolicyForm => ({
  secondFactor,
  localData,
  leaseDays: numberText(leaseDays),
  lockMinutes: numberText(lockMinutes),
})

export const typedPolicies = typedForm<PolicyForm>(
  'policy-form',
  v.partial(
    v.object({
      secondFactor: v.picklist(SECOND_FACTORS),
      localData: v.picklist(LOCAL_DATA),
      leaseDays: v.string(),
      lockMinutes: v.string(),
    }),
  ),
)

/** A whole number up to the most, null for nothing; undefined with what is wrong. */
function readNumber(text: string, most: number, what: string): { value?: number | null; problem?: string } {
  const typed = text.trim()
  if (typed === '') return { value: null }
  const value = /^\d+$/.test(typed) ? Number(typed) : 0
  if (value >= 1 && value <= most) return { value }
  return { problem: `Enter whole ${what} from 1 to ${formatNumber(most)}, or leave it empty for never.` }
}

const readLease = ({ leaseDays }: PolicyForm) => readNumber(leaseDays, MAX_LEASE_DAYS, 'days')
const readLock = ({ lockMinutes }: PolicyForm) => readNumber(lockMinutes, MAX_LOCK_MINUTES, 'minutes')

export const faultsIn = (form: PolicyForm): { [F in PolicyField]?: string | undefined } => ({
  leaseDays: readLease(form).problem,
  lockMinutes: readLock(form).problem,
})

/** What would change; undefined where nothing would, or where something can't be read. */
export function changesOf(seen: Policies, form: PolicyForm): PolicyChanges | undefined {
  const [leaseDays, lockMinutes] = [readLease(form).value, readLock(form).value]
  if (leaseDays === undefined || lockMinutes === undefined) return undefined
  const to: Policies = { secondFactor: form.secondFactor, localData: form.localData, leaseDays, lockMinutes }
  const moved = POLICY_FIELDS.filter((field) => to[field] !== seen[field])
  if (moved.length === 0) return undefined
  return Object.fromEntries(moved.map((field) => [field, { from: seen[field], to: to[field] }])) as PolicyChanges
}
