// Deletes groups. Members are never deleted: they keep the group alive (refuse), are left without one (ungroup), or move.
// Deactivated users do not count as members, and leave or move with them.
import * as v from 'valibot'
import { isolated } from '../bidi.ts'
import { GroupId, type Group } from '../model.ts'
import { defineOperation, type Context } from './definition.ts'
import { changeMembers, count, GroupIds, touched } from './each.ts'
import type { ImageFields } from './images.ts'
import { applied, rejected, unchanged, withItem, type Result } from './outcome.ts'
import type { View } from '../view.ts'

const OnMembers = v.union([v.picklist(['refuse', 'ungroup']), v.strictObject({ moveTo: GroupId })])
type OnMembers = v.InferOutput<typeof OnMembers>

export const deleteGroups = defineOperation({
  type: 'delete-groups',
  title: 'Delete Group',
  args: v.strictObject({ groupIds: GroupIds, onMembers: OnMembers }),
  itemsAre: 'groups',
  items: ({ groupIds }) => groupIds,
  reads: ({ groupIds, onMembers }) => ({
    groups: [...groupIds, ...targetsOf(onMembers)],
    usersOfGroups: groupIds,
  }),

  apply: (view, { groupIds, onMembers }, context) => {
    const doomed = new Set(groupIds)
    const gone = new Set<GroupId>()
    return groupIds.map((id) => {
      const group = view.groups.get(id)
      if (!group) return withItem(id, gone.has(id) ? unchanged() : rejected('group-unknown', { groupId: id }))
      const result = remove(view, group, onMembers, doomed, context)
      if (result.result === 'applied') gone.add(id)
      return withItem(id, result)
    })
  },

  inverse: ({ images }, { onMembers }, items) => {
    const [movedTo = null] = targetsOf(onMembers)
    const members = Object.entries(images.users)
    const groups = [...items].map((id) => ({
      group: { id, ...fieldsOf(images.groups[id]?.before ?? null) },
      userIds: members.flatMap(([userId, { before }]) => (before?.['groupId'] === id ? [userId] : [])),
    }))
    return [{ type: 'restore-groups', args: { groups, movedTo } }]
  },

  describe: ({ groupIds, onMembers }, names) => {
    const [only] = groupIds
    const named = (groupIds.length === 1 && only && isolated(names.groups[only])) || count(groupIds.length, 'group')
    const [target] = targetsOf(onMembers)
    if (!target) return `Delete ${named}`
    const them = groupIds.length === 1 ? 'it' : 'them'
    return `Move the members of ${named} to ${isolated(names.groups[target]) ?? 'another group'} and delete ${them}`
  },
  slice: ({ groupIds, onMembers }, from, to) => ({ groupIds: groupIds.slice(from, to), onMembers }),
  needs: ({ onMembers }) => ({ groups: targetsOf(onMembers) }),
})

const targetsOf = (onMembers: OnMembers): GroupId[] => (typeof onMembers === 'object' ? [onMembers.moveTo] : [])

function remove(
  view: View,
  group: Group,
  onMembers: OnMembers,
  doomed: ReadonlySet<GroupId>,
  context: Context,
): Result {
  const [target = null] = targetsOf(onMembers)
  if (target && (doomed.has(target) || !view.groups.get(target))) return rejected('group-unknown', { groupId: target })
  if (onMembers === 'refuse' && group.members > 0) return rejected('group-not-empty', { members: group.members })
  for (const user of view.users.ofGroup(group.id)) {
    if (target && user.status !== 'deactivated') changeMembers(view, target, +1, context)
    view.users.put({ ...user, groupId: target, updatedAt: touched(user, context.now) })
  }
  view.groups.remove(group.id)
  return applied()
}

const fieldsOf = (before: ImageFields | null) => ({
  name: before?.['name'],
  memberLimit: before?.['memberLimit'] ?? null,
  poolLimit: before?.['poolLimit'] ?? null,
})
