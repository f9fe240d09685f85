// Seats that nobody uses, counted by product over the rows in memory, in slices. Who is idle is one rule with the list of users.
import type { Layer } from '#lib/replica/rows.ts'
import type { Breathe } from '#lib/replica/sort.ts'
import { isIdle } from '#lib/users/idle.ts'
import type { Instant, ProductId } from '#shared/model.ts'

export interface IdleSeats {
  users: number
  /** By product, most first. */
  products: readonly { productId: ProductId; users: number }[]
}

/** @param since the first moment of the time in which nothing was used */
export async function idleSeats(layer: Layer, since: Instant, breathe: Breathe): Promise<IdleSeats> {
  const counts = new Map<ProductId, number>()
  let users = 0
  let seen = 0
  for (const user of layer.values('users')) {
    if (user.productId && isIdle(user, layer.get('meters', user.id)?.lastUsedAt ?? 0, since)) {
      users += 1
      counts.set(user.productId, (counts.get(user.productId) ?? 0) + 1)
    }
    if ((seen += 1) % 1_000 === 0) await breathe()
  }
  const products = [...counts].map(([productId, users]) => ({ productId, users }))
  return { users, products: products.sort((a, b) => b.users - a.users || (a.productId < b.productId ? -1 : 1)) }
}
