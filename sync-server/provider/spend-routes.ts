// Spends, which are asked for before something is used and may be denied; reservations for jobs that take a while; and balances.
import type { InferOutput } from 'valibot'
import type { Reservation, SpendRequest, UserBalance } from '../usage/usage.ts'
import { grantAnswers } from './contract-routes.ts'
import { jsonBody, route, type Route } from './route.ts'
import {
  BalanceAnswer,
  Confirmation,
  Id,
  NewReservation,
  NewSpend,
  ReservationAnswer,
  ReserveAnswer,
  SpendAnswer,
  UserBalanceAnswer,
  UserParameter,
} from './schemas.ts'

/** How long a reservation holds where nothing else is asked for. */
const DEFAULT_SECONDS = 3600

const SPEND = {
  user: 'ana.lindqvist@tern.example',
  product: 'Sales Pro',
  credits: 25,
  idempotencyKey: 'export-7731',
}
const RESERVATION_ID = '019ab4e0-1c20-7f31-b6a5-90d2c4e8f713'
const [userId, productId] = ['019ab4de-4a80-7c3b-a1d7-5e20f4b86c19', '019ab4de-5c00-7d8e-9c52-6b1f0a7e4d21']
const reserved = {
  id: RESERVATION_ID,
  userId,
  productId,
  credits: 25,
  confirmed: 0,
  state: 'open',
  expiresAt: '2026-11-24T10:15:00.000Z',
} as const
const allowed = { allowed: true, userId, productId, credits: 25, left: 475, binds: 'own' } as const
const reservationId = { name: 'id', in: 'path', schema: Id, example: RESERVATION_ID } as const

const spendOf = ({ idempotencyKey, contactViews = 0, ...sent }: InferOutput<typeof NewSpend>): SpendRequest => ({
  key: idempotencyKey,
  ...sent,
  contactViews,
})
const reservationAnswer = ({ expiresAt, ...reservation }: Reservation) => ({
  ...reservation,
  expiresAt: new Date(expiresAt).toISOString(),
})
const unknown = [
  [422, 'user-unknown'],
  [422, 'product-unknown'],
  [409, 'key-reused'],
] as const
const notThere = [404, 'reservation-unknown'] as const

export const spendRoutes: readonly Route[] = [
  route({
    method: 'post',
    path: '/spends',
    scope: 'spend',
    tag: 'Spends',
    operationId: 'spend',
    summary: 'Spend credits',
    description:
      'Asks whether a user may spend credits, and spends them if so. Denied spends are answered with what bound. Two spends at the same moment never pass a limit together. An allowed spend is itself the usage: do not report it again.',
    body: jsonBody(NewSpend, SPEND),
    status: 200,
    answer: SpendAnswer,
    answerExample: allowed,
    refusals: unknown,
    handle: ({ organisation, body }, { usage, key }) => usage.spend(organisation, spendOf(body), key),
  }),
  route({
    method: 'post',
    path: '/reservations',
    scope: 'spend',
    tag: 'Spends',
    operationId: 'reserve',
    summary: 'Reserve credits for a job',
    description:
      'As a spend, for a job whose end is not known yet: the credits count as used until the reservation is confirmed, is released or expires.',
    body: jsonBody(NewReservation, { ...SPEND, seconds: 3600 }),
    status: 200,
    answer: ReserveAnswer,
    answerExample: { ...allowed, reservation: reserved },
    refusals: unknown,
    handle: async ({ organisation, body: { seconds = DEFAULT_SECONDS, ...sent } }, { usage, key }) => {
      const { answer, reservation } = await usage.reserve(organisation, { ...spendOf(sent), seconds }, key)
      if (!answer.allowed) return answer
      if (!reservation) throw new Error('An allowed reservation was not made.')
      return { ...answer, reservation: reservationAnswer(reservation) }
    },
  }),
  route({
    method: 'get',
    path: '/reservations/{id}',
    scope: 'spend',
    tag: 'Spends',
    operationId: 'getReservation',
    summary: 'A reservation',
    description: 'How a reservation stands now.',
    parameters: [reservationId],
    status: 200,
    answer: ReservationAnswer,
    answerExample: reserved,
    refusals: [notThere],
    handle: async ({ organisation, parameter }, { usage }) =>
      reservationAnswer(await usage.reservation(organisation, parameter)),
  }),
  route({
    method: 'post',
    path: '/reservations/{id}/confirm',
    scope: 'spend',
    tag: 'Spends',
    operationId: 'confirmReservation',
    summary: 'Confirm a reservation',
    description:
      'Turns the reservation, or as much of it as was used, into usage of this moment. Confirmed again, it is answered as the first time. It is itself the usage: do not report it again.',
    parameters: [reservationId],
    body: jsonBody(Confirmation, { credits: 21 }, { required: false }),
    status: 200,
    answer: ReservationAnswer,
    answerExample: { ...reserved, confirmed: 21, state: 'confirmed' },
    refusals: [notThere, [409, 'reservation-expired'], [409, 'reservation-released'], [409, 'reservation-exceeded']],
    handle: async ({ organisation, parameter, body: { credits } }, { usage, key }) =>
      reservationAnswer(await usage.confirm(organisation, parameter, credits, key)),
  }),
  route({
    method: 'post',
    path: '/reservations/{id}/release',
    scope: 'spend',
    tag: 'Spends',
    operationId: 'releaseReservation',
    summary: 'Release a reservation',
    description: 'Gives all of a reservation back. Released again, it stays so.',
    parameters: [reservationId],
    status: 200,
    answer: ReservationAnswer,
    answerExample: { ...reserved, state: 'released' },
    refusals: [notThere, [409, 'reservation-confirmed']],
    handle: async ({ organisation, parameter }, { usage, key }) =>
      reservationAnswer(await usage.release(organisation, parameter, key)),
  }),
  route({
    method: 'get',
    path: '/balances',
    scope: 'any',
    tag: 'Balances',
    operationId: 'getBalance',
    summary: 'The organisation’s credits',
    description: 'Credits of this contract as of now: total − used = available, to the credit.',
    status: 200,
    answer: BalanceAnswer,
    answerExample: { total: 500_000, used: 183_220, available: 316_780, reserved: 25, overage: 0, grants: [] },
    refusals: [],
    handle: async ({ organisation }, { usage }) => {
      const { total, used, available, reserved: promised, grants } = await usage.balance(organisation)
      const overage = grants.reduce((sum, { state, used: of }) => (state === 'overage' ? sum + of : sum), 0)
      return { total, used, available, reserved: promised, overage, grants: grantAnswers(grants) }
    },
  }),
  route({
    method: 'get',
    path: '/balances/{user}',
    scope: 'any',
    tag: 'Balances',
    operationId: 'getUserBalance',
    summary: 'What a user may spend',
    description: 'Every bound over what a user may spend now, the one that binds first.',
    parameters: [{ name: 'user', in: 'path', schema: UserParameter, example: SPEND.user }],
    status: 200,
    answer: UserBalanceAnswer,
    answerExample: {
      userId,
      status: 'active',
      groupId: null,
      reserved: 25,
      bounds: [{ kind: 'own', credits: 500, term: 'month', used: 25, left: 475, over: 0 }],
    },
    refusals: [[404, 'user-unknown']],
    handle: async ({ organisation, parameter }, { usage }): Promise<UserBalance> =>
      await usage.balanceOf(organisation, parameter),
  }),
]
