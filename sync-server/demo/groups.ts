// The demo's groups: first with what they allow each member, later, when the usage is known, with their pools and their members.
import { toNameKey, type Group, type GroupId, type Instant, type Meter } from '#shared/model.ts'
import { dayOf } from '#shared/periods.ts'
import { DAY, HOUR, officeTime } from './calendar.ts'
import { GROUPS } from './catalogue.ts'
import { ZONE, blockedAt, byId, limitSet, poolFor, type Setting } from './limits.ts'
import { at, type Member } from './members.ts'
import type { Random } from './random.ts'
import type { UsageDay } from './usage.ts'

/** The groups of the catalogue, without pools and members. */
export function makeGroups(ids: ReadonlyMap<string, GroupId>, setting: Setting, random: Random): Group[] {
  const { began, now } = setting
  return GROUPS.map(({ name, member }) => {
    const set =
      member?.credits === 0
        ? blockedAt(setting, random)
        : officeTime(began + 2 * HOUR + (now - DAY - began) * random.next() ** 2, began, now)
    return {
      id: at(ids, name),
      version: 0,
      name,
      nameKey: toNameKey(name),
      memberLimit: member && limitSet(member, setting, set, set, random),
      poolLimit: null,
      members: 0,
      lastModified: set,
      lastModifiedBy: random.pick(setting.admins),
    }
  })
}

/** Pools, members and when something of the group changed last: a limit, or who is in it. */
export function finishGroups(
  groups: readonly Group[],
  members: readonly Member[],
  meters: ReadonlyMap<string, Meter>,
  usage: readonly UsageDay[],
  setting: Setting,
  random: Random,
): void {
  const monthly = new Map<GroupId, number>()
  const recent = dayOf(setting.now - 90 * DAY, ZONE)
  for (const { day, groupId, credits } of usage)
    if (groupId && day >= recent) monthly.set(groupId, (monthly.get(groupId) ?? 0) + credits / 3)
  groups.forEach((group, index) => {
    const { pool, poolUsed } = GROUPS[index] ?? { pool: null }
    if (!pool) return
    const choice = poolFor(pool, at(meters, group.id), monthly.get(group.id) ?? 0, poolUsed)
    group.poolLimit = limitSet(choice, setting, group.lastModified, setting.now - HOUR, random)
  })
  const found = byId(groups)
  const touch = (group: Group | undefined, moment: Instant | undefined) => {
    if (group && moment !== undefined && moment > group.lastModified) group.lastModified = moment
  }
  for (const { row, earlier } of members) {
    if (earlier?.groupId) touch(found.get(earlier.groupId), earlier.before)
    const group = row.groupId && found.get(row.groupId)
    if (!group) continue
    touch(group, earlier ? earlier.before : row.createdAt)
    if (row.status === 'deactivated') touch(group, row.updatedAt)
    else group.members += 1
  }
  for (const group of groups) {
    touch(group, group.poolLimit?.setAt)
    if (group.poolLimit?.setAt === group.lastModified) group.lastModifiedBy = group.poolLimit.setBy
    else if (group.memberLimit?.setAt === group.lastModified) group.lastModifiedBy = group.memberLimit.setBy
  }
}
