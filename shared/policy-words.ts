// Policies in words: what a field is called, what a value of it says, and the sentence of a change.
import type { Policies, PolicyField } from './policies.ts'

export const POLICY_FIELD_NAMES: Readonly<Record<PolicyField, string>> = {
  secondFactor: 'second factor',
  localData: 'data on devices',
  leaseDays: 'offline lease',
  lockMinutes: 'auto-lock',
}

const SECOND_FACTOR: Readonly<Record<Policies['secondFactor'], string>> = {
  off: 'nobody',
  admins: 'admins',
  everyone: 'everyone who enters',
}
const LOCAL_DATA: Readonly<Record<Policies['localData'], string>> = { kept: 'kept for offline use', none: 'none kept' }

const counted = (n: number, one: string) => `${n.toLocaleString('en')} ${one}${n === 1 ? '' : 's'}`

/** What a value says: "admins", "none kept", "30 days", "never". The value comes from a log or a queue: it may be of another build. */
export function policyValue(field: PolicyField, value: unknown): string {
  if (value === null) return 'never'
  if (field === 'leaseDays' && typeof value === 'number') return counted(value, 'day')
  if (field === 'lockMinutes' && typeof value === 'number') return counted(value, 'minute')
  const words: Readonly<Record<string, string>> = field === 'secondFactor' ? SECOND_FACTOR : LOCAL_DATA
  return typeof value === 'string' ? (words[value] ?? value) : '…'
}

/** What sets one policy: "Require a second factor of admins". */
export function policySentence(
  { secondFactor, localData, leaseDays, lockMinutes }: Policies,
  field: PolicyField,
): string {
  switch (field) {
    case 'secondFactor':
      return secondFactor === 'off'
        ? 'Require no second factor'
        : `Require a second factor of ${policyValue(field, secondFactor)}`
    case 'localData':
      return localData === 'none' ? 'Keep nothing on devices' : 'Keep data on devices for offline use'
    case 'leaseDays':
      return leaseDays === null
        ? 'Let devices stay offline for any time'
        : `Lock devices after ${policyValue(field, leaseDays)} without contact`
    case 'lockMinutes':
      return lockMinutes === null
        ? 'Never lock the app by itself'
        : `Lock the app after ${policyValue(field, lockMinutes)} without input`
  }
}
