// Gives users a limit of their own, or none (null: they inherit the group's or the organisation's).
// Never claws back what was used: a limit below it only denies what comes after.
import * as v from 'valibot'
import { limitWords } from '../limit-words.ts'
import { sameLimit } from '../limits.ts'
import { LimitChoice } from '../model.ts'
import { defineOperation } from './definition.ts'
import { eachUser, limitCheck, stampLimit, touched, UserIds, usersNamed } from './each.ts'
import { byEarlier } from './images.ts'
import { applied, unchanged } from './outcome.ts'

export const manageLimit = defineOperation({
  type: 'manage-limit',
  title: 'Manage Limit',
  args: v.strictObject({ userIds: UserIds, limit: v.nullable(LimitChoice) }),
  itemsAre: 'users',
  items: ({ userIds }) => userIds,
  reads: ({ userIds }) => ({ users: userIds }),

  apply: (view, { userIds, limit }, context) => {
    const refused = limitCheck(view, context.now)(limit)
    return eachUser(view, userIds, (user) => {
      if (sameLimit(user.limit, limit)) return unchanged()
      if (refused) return refused
      view.users.put({ ...user, limit: stampLimit(limit, user.limit, context), updatedAt: touched(user, context.now) })
      return applied()
    })
  },

  inverse: ({ images }, _args, items) =>
    byEarlier(images.users, items, 'limit', v.nullable(LimitChoice)).map(({ value: limit, ids }) => ({
      type: 'manage-limit',
      args: { userIds: ids, limit },
    })),

  describe: ({ userIds, limit }, names) =>
    limit
      ? `Set the limit of ${usersNamed(userIds, names)} to ${limitWords(limit)}`
      : `Let ${usersNamed(userIds, names)} inherit the limit`,
  slice: ({ userIds, limit }, from, to) => ({ userIds: userIds.slice(from, to), limit }),
})
