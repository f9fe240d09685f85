// Checks the chain of an organisation's log while everybody else goes on: in parts of a few milliseconds, telling how far it is. One
// check at a time, since each reads the whole log.
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { ChainProgress } from '#shared/activity.ts'
import type { OrganisationId } from '#shared/model.ts'
import type { Store } from '../store/index.ts'
import { createWalk, type Noted } from '../sync/chain.ts'
import { readHead } from '../sync/log.ts'

/** So many faults are listed; of more only their number. */
const LISTED = 100

/**
 * Walks the chain and tells how far it is after each part; the last one says what was found.
 * @param noted heads that were seen earlier, by the device that asks or by a person
 */
export async function* verify(
  store: Store,
  organisation: OrganisationId,
  { now, noted = [] }: { now: () => number; noted?: readonly Noted[] },
): AsyncGenerator<ChainProgress, void> {
  const { head, since } = await store.read(async (tx) => {
    const first = await tx.db
      .selectFrom('log')
      .select('at')
      .where('orgId', '=', organisation)
      .orderBy('version')
      .limit(1)
      .executeTakeFirst()
    return { head: await readHead(tx, organisation), since: first?.at ?? null }
  })
  const total = head?.version ?? 0
  const walk = createWalk(organisation, noted)
  let version: number | undefined = 0
  while (version !== undefined) {
    version = await store.read((tx) => walk.next(tx))
    yield { checked: walk.checked, total: Math.max(total, walk.checked) }
    await nextTurn()
  }
  // What was written since the last part: the end must be looked at as one moment has it.
  const { faults, last } = await store.read(async (tx) => {
    let rest: number | undefined = 0
    while (rest !== undefined) rest = await walk.next(tx)
    return { faults: await walk.finish(tx), last: await readHead(tx, organisation) }
  })
  yield {
    checked: walk.checked,
    total: walk.checked,
    done: {
      faults: faults.slice(0, LISTED),
      more: Math.max(0, faults.length - LISTED),
      head: { version: last?.version ?? 0, hash: last?.hash ?? '' },
      since,
      at: now(),
    },
  }
}

/** Lets one after the other have its turn. @returns a function that ends the turn */
export function createTurns(): () => Promise<() => void> {
  let last = Promise.resolve()
  return async () => {
    const before = last
    const { promise, resolve } = Promise.withResolvers<void>()
    last = before.then(() => promise)
    await before
    return resolve
  }
}
