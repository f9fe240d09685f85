// What a user's panel and a group's page show of usage: the bars and the table add up to the same, resets stand at their day, and the
// line of a limit is drawn only where a bar is one of its terms.
import { fileRows, lineOf, overTime, resetSentence, spanDays } from '#lib/users/over-time.ts'
import type { Limit, ResetMarker, UserId } from '#shared/model.ts'
import { addDays, type DayRange } from '#shared/periods.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

const organisation = { timeZone: 'Europe/Oslo', weekStart: 1, fiscalYearStart: 1 }
const today = '2026-11-24'

/** Every day of a range, with `credits` of each. */
function used({ from, to }: DayRange, credits: (day: string, at: number) => number) {
  const days: { day: string; credits: number; contactViews: number }[] = []
  for (let day = from, at = 0; day <= to; day = addDays(day, 1), at += 1)
    days.push({ day, credits: credits(day, at), contactViews: 2 * credits(day, at) })
  return { days }
}
const marker = (at: number, month: number): ResetMarker => ({
  at,
  used: { month, quarter: month + 1, year: month + 2, contract: month + 3 },
  since: { month: 0, quarter: 0, year: 0, contract: 0 },
})

test('twelve months end with the running one', () => {
  expect(spanDays('year', today, organisation)).toEqual({ from: '2025-12-01', to: today })
  expect(spanDays('month', today, organisation)).toEqual({ from: '2026-11-01', to: today })
  expect(spanDays('year', '2024-02-29', organisation)).toEqual({ from: '2023-03-01', to: '2024-02-29' })
})

test('bars and table add up to the same', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('year' as const, 'month' as const),
      fc.integer({ min: 0, max: 800 }),
      fc.array(fc.nat({ max: 500 }), { minLength: 1, maxLength: 40 }),
      (span, ago, amounts) => {
        const end = addDays(today, -ago)
        const sums = used(spanDays(span, end, organisation), (_, at) => amounts[at % amounts.length] ?? 0)
        const { bars, twin, credits, contactViews } = overTime(span, sums, organisation, end, {})
        const sum = sums.days.reduce((all, day) => all + day.credits, 0)
        expect(credits).toBe(sum)
        expect(contactViews).toBe(2 * sum)
        expect(bars.reduce((all, { value }) => all + value, 0)).toBe(sum)
        expect(twin.rows.reduce((all, { cells }) => all + Number(cells[1]), 0)).toBe(sum)
        expect(twin.total?.[1]).toBe(sum)
        expect(bars).toHaveLength(span === 'year' ? 12 : Number(end.slice(8)))
        expect(new Set(bars.map(({ key }) => key)).size).toBe(bars.length)
      },
    ),
  )
})

test('a file has whole days that every program reads', () => {
  const sums = used(spanDays('year', today, organisation), () => 1)
  const rows = fileRows(overTime('year', sums, organisation, today, {}))
  expect(rows[0]).toEqual(['From', 'To', 'Credits', 'Contact views'])
  expect(rows.at(-1)).toEqual(['2026-11-01', '2026-11-24', 24, 48])
})

test('of a month that is not here no number is claimed', () => {
  const sums = used(spanDays('year', today, organisation), (day) => (day < '2026-01-01' ? 0 : 1))
  const all = overTime('year', sums, organisation, today, { missing: ['2025-12'] })
  expect(all.bars[0]).toMatchObject({ key: '2025-12-01', unknown: true })
  expect(all.bars[1]?.unknown).toBeUndefined()
  expect(all.twin.rows.at(-1)?.cells.slice(1)).toEqual([null, null])
  expect(fileRows(all)[1]).toEqual(['2025-12-01', '2025-12-31', null, null])
})

test('the table begins with the latest and leads where the bars lead', () => {
  const sums = used(spanDays('year', today, organisation), (day) => (day.startsWith('2026-0') ? 0 : 1))
  const { bars, twin } = overTime('year', sums, organisation, today, {
    hrefOf: ({ from, to }) => `/users?used=${from}..${to}`,
  })
  expect(twin.rows[0]?.cells.slice(1)).toEqual([24, 48])
  expect(twin.rows[0]?.href).toBe('/users?used=2026-11-01..2026-11-24')
  expect(bars.at(-1)?.href).toBe(twin.rows[0]?.href)
  // Nobody is behind a month without use.
  expect(bars[1]?.href).toBeUndefined()
})

describe('resets', () => {
  const year = used(spanDays('year', today, organisation), () => 1)

  test('stand at their day in the organisation’s time zone', () => {
    // Half past midnight in Oslo is the day before in UTC.
    const { resets } = overTime('year', year, organisation, today, {
      markers: [marker(Date.UTC(2026, 8, 15, 22, 30), 420)],
    })
    expect(resets).toEqual([{ day: '2026-09-16', used: 420, bar: 9, within: 15.5 / 30 }])
  })

  test('say what the limit’s term had used', () => {
    const markers = [marker(Date.UTC(2026, 10, 12, 9), 420)]
    expect(overTime('year', year, organisation, today, { markers, term: 'quarter' }).resets[0]?.used).toBe(421)
    const month = overTime(
      'month',
      used(spanDays('month', today, organisation), () => 1),
      organisation,
      today,
      { markers },
    )
    expect(month.resets[0]).toMatchObject({ bar: 11, within: 0.5 })
    expect(resetSentence(month.resets)).toMatch(
      /^Usage was reset on .*12.*, 420 used before\. The limit counts from there/,
    )
    expect(month.twin.columns.map(({ label }) => label)).toEqual(['Day', 'Credits', 'Contact views', 'Reset'])
    expect(month.twin.rows.find(({ key }) => key === '2026-11-12')?.cells[3]).toContain('420 used before')
  })

  test('of another time are left out', () => {
    expect(overTime('year', year, organisation, today, { markers: [marker(Date.UTC(2025, 1, 1), 1)] }).resets).toEqual(
      [],
    )
    expect(resetSentence([])).toBe('')
  })
})

test('a limit is a line only where each bar is one of its terms', () => {
  const limit = (credits: number | null, term: Limit['term']): Limit => ({
    credits,
    term,
    setBy: '' as UserId,
    setAt: 0,
    was: null,
  })
  expect(lineOf(limit(1_500, 'month'), 'month')).toBe(1_500)
  expect(lineOf(limit(1_500, 'month'), 'day')).toBeUndefined()
  expect(lineOf(limit(1_500, 'quarter'), 'month')).toBeUndefined()
  expect(lineOf(limit(0, 'month'), 'month')).toBeUndefined()
  expect(lineOf(limit(null, 'month'), 'month')).toBeUndefined()
  expect(lineOf(null, 'month')).toBeUndefined()
})
