import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bounds, choiceOf, creditTotals, effectiveLimit, sameLimit, usedIn } from '#shared/limits.ts'
import {
  TERMS,
  type CreditGrant,
  type GrantId,
  type Limit,
  type LimitChoice,
  type Meter,
  type UserId,
} from '#shared/model.ts'
import { dayOf, termStarts } from '#shared/periods.ts'
import { DAY, idOf, NOON } from '../../support/blueprint.ts'

const calendar = { timeZone: 'Europe/Oslo', fiscalYearStart: 4 }
const starts = termStarts(calendar, [], NOON)
const limit = (credits: number | null, term: LimitChoice['term'] = 'month'): Limit => ({
  credits,
  term,
  setBy: idOf<UserId>(1),
  setAt: 0,
  was: null,
})
const meter = (used: number, since = NOON): Meter => ({
  id: idOf<UserId>(2),
  version: 1,
  of: 'user',
  month: used,
  quarter: used,
  year: used,
  contract: used,
  monthSince: since,
  quarterSince: since,
  yearSince: since,
  contractSince: since,
  lastUsedAt: since,
  markers: [],
})
const credits = (available: number, used = 0) => ({ total: used + available, used, available })
const none = {
  user: { limit: null },
  group: undefined,
  organisation: { defaultLimit: null },
  meter: undefined,
  poolMeter: undefined,
  starts,
}

describe('the limit of a user', () => {
  const own = { limit: limit(1) }
  const group = { memberLimit: limit(2) }
  const organisation = { defaultLimit: limit(3) }

  test('is the own one, else the group’s, else the default, else none', () => {
    expect(effectiveLimit(own, group, organisation).from).toBe('own')
    expect(effectiveLimit({ limit: null }, group, organisation).from).toBe('group')
    expect(effectiveLimit({ limit: null }, { memberLimit: null }, organisation).from).toBe('default')
    expect(effectiveLimit({ limit: null }, undefined, { defaultLimit: null })).toEqual({ limit: null, from: 'none' })
  })

  test('unlimited replaces the group’s limit, and blocked is not unlimited', () => {
    const [first] = bounds({
      ...none,
      user: { limit: limit(null) },
      group: { ...group, poolLimit: null },
      credits: credits(50),
    })
    expect(first).toMatchObject({ kind: 'credits', left: 50 })
    expect(bounds({ ...none, user: { limit: limit(0) }, credits: credits(50) })[0]).toMatchObject({
      kind: 'own',
      left: 0,
      over: 0,
    })
  })
})

describe('what binds', () => {
  test('is the least left of limit, pool and credits; nothing overrides the pool', () => {
    const group = { memberLimit: limit(100), poolLimit: limit(1_000) }
    const of = (used: number, pool: number, available: number) =>
      bounds({ ...none, group, meter: meter(used), poolMeter: meter(pool), credits: credits(available) })[0]
    expect(of(40, 0, 500)).toMatchObject({ kind: 'group', left: 60 })
    expect(of(40, 990, 500)).toMatchObject({ kind: 'pool', left: 10 })
    expect(of(40, 0, 5)).toMatchObject({ kind: 'credits', left: 5 })
    expect(of(130, 0, 500)).toMatchObject({ kind: 'group', left: 0, over: 30 })
  })

  test('of equals it is the one nearest to the user', () => {
    const group = { memberLimit: null, poolLimit: limit(10) }
    const found = bounds({ ...none, user: { limit: limit(10) }, group, credits: credits(10) })
    expect(found.map(({ kind }) => kind)).toEqual(['own', 'pool', 'credits'])
  })

  test('what is left is never below 0, and left or over is 0', () => {
    const amount = fc.nat({ max: 100 })
    fc.assert(
      fc.property(
        amount,
        amount,
        amount,
        amount,
        fc.integer({ min: -50, max: 100 }),
        (own, pool, used, poolUsed, available) => {
          const group = { memberLimit: null, poolLimit: limit(pool) }
          const found = bounds({
            ...none,
            user: { limit: limit(own) },
            group,
            meter: meter(used),
            poolMeter: meter(poolUsed),
            credits: credits(available),
          })
          expect(found[0].left).toBe(Math.max(0, Math.min(own - used, pool - poolUsed, available)))
          for (const bound of found) {
            expect(bound.left).toBeGreaterThanOrEqual(0)
            expect(bound.left * bound.over).toBe(0)
          }
        },
      ),
    )
  })
})

test('a meter that counts an older term counts 0, and one that counts from its start counts', () => {
  for (const term of TERMS) {
    expect(usedIn(meter(5, starts[term]), term, starts)).toBe(5)
    expect(usedIn(meter(5, starts[term] - 1), term, starts)).toBe(0)
    expect(usedIn(undefined, term, starts)).toBe(0)
  }
})

describe('the credits of the organisation', () => {
  const day = (offset: number) => dayOf(NOON + offset * DAY, calendar)
  const grant = (
    credits: number,
    used: number,
    from: number,
    to: number,
    kind: CreditGrant['kind'] = 'contract',
  ): CreditGrant => ({
    id: idOf<GrantId>(1),
    version: 1,
    kind,
    credits,
    startsOn: day(from),
    endsOn: day(to),
    used,
  })

  test('are what the running grants give; one to come gives nothing yet, one that ended gave what was used of it', () => {
    const running = grant(1_000, 100, -100, 100)
    const ended = grant(500, 300, -50, -1, 'top-up')
    const future = grant(700, 0, 1, 50, 'top-up')
    const earlier = grant(900, 900, -400, -101)
    expect(creditTotals([running, ended, future, earlier], calendar, NOON)).toEqual({
      total: 1_300,
      used: 400,
      available: 900,
    })
  })

  test('reconcile: total − used = available, whatever the grants', () => {
    const offset = fc.integer({ min: -400, max: 400 })
    const anyGrant = fc
      .tuple(
        fc.nat({ max: 1_000 }),
        fc.nat({ max: 1_000 }),
        offset,
        fc.nat({ max: 400 }),
        fc.constantFrom('contract' as const, 'top-up' as const),
      )
      .map(([credits, used, from, days, kind]) => grant(credits, used, from, from + days, kind))
    fc.assert(
      fc.property(fc.array(anyGrant, { maxLength: 6 }), (grants) => {
        const { total, used, available } = creditTotals(grants, calendar, NOON)
        expect(total - used).toBe(available)
      }),
    )
  })
})

test('two limits are the same when they say the same; who set them is left out', () => {
  expect(sameLimit(limit(5), { credits: 5, term: 'month' })).toBe(true)
  expect(sameLimit(limit(5), limit(5, 'year'))).toBe(false)
  expect(sameLimit(limit(0), limit(null))).toBe(false)
  expect(sameLimit(null, limit(null))).toBe(false)
  expect(choiceOf(limit(5))).toEqual({ credits: 5, term: 'month' })
})
