// What follows the commit of an erasure: the bytes that were written over go from the files as well, and the mails in the folder go.
// Where a backup or a command holds an earlier state of the database just then, it is tried again until that is over.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '../logger.ts'
import type { Store } from '../store/index.ts'

const EVERY = 5_000
/** Half an hour. */
const MOST_TRIES = 360

interface AftermathParts {
  store: Pick<Store, 'scour'>
  log: Logger
  /** Takes mails away that are nobody's any more. */
  mails: () => Promise<void>
  wait?: (milliseconds: number) => Promise<unknown>
}

/** @returns does it once before it comes back, and goes on beside where it has to */
export function createAftermath({
  store,
  log,
  mails,
  wait = (milliseconds) => sleep(milliseconds, undefined, { ref: false }),
}: AftermathParts): () => Promise<void> {
  async function again(): Promise<void> {
    for (let tries = 1; tries <= MOST_TRIES; tries += 1) {
      await wait(EVERY)
      if (await store.scour()) return
    }
    log.error({}, 'what was erased still stands in the write-ahead log: end what holds the database, then restart')
  }
  return async () => {
    await mails()
    if (!(await store.scour())) void again().catch((error: unknown) => log.error({ err: error }, 'scouring failed'))
  }
}
