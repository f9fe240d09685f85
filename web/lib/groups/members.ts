// The members of groups, from the rows in memory. A deactivated user keeps a group but is none of its members.
import { device } from '#lib/device.svelte.ts'
import { effectsOf, type Effects, type GroupLimits } from '#lib/groups/effects.ts'
import type { Breathe } from '#lib/replica/sort.ts'
import type { GroupId, User } from '#shared/model.ts'

/** The members of each of these groups; one pass over all users. */
export function membersOf(ids: readonly GroupId[]): ReadonlyMap<GroupId, User[]> {
  const members = new Map<GroupId, User[]>(ids.map((id) => [id, []]))
  for (const user of device.layer.values('users'))
    if (user.groupId && user.status !== 'deactivated') members.get(user.groupId)?.push(user)
  return members
}

/** How many invited and active users are in no group; in slices, since it looks at all users. */
export async function countWithoutGroup(breathe: Breathe): Promise<number> {
  let [seen, count] = [0, 0]
  for (const user of device.layer.values('users')) {
    if (!user.groupId && user.status !== 'deactivated') count += 1
    if ((seen += 1) % 2_000 === 0) await breathe()
  }
  return count
}

/** What moving these members to other limits does to them; undefined while the rows are not at hand. */
export function effectsFor(
  members: readonly User[],
  from: GroupLimits | undefined,
  to: GroupLimits | undefined,
): Effects | undefined {
  const { organisation, starts } = device
  if (!organisation || !starts) return undefined
  return effectsOf(members, from, to, { organisation, starts, meter: ({ id }) => device.meter(id) })
}
