// Takes users out of service: the seat is free at once, sessions end. Keeps the user, group, history and limit.
// Never deactivates the last active admin.
import * as v from 'valibot'
import { freeSeat } from '../seats.ts'
import { defineOperation } from './definition.ts'
import { changeAdmins, changeMembers, eachUser, isLastAdmin, UserIds, usersNamed } from './each.ts'
import { applied, rejected, unchanged } from './outcome.ts'

export const deactivateUsers = defineOperation({
  type: 'deactivate-users',
  title: 'Deactivate User',
  args: v.strictObject({ userIds: UserIds }),
  itemsAre: 'users',
  items: ({ userIds }) => userIds,
  reads: ({ userIds }) => ({ users: userIds, groupsOfUsers: userIds }),

  apply: (view, { userIds }, context) =>
    eachUser(view, userIds, (user) => {
      if (user.status === 'deactivated') return unchanged()
      if (isLastAdmin(view, user)) return rejected('last-admin', {})
      if (user.productId) freeSeat(view, user.productId)
      if (user.groupId) changeMembers(view, user.groupId, -1, context)
      changeAdmins(view, user, -1)
      view.users.put({ ...user, status: 'deactivated', updatedAt: context.now })
      view.cause({ kind: 'end-sessions', userId: user.id })
      // Undoing a reactivation: the new invitation that it mailed must not arrive, if it hasn't left yet.
      if (context.past && user.joinedAt === null)
        view.cause({ kind: 'stop-mail', operationId: context.past.id, userId: user.id })
      return applied()
    }),

  inverse: (_past, _args, items) => [{ type: 'reactivate-users', args: { userIds: [...items] } }],
  describe: ({ userIds }, names) => `Deactivate ${usersNamed(userIds, names)}`,
  slice: ({ userIds }, from, to) => ({ userIds: userIds.slice(from, to) }),
  risky: true,
})
