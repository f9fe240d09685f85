// Group commit: what waits at the same moment shares one transaction, and so one flush to the disk, which costs more than all the
// rest. Each part has a savepoint of its own, so that a refusal takes back its own part alone.
import { Refusal } from '../problem.ts'
import type { Store, Tx } from '../store/index.ts'
import { savepoint } from './savepoint.ts'

/** So many parts share one transaction at most: the first of them should not wait for long. */
const GROUP = 64

interface Part {
  work(tx: Tx): Promise<() => void>
  refuse(error: unknown): void
}

/**
 * A function that carries out its work in a transaction that others may share.
 * @param gather waits for what arrives at the same moment
 * @returns once it is committed; throws the work's own Refusal, or `store-failed` when the transaction was lost
 */
export function createGroup(
  store: Store,
  gather: () => Promise<void>,
  failed: (error: unknown, parts: number) => void,
) {
  const waiting: Part[] = []
  let running = false

  async function run(): Promise<void> {
    running = true
    await gather()
    for (let group = waiting.splice(0, GROUP); group.length > 0; group = waiting.splice(0, GROUP)) await commit(group)
    running = false
  }

  async function commit(group: readonly Part[]): Promise<void> {
    try {
      const answers = await store.transaction(async (tx) => {
        const done: (() => void)[] = []
        for (const part of group) done.push(await part.work(tx))
        return done
      })
      for (const answer of answers) answer()
    } catch (error) {
      failed(error, group.length)
      for (const part of group) part.refuse(new Refusal(503, 'store-failed', undefined, error))
    }
  }

  return <T>(work: (tx: Tx) => Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      waiting.push({
        refuse: reject,
        work: async (tx) => {
          try {
            const result = await savepoint(store, tx, 'request', () => work(tx))
            return () => resolve(result)
          } catch (error) {
            if (!(error instanceof Refusal)) throw error
            return () => reject(error)
          }
        },
      })
      if (!running) void run()
    })
}
