import { describe, expect, test } from 'vitest'
import { usedIn } from '#shared/limits.ts'
import { counted, newMeter } from '#shared/meters.ts'
import type { Meter, UserId } from '#shared/model.ts'
import { termStarts } from '#shared/periods.ts'
import { DAY, idOf, NOON } from '../../support/blueprint.ts'

const calendar = { timeZone: 'Europe/Oslo', fiscalYearStart: 4 }
const starts = termStarts(calendar, [], NOON)
const fresh = newMeter(idOf<UserId>(1), 'user', starts)
const used = ({ month, quarter, year, contract }: Meter) => ({ month, quarter, year, contract })

describe('a use is counted', () => {
  test('in every term that runs', () => {
    expect(used(counted(fresh, { at: NOON, credits: 7 }, starts))).toEqual({
      month: 7,
      quarter: 7,
      year: 7,
      contract: 7,
    })
  })

  test('late, in the terms that it fell into and in no later one', () => {
    const lastMonth = starts.month - 1
    expect(used(counted(fresh, { at: lastMonth, credits: 7 }, starts))).toEqual({
      month: 0,
      quarter: lastMonth >= starts.quarter ? 7 : 0,
      year: 7,
      contract: 7,
    })
    expect(used(counted(fresh, { at: starts.year - DAY, credits: 7 }, starts)).year).toBe(0)
  })

  test('from nothing once a new term has begun, without anything having run at midnight', () => {
    const next = termStarts(calendar, [], NOON + 31 * DAY)
    const before = counted(fresh, { at: NOON, credits: 7 }, starts)
    expect(usedIn(before, 'month', next)).toBe(0)
    const after = counted(before, { at: next.month, credits: 2 }, next)
    expect(after).toMatchObject({ month: 2, monthSince: next.month, year: 9 })
  })

  test('after a reset from the marker on; what was used before it and comes late goes to what the reset set aside', () => {
    const terms = { month: 5, quarter: 5, year: 5, contract: 5 }
    const since = { month: starts.month, quarter: starts.quarter, year: starts.year, contract: starts.contract }
    const reset: Meter = {
      ...fresh,
      monthSince: NOON,
      quarterSince: NOON,
      yearSince: NOON,
      contractSince: NOON,
      markers: [{ at: NOON, used: terms, since }],
    }
    const late = counted(reset, { at: NOON - 1, credits: 3 }, starts)
    expect(used(late)).toEqual({ month: 0, quarter: 0, year: 0, contract: 0 })
    expect(late.markers[0]?.used).toEqual({ month: 8, quarter: 8, year: 8, contract: 8 })
    expect(used(counted(reset, { at: NOON, credits: 3 }, starts)).month).toBe(3)
  })
})
