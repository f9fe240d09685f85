// A part of the seeds that `npm test` runs: every one must keep all laws, and together they must have reached what there is to reach.
import { afterAll, expect, test } from 'vitest'
import { actionTypes } from './generators.ts'
import { addReached, nothingReached, reachedText } from './reach.ts'
import { failureText, simulate } from './simulate.ts'
import type { Tier } from './state.ts'

/** Seeds in one test: small enough that progress is seen. */
const BATCH = 25
/** One of so many seeds runs twice and must take the same way. */
const TWICE = 10

/** What has to happen within the seeds of one shard. */
const EVENTS: Record<Tier, readonly string[]> = {
  A: [
    'request lost',
    'answer lost',
    'request repeated',
    'refused for its size',
    'tab dies',
    'tab sleeps',
    'tab not told',
    'server killed',
    'crash before commit',
    'crash after commit',
    'store fault',
    'store full',
    'store lost',
    'store unreachable',
    'poison',
    'device copied',
    'client-forked',
    'server restored',
    'other-history',
    'tombstones forgotten',
    'resnapshot',
    'taken back',
    'old risky operation confirmed',
    'signs out',
    'no console',
    'mails leave',
    'publish-usage',
    'event taken',
    'event repeated',
    'event user-unknown',
    'event product-unknown',
    'event not-yet',
    'event source-reserved',
    'source sends again from its position',
    'source sends all again',
    'spend allowed',
    'spend denied by own',
    'spend denied by default',
    'spend denied by pool',
    'spend denied by credits',
    'spend denied by deactivated',
    'reserve allowed',
    'reserve denied by credits',
    'reservation confirmed',
    'reservation released',
    'reservation expired',
    'grant added',
    'grant voided',
    'seats sold',
    'balance read',
    'provider: key-reused',
    'provider: id-taken',
    'provider: grant-exceeded',
    'provider: reservation-expired',
    'provider: reservation-released',
    'provider: reservation-exceeded',
    'provider: answer lost',
    'provider: call repeated',
  ],
  B: [
    'request lost',
    'answer lost',
    'request repeated',
    'tab dies',
    'tab sleeps',
    'server killed',
    'store full',
    'store lost',
    'poison',
    'publish-usage',
    'event taken',
    'event repeated',
    'spend allowed',
    'reserve allowed',
    'reservation confirmed',
    'grant added',
    'grant voided',
    'seats sold',
  ],
}

export function shard({ tier, from, seeds }: { tier: Tier; from: number; seeds: number }): void {
  const reached = nothingReached()

  for (let first = from; first < from + seeds; first += BATCH)
    test(
      `tier ${tier}, seeds ${first} to ${Math.min(first + BATCH, from + seeds) - 1}`,
      { timeout: 300_000 },
      async () => {
        for (let seed = first; seed < Math.min(first + BATCH, from + seeds); seed += 1) {
          const result = await simulate({ seed, tier })
          if (result.failures.length > 0) throw new Error(failureText(result))
          addReached(reached, result.reached)
          if (seed % TWICE !== 0) continue
          const again = await simulate({ seed, tier })
          expect(again.hash, `seed ${seed} took another way the second time`).toBe(result.hash)
        }
      },
    )

  test(`tier ${tier}, seeds ${from} to ${from + seeds - 1} reach every operation and every fault`, () => {
    expect(reached.operations).toBeGreaterThan(seeds)
    expect(reached.rejections).toBeGreaterThan(0)
    for (const type of [...actionTypes, 'undo'])
      expect(reached.outcomes[type]?.['applied'] ?? 0, `${type} applied`).toBeGreaterThan(0)
    for (const event of EVENTS[tier]) expect(reached.events[event] ?? 0, event).toBeGreaterThan(0)
  })

  afterAll(() => console.log(`Tier ${tier}, seeds ${from} to ${from + seeds - 1}\n${reachedText(reached)}`))
}
