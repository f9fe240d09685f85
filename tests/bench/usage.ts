// W8: any period over 13 months of 10,000 users' daily usage, from the blocks on the device, beside one pass over flat typed arrays of the
// same data in the same worker. Each answer is checked against a plain recount.
import { encodeMonth } from '#shared/usage.ts'
import type { Range } from './page/usage-sums.ts'
import { recount, usageData, type UsageData } from './usage-data.ts'
import { agree, interleaved, type Bench } from './workload.ts'

const NAME = 'w8'
const TIMES = 20

export async function usage({ world, server, browser, report, rounds }: Bench): Promise<void> {
  const data = usageData()
  server.onUsage({ block: (month) => data.blocks.get(month) ?? encodeMonth(month, 1, []), ids: () => data.ids })
  const { who } = await world.organisation(100)
  const months = Object.fromEntries([...data.blocks.keys()].map((month) => [month, { version: 1, entries: 1 }]))
  const all = { from: data.days[0] ?? '', to: data.days.at(-1) ?? '' }
  const kinds: Record<'any' | 'whole' | 'week', readonly Range[]> = {
    any: somePeriods(data, 30),
    whole: wholeMonths([...data.blocks.keys()]),
    week: weeks(data, 20),
  }
  const wanted = {
    any: recounts(data, kinds.any),
    whole: recounts(data, kinds.whole),
    week: recounts(data, kinds.week),
  }

  const first = await browser.page()
  const kept = await first.call('keepUsage', { name: NAME, who, months })
  agree('W8: months kept', kept.months, data.blocks.size)
  await first.close()

  const opened: { ms: number; againMs: number; longest: number; memoryBytes: number }[] = []
  const ours: Record<keyof typeof kinds, number[]> = { any: [], whole: [], week: [] }
  const raw: Record<keyof typeof kinds, number[]> = { any: [], whole: [], week: [] }
  const lean: number[] = []
  const total = recount(data, all)
  await interleaved(
    rounds,
    async () => {
      const page = await browser.page()
      const result = await page.call('openUsage', { name: NAME, range: all })
      agree(
        'W8: all 13 months',
        [result.credits, result.contactViews, result.users],
        [total.credits, total.contactViews, total.users],
      )
      opened.push(result)
      await page.close()
    },
    async () => {
      const page = await browser.page()
      for (const kind of ['any', 'whole', 'week'] as const) {
        // Once to be compiled, then measured.
        await page.call('sumUsage', { name: NAME, ranges: kinds[kind], times: 2 })
        const measured = await page.call('sumUsage', { name: NAME, ranges: kinds[kind], times: TIMES })
        agree(`W8: ${kind}`, measured.answers, wanted[kind])
        agree(`W8 raw: ${kind}`, measured.rawAnswers, wanted[kind])
        ours[kind].push(measured.ours / kinds[kind].length)
        raw[kind].push(measured.raw / kinds[kind].length)
        if (kind === 'any') lean.push(measured.lean / kinds[kind].length)
      }
      await page.close()
    },
  )
  report.compare('W8', 'any period of 13 months, 10,000 users', '≤ 1.2', ours.any, raw.any)
  report.compare('W8', 'the same beside credits by user alone', '', ours.any, lean)
  report.compare('W8', 'whole months', '≤ 0.2', ours.whole, raw.whole)
  report.compare('W8', 'a week', '≤ 1.2', ours.week, raw.week)
  const of = <Key extends keyof (typeof opened)[number]>(key: Key) => opened.map((result) => result[key])
  report.absolute('W8', 'first numbers after opening, all months', '≤ 100', 'ms', of('ms'))
  report.absolute('W8', 'asked again, with the way to the worker', '', 'ms', of('againMs'))
  report.absolute('W8', 'opening: longest task over 50', 'none', 'ms', of('longest'))
  report.absolute('W8', '13 months fetched and kept', '', 'ms', [kept.ms])
  report.absolute('W8', 'fetching: longest task over 50', 'none', 'ms', [kept.longest])
  report.absolute('W8', 'on disk', '', 'MB', [kept.diskBytes / 1e6])
  report.absolute('W8', 'in memory, all months whole', '≤ 25', 'MB', [Math.max(...of('memoryBytes')) / 1e6])

  const last = await browser.page()
  await last.call('forget', { name: NAME })
  await last.close()
}

const recounts = (data: UsageData, ranges: readonly Range[]) => ranges.map((range) => recount(data, range))

/** From one day to another, spread over all lengths. */
function somePeriods({ days }: UsageData, count: number): Range[] {
  return Array.from({ length: count }, (_, at) => {
    const length = Math.round(((at + 1) / count) * (days.length - 20)) + 3
    const from = (at * 37) % (days.length - length)
    return { from: days[from] ?? '', to: days[from + length - 1] ?? '' }
  })
}

const weeks = ({ days }: UsageData, count: number): Range[] =>
  Array.from({ length: count }, (_, at) => {
    const from = (at * 53) % (days.length - 7)
    return { from: days[from] ?? '', to: days[from + 6] ?? '' }
  })

const wholeMonths = (months: readonly string[]): Range[] =>
  months.flatMap((first, at) =>
    months
      .slice(at)
      .filter((_, index) => index % 4 === 0)
      .map((last) => ({ from: `${first}-01`, to: `${last}-31` })),
  )
