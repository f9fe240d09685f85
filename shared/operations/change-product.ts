// Moves users to another product: per user an atomic swap that takes the new seat before it frees the old one, so that
// with none left the user keeps what he has. Never touches group, limit or history.
import * as v from 'valibot'
import { isolated } from '../bidi.ts'
import { ProductId } from '../model.ts'
import { freeSeat, takeSeat } from '../seats.ts'
import { defineOperation } from './definition.ts'
import { eachUser, UserIds, usersNamed } from './each.ts'
import { byEarlier } from './images.ts'
import { applied, rejected, unchanged } from './outcome.ts'

export const changeProduct = defineOperation({
  type: 'change-product',
  title: 'Change Product',
  args: v.strictObject({ userIds: UserIds, productId: ProductId }),
  itemsAre: 'users',
  items: ({ userIds }) => userIds,
  reads: ({ userIds }) => ({ users: userIds }),

  apply: (view, { userIds, productId }, context) =>
    eachUser(view, userIds, (user) => {
      if (user.status === 'deactivated') return rejected('user-deactivated', { since: user.updatedAt })
      if (user.productId === productId) return unchanged()
      const refused = takeSeat(view, productId, context)
      if (refused) return refused
      if (user.productId) freeSeat(view, user.productId)
      view.users.put({ ...user, productId, updatedAt: context.now })
      return applied()
    }),

  // One call per product that was left; a first admin who had none keeps the new one.
  inverse: ({ images }, _args, items) =>
    byEarlier(images.users, items, 'productId', ProductId).map(({ value: productId, ids }) => ({
      type: 'change-product',
      args: { userIds: ids, productId },
    })),

  describe: ({ userIds, productId }, names) =>
    `Change product of ${usersNamed(userIds, names)} to ${isolated(names.products[productId]) ?? 'another product'}`,
  slice: ({ userIds, productId }, from, to) => ({ userIds: userIds.slice(from, to), productId }),
  needs: ({ productId }) => ({ products: [productId] }),
})
