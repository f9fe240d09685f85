import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { burn, burningOrder, capacity, creditTotals } from '#shared/credits.ts'
import type { CreditGrant, GrantId } from '#shared/model.ts'
import { contractOf, dayOf } from '#shared/periods.ts'
import { DAY, idOf, NOON } from '../../support/blueprint.ts'

const calendar = { timeZone: 'Europe/Oslo', fiscalYearStart: 4 }
const day = (offset: number) => dayOf(NOON + offset * DAY, calendar)
let made = 0
const grant = (
  credits: number,
  from: number,
  to: number,
  kind: CreditGrant['kind'] = 'contract',
  voided = 0,
): CreditGrant => ({
  id: idOf<GrantId>((made += 1)),
  version: 1,
  kind,
  credits,
  voided,
  startsOn: day(from),
  endsOn: day(to),
  used: 0,
  usedBy: {},
})
const overage = (): CreditGrant => ({ ...grant(0, 0, 0, 'overage'), startsOn: '0001-01-01', endsOn: '9999-12-31' })

/** Burns one use as the server does: from the grants, and from the row that takes what none has left. */
function use(grants: CreditGrant[], on: string, credits: number): void {
  const { parts, overage } = burn(grants, on, credits)
  const contract = contractOf(calendar, grants, on)
  const past = grants.find(({ kind }) => kind === 'overage')
  for (const { id, credits: part } of [...parts, ...(past ? [{ id: past.id, credits: overage }] : [])]) {
    const at = grants.findIndex((row) => row.id === id)
    const row = grants[at]
    if (row && part > 0)
      grants[at] = {
        ...row,
        used: row.used + part,
        usedBy: { ...row.usedBy, [contract]: (row.usedBy[contract] ?? 0) + part },
      }
  }
}

describe('credits are burnt', () => {
  test('from the grant that ends soonest of those that run on the day, then from the next, then past the credits', () => {
    const [contract, topUp, later] = [grant(100, -10, 100), grant(30, -5, 20, 'top-up'), grant(50, 5, 10, 'top-up')]
    expect(burningOrder([contract, later, topUp], day(0))).toEqual([topUp, contract])
    expect(burn([contract, topUp, later], day(0), 140)).toEqual({
      parts: [
        { id: topUp.id, credits: 30 },
        { id: contract.id, credits: 100 },
      ],
      overage: 10,
    })
    expect(burn([contract, topUp, later], day(-7), 10).parts).toEqual([{ id: contract.id, credits: 10 }])
  })

  test('not from what was taken back', () => {
    expect(burn([grant(100, -10, 10, 'contract', 60)], day(0), 50)).toMatchObject({ overage: 10 })
  })
})

describe('the credits of the organisation', () => {
  test('one to come gives nothing yet, one that ended gave what was used of it, one before the contract nothing', () => {
    const grants = [
      grant(1_000, -100, 100),
      grant(500, -50, -1, 'top-up'),
      grant(700, 1, 50, 'top-up'),
      grant(900, -400, -101),
    ]
    use(grants, day(-200), 800)
    use(grants, day(-20), 300)
    use(grants, day(0), 100)
    expect(creditTotals(grants, calendar, NOON)).toEqual({ total: 1_300, used: 400, available: 900 })
  })

  test('what a grant gave before the contract began is on neither side', () => {
    const grants = [grant(1_000, -10, 100), grant(500, -50, 50, 'top-up')]
    use(grants, day(-20), 200)
    use(grants, day(-5), 100)
    expect(creditTotals(grants, calendar, NOON)).toEqual({ total: 1_300, used: 100, available: 1_200 })
  })

  test('reconcile to the credit with what the days of the contract used, whatever the grants and the order', () => {
    const offset = fc.integer({ min: -400, max: 200 })
    const anyGrant = fc
      .record({
        credits: fc.nat({ max: 1_000 }),
        voided: fc.nat({ max: 300 }),
        from: offset,
        days: fc.nat({ max: 400 }),
        kind: fc.constantFrom('contract' as const, 'top-up' as const),
      })
      .map(({ credits, voided, from, days, kind }) =>
        grant(credits, from, from + days, kind, Math.min(credits, voided)),
      )
    const uses = fc.array(fc.record({ on: fc.integer({ min: -500, max: 0 }), credits: fc.nat({ max: 400 }) }))
    fc.assert(
      fc.property(fc.array(anyGrant, { maxLength: 6 }), uses, (sold, used) => {
        const grants = [...sold, overage()]
        for (const { on, credits } of used) use(grants, day(on), credits)
        const totals = creditTotals(grants, calendar, NOON)
        const contract = contractOf(calendar, grants, day(0))
        const inContract = used.filter(({ on }) => day(on) >= contract).reduce((sum, { credits }) => sum + credits, 0)
        expect(totals.used).toBe(inContract)
        expect(totals.total - totals.used).toBe(totals.available)
        for (const row of grants) if (row.kind !== 'overage') expect(row.used).toBeLessThanOrEqual(capacity(row))
      }),
    )
  })
})
