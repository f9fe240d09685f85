// A product has the same colour everywhere and for good: by the order of ids, which rise with the time at which they were made, so that a new
// product takes the next colour and changes no other.
import type { Product, ProductId } from '#shared/model.ts'

const COLOURS = 8

/** Names of classes, `chart-1` to `chart-8`; from the ninth product on they repeat, and the name stands beside the bar. */
export function productColours(products: readonly Pick<Product, 'id'>[]): ReadonlyMap<ProductId, string> {
  const ids = products.map(({ id }) => id).sort((a, b) => (a < b ? -1 : 1))
  return new Map(ids.map((id, at) => [id, `chart-${(at % COLOURS) + 1}`]))
}
