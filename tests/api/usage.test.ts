// Usage and spends on the real server code: what is recorded, what is denied, what devices get of it.
import { expect, onTestFinished, test } from 'vitest'
import { decodeMonth } from '#shared/usage.ts'
import { createUsage } from '../../sync-server/usage/create.ts'
import type { UsageEvent } from '../../sync-server/usage/usage.ts'
import { organisation, silent, START, type Wish } from '../support/server.ts'

const DAY = 24 * 60 * 60 * 1000

async function opened(wish: Wish = {}) {
  const world = await organisation({ users: { ada: { group: 'Sales' }, joan: {} }, groups: ['Sales'], ...wish })
  const versions: number[] = []
  const usage = createUsage({
    store: world.store,
    clock: () => world.clock.now,
    log: silent,
    random: world.random,
    committed: ({ version }) => versions.push(version),
    gather: () => new Promise((resolve) => setImmediate(resolve)),
  })
  onTestFinished(async () => {
    usage.close()
    await world.close()
  })
  let events = 0
  const event = (user: string, credits: number, over: Partial<UsageEvent> = {}): UsageEvent => ({
    source: 'urn:billing',
    id: `event ${(events += 1)}`,
    at: world.clock.now,
    user: `${user}@tern.example`,
    product: 'Sales Pro',
    credits,
    contactViews: 1,
    ...over,
  })
  const spend = (user: string, credits: number, key = world.newId()) =>
    usage.spend(world.id, { key, user: `${user}@tern.example`, product: 'Sales Pro', credits, contactViews: 0 })
  const ingest = (...some: UsageEvent[]) => usage.ingest(world.id, some)
  const month = async (id: string, since?: number) => {
    const found = await usage.month(world.id, id, since)
    return found && decodeMonth(found.bytes.buffer)
  }
  return { ...world, world, usage, versions, event, spend, ingest, month }
}

test('what is reported is counted, once, and published', async () => {
  const acme = await opened()
  const first = acme.event('ada', 30)
  const unknown = acme.event('nobody', 5)
  const answers = await acme.ingest(first, first, unknown, acme.event('joan', 12, { at: START - DAY }))
  expect(answers.map(({ result }) => result)).toEqual(['taken', 'repeated', 'refused', 'taken'])
  expect(await acme.spend('ada', 8)).toMatchObject({ allowed: true, left: 1_000_000 - 50, binds: 'credits' })
  expect(await acme.usage.balance(acme.id)).toMatchObject({ total: 1_000_000, used: 50, available: 999_950 })
  await acme.usage.publish(acme.id)
  const block = await acme.month('2026-11')
  expect(block?.days.map(({ day, columns }) => [day, [...columns.credits]])).toEqual([
    ['23', [12]],
    ['24', [38]],
  ])
  const { ids } = await acme.usage.ids(acme.id, 0)
  expect(ids[block?.days[1]?.columns.users[0] ?? 0]).toBe(acme.user('ada'))
  expect(await acme.usage.sources(acme.id)).toMatchObject([{ source: 'urn:billing', events: 2 }])
  const [grant] = await acme.rows('grants')
  expect(grant).toMatchObject({ used: 50, usedBy: { '2026-04-01': 50 } })
})
