// Undoes add-users: removes those who never came, frees seat and address, stops the invitation that has not left yet.
// No route accepts it: it exists inside an undo alone, which has already checked that nothing was changed since.
import * as v from 'valibot'
import { OperationId, UserId } from '../../model.ts'
import { freeSeat } from '../../seats.ts'
import { defineOperation } from '../definition.ts'
import { changeMembers, count, eachUser } from '../each.ts'
import { applied, rejected } from '../outcome.ts'

export const removeAdded = defineOperation({
  type: 'remove-added',
  title: 'Remove added users',
  args: v.strictObject({ operationId: OperationId, userIds: v.array(UserId) }),
  itemsAre: 'users',
  items: ({ userIds }) => userIds,
  reads: ({ userIds }) => ({ users: userIds, groupsOfUsers: userIds, meters: userIds }),

  apply: (view, { operationId, userIds }, context) =>
    eachUser(view, userIds, (user) => {
      if (user.joinedAt !== null) return rejected('has-joined', {})
      if (view.meters.get(user.id)?.lastUsedAt != null) return rejected('has-usage', {})
      if (user.status !== 'deactivated') {
        if (user.productId) freeSeat(view, user.productId)
        if (user.groupId) changeMembers(view, user.groupId, -1, context)
      }
      if (view.meters.get(user.id)) view.meters.remove(user.id)
      view.users.remove(user.id)
      view.cause({ kind: 'stop-mail', operationId, userId: user.id })
      view.cause({ kind: 'end-sessions', userId: user.id })
      return applied()
    }),

  inverse: () => null,
  describe: ({ userIds }) => `Remove ${count(userIds.length, 'added user')}`,
})
