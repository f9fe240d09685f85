// Days put together for the chart: nothing is lost or counted twice, weeks begin as the organisation's do, and what still runs heads for an
// amount at the pace of the last full days.
import { bucketsOf, sumOf, unitFor, UNITS } from '#lib/dashboard/buckets.ts'
import { referenceFor } from '#lib/dashboard/reference.ts'
import type { CreditGrant, Day, Organisation } from '#shared/model.ts'
import { addDays, dayNumber } from '#shared/periods.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

const calendar = { weekStart: 1, fiscalYearStart: 4 }
const days = (from: Day, credits: readonly number[]) =>
  credits.map((used, at) => ({ day: addDays(from, at), credits: used, contactViews: used * 2 }))
const each = (from: Day, to: Day, credits = 10) =>
  days(from, new Array<number>(dayNumber(to) - dayNumber(from) + 1).fill(credits))

describe('the unit', () => {
  const unit = (from: Day, to: Day) => unitFor({ from, to })
  test('is a day under a month, a week under a quarter, else a month', () => {
    expect(unit('2026-11-16', '2026-11-22')).toBe('day')
    expect(unit('2026-10-01', '2026-10-31')).toBe('day')
    expect(unit('2026-10-01', '2026-11-24')).toBe('week')
    expect(unit('2026-10-01', '2026-12-31')).toBe('week')
    expect(unit('2026-04-01', '2026-11-24')).toBe('month')
  })
})

describe('buckets', () => {
  test('weeks begin on the organisation’s day, and the period cuts the first and the last', () => {
    const weeks = bucketsOf(each('2026-10-01', '2026-10-14'), 'week', calendar)
    expect(weeks.map(({ from, to, days, cut }) => [from, to, days, cut])).toEqual([
      ['2026-10-01', '2026-10-04', 4, true],
      ['2026-10-05', '2026-10-11', 7, false],
      ['2026-10-12', '2026-10-14', 3, true],
    ])
    const sundays = bucketsOf(each('2026-10-01', '2026-10-14'), 'week', { ...calendar, weekStart: 7 })
    expect(sundays.map(({ key }) => key)).toEqual(['2026-09-27', '2026-10-04', '2026-10-11'])
  })

  test('months have the length that they have, the 29th of February included', () => {
    const months = bucketsOf(each('2028-01-15', '2028-03-31'), 'month', calendar)
    expect(months.map(({ key, days, cut }) => [key, days, cut])).toEqual([
      ['2028-01-01', 17, true],
      ['2028-02-01', 29, false],
      ['2028-03-01', 31, false],
    ])
  })

  test('lose nothing and count nothing twice', () => {
    const day = fc.integer({ min: 0, max: 3_000 }).map((number) => addDays('2024-01-01', number))
    fc.assert(
      fc.property(
        day,
        fc.array(fc.nat(10_000), { minLength: 1, maxLength: 120 }),
        fc.constantFrom(...UNITS),
        fc.integer({ min: 1, max: 7 }),
        (from, credits, unit, weekStart) => {
          const used = days(from, credits)
          const buckets = bucketsOf(used, unit, { weekStart, fiscalYearStart: 1 })
          const total = credits.reduce((sum, one) => sum + one, 0)
          expect(sumOf(buckets)).toEqual({ credits: total, contactViews: total * 2 })
          // By the plain calendar: each day lies in the bucket whose whole time holds it.
          const name = ({ day }: { day: Day }) => {
            if (unit === 'day') return day
            if (unit === 'month') return day.slice(0, 7)
            const date = new Date(`${day}T00:00:00Z`)
            const back = ((date.getUTCDay() || 7) - weekStart + 7) % 7
            return new Date(date.getTime() - back * 86_400_000).toISOString().slice(0, 10)
          }
          const sums = new Map<string, number>()
          for (const one of used) sums.set(name(one), (sums.get(name(one)) ?? 0) + one.credits)
          expect(buckets.map((bucket) => [name({ day: bucket.from }), bucket.credits])).toEqual([...sums])
        },
      ),
    )
  })

  test('what runs heads for so far, the rest of today, and the days left at the pace', () => {
    const used = [...each('2026-11-01', '2026-11-23'), { day: '2026-11-24', credits: 4, contactViews: 0 }]
    const [november] = bucketsOf(used, 'month', calendar, {
      today: '2026-11-24',
      pace: { credits: 280, days: 28 },
    })
    expect(november).toMatchObject({ credits: 234, days: 24, heads: 234 + 6 + 6 * 10 })
  })

  test('nothing is headed for where the period ends before today, begins within, or the pace is not known', () => {
    const pace = { credits: 280, days: 28 }
    const heads = (from: Day, to: Day, known = true) =>
      bucketsOf(each(from, to), 'month', calendar, { today: '2026-11-24', pace: known ? pace : undefined }).at(-1)
        ?.heads
    expect(heads('2026-10-01', '2026-11-23')).toBeUndefined()
    expect(heads('2026-11-05', '2026-11-24')).toBeUndefined()
    expect(heads('2026-10-01', '2026-11-24', false)).toBeUndefined()
    expect(heads('2026-10-01', '2026-11-24')).toBeDefined()
  })
})

test('what is not on this device yet is no number', () => {
  const used = each('2026-09-01', '2026-11-24')
  const running = { today: '2026-11-24', pace: { credits: 280, days: 28 } }
  const unknown = (unit: 'week' | 'month', missing: string[]) =>
    bucketsOf(used, unit, calendar, running, missing)
      .filter(({ unknown }) => unknown)
      .map(({ from }) => from)
  expect(unknown('month', ['2026-10', '2025-10'])).toEqual(['2026-10-01'])
  const weeks = bucketsOf(used, 'week', calendar, running, ['2026-09'])
  expect(weeks.reduce((sum, { here }) => sum + here, 0)).toBe(31 + 24)
  // A week that reaches into the month.
  expect(unknown('week', ['2026-09'])).toEqual(['2026-09-01', '2026-09-07', '2026-09-14', '2026-09-21', '2026-09-28'])
  expect(bucketsOf(used, 'month', calendar, running, ['2026-11']).at(-1)?.heads).toBeUndefined()
})

describe('the dotted line', () => {
  const grant = {
    id: 'a',
    version: 1,
    kind: 'contract',
    credits: 550_000,
    voided: 0,
    startsOn: '2026-04-01',
    endsOn: '2027-03-31',
    used: 358_960,
    usedBy: { '2026-04-01': 358_960 },
  } as unknown as CreditGrant
  const organisation = { timeZone: 'Europe/Oslo', fiscalYearStart: 4, weekStart: 1 } as Organisation
  const now = Date.UTC(2026, 10, 24, 9)
  const line = (
    from: Day,
    to: Day,
    unit: 'day' | 'week' | 'month',
    {
      grants = [grant],
      missing = [],
      first = '2025-01-01',
    }: { grants?: CreditGrant[]; missing?: string[]; first?: Day } = {},
  ) =>
    referenceFor(unit, { from, to }, bucketsOf(each(from, to), unit, calendar, undefined, missing), {
      organisation,
      grants,
      now,
      first,
    })

  test('is the even pace of the contract', () => {
    expect(line('2026-04-01', '2026-11-24', 'month')).toEqual({ kind: 'even-pace', value: 45_833 })
    expect(line('2026-10-01', '2026-11-24', 'week')).toEqual({ kind: 'even-pace', value: 10_548 })
  })

  test('is the mean of whole parts outside of it, or nothing', () => {
    expect(line('2026-01-01', '2026-05-10', 'month')).toEqual({ kind: 'mean', value: Math.round((120 * 10) / 4) })
    expect(line('2026-11-01', '2026-11-24', 'month', { grants: [] })).toBeUndefined()
  })

  test('is no mean of a time that is not all here, nor of months before the first use', () => {
    const mean = (asked: { missing?: string[]; first?: Day }) => line('2025-11-01', '2026-03-31', 'month', asked)
    expect(mean({})).toMatchObject({ kind: 'mean' })
    expect(mean({ missing: ['2025-12'] })).toBeUndefined()
    expect(mean({ first: '2025-12-20' })).toEqual({ kind: 'mean', value: 300 })
    expect(mean({ first: '2026-02-01' })).toBeUndefined()
  })
})
