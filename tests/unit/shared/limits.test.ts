import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bounds, choiceOf, effectiveLimit, sameLimit, usedIn } from '#shared/limits.ts'
import { TERMS, type Limit, type LimitChoice, type Meter, type UserId } from '#shared/model.ts'
import { termStarts } from '#shared/periods.ts'
import { idOf, NOON } from '../../support/blueprint.ts'

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

test('two limits are the same when they say the same; who set them is left out', () => {
  expect(sameLimit(limit(5), { credits: 5, term: 'month' })).toBe(true)
  expect(sameLimit(limit(5), limit(5, 'year'))).toBe(false)
  expect(sameLimit(limit(0), limit(null))).toBe(false)
  expect(sameLimit(null, limit(null))).toBe(false)
  expect(choiceOf(limit(5))).toEqual({ credits: 5, term: 'month' })
})
