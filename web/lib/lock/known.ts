// What this device knows of its organisation's policies, kept beside the account (remembered.ts): they must hold before the replica is
// open, also without a network. Ids and settings alone: it stays where a device keeps nothing of any user.
import { DevicePolicies } from '#shared/policies.ts'
import * as v from 'valibot'

const KEY = 'quartermaster.policies'

const Known = v.object({
  account: v.string(),
  organisation: v.string(),
  policies: DevicePolicies,
  /** Of the organisation's row that said so: an older row on this device must not bring back what no longer holds. */
  version: v.number(),
})
export type Known = v.InferOutput<typeof Known>

/** Undefined where nobody has signed in here, or what is stored can't be read. */
export function known(): Known | undefined {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), Known), localStorage.getItem(KEY))
  return parsed.success ? parsed.output : undefined
}

/** @returns whether it differs from what was known */
export function know(next: Known): boolean {
  const text = JSON.stringify(next)
  // Other tabs hear of each write.
  if (localStorage.getItem(KEY) === text) return false
  localStorage.setItem(KEY, text)
  return true
}

/** Whether rows may be kept on this device's disk. */
export const keepsHere = (): boolean => known()?.policies.localData !== 'none'

export const forgetKnown = (): void => localStorage.removeItem(KEY)

/** Whether a change of the storage, as other tabs tell of it, is one of these. */
export const isOfKnown = ({ key }: Pick<StorageEvent, 'key'>): boolean => key === KEY || key === null
