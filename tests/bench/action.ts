// W4: one action on 10,000 of 100,000 users: shown, kept, and seen on a second device; against one strict append of the same record,
// and against the SQL of it with the page's blocks added there.
import { agree, interleaved, type Bench } from './workload.ts'

const COUNT = 10_000

export async function action({ world, server, browser, report, rounds }: Bench): Promise<void> {
  const organisation = await world.organisation(100_000)
  const orgId = organisation.who.organisation
  const copy = await world.rawCopy()
  const [here, there] = [await browser.page(), await browser.page()]
  const names = { here: 'w4-here', there: 'w4-there', raw: 'w4-raw', rawThere: 'w4-raw-there' }
  const start = await here.call('firstSync', { name: names.here, who: organisation.who })
  agree('W4: users', start.users, organisation.users)
  await there.call('firstSync', { name: names.there, who: organisation.who })

  const [shown, durable, append, seen, rawSeen, longestHere, longestThere]: number[][] = [[], [], [], [], [], [], []]
  let version = (await here.call('settle', { name: names.here })).version
  let record: object = {}
  // One round more than is counted: the first warms the code up on both sides.
  await interleaved(
    rounds + 1,
    async (round) => {
      const done = await here.call('action', { name: names.here, count: COUNT, round })
      agree('W4: items', done.items, COUNT)
      record = done.record ?? record
      const arrived = there.call('arrival', { name: names.there })
      // The stream of pokes must stand before there is something to tell.
      await new Promise((resolve) => setTimeout(resolve, 300))
      const sent = await here.call('settle', { name: names.here })
      const arrival = await arrived
      agree('W4: arrived, left', [arrival.moved, sent.pending], [true, 0])
      agree('W4: rows there', await there.call('sums', { name: names.there }), await world.sums(organisation))
      const written = await copy.writtenAfter(orgId, version)
      const from = version
      version = sent.version
      server.onRawAction(() => {
        copy.write(orgId, written)
        return copy.blocksAfter(orgId, from)
      })
      const raw = await there.call('rawArrival', { name: names.rawThere, page: round })
      agree('W4 raw: users', raw.users, written.users.length)
      if (round === 0) return
      shown?.push(done.shownMs)
      durable?.push(done.durableMs)
      longestHere?.push(done.longest)
      seen?.push(arrival.at - sent.startedAt)
      longestThere?.push(arrival.longest)
      rawSeen?.push(raw.ms)
    },
    async (round) => {
      const { ms } = await here.call('rawAction', { name: names.raw, record })
      if (round > 0) append?.push(ms)
    },
  )
  report.absolute('W4', 'one action on 10,000 users: shown', '≤ 50', 'ms', shown ?? [])
  report.compare('W4', '… durable', '≤ 1.5', durable ?? [], append ?? [])
  report.absolute('W4', '… longest task over 50', 'none', 'ms', longestHere ?? [])
  report.compare('W4', '… in memory on a second device', '≤ 1.5', seen ?? [], rawSeen ?? [])
  report.absolute('W4', '… longest task there over 50', 'none', 'ms', longestThere ?? [])

  copy.close()
  await here.call('forget', { name: names.here })
  await there.call('forget', { name: names.there })
  await here.call('forget', { name: names.raw })
  await there.call('forget', { name: names.rawThere })
  await Promise.all([here.close(), there.close()])
}
