// The demo's products and their seats: one nearly full, one over-full since the provider lowered it, two roomy.
import type { Product, ProductId, User } from '#shared/model.ts'
import { DAY, MINUTE, toMinute } from './calendar.ts'
import { PRODUCTS, type ProductName } from './catalogue.ts'
import type { Setting } from './limits.ts'
import { at } from './members.ts'
import type { Random } from './random.ts'

/** The products, with seats bought in proportion to how many of `users` (in the order in which they were made) sit on one. */
export function makeProducts(
  ids: ReadonlyMap<ProductName, ProductId>,
  users: readonly User[],
  { admins, now, began }: Setting,
  random: Random,
): Product[] {
  return PRODUCTS.map((name) => {
    const id = at(ids, name)
    const seated = users.filter(({ productId, status }) => productId === id && status !== 'deactivated')
    const used = seated.length
    const taken = seated.at(-1)?.createdAt ?? began
    const lowered = Math.min(now, Math.max(toMinute(now - 98 * MINUTE), taken))
    const { seatsPurchased, lastContract } = {
      'Sales Pro': { seatsPurchased: used + 4, lastContract: { from: Math.max(0, used - 20), at: began + 200 * DAY } },
      Recruiter: { seatsPurchased: Math.ceil((used * 1.25) / 5) * 5, lastContract: null },
      'Data API': { seatsPurchased: Math.max(0, used - 3), lastContract: { from: used, at: lowered } },
      Insights: { seatsPurchased: Math.ceil((used * 1.12) / 50) * 50, lastContract: null },
    }[name]
    const lastSeat = used > 0 ? { by: random.pick(admins), at: taken } : null
    return { id, version: 0, name, seatsPurchased, seatsUsed: used, lastSeat, lastContract }
  })
}
