// Mails each user a one-use link to choose a new password. Nobody sees or types another's password, and none is ever in an operation.
// Changes no row: the mail is all that it does.
import * as v from 'valibot'
import type { UserId } from '../model.ts'
import { defineOperation } from './definition.ts'
import { eachUser, UserIds, usersNamed } from './each.ts'
import { applied, rejected, unchanged } from './outcome.ts'

export const resetPassword = defineOperation({
  type: 'reset-password',
  title: 'Reset Password',
  args: v.strictObject({ userIds: UserIds }),
  itemsAre: 'users',
  items: ({ userIds }) => userIds,
  reads: ({ userIds }) => ({ users: userIds }),

  apply: (view, { userIds }) => {
    const mailed = new Set<UserId>()
    return eachUser(view, userIds, (user) => {
      if (user.status === 'deactivated') return rejected('user-deactivated', { since: user.updatedAt })
      if (mailed.has(user.id)) return unchanged()
      mailed.add(user.id)
      view.cause({ kind: 'mail', template: 'reset-password', userId: user.id })
      return applied()
    })
  },

  inverse: ({ id }, _args, items) => [{ type: 'stop-mails', args: { operationId: id, userIds: [...items] } }],
  describe: ({ userIds }, names) =>
    `Reset the ${userIds.length === 1 ? 'password' : 'passwords'} of ${usersNamed(userIds, names)}`,
  slice: ({ userIds }, from, to) => ({ userIds: userIds.slice(from, to) }),
  risky: true,
  mails: true,
})
