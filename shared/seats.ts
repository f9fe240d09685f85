// Seats are taken and freed here alone, so that no operation can pass what was purchased or forget a counter.
// A seat is used by every user that is invited or active and has the product.
import { rejected, type Rejected } from './operations/outcome.ts'
import type { Instant, Product, ProductId, UserId } from './model.ts'
import type { View } from './view.ts'

/** Seats that can still be given out; never below 0 (the provider may have lowered what was purchased under what is used). */
export const seatsLeft = ({ seatsPurchased, seatsUsed }: Pick<Product, 'seatsPurchased' | 'seatsUsed'>): number =>
  Math.max(0, seatsPurchased - seatsUsed)

export const seatsOver = ({ seatsPurchased, seatsUsed }: Pick<Product, 'seatsPurchased' | 'seatsUsed'>): number =>
  Math.max(0, seatsUsed - seatsPurchased)

/** Takes one seat, or says why there is none; then nothing has changed. */
export function takeSeat(
  view: View,
  productId: ProductId,
  { actor, now }: { actor: UserId; now: Instant },
): Rejected | undefined {
  const product = view.products.get(productId)
  if (!product) return rejected('product-unknown', { productId })
  if (seatsLeft(product) === 0)
    return rejected('no-seat-left', {
      productId,
      free: 0,
      needed: 1,
      purchased: product.seatsPurchased,
      used: product.seatsUsed,
      lastSeat: product.lastSeat,
      lastContract: product.lastContract,
    })
  view.products.put({ ...product, seatsUsed: product.seatsUsed + 1, lastSeat: { by: actor, at: now } })
  return undefined
}

/** Gives a seat back. */
export function freeSeat(view: View, productId: ProductId): void {
  const product = view.products.get(productId)
  if (product) view.products.put({ ...product, seatsUsed: product.seatsUsed - 1 })
}
