// Node's Temporal is the oracle here; the rules use a library, since Safari has no Temporal yet.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CreditGrant, GrantId } from '#shared/model.ts'
import {
  addDays,
  contractOf,
  dayFrom,
  dayOf,
  firstDayOf,
  firstDayOfWeek,
  lengthOf,
  nextStart,
  periodDays,
  PERIODS,
  runsOn,
  startOfDay,
  termStarts,
} from '#shared/periods.ts'
import { idOf } from '../../support/blueprint.ts'

// Far ahead, far behind, half hours, and clocks that change at midnight.
const ZONES = [
  'Pacific/Kiritimati',
  'Pacific/Pago_Pago',
  'Europe/Oslo',
  'America/New_York',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'America/Santiago',
  'Asia/Beirut',
  'Africa/Cairo',
  'America/Sao_Paulo',
  'UTC',
]
const zone = fc.constantFrom(...ZONES)
const instant = fc.integer({ min: Date.UTC(2015, 0, 1), max: Date.UTC(2032, 11, 31) })
const calendar = fc.record({ timeZone: zone, fiscalYearStart: fc.integer({ min: 1, max: 12 }) })
const grant = (startsOn: string, endsOn: string, kind: CreditGrant['kind'] = 'contract'): CreditGrant => ({
  id: idOf<GrantId>(1),
  version: 1,
  kind,
  credits: 1,
  voided: 0,
  startsOn,
  endsOn,
  used: 0,
  usedBy: {},
})
const zoned = (now: number, timeZone: string) =>
  Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(timeZone)

describe('a day', () => {
  test('is the one that the organisation’s calendar shows', () => {
    fc.assert(
      fc.property(instant, zone, (now, timeZone) => {
        expect(dayOf(now, { timeZone })).toBe(zoned(now, timeZone).toPlainDate().toString())
      }),
    )
  })

  test('begins at its first moment, also where the clock skips midnight', () => {
    fc.assert(
      fc.property(instant, zone, (now, timeZone) => {
        const day = zoned(now, timeZone).toPlainDate()
        expect(startOfDay(day.toString(), { timeZone })).toBe(
          day.toZonedDateTime(timeZone).startOfDay().epochMilliseconds,
        )
      }),
    )
    // Cairo went from 24:00 on 24 April 2025 to 01:00.
    expect(startOfDay('2025-04-25', { timeZone: 'Africa/Cairo' })).toBe(Date.UTC(2025, 3, 24, 22))
  })

  test('is a whole day apart in Kiritimati and Pago Pago at one moment', () => {
    const now = Date.UTC(2026, 10, 24, 10, 30)
    expect(dayOf(now, { timeZone: 'Pacific/Kiritimati' })).toBe('2026-11-25')
    expect(dayOf(now, { timeZone: 'Pacific/Pago_Pago' })).toBe('2026-11-23')
  })
})

describe('a term', () => {
  test('began on the first of its month, fiscal quarter or fiscal year', () => {
    fc.assert(
      fc.property(instant, calendar, (now, organisation) => {
        const { timeZone, fiscalYearStart } = organisation
        const month = zoned(now, timeZone).toPlainDate().with({ day: 1 })
        let year = month
        while (year.month !== fiscalYearStart) year = year.subtract({ months: 1 })
        const quarters = [0, 3, 6, 9].map((months) => year.add({ months }))
        const quarter = quarters.findLast((start) => Temporal.PlainDate.compare(start, month) <= 0)
        const start = (day: Temporal.PlainDate | undefined) =>
          day?.toZonedDateTime(timeZone).startOfDay().epochMilliseconds
        expect(termStarts(organisation, [], now)).toEqual({
          month: start(month),
          quarter: start(quarter),
          year: start(year),
          contract: start(year),
        })
      }),
    )
  })

  test('holds now, and its next start is the end of it', () => {
    fc.assert(
      fc.property(instant, calendar, fc.constantFrom('month', 'quarter', 'year'), (now, organisation, term) => {
        const next = nextStart(term, organisation, now) ?? NaN
        const starts = termStarts(organisation, [], now)
        expect(starts[term]).toBeLessThanOrEqual(now)
        expect(next).toBeGreaterThan(now)
        expect(termStarts(organisation, [], next)[term]).toBe(next)
        expect(termStarts(organisation, [], next - 1)[term]).toBe(starts[term])
      }),
    )
  })

  test('of a fiscal year that starts in April has its quarters in April, July, October and January', () => {
    const first = (term: 'quarter' | 'year', month: number) =>
      firstDayOf(term, dayFrom(2026, month, 28), { fiscalYearStart: 4 })
    expect([1, 3, 4, 6, 7, 12].map((month) => first('quarter', month))).toEqual([
      '2026-01-01',
      '2026-01-01',
      '2026-04-01',
      '2026-04-01',
      '2026-07-01',
      '2026-10-01',
    ])
    expect([3, 4].map((month) => first('year', month))).toEqual(['2025-04-01', '2026-04-01'])
  })
})

describe('a contract', () => {
  test('counts on both of its days and not beside them', () => {
    const [first, last] = ['2026-04-01', '2027-03-31']
    const on = (day: string) => runsOn(grant(first, last), day)
    expect(['2026-03-31', first, last, '2027-04-01'].map(on)).toEqual([false, true, true, false])
  })

  test('is the latest contract that has begun, also after its end; else the first grant that began, else the fiscal year', () => {
    const day = '2026-11-24'
    const calendar = { fiscalYearStart: 4 }
    const old = grant('2025-04-01', '2026-12-31')
    const current = grant('2026-07-01', '2027-06-30')
    const topUp = grant('2026-01-01', '2026-12-31', 'top-up')
    const ended = grant('2024-01-01', '2025-12-31')
    expect(contractOf(calendar, [old, topUp, current, ended], day)).toBe('2026-07-01')
    expect(contractOf(calendar, [topUp, ended], day)).toBe('2024-01-01')
    expect(contractOf(calendar, [topUp], day)).toBe('2026-01-01')
    expect(contractOf(calendar, [{ ...current, voided: 1 }, grant('2027-01-01', '2027-12-31')], day)).toBe('2026-04-01')
    expect(contractOf(calendar, [grant('0001-01-01', '9999-12-31', 'overage')], day)).toBe('2026-04-01')
    expect(nextStart('contract', { timeZone: 'UTC', fiscalYearStart: 1 }, 0)).toBeUndefined()
  })
})

describe('a period of the dashboard', () => {
  const weekStart = fc.integer({ min: 1, max: 7 })

  test('of weeks is the full calendar weeks before this one, whatever day a week starts with', () => {
    fc.assert(
      fc.property(instant, calendar, weekStart, (now, organisation, weekStart) => {
        const today = zoned(now, organisation.timeZone).toPlainDate()
        let first = today
        while (first.dayOfWeek !== weekStart) first = first.subtract({ days: 1 })
        expect(firstDayOfWeek(today.toString(), { weekStart })).toBe(first.toString())
        for (const [period, weeks] of [
          ['last-week', 1],
          ['last-2-weeks', 2],
        ] as const)
          expect(periodDays(period, { ...organisation, weekStart }, now)).toEqual({
            from: first.subtract({ weeks }).toString(),
            to: first.subtract({ days: 1 }).toString(),
          })
      }),
    )
  })

  test('to date runs from the first day of the term through today', () => {
    fc.assert(
      fc.property(instant, calendar, (now, organisation) => {
        const today = dayOf(now, organisation)
        for (const period of PERIODS.slice(2)) {
          const days = periodDays(period, { ...organisation, weekStart: 1 }, now)
          expect(days).toEqual({ from: firstDayOf(period as 'month', today, organisation), to: today })
        }
      }),
    )
  })

  test('counts its days, 29 February included', () => {
    expect(lengthOf({ from: '2028-02-28', to: '2028-03-01' })).toBe(3)
    expect(lengthOf({ from: '2026-02-28', to: '2026-03-01' })).toBe(2)
    expect(addDays('2028-02-28', 1)).toBe('2028-02-29')
  })
})
