// The server's usage over a small world, in the words of a provider's program.
import { onTestFinished } from 'vitest'
import { decodeMonth } from '#shared/usage.ts'
import { createUsage } from '../../sync-server/usage/create.ts'
import type { Usage, UsageEvent } from '../../sync-server/usage/usage.ts'
import { organisation, silent, type Wish } from './server.ts'

export type UsageWorld = Awaited<ReturnType<typeof usageWorld>>

/** @param publishEvery milliseconds; by default never by itself */
export async function usageWorld(wish: Wish = {}, publishEvery = Infinity) {
  const world = await organisation({
    users: { ada: { group: 'Sales' }, joan: {} },
    groups: ['Sales'],
    ...wish,
    sync: { beforeSnapshot: (id) => usage.publish(id), ...wish.sync },
  })
  const versions: number[] = []
  const start = () =>
    createUsage({
      store: world.store,
      clock: () => world.clock.now,
      log: silent,
      random: world.random,
      committed: ({ version }) => versions.push(version),
      gather: () => new Promise((resolve) => setImmediate(resolve)),
      publishEvery,
    })
  const usage: Usage = start()
  let events = 0
  const request = (user: string, credits: number, key: string) => ({
    key,
    user: `${user}@tern.example`,
    product: 'Sales Pro',
    credits,
    contactViews: 0,
  })
  return {
    world,
    usage,
    /** Versions that were published, in order. */
    versions,
    start,
    event: (user: string, credits: number, over: Partial<UsageEvent> = {}): UsageEvent => ({
      source: 'urn:billing',
      id: `event ${(events += 1)}`,
      at: world.clock.now,
      user: `${user}@tern.example`,
      product: 'Sales Pro',
      credits,
      contactViews: 1,
      ...over,
    }),
    ingest: (...some: UsageEvent[]) => usage.ingest(world.id, some),
    spend: (user: string, credits: number, key = world.newId()) => usage.spend(world.id, request(user, credits, key)),
    reserve: (user: string, credits: number, seconds = 600, key = world.newId()) =>
      usage.reserve(world.id, { ...request(user, credits, key), seconds }),
    month: async (id: string, since?: number) => {
      const found = await usage.month(world.id, id, since)
      return found && decodeMonth(found.bytes.buffer)
    },
    end: async () => {
      usage.close()
      await world.close()
    },
  }
}

/** A world that ends with the test. */
export async function opened(wish: Wish = {}, publishEvery?: number): Promise<UsageWorld> {
  const opened = await usageWorld(wish, publishEvery)
  onTestFinished(opened.end)
  return opened
}
