// Moves users into a group, or out of the one they are in (groupId null).
// Never touches a seat or a limit: what a member may spend follows from the group and is derived where it is shown.
import * as v from 'valibot'
import { isolated } from '../bidi.ts'
import { GroupId } from '../model.ts'
import { defineOperation } from './definition.ts'
import { changeMembers, eachUser, touched, UserIds, usersNamed } from './each.ts'
import { byEarlier } from './images.ts'
import { applied, rejected, unchanged } from './outcome.ts'

export const assignGroup = defineOperation({
  type: 'assign-group',
  title: 'Assign Group',
  args: v.strictObject({ userIds: UserIds, groupId: v.nullable(GroupId) }),
  itemsAre: 'users',
  items: ({ userIds }) => userIds,
  // The groups that are left must be there too: their member counts change.
  reads: ({ userIds, groupId }) => ({ users: userIds, groupsOfUsers: userIds, groups: groupId ? [groupId] : [] }),

  apply: (view, { userIds, groupId }, context) =>
    eachUser(view, userIds, (user) => {
      if (groupId && !view.groups.get(groupId)) return rejected('group-unknown', { groupId })
      if (user.groupId === groupId) return unchanged()
      if (user.status !== 'deactivated') {
        if (user.groupId) changeMembers(view, user.groupId, -1, context)
        if (groupId) changeMembers(view, groupId, +1, context)
      }
      view.users.put({ ...user, groupId, updatedAt: touched(user, context.now) })
      return applied()
    }),

  // One call per group that was left.
  inverse: ({ images }, _args, items) =>
    byEarlier(images.users, items, 'groupId', v.nullable(GroupId)).map(({ value: groupId, ids }) => ({
      type: 'assign-group',
      args: { userIds: ids, groupId },
    })),

  describe: ({ userIds, groupId }, names) =>
    groupId
      ? `Assign ${usersNamed(userIds, names)} to ${isolated(names.groups[groupId]) ?? 'another group'}`
      : `Take ${usersNamed(userIds, names)} out of ${userIds.length === 1 ? 'the group' : 'their groups'}`,
  slice: ({ userIds, groupId }, from, to) => ({ userIds: userIds.slice(from, to), groupId }),
  needs: ({ groupId }) => (groupId ? { groups: [groupId] } : {}),
})
