// The closed list of time zones: all that engines know is in it, and a name that one does not know never throws.
import { describe, expect, test } from 'vitest'
import { dayOf, nextStart, startOfDay, termStarts } from '#shared/periods.ts'
import { formerName, minutesAhead, TIME_ZONES, zoneHere, zonesToChoose } from '#shared/time-zones.ts'

const noon = Date.UTC(2026, 10, 24, 12)

test('the list has every zone that Node knows, and UTC, each once', () => {
  expect(TIME_ZONES).toEqual(expect.arrayContaining([...Intl.supportedValuesOf('timeZone'), 'UTC']))
  expect(new Set(TIME_ZONES).size).toBe(TIME_ZONES.length)
})

test('every name in it can be reckoned with', () => {
  for (const timeZone of TIME_ZONES)
    expect(startOfDay(dayOf(noon, { timeZone }), { timeZone })).toBeLessThanOrEqual(noon)
})

test('a zone is offered once, by the name that it has now, and found by its former one', () => {
  const offered = zonesToChoose()
  expect(offered).toContain('Asia/Kolkata')
  expect(offered).not.toContain('Asia/Calcutta')
  expect(formerName('Asia/Kolkata')).toBe('Asia/Calcutta')
  // Nothing that Node lists is lost by it.
  const covered = new Set(offered.flatMap((name) => [name, formerName(name) ?? name]))
  for (const name of Intl.supportedValuesOf('timeZone')) expect(covered).toContain(name)
})

test('a renamed zone keeps the time of its former name', () => {
  for (const name of TIME_ZONES) {
    const before = formerName(name)
    if (before) expect([name, minutesAhead(name, noon)]).toEqual([name, minutesAhead(before, noon)])
  }
})

describe('a name that is not known here', () => {
  const nowhere = { timeZone: 'Mars/Olympus', fiscalYearStart: 1 }
  test('counts as UTC, and nothing throws', () => {
    expect(zoneHere(nowhere.timeZone)).toBe('UTC')
    expect(dayOf(noon, nowhere)).toBe('2026-11-24')
    expect(startOfDay('2026-11-24', nowhere)).toBe(Date.UTC(2026, 10, 24))
    expect(termStarts(nowhere, [], noon).year).toBe(Date.UTC(2026, 0, 1))
    expect(nextStart('month', nowhere, noon)).toBe(Date.UTC(2026, 11, 1))
    expect(minutesAhead(nowhere.timeZone, noon)).toBe(0)
  })
})

test('minutes ahead, from the first to the last to see a day', () => {
  expect(
    ['Pacific/Kiritimati', 'Asia/Kolkata', 'Europe/Oslo', 'UTC', 'Pacific/Pago_Pago'].map((z) => minutesAhead(z, noon)),
  ).toEqual([840, 330, 60, 0, -660])
})
