// Undoes add-users: removes those who never came, frees seat and address, stops the invitation that has not left yet.
// No route accepts it: it exists inside an undo alone, which has already checked that nothing was changed since.
import * as v from 'valibot'
import { OperationId, UserId } from '../../model.ts'
import { defineOperation } from '../definition.ts'
import { count, eachUser, removeRow } from '../each.ts'
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
      removeRow(view, user, context)
      view.cause({ kind: 'stop-mail', operationId, userId: user.id })
      view.cause({ kind: 'end-sessions', userId: user.id })
      return applied()
    }),

  inverse: () => null,
  describe: ({ userIds }) => `Remove ${count(userIds.length, 'added user')}`,
})
