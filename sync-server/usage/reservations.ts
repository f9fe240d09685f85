// Credits promised to a long job: judged like a spend, held until they are confirmed, released, or expire. What is confirmed becomes usage
// of that moment, in the group and of the product that were reserved for; it is not judged again, since it was promised.
import { v7 } from 'uuid'
import { GroupId, ProductId, UserId, type Instant, type OrganisationId } from '#shared/model.ts'
import * as v from 'valibot'
import { Refusal } from '../problem.ts'
import type { Tx } from '../store/index.ts'
import type { Schema } from '../store/schema.ts'
import type { By } from '../sync/record.ts'
import { openBooks } from './books.ts'
import { noteCall } from './calls.ts'
import { answered, digestOf, judge, keepAnswer, lockOf, recordUse } from './spend.ts'
import type { Reservation, ReservationState, SpendAnswer, SpendRequest } from './usage.ts'

type Row = Schema['reservations']

/** @throws {Refusal} as a spend does */
export async function reserve(
  tx: Tx,
  organisation: OrganisationId,
  request: SpendRequest & { seconds: number },
  by: By,
): Promise<{ answer: SpendAnswer; reservation: Reservation | null }> {
  await lockOf(tx, organisation)
  const digest = digestOf({ kind: 'reserve', ...request })
  const known = await answered(tx, organisation, request.key, digest)
  if (known) {
    const row = known.reservation === null ? undefined : await rowOf(tx, organisation, known.reservation)
    return { answer: known.answer, reservation: row ? shown(row, by.now) : null }
  }
  const { answer, payer, productId } = await judge(tx, organisation, request, by)
  const row: Row | null = answer.allowed
    ? {
        orgId: organisation,
        id: v7({ msecs: by.now, random: by.random(16) }),
        userId: payer.id,
        productId,
        groupId: payer.groupId ?? '',
        credits: request.credits,
        contactViews: request.contactViews,
        confirmed: 0,
        state: 'open',
        createdAt: by.now,
        expiresAt: by.now + request.seconds * 1000,
      }
    : null
  if (row) await tx.db.insertInto('reservations').values(row).execute()
  await keepAnswer(tx, organisation, request.key, digest, { answer, reservation: row?.id ?? null }, by.now)
  await noteCall(tx, organisation, by, 'reserve')
  return { answer, reservation: row && shown(row, by.now) }
}

/**
 * Turns a reservation, or as much of it as was used, into usage. A confirmed one answers as it was confirmed.
 * @throws {Refusal} `reservation-unknown`, `-expired`, `-released`, `-exceeded`
 */
export async function confirm(
  tx: Tx,
  organisation: OrganisationId,
  id: string,
  credits: number | undefined,
  by: By,
): Promise<Reservation> {
  await lockOf(tx, organisation)
  const row = await existing(tx, organisation, id)
  const state = stateOf(row, by.now)
  if (state === 'confirmed') return shown(row, by.now)
  if (state === 'expired') throw new Refusal(409, 'reservation-expired', { expiresAt: row.expiresAt })
  if (state === 'released') throw new Refusal(409, 'reservation-released')
  const confirmed = credits ?? row.credits
  if (confirmed > row.credits) throw new Refusal(409, 'reservation-exceeded', { reserved: row.credits })
  const [userId, productId] = [v.parse(UserId, row.userId), v.parse(ProductId, row.productId)]
  const groupId = row.groupId === '' ? null : v.parse(GroupId, row.groupId)
  const books = await openBooks(tx, organisation, by)
  const payer = { id: userId, groupId, limit: null, status: 'active' as const }
  await books.load([payer], new Map())
  const at = Math.max(by.now, books.countsFrom(payer))
  const use = { at, userId, productId, groupId, credits: confirmed, contactViews: row.contactViews }
  await recordUse(tx, organisation, books, by, { eventId: `reservation ${id}`, ...use })
  const next = { ...row, confirmed, state: 'confirmed' }
  await write(tx, next)
  await noteCall(tx, organisation, by, 'confirm')
  return shown(next, by.now)
}

/** Gives back what was promised. @throws {Refusal} `reservation-unknown`, `reservation-confirmed` */
export async function release(tx: Tx, organisation: OrganisationId, id: string, by: By): Promise<Reservation> {
  await lockOf(tx, organisation)
  const row = await existing(tx, organisation, id)
  const state = stateOf(row, by.now)
  if (state === 'confirmed') throw new Refusal(409, 'reservation-confirmed', { confirmed: row.confirmed })
  if (state !== 'open') return shown(row, by.now)
  const next = { ...row, state: 'released' }
  await write(tx, next)
  await noteCall(tx, organisation, by, 'release')
  return shown(next, by.now)
}

/** @throws {Refusal} `reservation-unknown` */
export async function reservationOf(
  tx: Tx,
  organisation: OrganisationId,
  id: string,
  now: Instant,
): Promise<Reservation> {
  return shown(await existing(tx, organisation, id), now)
}

async function existing(tx: Tx, organisation: OrganisationId, id: string): Promise<Row> {
  const row = await rowOf(tx, organisation, id)
  if (!row) throw new Refusal(404, 'reservation-unknown', { id })
  return row
}

const rowOf = (tx: Tx, organisation: OrganisationId, id: string): Promise<Row | undefined> =>
  tx.db.selectFrom('reservations').selectAll().where('orgId', '=', organisation).where('id', '=', id).executeTakeFirst()

async function write(tx: Tx, { orgId, id, state, confirmed }: Row): Promise<void> {
  await tx.db
    .updateTable('reservations')
    .set({ state, confirmed })
    .where('orgId', '=', orgId)
    .where('id', '=', id)
    .execute()
}

/** The state as it is now: one that nobody confirmed in time has expired, whatever its row says. */
function stateOf({ state, expiresAt }: Row, now: Instant): ReservationState {
  if (state === 'open') return expiresAt <= now ? 'expired' : 'open'
  return state === 'confirmed' ? 'confirmed' : 'released'
}

const shown = (row: Row, now: Instant): Reservation => ({
  id: row.id,
  userId: v.parse(UserId, row.userId),
  productId: v.parse(ProductId, row.productId),
  credits: row.credits,
  confirmed: row.confirmed,
  state: stateOf(row, now),
  expiresAt: row.expiresAt,
})
