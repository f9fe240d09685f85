// W1: the first copy of an organisation, from an empty database until the list can be asked, against fetching the same columns as
// texts that lie ready and adding them as they came.
import { agree, interleaved, type Bench } from './workload.ts'

export async function firstSync({ world, server, browser, report, rounds }: Bench): Promise<void> {
  for (const size of [10_000, 100_000]) {
    const organisation = await world.organisation(size)
    const pages = await server.keepPages(organisation)
    const sums = await world.sums(organisation)
    const [ours, raw, longest]: number[][] = [[], [], []]
    await interleaved(
      rounds,
      async (round) => {
        const page = await browser.page()
        const name = `w1-${size}-${round}`
        const result = await page.call('firstSync', { name, who: organisation.who })
        agree('W1: users asked for', [result.users, result.active], [organisation.users, organisation.active])
        agree('W1: rows in memory', await page.call('sums', { name }), sums)
        await page.close()
        const again = await browser.page()
        agree('W1: rows stored', (await again.call('open', { name })).users, organisation.users)
        await again.call('forget', { name })
        await again.close()
        ours?.push(result.ms)
        longest?.push(result.longest)
      },
      async (round) => {
        const page = await browser.page()
        const name = `w1-${size}-${round}-raw`
        const result = await page.call('rawFirstSync', { name, ...pages })
        agree('W1 raw: users', result.users, organisation.users)
        await page.call('forget', { name })
        await page.close()
        raw?.push(result.ms)
      },
    )
    const figure = `first sync of ${size.toLocaleString('en')} users`
    report.compare('W1', figure, '≤ 1.3', ours ?? [], raw ?? [])
    report.absolute('W1', `${figure}: longest task over 50`, 'none', 'ms', longest ?? [])
  }
}
