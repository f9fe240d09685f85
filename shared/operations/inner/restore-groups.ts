// Undoes delete-groups: makes each group again under its old id and brings back the members that still stand where the deletion
// left them. Who was assigned elsewhere since stays there.
// No route accepts it: it exists inside an undo alone, and it is the only way in which a tombstone becomes a row again.
import * as v from 'valibot'
import { GroupId, NewGroup, toNameKey, UserId } from '../../model.ts'
import { putGroup } from '../add-group.ts'
import { defineOperation } from '../definition.ts'
import { changeMembers, count, touched } from '../each.ts'
import { applied, unchanged, withItem } from '../outcome.ts'

export const restoreGroups = defineOperation({
  type: 'restore-groups',
  title: 'Restore groups',
  // A group may have had any number of members: they are no items, so no maximum holds here.
  args: v.strictObject({
    groups: v.array(v.strictObject({ group: NewGroup, userIds: v.array(UserId) })),
    /** Where the deletion left the members. */
    movedTo: v.nullable(GroupId),
  }),
  itemsAre: 'groups',
  items: ({ groups }) => groups.map(({ group }) => group.id),
  reads: ({ groups, movedTo }) => ({
    groups: [...groups.map(({ group }) => group.id), ...(movedTo ? [movedTo] : [])],
    groupNames: groups.map(({ group }) => toNameKey(group.name)),
    users: groups.flatMap(({ userIds }) => userIds),
  }),

  apply: (view, { groups, movedTo }, context) =>
    groups.map(({ group, userIds }) => {
      if (view.groups.get(group.id)) return withItem(group.id, unchanged())
      const refused = putGroup(view, group, context)
      if (refused) return withItem(group.id, refused)
      for (const id of userIds) {
        const user = view.users.get(id)
        if (user?.groupId !== movedTo) continue
        if (user.status !== 'deactivated') {
          if (movedTo) changeMembers(view, movedTo, -1, context)
          changeMembers(view, group.id, +1, context)
        }
        view.users.put({ ...user, groupId: group.id, updatedAt: touched(user, context.now) })
      }
      return withItem(group.id, applied())
    }),

  inverse: () => null,
  describe: ({ groups }) => `Restore ${count(groups.length, 'group')}`,
})
