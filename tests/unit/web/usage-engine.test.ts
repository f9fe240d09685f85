// Sums over usage equal a naive recount of the same entries: for random months, ranges, filters, and days that are replaced.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createEngine } from '#lib/usage/engine.ts'
import { mergedMonth } from '#lib/usage/months.ts'
import type { UsageQuery, UsageSums } from '#lib/usage/types.ts'
import type { GroupId, ProductId, UserId } from '#shared/model.ts'
import { decodeMonth, encodeDay, encodeMonth } from '#shared/usage.ts'

/** Number n's id; the order of ids is not that of the numbers. */
const IDS = ['', ...Array.from({ length: 40 }, (_, n) => `${(n * 7) % 40}`.padStart(2, '0') + `-id-${n + 1}`)]
const USERS = { min: 1, max: 20 }
const PRODUCTS = { min: 21, max: 24 }
const GROUPS = { min: 25, max: 30 }

interface Entry {
  users: number
  products: number
  groups: number
  credits: number
  views: number
}
type Days = Map<string, Entry[]>

const amount = fc.oneof(
  { weight: 6, arbitrary: fc.nat(400) },
  { weight: 1, arbitrary: fc.constantFrom(0, 0xffff, 0x10000, 0xffffffff, 1_000_000_000_000) },
)
const entries = fc
  .uniqueArray(
    fc.record({
      users: fc.integer(USERS),
      products: fc.integer(PRODUCTS),
      groups: fc.oneof(fc.constant(0), fc.integer(GROUPS)),
      credits: amount,
      views: amount,
    }),
    { maxLength: 30, selector: ({ users, products, groups }) => `${users} ${products} ${groups}` },
  )
  // As the server sorts them; the engine may not rely on it.
  .chain((rows) => fc.boolean().map((sorted) => (sorted ? [...rows].sort(byKey) : rows)))
const byKey = (a: Entry, b: Entry) => a.users - b.users || a.products - b.products || a.groups - b.groups

const MONTHS = ['2025-11', '2025-12', '2026-01', '2026-02', '2028-02']
const LENGTHS: Record<string, number> = { '2025-11': 30, '2025-12': 31, '2026-01': 31, '2026-02': 28, '2028-02': 29 }
const daysOf = (month: string) =>
  Array.from({ length: LENGTHS[month] ?? 0 }, (_, at) => `${month}-${String(at + 1).padStart(2, '0')}`)
const ALL_DAYS = MONTHS.flatMap(daysOf)

const usage: fc.Arbitrary<Days> = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...ALL_DAYS), entries), { maxLength: 25, selector: ([day]) => day })
  .map((days) => new Map(days))
const range = fc
  .tuple(fc.constantFrom(...ALL_DAYS), fc.constantFrom(...ALL_DAYS))
  .map(([a, b]) => (a < b ? { from: a, to: b } : { from: b, to: a }))
const someId = ({ min, max }: { min: number; max: number }) =>
  fc.oneof({ weight: 8, arbitrary: fc.integer({ min, max }).map((n) => IDS[n] ?? '') }, fc.constant('nobody'))
const query: fc.Arbitrary<UsageQuery> = fc
  .tuple(
    range,
    fc.option(someId(USERS), { nil: undefined, freq: 3 }),
    fc.option(someId(PRODUCTS), { nil: undefined, freq: 3 }),
    fc.option(someId(GROUPS), { nil: undefined, freq: 3 }),
  )
  .map(([days, userId, productId, groupId]) => ({
    ...days,
    ...(userId !== undefined && { userId: userId as UserId }),
    ...(productId !== undefined && { productId: productId as ProductId }),
    ...(groupId !== undefined && { groupId: groupId as GroupId }),
  }))

const block = (month: string, version: number, days: Days) =>
  encodeMonth(
    month,
    version,
    [...days].map(([day, rows]) => ({ day: day.slice(8), version, bytes: encodeDay(rows) })),
  ).buffer
const inMonth = (days: Days, month: string): Days => new Map([...days].filter(([day]) => day.startsWith(month)))

function engineOf(days: Days) {
  const engine = createEngine()
  engine.putIds(0, IDS)
  for (const month of MONTHS)
    if (inMonth(days, month).size > 0) engine.put(engine.makeMonth(decodeMonth(block(month, 1, inMonth(days, month)))))
  return engine
}

/** The same from the entries themselves, one by one. */
function recount(days: Days, asked: UsageQuery, top: number): { sums: UsageSums; users: string[] } {
  const counts = ({ users, products, groups }: Entry) =>
    (asked.userId === undefined || IDS[users] === asked.userId) &&
    (asked.productId === undefined || IDS[products] === asked.productId) &&
    (asked.groupId === undefined || IDS[groups] === asked.groupId)
  const perDay: { day: string; credits: number; contactViews: number }[] = []
  const [users, products, groups] = [0, 1, 2].map(() => new Map<string, { credits: number; contactViews: number }>())
  for (let at = Date.parse(asked.from); at <= Date.parse(asked.to); at += 86_400_000) {
    const day = new Date(at).toISOString().slice(0, 10)
    const sum = { day, credits: 0, contactViews: 0 }
    perDay.push(sum)
    for (const entry of (days.get(day) ?? []).filter(counts)) {
      for (const [table, key] of [
        [users, entry.users],
        [products, entry.products],
        [groups, entry.groups],
      ] as const) {
        const before = table?.get(IDS[key] ?? '') ?? { credits: 0, contactViews: 0 }
        table?.set(IDS[key] ?? '', {
          credits: before.credits + entry.credits,
          contactViews: before.contactViews + entry.views,
        })
      }
      sum.credits += entry.credits
      sum.contactViews += entry.views
    }
  }
  const ordered = (table: typeof users) =>
    [...(table ?? [])]
      .filter(([, { credits, contactViews }]) => credits > 0 || contactViews > 0)
      .sort(([a, { credits: x }], [b, { credits: y }]) => y - x || (a < b ? -1 : 1))
  return {
    users: ordered(users)
      .filter(([, { credits }]) => asked.views || credits > 0)
      .map(([id]) => id),
    sums: {
      credits: perDay.reduce((sum, { credits }) => sum + credits, 0),
      contactViews: perDay.reduce((sum, { contactViews }) => sum + contactViews, 0),
      days: perDay,
      users: ordered(users).filter(([, { credits }]) => credits > 0).length,
      top: ordered(users)
        .filter(([, { credits }]) => credits > 0)
        .slice(0, top)
        .map(([id, { credits }]) => ({ userId: id as UserId, credits })),
      products: ordered(products).map(([id, amounts]) => ({ productId: id as ProductId, ...amounts })),
      groups: ordered(groups).map(([id, amounts]) => ({ groupId: (id || null) as GroupId | null, ...amounts })),
    },
  }
}

test('every sum is that of a recount, whatever is asked', () => {
  fc.assert(
    fc.property(usage, fc.array(query, { minLength: 1, maxLength: 4 }), fc.nat(12), (days, queries, top) => {
      const engine = engineOf(days)
      for (const asked of queries) {
        const wanted = recount(days, asked, top)
        expect(engine.sums(asked, top)).toEqual(wanted.sums)
        expect(engine.users(asked)).toEqual(wanted.users)
      }
    }),
    { numRuns: 100 },
  )
})

test('days that are published again replace what they were, in memory and in the bytes that are kept', () => {
  fc.assert(
    fc.property(usage, fc.array(usage, { maxLength: 3 }), query, (first, later, asked) => {
      const engine = engineOf(first)
      const bytes = new Map(
        MONTHS.filter((month) => inMonth(first, month).size > 0).map((month) => [
          month,
          block(month, 1, inMonth(first, month)),
        ]),
      )
      const now = new Map(first)
      for (const [at, days] of later.entries()) {
        for (const [day, rows] of days) now.set(day, rows)
        for (const month of MONTHS) {
          const changed = inMonth(days, month)
          const held = bytes.get(month)
          if (changed.size === 0) continue
          const came = block(month, at + 2, changed)
          engine.put(engine.makeDays(decodeMonth(came)))
          bytes.set(month, held ? mergedMonth(decodeMonth(held), decodeMonth(came)) : came)
          expect(engine.versionOf(month)).toBe(at + 2)
        }
      }
      const wanted = recount(now, asked, 10).sums
      expect(engine.sums(asked, 10)).toEqual(wanted)
      const again = createEngine()
      again.putIds(0, IDS)
      for (const buffer of bytes.values()) again.put(again.makeMonth(decodeMonth(buffer)))
      expect(again.sums(asked, 10)).toEqual(wanted)
    }),
    { numRuns: 60 },
  )
})

test('ids that come later name the numbers that came with them', () => {
  const engine = createEngine()
  engine.putIds(0, IDS.slice(0, 22))
  const days = new Map([['2026-01-05', [{ users: 3, products: 21, groups: 0, credits: 5, views: 1 }]]])
  engine.put(engine.makeMonth(decodeMonth(block('2026-01', 1, days))))
  expect(engine.sums({ from: '2026-01-01', to: '2026-01-31' }, 3).top).toEqual([{ userId: IDS[3], credits: 5 }])
  engine.putIds(22, IDS.slice(22))
  const more = new Map([['2026-01-06', [{ users: 20, products: 24, groups: 30, credits: 9, views: 0 }]]])
  engine.put(engine.makeDays(decodeMonth(block('2026-01', 2, more))))
  expect(engine.sums({ from: '2026-01-01', to: '2026-01-31' }, 3)).toMatchObject({
    credits: 14,
    groups: [{ groupId: IDS[30] }, { groupId: null }],
  })
  expect(engine.sums({ from: '2026-01-01', to: '2026-01-31', groupId: IDS[30] as GroupId }, 3).credits).toBe(9)
})
