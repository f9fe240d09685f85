// W3: a thousand single edits without a network, each kept before the next, among 100,000 users and among 100; then the drain, against
// the same rows written by plain SQL.
import { agree, interleaved, type Bench } from './workload.ts'

const COUNT = 1_000

export async function edits({ world, browser, report, rounds }: Bench): Promise<void> {
  const page = await browser.page()
  const copyNeeds = [await world.organisation(100_000), await world.organisation(100)] as const
  const [large, small] = copyNeeds
  const copy = await world.rawCopy()
  const names = { large: 'w3-100000', small: 'w3-100', raw: 'w3-raw' }
  await page.call('firstSync', { name: names.large, who: large.who })
  await page.call('firstSync', { name: names.small, who: small.who })

  const [ours, few, raw, longest, drains, rawDrains, requests]: number[][] = [[], [], [], [], [], [], []]
  let like: object = {}
  await interleaved(
    rounds,
    async (round) => {
      const before = await page.call('settle', { name: names.large })
      const result = await page.call('edits', { name: names.large, count: COUNT, round })
      agree('W3: operations kept', result.kept, COUNT)
      like = result.last ?? like
      ours?.push(result.ms)
      longest?.push(result.longest)
      const drained = await page.call('settle', { name: names.large })
      agree('W3: operations left', drained.pending, 0)
      agree('W3: rows of device and server', await page.call('sums', { name: names.large }), await world.sums(large))
      drains?.push(drained.ms)
      requests?.push(drained.requests)
      const written = await copy.writtenAfter(large.who.organisation, before.version)
      agree('W3: operations logged', written.log.length, COUNT)
      rawDrains?.push(copy.write(large.who.organisation, written))
    },
    async () => {
      const result = await page.call('rawEdits', { name: names.raw, count: COUNT, like })
      agree('W3 raw: records', result.kept, COUNT)
      raw?.push(result.ms)
    },
    async (round) => {
      few?.push((await page.call('edits', { name: names.small, count: COUNT, round })).ms)
      agree('W3: operations left', (await page.call('settle', { name: names.small })).pending, 0)
    },
  )
  report.compare('W3', '1,000 single edits among 100,000 users', '≤ 1.6', ours ?? [], raw ?? [])
  report.compare('W3', '… against among 100 users', '≤ 1.1', ours ?? [], few ?? [])
  report.absolute('W3', 'edits: longest task over 50', 'none', 'ms', longest ?? [])
  report.compare('W3', 'their drain, against the SQL of it', '≤ 2', drains ?? [], rawDrains ?? [])
  report.absolute('W3', 'requests of the drain', '≤ 2', '', requests ?? [])

  copy.close()
  for (const name of Object.values(names)) await page.call('forget', { name })
  await page.close()
}
