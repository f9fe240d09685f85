import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeMonth, encodeDay, encodeMonth, UnreadableUsage, USAGE_FIELDS, type UsageEntry } from '#shared/usage.ts'

const amount = fc.oneof(fc.nat(300), fc.nat(100_000), fc.nat({ max: 2 ** 31 - 1 }), fc.constant(1_000_000_000_000))
const entry = fc.record({
  users: amount,
  products: fc.nat(300),
  groups: fc.nat(70_000),
  credits: amount,
  views: amount,
})
const days = fc.uniqueArray(fc.record({ day: fc.integer({ min: 1, max: 31 }), entries: fc.array(entry) }), {
  selector: ({ day }) => day,
})

test('a month comes back as it was, whatever the amounts', () => {
  fc.assert(
    fc.property(days, (month) => {
      const sections = month.map(({ day, entries }) => ({
        day: String(day).padStart(2, '0'),
        version: day * 7,
        bytes: encodeDay(entries),
      }))
      const read = decodeMonth(encodeMonth('2026-11', 12, sections).buffer)
      expect(read).toMatchObject({ month: '2026-11', version: 12 })
      expect(read.days.map(({ day, version }) => ({ day, version }))).toEqual(
        sections.map(({ day, version }) => ({ day, version })),
      )
      for (const [index, { columns }] of read.days.entries()) {
        const entries: UsageEntry[] = Array.from(
          columns.users,
          (_, row) => Object.fromEntries(USAGE_FIELDS.map((field) => [field, columns[field][row]])) as UsageEntry,
        )
        expect(entries).toEqual(month[index]?.entries)
      }
    }),
  )
})

test('small numbers take a byte each', () => {
  const day = encodeDay(
    Array.from({ length: 800 }, () => ({ users: 1, products: 2, groups: 0, credits: 9, views: 200 })),
  )
  expect(day.length).toBe(16 + 5 * 800)
})

test('what is cut short or something else is refused, and not read as less', () => {
  const whole = encodeMonth('2026-11', 1, [
    { day: '01', version: 1, bytes: encodeDay([{ users: 1, products: 2, groups: 3, credits: 4, views: 5 }]) },
  ])
  for (let length = 0; length < whole.length - 7; length += 1)
    expect(() => decodeMonth(whole.slice(0, length).buffer)).toThrow(UnreadableUsage)
  expect(() => decodeMonth(new TextEncoder().encode('<!doctype html>').buffer)).toThrow(UnreadableUsage)
})
