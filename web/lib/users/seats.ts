// How the seats of a product are told where one is chosen.
import { formatNumber } from '#lib/format.ts'
import type { Product } from '#shared/model.ts'
import { seatsLeft, seatsOver } from '#shared/seats.ts'

/** "9 of 50 seats left", "0 of 25 left, over by 3". */
export function seatsHint(product: Pick<Product, 'seatsPurchased' | 'seatsUsed'>): string {
  const over = seatsOver(product)
  const [left, of] = [formatNumber(seatsLeft(product)), formatNumber(product.seatsPurchased)]
  return over > 0 ? `${left} of ${of} left, over by ${formatNumber(over)}` : `${left} of ${of} seats left`
}
