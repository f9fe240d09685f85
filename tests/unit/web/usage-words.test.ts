import { expect, test } from 'vitest'
import type { MonthState } from '#lib/usage/messages.ts'
import { usageWords } from '#lib/usage/words.ts'

const month = (name: string, version: number, entries: number): MonthState => ({
  month: name,
  state: version > 0 ? 'here' : 'missing',
  version,
  entries,
  bytes: version > 0 ? 1_000 : 0,
})
const words = (...months: MonthState[]) =>
  usageWords({ months, memoryBytes: 2_500_000, diskBytes: 64_000, fault: undefined })

test('Settings count what is here, and name what is not', () => {
  expect(words(month('2026-11', 3, 1_200), month('2026-10', 3, 1))).toEqual({
    held: '2 months, 1,201 entries by day, user and product',
    missing: '',
    size: '64 kB, 2.5 MB in memory',
  })
  expect(words(month('2026-11', 3, 1), month('2026-10', 0, 900))).toMatchObject({
    held: '1 month, 1 entry by day, user and product',
    missing: 'October 2026 is not here yet: fetched as soon as the server can be reached',
  })
  expect(words(month('2026-10', 0, 900), month('2026-09', 0, 900))).toMatchObject({
    held: 'None on this device yet',
    missing: 'October 2026 and September 2026 are not here yet: fetched as soon as the server can be reached',
  })
})
