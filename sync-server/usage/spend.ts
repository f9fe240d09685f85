// Judges what is to be spent before it is: allowed with what is left, or denied with what bound. Judged and recorded behind the
// organisation's lock, so that no two spends pass a limit together. The provider's key makes it happen once.
import canonicalize from 'canonicalize'
import { createHash } from 'node:crypto'
import type { Reserved } from '#shared/limits.ts'
import type { GroupId, Instant, OrganisationId, ProductId, UserId } from '#shared/model.ts'
import { Refusal } from '../problem.ts'
import type { Tx } from '../store/index.ts'
import { lockHead } from '../sync/log.ts'
import type { By } from '../sync/record.ts'
import { openBooks, type Books } from './books.ts'
import { noteCall } from './calls.ts'
import { SPENDS, writeEvents } from './events.ts'
import { findPayers, findProducts, groupsOf, type Payer } from './payers.ts'
import { reservedFor } from './reserved.ts'
import type { SpendAnswer, SpendRequest } from './usage.ts'

/** A spend as it was judged, with what is needed to record it. */
export interface Judged {
  answer: SpendAnswer
  books: Books
  payer: Payer
  productId: ProductId
  /** The moment of the spend: now, unless the clock has gone back behind what the meters count from. */
  at: Instant
}

/** @throws {Refusal} `user-unknown`, `product-unknown`, `key-reused` */
export async function spend(tx: Tx, organisation: OrganisationId, request: SpendRequest, by: By): Promise<SpendAnswer> {
  await lockOf(tx, organisation)
  const digest = digestOf({ kind: 'spend', ...request })
  const known = await answered(tx, organisation, request.key, digest)
  if (known) return known.answer
  const judged = await judge(tx, organisation, request, by)
  if (judged.answer.allowed)
    await recordUse(tx, organisation, judged.books, by, {
      eventId: `spend ${request.key}`,
      at: judged.at,
      userId: judged.payer.id,
      productId: judged.productId,
      groupId: judged.payer.groupId,
      credits: request.credits,
      contactViews: request.contactViews,
    })
  await keepAnswer(tx, organisation, request.key, digest, { answer: judged.answer, reservation: null }, by.now)
  await noteCall(tx, organisation, by, 'spend')
  return judged.answer
}

export async function lockOf(tx: Tx, organisation: OrganisationId): Promise<void> {
  if (!(await lockHead(tx, organisation))) throw new Refusal(404, 'not-found')
}

/** Judges a request by everything that bounds it; nothing is written. */
export async function judge(tx: Tx, organisation: OrganisationId, request: SpendRequest, by: By): Promise<Judged> {
  const payer = (await findPayers(tx, organisation, new Set([request.user]))).get(request.user)
  if (!payer) throw new Refusal(422, 'user-unknown', { user: request.user })
  const productId = (await findProducts(tx, organisation, new Set([request.product]))).get(request.product)
  if (!productId) throw new Refusal(422, 'product-unknown', { product: request.product })
  const books = await openBooks(tx, organisation, by)
  await books.load([payer], await groupsOf(tx, organisation, [payer]))
  const at = Math.max(by.now, books.countsFrom(payer))
  const reserved = await reservedFor(tx, organisation, payer, by.now)
  return { answer: answerOf(books, payer, productId, request.credits, at, reserved), books, payer, productId, at }
}

function answerOf(
  books: Books,
  payer: Payer,
  productId: ProductId,
  credits: number,
  at: Instant,
  reserved: Reserved,
): SpendAnswer {
  const [first] = books.boundsOf(payer, at, reserved)
  const { kind, left, over } = first
  if (payer.status === 'deactivated') return { allowed: false, deniedBy: 'deactivated', left, over }
  if (credits > left) return { allowed: false, deniedBy: kind, left, over }
  // The organisation's credits always bound, so that what is left is a number also where the limit is unlimited.
  return { allowed: true, userId: payer.id, productId, credits, left: left - credits, binds: kind }
}

/** Records what this server itself has allowed, as usage of that moment. */
export async function recordUse(
  tx: Tx,
  organisation: OrganisationId,
  books: Books,
  by: By,
  use: {
    eventId: string
    at: Instant
    userId: UserId
    productId: ProductId
    groupId: GroupId | null
    credits: number
    contactViews: number
  },
): Promise<void> {
  const event = { ...use, source: SPENDS, day: books.dayOf(use.at) }
  const [isNew] = await writeEvents(tx, organisation, by.now, [event])
  if (!isNew) throw new Error(`The ledger has the spend ${use.eventId} already.`)
  books.count(event)
  await books.write()
}

/** What a request says, so that another one under the same key is found out. */
export const digestOf = (content: object): string =>
  createHash('sha256')
    .update(canonicalize(content) ?? '')
    .digest('hex')

interface Kept {
  answer: SpendAnswer
  /** The id of the reservation that it made. */
  reservation: string | null
}

/** What was answered under this key. @throws {Refusal} `key-reused` where something else was asked */
export async function answered(
  tx: Tx,
  organisation: OrganisationId,
  key: string,
  digest: string,
): Promise<Kept | undefined> {
  const row = await tx.db
    .selectFrom('spends')
    .select(['digest', 'answer'])
    .where('orgId', '=', organisation)
    .where('key', '=', key)
    .executeTakeFirst()
  if (!row) return undefined
  if (row.digest !== digest) throw new Refusal(409, 'key-reused', { key })
  return JSON.parse(row.answer) as Kept
}

export async function keepAnswer(
  tx: Tx,
  orgId: OrganisationId,
  key: string,
  digest: string,
  kept: Kept,
  at: Instant,
): Promise<void> {
  await tx.db
    .insertInto('spends')
    .values({ orgId, key, digest, answer: JSON.stringify(kept), at })
    .execute()
}
