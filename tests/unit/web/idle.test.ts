// From which moment on a seat without use is idle: whole days of the organisation, whatever the clocks do.
import { idleSince } from '#lib/users/idle.ts'
import { expect, test } from 'vitest'

const hours = (moment: number) => new Date(moment).toISOString()

test('whole days back, the same all day', () => {
  const oslo = { timeZone: 'Europe/Oslo' }
  const first = idleSince(60, oslo, Date.UTC(2026, 10, 24, 0, 0))
  expect(idleSince(60, oslo, Date.UTC(2026, 10, 24, 22, 59))).toBe(first)
  // It was summer time then.
  expect(hours(first)).toBe('2026-09-24T22:00:00.000Z')
})

test('the day is the organisation’s', () => {
  const now = Date.UTC(2026, 10, 24, 10, 30)
  expect(hours(idleSince(1, { timeZone: 'Pacific/Kiritimati' }, now))).toBe('2026-11-23T10:00:00.000Z')
  expect(hours(idleSince(1, { timeZone: 'Pacific/Pago_Pago' }, now))).toBe('2026-11-22T11:00:00.000Z')
})
