// W2: opening offline with 100,000 users: the first rows, then everything, then counts; against opening and one get, and against
// reading all blocks ten at a time. Also the heap that the rows take.
import { agree, interleaved, type Bench } from './workload.ts'

const SIZE = 100_000

export async function open({ world, server, browser, report, rounds }: Bench): Promise<void> {
  const organisation = await world.organisation(SIZE)
  const pages = await server.keepPages(organisation)
  const name = 'w2'
  const first = await browser.page()
  await first.call('firstSync', { name, who: organisation.who })
  await first.call('rawFirstSync', { name: `${name}-raw`, ...pages })
  await first.call('keepScreen', { name })
  await first.close()

  const ours: { firstMs: number; allMs: number; countsMs: number; longest: number; heap: number }[] = []
  const raw: { firstMs: number; allMs: number }[] = []
  await interleaved(
    rounds,
    async () => {
      const page = await browser.page()
      const before = await page.heap()
      const result = await page.call('open', { name })
      agree('W2: rows', [result.first, result.users], [50, organisation.users])
      ours.push({ ...result, heap: ((await page.heap()) - before) / 1e6 })
      await page.close()
    },
    async () => {
      const page = await browser.page()
      const result = await page.call('rawOpen', { name: `${name}-raw` })
      agree('W2 raw: rows', [result.first, result.users], [50, organisation.users])
      raw.push(result)
      await page.close()
    },
  )
  const of = <Row, Key extends keyof Row>(rows: readonly Row[], key: Key) => rows.map((row) => row[key])
  report.compare('W2', 'first 50 of 100,000 users', '≤ 1.5', of(ours, 'firstMs'), of(raw, 'firstMs'))
  report.compare('W2', 'all 100,000 can be asked', '≤ 1.3', of(ours, 'allMs'), of(raw, 'allMs'))
  report.absolute('W2', 'counts by product and status after', '≤ 5', 'ms', of(ours, 'countsMs'))
  report.absolute('W2', 'opening: longest task over 50', 'none', 'ms', of(ours, 'longest'))
  report.absolute('W2', 'heap of the rows', '≤ 60', 'MB', of(ours, 'heap'))

  const last = await browser.page()
  await last.call('forget', { name })
  await last.call('forget', { name: `${name}-raw` })
  await last.close()
}
