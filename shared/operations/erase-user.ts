// Erases a user for good: the row goes, the seat is free, and the server takes what was personal out of everything else that it keeps.
// What was used stays under the bare id, so that charts and bills go on. Never undone, and so never done to oneself or to the last admin.
import * as v from 'valibot'
import { ERASED_USER } from '../activity.ts'
import { isolated } from '../bidi.ts'
import { UserId, type User } from '../model.ts'
import type { View } from '../view.ts'
import { defineOperation } from './definition.ts'
import { eachUser, isLastAdmin, removeRow, type Doer } from './each.ts'
import { applied, rejected, type Result } from './outcome.ts'

export const eraseUser = defineOperation({
  type: 'erase-user',
  title: 'Erase User',
  args: v.strictObject({ userId: UserId }),
  itemsAre: 'users',
  items: ({ userId }) => [userId],
  reads: ({ userId }) => ({ users: [userId], groupsOfUsers: [userId], meters: [userId] }),

  apply: (view, { userId }, context) =>
    eachUser(view, [userId], (user) =>
      user.id === context.actor ? rejected('own-row', {}) : erase(view, user, context),
    ),

  // What was erased is nowhere any more.
  inverse: () => null,
  describe: ({ userId }, names) => {
    const name = names.users[userId]
    return `Erase ${name === undefined || name === ERASED_USER ? 'a user' : isolated(name)}`
  },
  risky: true,
})

/** As an admin does it, or a command on the server's host. */
export function erase(view: View, user: User, by: Doer): Result {
  if (isLastAdmin(view, user)) return rejected('last-admin', {})
  removeRow(view, user, by)
  view.cause({ kind: 'end-sessions', userId: user.id })
  view.cause({ kind: 'erase', userId: user.id })
  return applied()
}
