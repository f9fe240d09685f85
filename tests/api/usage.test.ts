// Usage and spends on the real server code: what is recorded, what is denied, what devices get of it.
import { expect, test } from 'vitest'
import { START } from '../support/server.ts'
import { opened } from '../support/usage.ts'

const DAY = 24 * 60 * 60 * 1000

test('what is reported is counted, once, and published', async () => {
  const acme = await opened()
  const first = acme.event('ada', 30)
  const unknown = acme.event('nobody', 5)
  const answers = await acme.ingest(first, first, unknown, acme.event('joan', 12, { at: START - DAY }))
  expect(answers.map(({ result }) => result)).toEqual(['taken', 'repeated', 'refused', 'taken'])
  expect(await acme.spend('ada', 8)).toMatchObject({ allowed: true, left: 1_000_000 - 50, binds: 'credits' })
  expect(await acme.usage.balance(acme.world.id)).toMatchObject({ total: 1_000_000, used: 50, available: 999_950 })
  await acme.usage.publish(acme.world.id)
  const block = await acme.month('2026-11')
  expect(block?.days.map(({ day, columns }) => [day, [...columns.credits]])).toEqual([
    ['23', [12]],
    ['24', [38]],
  ])
  const { ids } = await acme.usage.ids(acme.world.id, 0)
  expect(ids[block?.days[1]?.columns.users[0] ?? 0]).toBe(acme.world.user('ada'))
  expect(await acme.usage.sources(acme.world.id)).toMatchObject([{ source: 'urn:billing', events: 2 }])
  const [grant] = await acme.world.rows('grants')
  expect(grant).toMatchObject({ used: 50, usedBy: { '2026-04-01': 50 } })
})
