// How long credits last is what a plain walk through the days says, and says nothing where there is too little to go by.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ahead, forecastOf, PACE_DAYS, paceOf, perDay, type Forecast } from '#shared/forecast.ts'
import type { CreditGrant, Day, GrantId } from '#shared/model.ts'
import { addDays, dayNumber } from '#shared/periods.ts'

const grant = (part: Partial<CreditGrant> & Pick<CreditGrant, 'startsOn' | 'endsOn' | 'credits'>): CreditGrant => ({
  id: `grant ${part.startsOn} ${part.endsOn} ${part.credits}` as GrantId,
  version: 1,
  kind: 'contract',
  voided: 0,
  used: 0,
  usedBy: {},
  ...part,
})

const TODAY = '2026-11-24'
const YEAR = { startsOn: '2026-04-01', endsOn: '2027-03-31' }
const pace = (credits: number) => ({ credits: credits * PACE_DAYS, days: PACE_DAYS })
const CONTRACT = YEAR.startsOn
const ask = (grants: CreditGrant[], aDay: number, usedToday = aDay) =>
  forecastOf(grants, { today: TODAY, contract: CONTRACT, pace: pace(aDay), usedToday, first: '2026-01-01' })

describe('how long the credits last', () => {
  it('says on which day they run out, and how many days short that is', () => {
    const grants = [
      grant({ ...YEAR, credits: 480_000, used: 317_240 }),
      grant({ kind: 'top-up', startsOn: '2026-11-01', endsOn: '2027-02-28', credits: 70_000, used: 41_720 }),
    ]
    expect(ask(grants, 1_737)).toMatchObject({ kind: 'out', on: '2027-03-14', short: 17 })
  })

  it('counts out what a grant has left when it ends', () => {
    const long = grant({ ...YEAR, credits: 300 })
    const short = grant({ kind: 'top-up', startsOn: '2026-11-01', endsOn: '2026-11-26', credits: 900 })
    // Of the 900 only two days' worth can be used.
    expect(ask([long, short], 10)).toMatchObject({ kind: 'out', on: addDays('2026-11-27', 30) })
  })

  it('counts a grant to come from its first day on, and sees the gap before it', () => {
    const first = grant({ startsOn: '2026-04-01', endsOn: '2026-12-31', credits: 10_000 })
    const next = grant({ startsOn: '2027-01-01', endsOn: '2027-12-31', credits: 100_000 })
    expect(ask([first, next], 10)).toMatchObject({ kind: 'lasts', to: '2027-12-31' })
    const late = grant({ startsOn: '2027-02-01', endsOn: '2027-12-31', credits: 100_000 })
    expect(ask([first, late], 10)).toMatchObject({ kind: 'out', on: '2027-01-01', short: 364 })
  })

  it('lasts to the end of the last grant, with what ends unused', () => {
    expect(ask([grant({ ...YEAR, credits: 10_000 })], 10)).toMatchObject({
      kind: 'lasts',
      to: '2027-03-31',
      unused: 10_000 - 127 * 10,
    })
  })

  it('leaves out what was taken back, and what an earlier contract used past its credits', () => {
    const voided = grant({ ...YEAR, credits: 10_000, voided: 9_700 })
    const over = grant({ kind: 'overage', startsOn: '0001-01-01', endsOn: '9999-12-31', credits: 0, used: 500 })
    const before = { ...over, usedBy: { '2025-04-01': 500 } }
    expect(ask([voided, before], 10)).toMatchObject({ kind: 'out', on: addDays(TODAY, 31) })
  })

  it('takes off what this contract used past the credits, as the totals do', () => {
    const year = grant({ ...YEAR, credits: 300 })
    const past = (credits: number) =>
      grant({
        kind: 'overage',
        startsOn: '0001-01-01',
        endsOn: '9999-12-31',
        credits: 0,
        used: credits + 50,
        usedBy: { [CONTRACT]: credits, '2025-04-01': 50 },
      })
    expect(ask([year, past(100)], 10)).toMatchObject({ kind: 'out', on: addDays(TODAY, 21) })
    expect(ask([year, past(300)], 10).kind).toBe('none')
    expect(ask([year, past(301)], 10).kind).toBe('none')
  })

  it('says whether grants to come are counted in', () => {
    const running = grant({ ...YEAR, credits: 10_000 })
    const next = grant({ startsOn: '2027-04-01', endsOn: '2028-03-31', credits: 500 })
    expect(ask([running, next], 10)).toMatchObject({ kind: 'out', toCome: true })
    expect(ask([running], 10)).toMatchObject({ kind: 'lasts', toCome: false })
    expect(ask([grant({ ...YEAR, credits: 100 }), next], 10)).toMatchObject({ kind: 'out', toCome: false })
  })

  it('says when none are left, when nothing is used, and when there is too little to go by', () => {
    const empty = grant({ ...YEAR, credits: 100, used: 100 })
    expect(ask([empty], 10).kind).toBe('none')
    expect(ask([], 10).kind).toBe('none')
    expect(ask([grant({ ...YEAR, credits: 100 })], 0).kind).toBe('unused')
    expect(
      forecastOf([empty], {
        today: TODAY,
        contract: CONTRACT,
        pace: undefined,
        usedToday: 0,
        first: addDays(TODAY, -12),
      }),
    ).toEqual({
      kind: 'too-little',
      days: 12,
    })
  })

  it('is what a walk through the days says, one after another', () => {
    const day = (from: number, to: number) => fc.integer({ min: from, max: to }).map((n) => addDays(TODAY, n))
    const anyGrant = fc
      .record({
        kind: fc.constantFrom<CreditGrant['kind'][]>('contract', 'top-up', 'overage'),
        startsOn: day(-60, 60),
        length: fc.integer({ min: 0, max: 90 }),
        credits: fc.integer({ min: 0, max: 3_000 }),
        voided: fc.double({ min: 0, max: 1, noNaN: true }),
        used: fc.double({ min: 0, max: 1, noNaN: true }),
        id: fc.uuid(),
      })
      .map(({ kind, startsOn, length, credits, voided, used, id }): CreditGrant => {
        const back = Math.floor(credits * voided)
        return grant({
          id: id as GrantId,
          kind,
          startsOn,
          endsOn: addDays(startsOn, length),
          credits,
          voided: back,
          used: Math.floor((credits - back) * used),
          usedBy: kind === 'overage' ? { [CONTRACT]: Math.floor(credits / 10) } : {},
        })
      })
    fc.assert(
      fc.property(
        fc.array(anyGrant, { maxLength: 6 }),
        fc.integer({ min: 1, max: 28 * 90 }),
        fc.integer({ min: 0, max: 120 }),
        (grants, credits, usedToday) => {
          const pace = { credits, days: PACE_DAYS }
          const found = forecastOf(grants, { today: TODAY, contract: CONTRACT, pace, usedToday, first: '2026-01-01' })
          expect(summary(found)).toEqual(walk(grants, credits, usedToday))
        },
      ),
      { numRuns: 2_000 },
    )
  })
})

const summary = (found: Forecast) =>
  found.kind === 'out' ? `out ${found.on}` : found.kind === 'lasts' ? `lasts ${found.to} ${found.unused}` : found.kind

/** Burns day by day, in 28ths of a credit; shares nothing with the code above. */
function walk(grants: CreditGrant[], aDay: number, usedToday: number): string {
  const sold = grants
    .filter(({ kind, credits, voided, endsOn }) => kind !== 'overage' && credits > voided && endsOn >= TODAY)
    .map((one) => ({ ...one, left: (one.credits - one.voided - one.used) * 28 }))
    .sort((a, b) => (`${a.endsOn} ${a.startsOn} ${a.id}` < `${b.endsOn} ${b.startsOn} ${b.id}` ? -1 : 1))
  // What was used past the credits is paid from what runs today; the table calls the rest available.
  let past = grants.reduce((sum, { kind, usedBy }) => sum + (kind === 'overage' ? (usedBy[CONTRACT] ?? 0) * 28 : 0), 0)
  for (const one of sold)
    if (one.startsOn <= TODAY) {
      const part = Math.min(past, one.left)
      one.left -= part
      past -= part
    }
  if (past > 0 || !sold.some(({ startsOn, left }) => startsOn <= TODAY && left > 0)) return 'none'
  const last =
    sold
      .map(({ endsOn }) => endsOn)
      .sort()
      .at(-1) ?? TODAY
  for (let number = dayNumber(TODAY); number <= dayNumber(last); number += 1) {
    const day: Day = new Date(number * 86_400_000).toISOString().slice(0, 10)
    let need = day === TODAY ? Math.max(0, aDay - usedToday * 28) : aDay
    for (const one of sold)
      if (one.startsOn <= day && day <= one.endsOn) {
        const part = Math.min(need, one.left)
        one.left -= part
        need -= part
      }
    if (need > 0) return `out ${day}`
  }
  return `lasts ${last} ${Math.floor(sold.reduce((sum, { left }) => sum + left, 0) / 28)}`
}

describe('the pace', () => {
  const day = (ago: number, credits: number) => ({ day: addDays(TODAY, -ago), credits })

  it('is the mean of the last 28 full days: neither today nor the day before them', () => {
    const found = paceOf([day(0, 999), day(1, 28), day(28, 56), day(29, 999)], TODAY, addDays(TODAY, -28))
    expect(found).toEqual({ credits: 84, days: 28 })
    expect(found && perDay(found)).toBe(3)
  })

  it('is not known where usage began too late', () => {
    expect(paceOf([day(1, 5)], TODAY, addDays(TODAY, -27))).toBeUndefined()
    expect(paceOf([], TODAY, undefined)).toBeUndefined()
  })

  it('looks ahead from what today has used already', () => {
    expect(ahead(pace(100), 100, 6)).toBe(600)
    expect(ahead(pace(100), 30, 6)).toBe(670)
    expect(ahead(pace(100), 500, 0)).toBe(0)
  })
})
