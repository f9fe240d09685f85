// A device with the app's own replica, over plain memory, that syncs with a world's own server when it is told to: until then it is
// offline.
import { createExchange, type Exchanged } from '#lib/replica/exchange.ts'
import { memoryStorage } from '#lib/replica/memory.ts'
import { createReplica } from '#lib/replica/replica.ts'
import type { Storage } from '#lib/replica/storage.ts'
import type { Call } from '#shared/operations/definition.ts'
import type { Outcome } from '#shared/operations/outcome.ts'
import type { SyncRequest } from '#shared/protocol.ts'
import { Refusal } from '../../sync-server/problem.ts'
import type { World } from './server.ts'

/** Signs `name` in on a device of his own, over plain memory or the store that is given, and takes the first copy. */
export async function replicaDevice(world: World, name: string, storage: Storage = memoryStorage()) {
  const account = `account-${name}`
  const as = { account, organisation: world.id, userId: world.user(name) }
  const faults: unknown[] = []
  const clock = () => world.clock.now
  const replica = createReplica({
    storage,
    clock,
    newId: world.newId,
    breathe: () => undefined,
    report: (error) => void faults.push(error),
  })
  const network = async (_path: string, body: unknown) => {
    try {
      return { status: 200, body: await world.sync.sync(as, structuredClone(body) as SyncRequest) }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      return {
        status: error.status,
        body: { title: error.message, status: error.status, code: error.code, fact: error.fact },
      }
    }
  }
  const exchange = createExchange({ replica, network, clock })

  async function sync(): Promise<Exchanged> {
    let state = await exchange()
    while (state.kind === 'again') state = await exchange()
    if (faults.length > 0) throw faults[0]
    return state
  }

  if (!(await replica.open())) await replica.create({ account, organisation: world.id, userId: world.user(name) })
  await sync()
  return {
    replica,
    sync,
    perform: async (call: Call): Promise<void> => {
      world.clock.now += 1_000
      await replica.perform(call)
    },
    /** The items that the server refused, in order of the queue. */
    rejected: (): Outcome[] =>
      replica.records.flatMap(({ settlement }) =>
        (settlement?.notApplied ?? []).filter(({ result }) => result === 'rejected'),
      ),
    row: (user: string) => replica.layer.get('users', world.user(user)),
  }
}
