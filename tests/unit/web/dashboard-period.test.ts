// The period in the address: what it names, what it names wrongly, and that it comes back the same.
import { faultOf, isDay, readPeriod, withParameter, withPeriod } from '#lib/dashboard/period.ts'
import { PERIODS } from '#shared/periods.ts'
import { expect, test } from 'vitest'

const organisation = { timeZone: 'Europe/Oslo', weekStart: 1, fiscalYearStart: 4 }
const now = Date.UTC(2026, 10, 24, 9)
const read = (search: string) => readPeriod(new URLSearchParams(search), organisation, now)

test('nothing asked for is the year to date', () => {
  expect(read('')).toEqual({ name: 'year', range: { from: '2026-04-01', to: '2026-11-24' }, today: '2026-11-24' })
})

test('named periods have the days of the organisation’s calendar', () => {
  expect(read('period=last-week').range).toEqual({ from: '2026-11-16', to: '2026-11-22' })
  expect(read('period=last-2-weeks').range).toEqual({ from: '2026-11-09', to: '2026-11-22' })
  expect(read('period=month').range).toEqual({ from: '2026-11-01', to: '2026-11-24' })
  expect(read('period=quarter').range).toEqual({ from: '2026-10-01', to: '2026-11-24' })
})

test('today is the organisation’s, not the device’s', () => {
  const kiritimati = readPeriod(new URLSearchParams(), { ...organisation, timeZone: 'Pacific/Kiritimati' }, now)
  const pagoPago = readPeriod(new URLSearchParams(), { ...organisation, timeZone: 'Pacific/Pago_Pago' }, now)
  expect([kiritimati.today, pagoPago.today]).toEqual(['2026-11-24', '2026-11-23'])
})

test('two days are a period of one’s own', () => {
  expect(read('from=2026-10-01&to=2026-11-24')).toMatchObject({
    name: 'custom',
    range: { from: '2026-10-01', to: '2026-11-24' },
  })
})

test.each([
  ['period=decade', 'not known'],
  ['from=2026-10-01', 'needs two days'],
  ['from=2026-02-30&to=2026-03-01', 'needs two days'],
  ['from=2026-11-02&to=2026-11-01', 'before its last'],
  ['from=2026-11-01&to=2026-11-25', 'to come'],
  ['from=1900-11-01&to=2026-11-24', 'ten years'],
])('%s falls back and says so', (search, words) => {
  const { name, note } = read(search)
  expect(name).toBe('year')
  expect(note).toContain(words)
})

test('what is written is read again, and other parameters stay', () => {
  for (const name of PERIODS) expect(read(withPeriod('?table=top', name)).name).toBe(name)
  const own = { from: '2026-10-01', to: '2026-10-02' }
  expect(read(withPeriod('?period=month', own)).range).toEqual(own)
  expect(withPeriod('?table=top,usage&from=2026-10-01&to=2026-10-02', 'year')).toBe('?table=top,usage')
  expect(withParameter('?period=month', 'idle', '30')).toBe('?period=month&idle=30')
  expect(withParameter('?idle=30', 'idle', '')).toBe('')
})

test('only days of the calendar are days', () => {
  expect(isDay('2028-02-29')).toBe(true)
  for (const text of ['2026-02-29', '2026-1-1', '', null, 'today']) expect(isDay(text)).toBe(false)
  expect(faultOf('2026-11-24', '2026-11-24', '2026-11-24')).toBeUndefined()
})
