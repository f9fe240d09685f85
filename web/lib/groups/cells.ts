// What the table of groups shows of a group beside its row, and the order in which it stands.
import { device } from '#lib/device.svelte.ts'
import { fullName } from '#lib/users/facts.ts'
import { usedIn } from '#shared/limits.ts'
import type { Group } from '#shared/model.ts'

export type GroupColumn = 'name' | 'members' | 'memberLimit' | 'poolLimit' | 'used' | 'lastModified' | 'by'

/** Credits that were used in the group this month, also by members who have moved on since. */
export const usedThisMonth = ({ id }: Pick<Group, 'id'>): number =>
  device.starts ? usedIn(device.meter(id), 'month', device.starts) : 0

export function modifiedBy({ lastModifiedBy }: Pick<Group, 'lastModifiedBy'>): string {
  const user = device.user(lastModifiedBy)
  if (user) return fullName(user)
  return lastModifiedBy === null ? '–' : 'A user who was removed'
}

const collator = new Intl.Collator(undefined, { sensitivity: 'base', numeric: true })

/** Compares two groups by a column; equal ones by name. */
export function compareGroups(column: GroupColumn): (a: Group, b: Group) => number {
  const fallback = device.organisation?.defaultLimit?.credits ?? Infinity
  const keys: Record<GroupColumn, (group: Group) => string | number> = {
    name: ({ name }) => name,
    members: ({ members }) => members,
    memberLimit: ({ memberLimit }) => (memberLimit ? (memberLimit.credits ?? Infinity) : fallback),
    poolLimit: ({ poolLimit }) => poolLimit?.credits ?? Infinity,
    used: usedThisMonth,
    lastModified: ({ lastModified }) => lastModified,
    by: modifiedBy,
  }
  const key = keys[column]
  return (a, b) => order(key(a), key(b)) || collator.compare(a.name, b.name)
}

const order = (a: string | number, b: string | number): number =>
  typeof a === 'number' && typeof b === 'number' ? (a === b ? 0 : a - b) : collator.compare(String(a), String(b))
