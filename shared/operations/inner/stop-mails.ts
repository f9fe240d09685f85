// Undoes reset-password: stops the mails that have not left yet. One that has left can't be called back and says so.
// No route accepts it: it exists inside an undo alone.
import * as v from 'valibot'
import { OperationId } from '../../model.ts'
import { defineOperation } from '../definition.ts'
import { count, eachUser, UserIds } from '../each.ts'
import { applied, rejected } from '../outcome.ts'

export const stopMails = defineOperation({
  type: 'stop-mails',
  title: 'Stop mails',
  args: v.strictObject({ operationId: OperationId, userIds: UserIds }),
  itemsAre: 'users',
  items: ({ userIds }) => userIds,
  reads: ({ userIds }) => ({ users: userIds }),

  apply: (view, { operationId, userIds }, { past }) =>
    eachUser(view, userIds, (user) => {
      if (past?.mails[user.id] === 'left') return rejected('mail-left', {})
      view.cause({ kind: 'stop-mail', operationId, userId: user.id })
      return applied()
    }),

  inverse: () => null,
  describe: ({ userIds }) => `Stop ${count(userIds.length, 'mail')}`,
})
