// What the provider sells: products with their seats, and grants of credits.
import type { CreditGrant, OrganisationId, Product } from '#shared/model.ts'
import { capacity, type GrantShare } from '#shared/credits.ts'
import { Refusal } from '../problem.ts'
import { allRows, rowsBy } from '../store/rows.ts'
import { addGrant, voidGrant } from '../usage/grants.ts'
import { addProduct, changeProduct, removeProduct } from './products.ts'
import { changed, jsonBody, route, type ProviderParts, type Route } from './route.ts'
import {
  GrantAnswer,
  Grants,
  Id,
  NewGrant,
  NewProduct,
  ProductAnswer,
  ProductChanges,
  Products,
  VoidWish,
} from './schemas.ts'

const PRODUCT = { id: '019ab4de-5c00-7d8e-9c52-6b1f0a7e4d21', name: 'Sales Pro', seatsPurchased: 120 }
const GRANT = {
  id: '019ab4de-6e10-7b0a-8a44-2f6c1d9e3b57',
  kind: 'contract',
  credits: 500_000,
  startsOn: '2026-04-01',
  endsOn: '2027-03-31',
} as const
const id = (example: string) => ({ name: 'id', in: 'path', schema: Id, example }) as const
const [productId, grantId] = [id(PRODUCT.id), id(GRANT.id)]
const grantExample = { ...GRANT, voided: 0, used: 183_220, left: 316_780, state: 'running' } as const

const productAnswer = ({ id: of, name, seatsPurchased, seatsUsed }: Product) => ({
  id: of,
  name,
  seatsPurchased,
  seatsUsed,
})

/** The grants that were sold, the first to begin first; what was used past them is no grant of the provider's. */
export const grantAnswers = (shares: readonly (GrantShare & { grant: CreditGrant })[]) =>
  shares.flatMap(grantAnswer).sort((a, b) => compare(a.startsOn, b.startsOn) || compare(a.id, b.id))

const grantAnswer = ({ grant, state }: GrantShare & { grant: CreditGrant }) => {
  if (grant.kind === 'overage' || state === 'overage') return []
  const { id: of, kind, credits, voided, used, startsOn, endsOn } = grant
  return [{ id: of, kind, credits, voided, used, left: capacity(grant) - used, startsOn, endsOn, state }]
}
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const grantsOf = async ({ usage }: ProviderParts, organisation: OrganisationId) =>
  grantAnswers((await usage.balance(organisation)).grants)

async function grantOf(parts: ProviderParts, organisation: OrganisationId, wanted: string) {
  const found = (await grantsOf(parts, organisation)).find((grant) => grant.id === wanted)
  if (!found) throw new Refusal(404, 'grant-unknown', { id: wanted })
  return found
}

export const contractRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/products',
    scope: 'contract',
    tag: 'Contract',
    operationId: 'listProducts',
    summary: 'All products',
    description: 'Every product with the seats that were sold and those that are used.',
    status: 200,
    answer: Products,
    answerExample: { products: [{ ...PRODUCT, seatsUsed: 97 }] },
    refusals: [],
    handle: async ({ organisation }, { store }) => ({
      products: (await store.read((tx) => allRows(tx, organisation, 'products'))).map(productAnswer),
    }),
  }),
  route({
    method: 'post',
    path: '/products',
    scope: 'contract',
    tag: 'Contract',
    operationId: 'addProduct',
    summary: 'Add a product',
    description:
      'Sells seats of a product that the organisation did not have. With an id of yours it may be sent again.',
    body: jsonBody(NewProduct, PRODUCT),
    status: 201,
    answer: ProductAnswer,
    answerExample: { ...PRODUCT, seatsUsed: 0 },
    refusals: [
      [409, 'id-taken'],
      [409, 'product-name-taken'],
    ],
    handle: async ({ organisation, body }, parts) =>
      productAnswer(await changed(parts, organisation, (tx, by) => addProduct(tx, organisation, body, by))),
  }),
  route({
    method: 'patch',
    path: '/products/{id}',
    scope: 'contract',
    tag: 'Contract',
    operationId: 'changeProduct',
    summary: 'Change name or seats of a product',
    description: 'What is left out stays. The same again changes nothing.',
    parameters: [productId],
    body: jsonBody(ProductChanges, { seatsPurchased: 150 }),
    status: 200,
    answer: ProductAnswer,
    answerExample: { ...PRODUCT, seatsPurchased: 150, seatsUsed: 97 },
    refusals: [
      [404, 'product-unknown'],
      [409, 'product-name-taken'],
    ],
    handle: async ({ organisation, parameter, body }, parts) =>
      productAnswer(
        await changed(parts, organisation, (tx, by) => changeProduct(tx, organisation, parameter, body, by)),
      ),
  }),
  route({
    method: 'delete',
    path: '/products/{id}',
    scope: 'contract',
    tag: 'Contract',
    operationId: 'removeProduct',
    summary: 'Remove a product',
    description: 'Only one that no user has, deactivated ones included. Its usage stays in the history.',
    parameters: [productId],
    status: 204,
    answer: undefined,
    refusals: [
      [404, 'product-unknown'],
      [409, 'product-in-use'],
    ],
    handle: async ({ organisation, parameter }, parts) => {
      await changed(parts, organisation, (tx, by) => removeProduct(tx, organisation, parameter, by))
      return undefined
    },
  }),
  route({
    method: 'get',
    path: '/grants',
    scope: 'contract',
    tag: 'Contract',
    operationId: 'listGrants',
    summary: 'All grants',
    description: 'Every grant of credits, ended and voided ones included.',
    status: 200,
    answer: Grants,
    answerExample: { grants: [grantExample] },
    refusals: [],
    handle: async ({ organisation }, parts) => ({ grants: await grantsOf(parts, organisation) }),
  }),
  route({
    method: 'post',
    path: '/grants',
    scope: 'contract',
    tag: 'Contract',
    operationId: 'addGrant',
    summary: 'Grant credits',
    description:
      'Sells credits. Of grants that run on the same day the soonest to end is burnt first. What was used past the credits on its days is taken over by it at once.',
    body: jsonBody(NewGrant, GRANT),
    status: 201,
    answer: GrantAnswer,
    answerExample: { ...grantExample, used: 0, left: 500_000 },
    refusals: [[409, 'id-taken']],
    handle: async ({ organisation, body: { id: chosen, kind = 'contract', ...sold } }, parts) => {
      const wanted = { kind, ...sold, ...(chosen === undefined ? {} : { id: chosen }) }
      const { grant } = await changed(parts, organisation, (tx, by) => addGrant(tx, organisation, wanted, by))
      return await grantOf(parts, organisation, grant.id)
    },
  }),
  route({
    method: 'post',
    path: '/grants/{id}/void',
    scope: 'contract',
    tag: 'Contract',
    operationId: 'voidGrant',
    summary: 'Take credits of a grant back',
    description:
      'Takes back what is left of a grant, or as much as brings its voided credits to the number named. What was used stays used.',
    parameters: [grantId],
    body: jsonBody(VoidWish, { voided: 100_000 }, { required: false }),
    status: 200,
    answer: GrantAnswer,
    answerExample: { ...grantExample, voided: 100_000, left: 216_780 },
    refusals: [
      [404, 'grant-unknown'],
      [409, 'grant-exceeded'],
    ],
    handle: async ({ organisation, parameter, body: { voided } }, parts) => {
      await changed(parts, organisation, async (tx, by) => {
        const [there] = await rowsBy(tx, organisation, 'grants', 'id', [parameter])
        // Named as the sum that holds afterwards, so that a repeated request takes nothing twice.
        const credits = voided === undefined ? undefined : Math.max(0, voided - (there?.voided ?? 0))
        await voidGrant(tx, organisation, { id: parameter, credits }, by)
      })
      return await grantOf(parts, organisation, parameter)
    },
  }),
]
