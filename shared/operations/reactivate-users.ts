// Brings deactivated users back with the group, limit and role they had; each must win a seat again.
// Who never came is invited anew: the link of the first invitation died.
import * as v from 'valibot'
import type { User } from '../model.ts'
import { takeSeat } from '../seats.ts'
import { defineOperation } from './definition.ts'
import { changeAdmins, changeMembers, eachUser, UserIds, usersNamed } from './each.ts'
import { applied, unchanged } from './outcome.ts'

export const reactivateUsers = defineOperation({
  type: 'reactivate-users',
  title: 'Reactivate User',
  args: v.strictObject({ userIds: UserIds }),
  itemsAre: 'users',
  items: ({ userIds }) => userIds,
  reads: ({ userIds }) => ({ users: userIds, groupsOfUsers: userIds }),

  apply: (view, { userIds }, context) =>
    eachUser(view, userIds, (user) => {
      if (user.status !== 'deactivated') return unchanged()
      const refused = user.productId && takeSeat(view, user.productId, context)
      if (refused) return refused
      const back: User = { ...user, status: user.joinedAt === null ? 'invited' : 'active', updatedAt: context.now }
      if (user.groupId) changeMembers(view, user.groupId, +1, context)
      changeAdmins(view, back, +1)
      view.users.put(back)
      if (back.status === 'invited') view.cause({ kind: 'mail', template: 'invitation', userId: user.id })
      return applied()
    }),

  inverse: (_past, _args, items) => [{ type: 'deactivate-users', args: { userIds: [...items] } }],
  describe: ({ userIds }, names) => `Reactivate ${usersNamed(userIds, names)}`,
  slice: ({ userIds }, from, to) => ({ userIds: userIds.slice(from, to) }),
  mails: true,
})
