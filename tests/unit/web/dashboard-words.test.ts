// What the dashboard says: the sentence under a chart, its table and its file, how long credits last, what is not here.
import { toCsv } from '#shared/csv.ts'
import { bucketsOf } from '#lib/dashboard/buckets.ts'
import { productColours } from '#lib/dashboard/colours.ts'
import { barsOf, rankedFile, rankedTwin, summaryFile, summaryTwin, usersBehind } from '#lib/dashboard/view.ts'
import { missingWords } from '#lib/dashboard/missing-words.ts'
import {
  emptyWords,
  forecastWords,
  referenceWords,
  shareWords,
  summaryWords,
  topWords,
  upToWords,
} from '#lib/dashboard/words.ts'
import { valueFormat, labelStep } from '#lib/components/charts/bar-labels.ts'
import { fileName } from '#lib/components/charts/chart.ts'
import type { Day, Product, ProductId } from '#shared/model.ts'
import { addDays, dayNumber } from '#shared/periods.ts'
import { describe, expect, test } from 'vitest'

const calendar = { weekStart: 1, fiscalYearStart: 4 }
const between = (from: Day, to: Day, credits: (day: Day) => number) =>
  Array.from({ length: dayNumber(to) - dayNumber(from) + 1 }, (_, at) => {
    const day = addDays(from, at)
    return { day, credits: credits(day), contactViews: 1 }
  })
const months = bucketsOf(
  between('2026-09-01', '2026-11-24', (day) => (day.endsWith('-05') ? Number(day.slice(5, 7)) * 1_000 : 0)),
  'month',
  calendar,
  { today: '2026-11-24', pace: { credits: 28 * 100, days: 28 } },
)
const weeks = bucketsOf(
  between('2026-10-01', '2026-10-20', () => 100),
  'week',
  calendar,
)

describe('the sentence under the chart', () => {
  test('names the highest, and where the running month stands and heads', () => {
    expect(summaryWords('month', months)).toMatch(
      /^Highest in November, 11,000\. November stands at 11,000 after 24 days and heads for 11,700\.$/,
    )
  })
  test('names weeks by their first day, and says which the period cuts', () => {
    expect(summaryWords('week', weeks)).toMatch(
      /^Highest in the week of .*5.*, 700\. The first and the last week are cut by the period\.$/,
    )
  })
  test('says that nothing was used', () => {
    expect(
      summaryWords(
        'day',
        bucketsOf(
          between('2026-10-01', '2026-10-03', () => 0),
          'day',
          calendar,
        ),
      ),
    ).toBe('Nothing was used in this time.')
  })
  test('explains the dotted line', () => {
    expect(referenceWords('month', { kind: 'even-pace', value: 45_833 })).toBe(
      'Dotted line: an even pace of 45,833 a month.',
    )
    expect(referenceWords('week', { kind: 'mean', value: 700 })).toBe('Dotted line: the mean, 700 a week.')
  })
})

test('sums of a time that is not all here say so', () => {
  const days = between('2026-09-01', '2026-10-31', (day) => (day < '2026-10-01' ? 0 : 100))
  const buckets = bucketsOf(days, 'month', calendar, undefined, ['2026-09'])
  expect(summaryWords('month', buckets)).toBe('Of what is on this device, highest in October, 3,100.')
  expect(summaryTwin('month', buckets, buckets).total?.slice(0, 4)).toEqual(['31 days on this device', 31, 3_100, 100])
  const top = [{ name: 'Amara Okafor', credits: 30 }]
  expect(topWords(top, 12, 60, true)).toBe(
    'Amara Okafor used most of what is on this device, 30. 1 of 12 users used 50% of it.',
  )
  expect(topWords(top, 1, 30, true)).toContain('1 user used credits in what is on this device.')
  const parts = [
    { name: 'Sales Pro', value: 3 },
    { name: 'Viewer', value: 1 },
  ]
  expect(shareWords(parts, '', true)).toBe('Most of what is on this device with Sales Pro, 75%.')
  const twin = rankedTwin([], { names: 'User', unit: 'Credits', total: 60, all: 'All 12 users', partial: true })
  expect(twin.total?.[0]).toBe('All 12 users on this device')
})

describe('the table of a chart', () => {
  test('has months below weeks, and adds up', () => {
    const days = between('2026-09-28', '2026-10-20', () => 100)
    const twin = summaryTwin('week', bucketsOf(days, 'week', calendar), bucketsOf(days, 'month', calendar))
    expect(twin.rows.map(({ cells }) => cells.slice(1))).toEqual([
      [7, 700, 100, 7],
      [7, 700, 100, 7],
      [7, 700, 100, 7],
      [2, 200, 100, 2],
    ])
    expect(twin.more?.rows.map(({ cells }) => cells[2])).toEqual([300, 2_000])
    expect(twin.total).toEqual(['23 days', 23, 2_300, 100, 23])
    expect(summaryTwin('month', months, months).more).toBeUndefined()
  })
  test('shares are of all, not of what is listed', () => {
    const parts = [{ key: 'a', name: 'Ada', value: 25, href: '/users/a' }]
    const twin = rankedTwin(parts, { names: 'User', unit: 'Credits', total: 100, all: 'All 4 users' })
    expect(twin.rows[0]?.cells).toEqual(['Ada', 25, 0.25])
    expect(twin.total).toEqual(['All 4 users', 100, 1])
  })
  test('every row leads to the users behind it', () => {
    expect(usersBehind({ from: '2026-11-01', to: '2026-11-24' })).toBe('/users?used=2026-11-01..2026-11-24')
    expect(usersBehind({ from: '2026-11-01', to: '2026-11-24' }, 'p' as ProductId)).toContain('&usedProduct=p')
    expect(usersBehind({ from: '2026-11-01', to: '2026-11-24' }, 'p' as ProductId, 'contactViews')).toContain(
      '&usedFor=views',
    )
    expect(barsOf('month', months)[2]).toMatchObject({ href: '/users?used=2026-11-01..2026-11-24', heads: 11_700 })
  })
})

describe('the file of a chart', () => {
  test('has plain numbers and days, and no formula', () => {
    const file = summaryFile({ from: '2026-10-01', to: '2026-10-20' }, weeks)
    expect(file.name).toBe('usage-2026-10-01-to-2026-10-20')
    expect(file.rows().slice(0, 2)).toEqual([
      ['From', 'To', 'Days', 'Credits', 'Contact views'],
      ['2026-10-01', '2026-10-04', 4, 400, 4],
    ])
    const people = rankedFile(
      'top 10 users',
      { from: '2026-10-01', to: '2026-10-20' },
      [{ key: 'a', name: '=HYPERLINK("x")', also: 'Sales Pro', value: 3, href: '' }],
      ['User', 'Product', 'Credits'],
    )
    const csv = toCsv(people.rows().map((row) => row.map(String)))
    expect(csv).toBe('User,Product,Credits\r\n"\'=HYPERLINK(""x"")",Sales Pro,3\r\n')
  })
  test('is named for every system', () => {
    expect(fileName('Credits by product: a/b', { from: '2026-10-01', to: '2026-10-20' })).toBe(
      'credits-by-product-a-b-2026-10-01-to-2026-10-20',
    )
  })
})

describe('bars', () => {
  const bar = (value: number) => ({ key: String(value), label: '9 Nov', name: '', value })
  test('are written in full, shorter, or not at all, by the room that they have', () => {
    const bars = [bar(41_280), bar(52_640)]
    const written = (slot: number) => bars.map(({ value }) => valueFormat(bars, slot)?.(value))
    expect(written(80)).toEqual(['41,280', '52,640'])
    expect(written(38)).toEqual(['41.3k', '52.6k'])
    expect(written(27)).toEqual(['41k', '53k'])
    expect(written(12)).toEqual([undefined, undefined])
    // "4k" for each day of a month would say nothing.
    expect(valueFormat([bar(4_280), bar(4_460)], 22)).toBeUndefined()
  })
  test('leave names out where they would touch', () => {
    expect(labelStep([bar(1), bar(2)], 80)).toBe(1)
    expect(labelStep([bar(1), bar(2)], 20)).toBe(2)
  })
  test('say the year where it changes, and the month where days of another begin', () => {
    const long = bucketsOf(
      between('2025-11-01', '2026-02-10', () => 1),
      'month',
      calendar,
    )
    expect(barsOf('month', long).map(({ second }) => second)).toEqual(['2025', undefined, '2026', undefined])
    const short = bucketsOf(
      between('2026-10-30', '2026-11-02', () => 1),
      'day',
      calendar,
    )
    expect(barsOf('day', short).map(({ label, second }) => [label, Boolean(second)])).toEqual([
      ['30', true],
      ['31', false],
      ['1', true],
      ['2', false],
    ])
  })
})

test('times name their zone where it is not the organisation’s', () => {
  const at = Date.UTC(2026, 10, 24, 9, 41)
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone
  const plain = upToWords(at, at, own)
  expect(plain).toBe(upToWords(at, at, undefined))
  // No other place of the earth has clocks like both.
  const others = ['Pacific/Kiritimati', 'Pacific/Pago_Pago'].map((zone) => upToWords(at, at, zone))
  expect(others.some((words) => words.startsWith(`${plain} `))).toBe(true)
})

test('a product keeps its colour when others come', () => {
  const product = (id: string): Pick<Product, 'id'> => ({ id: id as ProductId })
  const before = productColours([product('b'), product('a')])
  const after = productColours([product('c'), product('b'), product('a')])
  for (const [id, colour] of before) expect(after.get(id)).toBe(colour)
  expect(after.get('c' as ProductId)).toBe('chart-3')
})

describe('how long credits last, in words', () => {
  const pace = { credits: 1_737 * 28, days: 28 }
  const said = (forecast: Parameters<typeof forecastWords>[0]) => {
    const { before, day, after } = forecastWords(forecast)
    return before + day + after
  }
  test('until a day, and how many days short', () => {
    expect(said({ kind: 'out', on: '2027-03-14', short: 17, toCome: false, pace })).toMatch(
      /^At this pace, 1,737 a day, credits last until .*March.*2027.*, 17 days short\.$/,
    )
    expect(said({ kind: 'out', on: '2027-03-30', short: 1, toCome: false, pace })).toContain(', 1 day short.')
    expect(forecastWords({ kind: 'out', on: '2027-03-14', short: 17, toCome: false, pace }).assumption).toContain(
      'last 28 full days',
    )
  })
  test('with grants to come named where they are counted in', () => {
    const rests = (toCome: boolean) =>
      forecastWords({ kind: 'out', on: '2027-04-15', short: 350, toCome, pace }).assumption
    expect(rests(true)).toContain('grants to come are counted in from their first day.')
    expect(rests(false)).toMatch(/counted out\.$/)
  })
  test('to the end of the last grant', () => {
    expect(said({ kind: 'lasts', to: '2027-03-31', unused: 12_345, toCome: false, pace })).toMatch(
      /credits last to the end of the last grant, .*March.*2027; 12,345 end unused\.$/,
    )
  })
  test('or why that cannot be said', () => {
    expect(said({ kind: 'too-little', days: 12 })).toContain('28 full days, 12 are here')
    expect(said({ kind: 'none' })).toContain('No credits are left')
    expect(said({ kind: 'unused' })).toContain('nothing runs out')
  })
})

describe('people and products, in words', () => {
  test('who used most, and what part the listed ones are', () => {
    const top = [
      { name: 'Amara Okafor', credits: 30 },
      { name: 'Yusuf Demir', credits: 10 },
    ]
    expect(topWords(top, 12, 80)).toBe('Amara Okafor used most, 30. 2 of 12 users used 50% of all.')
    expect(topWords(top, 2, 40)).toBe('Amara Okafor used most, 30. 2 users used credits in this time.')
    expect(topWords([], 0, 0)).toBe('Nobody used credits in this time.')
  })
  test('which product took most', () => {
    expect(
      shareWords(
        [
          { name: 'Sales Pro', value: 3 },
          { name: 'Viewer', value: 1 },
        ],
        '',
      ),
    ).toBe('Most with Sales Pro, 75%.')
    expect(shareWords([], 'Nothing.')).toBe('Nothing.')
  })
})

test('months that are not here are named, and when they come', () => {
  expect(missingWords(['2025-08'], false)).toBe(
    'August 2025 is not on this device yet; it is fetched when the network returns.',
  )
  expect(missingWords(['2025-08', '2025-07'], true)).toBe(
    'August 2025 and July 2025 are not on this device yet; they are being fetched.',
  )
  expect(emptyWords(undefined, [], true)).toContain('No usage yet')
  expect(emptyWords('2026-01-01', [], true)).toContain('Choose another period')
})
