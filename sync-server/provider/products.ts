// What the provider sells by the seat: products are added, changed and removed here, by the command line and over HTTP alike. Each
// change is a version and an entry in the log like any other, so that devices fetch it. Called inside a transaction.
import { v7 } from 'uuid'
import * as v from 'valibot'
import { read } from '#shared/faults.ts'
import { ProductId, toNameKey, type OrganisationId, type Product } from '#shared/model.ts'
import { filledText } from '#shared/text.ts'
import { Refusal } from '../problem.ts'
import type { Tx } from '../store/index.ts'
import { allRows, rowsBy } from '../store/rows.ts'
import { locked, recordChange, type By } from '../sync/record.ts'

export const MAX_SEATS = 10_000_000
export const ProductName = filledText()
export const Seats = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(MAX_SEATS))

export interface ProductWish {
  /** Chosen by the provider, so that the same request twice makes one product. */
  id?: ProductId | undefined
  name: string
  seatsPurchased: number
}

/** @throws {Refusal} 409 `id-taken` where the id stands for another product, `product-name-taken` */
export async function addProduct(
  tx: Tx,
  organisation: OrganisationId,
  { id = undefined, name, seatsPurchased }: ProductWish,
  by: By,
): Promise<Product> {
  await locked(tx, organisation)
  if (id !== undefined) {
    const [there] = await rowsBy(tx, organisation, 'products', 'id', [id])
    if (there && there.name === name && there.seatsPurchased === seatsPurchased) return there
    if (there || (await wasRemoved(tx, organisation, id))) throw new Refusal(409, 'id-taken', { id })
  }
  await nameIsFree(tx, organisation, name)
  const product: Product = {
    id: id ?? v.parse(ProductId, v7({ msecs: by.now, random: by.random(16) })),
    version: 0,
    name,
    seatsPurchased,
    seatsUsed: 0,
    lastSeat: null,
    lastContract: null,
  }
  await keep(tx, organisation, product, by)
  return product
}

/**
 * Gives a product another name or other seats, also fewer than are used: nobody is thrown out. The same again changes nothing.
 * @throws {Refusal} 404 `product-unknown`, 409 `product-name-taken`
 */
export async function changeProduct(
  tx: Tx,
  organisation: OrganisationId,
  id: string,
  { name, seatsPurchased }: { name?: string | undefined; seatsPurchased?: number | undefined },
  by: By,
): Promise<Product> {
  await locked(tx, organisation)
  const product = await productWith(tx, organisation, id)
  const renamed = name !== undefined && name !== product.name
  const resized = seatsPurchased !== undefined && seatsPurchased !== product.seatsPurchased
  if (!renamed && !resized) return product
  if (renamed) await nameIsFree(tx, organisation, name, product.id)
  const changed: Product = {
    ...product,
    ...(renamed ? { name } : {}),
    ...(resized ? { seatsPurchased, lastContract: { from: product.seatsPurchased, at: by.now } } : {}),
  }
  await keep(tx, organisation, changed, by)
  return changed
}

/** @throws {Refusal} 404 `product-unknown`, 409 `product-in-use` while a user has it, deactivated or not */
export async function removeProduct(tx: Tx, organisation: OrganisationId, id: string, by: By): Promise<void> {
  await locked(tx, organisation)
  const product = await productWith(tx, organisation, id)
  const { users } = await tx.db
    .selectFrom('users')
    .select(({ fn }) => fn.countAll<number>().as('users'))
    .where('orgId', '=', organisation)
    .where('productId', '=', product.id)
    .executeTakeFirstOrThrow()
  if (users > 0) throw new Refusal(409, 'product-in-use', { users })
  const call = { type: 'remove-product', args: { name: product.name } }
  await recordChange(tx, organisation, call, by, [], (view) => view.products.remove(product.id))
}

/** As an operator says it: a product is known by its name; one that is there gets other seats. @throws Error that says what is wrong */
export async function setProduct(
  tx: Tx,
  organisation: OrganisationId,
  wanted: { name: string; seats: number },
  by: By,
): Promise<Product> {
  const parsed = read(v.object({ name: ProductName, seats: Seats }), wanted)
  if (!parsed.ok) throw new Error(`--${parsed.fault.path}: ${parsed.fault.message}`)
  const { name, seats: seatsPurchased } = parsed.output
  await locked(tx, organisation)
  const there = await named(tx, organisation, name)
  return there
    ? await changeProduct(tx, organisation, there.id, { name, seatsPurchased }, by)
    : await addProduct(tx, organisation, { name, seatsPurchased }, by)
}

async function productWith(tx: Tx, organisation: OrganisationId, id: string): Promise<Product> {
  const [product] = await rowsBy(tx, organisation, 'products', 'id', [id])
  if (!product) throw new Refusal(404, 'product-unknown', { product: id })
  return product
}

const named = async (tx: Tx, organisation: OrganisationId, name: string): Promise<Product | undefined> =>
  (await allRows(tx, organisation, 'products')).find((row) => toNameKey(row.name) === toNameKey(name))

async function nameIsFree(tx: Tx, organisation: OrganisationId, name: string, except?: ProductId): Promise<void> {
  const there = await named(tx, organisation, name)
  if (there && there.id !== except) throw new Refusal(409, 'product-name-taken', { id: there.id, name: there.name })
}

const wasRemoved = async (tx: Tx, organisation: OrganisationId, id: ProductId): Promise<boolean> =>
  (await tx.db
    .selectFrom('tombstones')
    .select('id')
    .where('orgId', '=', organisation)
    .where('entity', '=', 'products')
    .where('id', '=', id)
    .executeTakeFirst()) !== undefined

const keep = (tx: Tx, organisation: OrganisationId, product: Product, by: By) =>
  recordChange(
    tx,
    organisation,
    { type: 'set-product', args: { name: product.name, seats: product.seatsPurchased } },
    by,
    [],
    (view) => view.products.put(product),
  )
