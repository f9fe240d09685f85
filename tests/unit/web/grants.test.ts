// The rows of the Credits table add up to its totals, whatever grants there are.
import { grantRows, leftOut } from '#lib/dashboard/grants.ts'
import { creditTotals } from '#shared/credits.ts'
import type { CreditGrant } from '#shared/model.ts'
import fc from 'fast-check'
import { expect, test } from 'vitest'

const grant = (kind: CreditGrant['kind'], startsOn: string, endsOn: string, credits: number, used: number) =>
  ({
    id: startsOn + endsOn,
    version: 1,
    kind,
    startsOn,
    endsOn,
    credits,
    voided: 0,
    used,
    usedBy: { '2026-04-01': used },
  }) as unknown as CreditGrant

const today = '2026-11-24'
const now = Date.UTC(2026, 10, 24, 9)
const organisation = { timeZone: 'Europe/Oslo', fiscalYearStart: 1 }

const day = fc
  .integer({ min: 0, max: 1_000 })
  .map((days) => new Date(Date.UTC(2025, 6, 1) + days * 86_400_000).toISOString().slice(0, 10))
const any = fc
  .record({
    kind: fc.constantFrom('contract', 'top-up'),
    days: fc.tuple(day, day),
    credits: fc.nat(),
    share: fc.nat(100),
  })
  .map(({ kind, days, credits, share }) => {
    const [startsOn = today, endsOn = today] = [...days].sort()
    return grant(kind as CreditGrant['kind'], startsOn, endsOn, credits, Math.floor((credits * share) / 100))
  })

test('names, totals and those apart', () => {
  const { rows, others } = grantRows(
    [
      { ...grant('contract', '2025-04-01', '2026-03-31', 400_000, 390_000), usedBy: { '2025-04-01': 390_000 } },
      grant('top-up', '2026-05-01', '2026-08-31', 20_000, 15_000),
      grant('top-up', '2026-11-01', '2027-02-28', 70_000, 41_720),
      grant('contract', '2026-04-01', '2027-03-31', 480_000, 317_240),
      grant('contract', '2027-04-01', '2028-03-31', 500_000, 0),
    ],
    today,
    organisation,
  )
  expect(rows.map(({ total, used, available, state }) => [total, used, available, state])).toEqual([
    [15_000, 15_000, 0, 'ended'],
    [70_000, 41_720, 28_280, 'running'],
    [480_000, 317_240, 162_760, 'running'],
  ])
  expect(rows.at(-1)?.name).toBe('Contract 2026/27')
  expect(others.map(({ name, state }) => [name, state])).toEqual([
    ['Contract 2025/26', 'ended'],
    ['Contract 2027/28', 'to-come'],
  ])
})

test('what the totals leave out is listed, each with why', () => {
  const rows = leftOut(
    [
      { ...grant('contract', '2025-04-01', '2026-03-31', 400_000, 390_000), usedBy: { '2025-04-01': 390_000 } },
      { ...grant('contract', '2026-04-01', '2027-03-31', 480_000, 317_240), voided: 1_200 },
      grant('top-up', '2026-12-01', '2027-02-28', 5_000, 0),
    ],
    today,
    organisation,
  )
  expect(rows.map(({ name, why, credits }) => `${name}: ${why} ${credits}`)).toEqual([
    'Contract 2025/26: used-before 390000',
    'Contract 2025/26: ended-unused 10000',
    'Contract 2026/27: taken-back 1200',
    'Top-up December: to-come 5000',
  ])
})

test('top-ups are named by their month, with the year or the day where that says too little', () => {
  const names = (...starts: string[]) => {
    const { rows } = grantRows(
      [
        grant('contract', '2026-04-01', '2027-03-31', 480_000, 1),
        ...starts.map((day) => grant('top-up', day, '2027-12-31', 5_000, 1)),
      ],
      today,
      organisation,
    )
    return rows.slice(1).map(({ name }) => name)
  }
  expect(names('2026-05-01', '2026-11-01')).toEqual(['Top-up May', 'Top-up November'])
  // An earlier contract's, and one that would have its name.
  expect(names('2025-05-01', '2026-05-01')).toEqual(['Top-up May 2025', 'Top-up May 2026'])
  expect(names('2025-12-01')).toEqual(['Top-up December 2025'])
  const [first, second] = names('2026-11-02', '2026-11-20')
  expect(first).toMatch(/2.*2026|2026.*2/)
  expect(first).not.toBe(second)
})

test('totals and what they leave out come to all that was sold', () => {
  fc.assert(
    fc.property(fc.array(any, { maxLength: 8 }), (grants) => {
      const { total } = creditTotals(grants, organisation, now)
      const out = leftOut(grants, today, organisation).reduce((sum, { credits }) => sum + credits, 0)
      expect(total + out).toBe(grants.reduce((sum, { credits }) => sum + credits, 0))
    }),
  )
})

test('rows add up to the totals', () => {
  fc.assert(
    fc.property(fc.array(any, { maxLength: 8 }), (grants) => {
      const { rows } = grantRows(grants, today, organisation)
      const sum = (part: 'total' | 'used' | 'available') => rows.reduce((all, row) => all + row[part], 0)
      expect({ total: sum('total'), used: sum('used'), available: sum('available') }).toEqual(
        creditTotals(grants, organisation, now),
      )
    }),
  )
})
