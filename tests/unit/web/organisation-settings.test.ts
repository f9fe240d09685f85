// What the dialog of the organisation's settings says: periods, terms and clocks, worked out before anything is saved. Whatever
// order of day and month the locale has.
import { describe, expect, test } from 'vitest'
import { defaultSentence, periodChanges, termSentences, zoneSentences } from '#lib/settings/effect-words.ts'
import { findZones, offsetWords } from '#lib/settings/zones.ts'
import { baseLayer, emptyRows } from '#lib/replica/rows.ts'
import { effectsOf, type InTerm } from '#lib/settings/effects.ts'
import type { Limit, Organisation, Term } from '#shared/model.ts'
import { termStarts } from '#shared/periods.ts'
import { organisation } from '../../support/organisation.ts'

const NOON = Date.UTC(2026, 10, 24, 12)
const oslo = { timeZone: 'Europe/Oslo', weekStart: 1, fiscalYearStart: 1 }
const inTerm = (some: Partial<Record<Term, InTerm>>): Record<Term, InTerm> => {
  const nobody = { users: 0, groups: 0 }
  return { month: nobody, quarter: nobody, year: nobody, contract: nobody, ...some }
}
const everybody = inTerm({
  month: { users: 9, groups: 3 },
  quarter: { users: 12, groups: 2 },
  year: { users: 1, groups: 0 },
})
const plain = (words: string) => words.replace(/\s+/g, ' ')
const periods = (after: Partial<typeof oslo>, now = NOON) =>
  periodChanges(oslo, { ...oslo, ...after }, now).map(({ name, now, then }) => plain(`${name}: ${now} becomes ${then}`))
const terms = (after: Partial<typeof oslo>, counts = everybody, now = NOON) =>
  termSentences(oslo, { ...oslo, ...after }, [], counts, now)
const zone = (timeZone: string, now = NOON, before = oslo) => zoneSentences(before, { ...before, timeZone }, now)

describe('a fiscal year that starts in February', () => {
  test('moves quarter and year to date, and nothing else', () => {
    expect(periods({ fiscalYearStart: 2 })).toEqual([
      expect.stringMatching(/^Quarter to date: .*Oct.* – .*24.* becomes .*Nov.* – .*24/),
      expect.stringMatching(/^Year to date: .*Jan.* becomes .*Feb/),
    ])
  })

  test('moves the terms of limits by quarter and year: counted from, and starting anew on', () => {
    const [quarter, year, ...others] = terms({ fiscalYearStart: 2 })
    expect(quarter).toMatch(
      /^12 users and 2 groups have limits by quarter: use counts from (1 November|November 1) instead of (1 October|October 1), and starts anew on (1 February|February 1) instead of (1 January|January 1)\.$/,
    )
    expect(year).toMatch(
      /^1 user has a limit by year: use counts from .*February.* instead of .*January.*, and starts anew on .*February.* instead of .*January/,
    )
    // Without a contract its term is the fiscal year; nobody has a limit by it here.
    expect(others).toEqual([])
  })

  test('of nobody who has such a limit, it says so', () => {
    expect(terms({ fiscalYearStart: 2 }, inTerm({ month: { users: 9, groups: 0 } }))).toEqual([
      'Nobody has a limit by quarter or by year or for the contract: none starts anew on another day.',
    ])
  })

  test('on 29 January it has not begun: both quarters are told by their own days', () => {
    const [quarter] = terms({ fiscalYearStart: 2 }, everybody, Date.UTC(2027, 0, 29, 12))
    expect(quarter).toMatch(
      /counts from .*November.* instead of .*January.*starts anew on .*February.* instead of .*April/,
    )
  })
})

test('one that starts a whole quarter later leaves the quarters as they are', () => {
  expect(periods({ fiscalYearStart: 4 })).toEqual([expect.stringMatching(/^Year to date: .*Jan.* becomes .*Apr/)])
  expect(terms({ fiscalYearStart: 4 })).toEqual([
    expect.stringMatching(/^1 user has a limit by year: use counts from .*April/),
  ])
})

test('a week that begins on Sunday moves the full weeks by a day', () => {
  expect(periods({ weekStart: 7 })).toEqual([
    expect.stringMatching(/^Last week: .*16 .*22.* becomes .*15 .*21/),
    expect.stringMatching(/^Last 2 weeks: .*9 .*22.* becomes .*8 .*21/),
  ])
  expect(terms({ weekStart: 7 })).toEqual([])
  expect(zone('Europe/Oslo')).toEqual([])
})

describe('another time zone', () => {
  test('Kiritimati: another day there, months that begin 13 hours earlier, days that stay', () => {
    expect(zone('Pacific/Kiritimati')).toEqual([
      expect.stringMatching(
        /^It is (25 November|November 25) at 02:00.* there now, instead of (24 November|November 24) at (13:00|01:00 PM)\.$/,
      ),
      expect.stringMatching(
        /^The next month begins 13 hours earlier: on (30 November|November 30) at 11:00.* by the clocks of Europe\/Oslo\.$/,
      ),
      'Days counted so far stay as they were counted.',
    ])
    expect(periods({ timeZone: 'Pacific/Kiritimati' })).toEqual([
      expect.stringMatching(/^Month to date: .*24.* becomes .*25/),
      expect.stringMatching(/^Quarter to date/),
      expect.stringMatching(/^Year to date/),
    ])
    expect(terms({ timeZone: 'Pacific/Kiritimati' })).toEqual([])
  })

  test('where another month runs there already, limits by month start anew at once', () => {
    const lastDay = Date.UTC(2026, 10, 30, 12)
    const [month] = terms({ timeZone: 'Pacific/Kiritimati' }, everybody, lastDay)
    expect(month).toMatch(
      /^9 users and 3 groups have limits by month: use counts from .*December.* instead of .*November.*, and starts anew on .*January.* instead of .*December/,
    )
    expect(zone('Pacific/Kiritimati', lastDay)).toHaveLength(2)
  })

  test('clocks that change before the month ends: the hours between are those of then, not of now', () => {
    // Oslo is 2 hours ahead of UTC on 20 October, and 1 hour from the 25th on.
    const [there, month] = zone('UTC', Date.UTC(2026, 9, 20, 12))
    expect(there).toMatch(/at (12:00|12:00 PM) there now, instead of .* at (14:00|02:00 PM)/)
    expect(month).toMatch(/^The next month begins 1 hour later: on .* at 01:00/)
  })

  test('half hours are told; a zone with the same clocks moves nothing', () => {
    expect(zone('Asia/Kolkata')[1]).toMatch(/^The next month begins 4 hours 30 minutes earlier/)
    expect(zone('Europe/Berlin')).toEqual([
      expect.stringMatching(/^It is .* by either time zone now\.$/),
      'Months begin at the same moment as now.',
      'Days counted so far stay as they were counted.',
    ])
  })

  test('a name that is not known here is said by UTC, and nothing throws', () => {
    expect(zone('Europe/Oslo', NOON, { ...oslo, timeZone: 'Mars/Olympus' })[0]).toMatch(/there now, instead of .*12:00/)
  })
})

test('an organisation whose users have all kinds of limits: who is counted where, who is blocked at once', async () => {
  const monthly = (credits: number | null, term: Term = 'month') => ({ credits, term })
  const acme = organisation({
    groups: { Sales: ['ada'], Pool: ['bo'] },
    users: { cy: { limit: monthly(7, 'quarter') }, dee: {}, ed: { limit: monthly(null) } },
    deactivated: ['old'],
    credits: 1_000,
  })
  const stamped = (credits: number, term: Term): Limit => ({
    credits,
    term,
    setBy: acme.user('ingrid').id,
    setAt: 0,
    was: null,
  })
  acme.rows.put('groups', { ...acme.group('Sales'), memberLimit: stamped(50, 'year') })
  acme.rows.put('groups', { ...acme.group('Pool'), poolLimit: stamped(90, 'quarter') })
  for (const [name, credits] of [
    ['bo', 12],
    ['dee', 11],
    ['ingrid', 3],
  ] as const)
    acme.use(name, credits)
  const rows = emptyRows()
  for (const entity of ['organisations', 'groups', 'users', 'meters'] as const)
    for (const row of acme.rows.all(entity)) rows.tables[entity].set(row.id, row as never)
  const before: Organisation = { ...acme.rows.organisation, defaultLimit: stamped(12, 'month') }
  const after: Organisation = { ...before, defaultLimit: stamped(11, 'month') }
  const starts = termStarts(before, acme.rows.grants(), acme.now)
  const { inTerm, fallback, now, change } = await effectsOf(baseLayer(rows), before, after, starts, () => undefined)

  expect(inTerm).toEqual({
    month: { users: 3, groups: 0 },
    quarter: { users: 1, groups: 1 },
    year: { users: 1, groups: 0 },
    contract: { users: 0, groups: 0 },
  })
  // Bo was blocked before; dee is now; ada, cy and ed keep theirs.
  expect(fallback).toMatchObject({ changing: 3, keeping: 3, blocked: 1 })
  expect(fallback.firstBlocked.map(({ user, over }) => [user.firstName, over])).toEqual([['dee', 0]])
  expect(now).toEqual({ together: 50 + 7 + 3 * 12, limited: 5, unlimited: 1 })
  expect(change).toEqual({ together: -3, limited: 0, unlimited: 0 })
  expect(defaultSentence(fallback)).toBe(
    '3 users inherit it and get 11 a month instead of 12. 1 has used as much already and is blocked at once.',
  )
  expect(defaultSentence({ ...fallback, changing: 0 })).toBe('Nobody inherits the default limit: no limit changes.')
})

test('a zone is found by place, former name and offset; the chosen one stands first', () => {
  expect(findZones('', 'Europe/Oslo', NOON).shown[0]).toBe('Europe/Oslo')
  expect(findZones('new york', 'UTC', NOON).shown).toEqual(['America/New_York'])
  expect(findZones('calcutta', 'UTC', NOON).shown).toEqual(['Asia/Kolkata'])
  expect(findZones('+5:30', 'UTC', NOON).shown).toEqual(['Asia/Colombo', 'Asia/Kolkata'])
  expect(findZones('asia utc+14', 'UTC', NOON).shown).toEqual([])
  expect(findZones('utc+14', 'UTC', NOON).shown).toEqual(['Pacific/Kiritimati'])
  expect(findZones('-11', 'UTC', NOON).shown).toContain('Pacific/Pago_Pago')
  expect(findZones('nowhere', 'UTC', NOON)).toEqual({ shown: [], more: 0 })
  expect(['UTC', 'Asia/Kathmandu', 'America/St_Johns'].map((name) => offsetWords(name, NOON))).toEqual([
    'UTC',
    'UTC+5:45',
    'UTC−3:30',
  ])
})
