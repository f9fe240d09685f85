// A device as the app makes it: the real replica over the real store in IndexedDB, speaking to the real server. Only the driver is
// missing: a benchmark decides itself when an exchange begins.
import { v7 } from 'uuid'
import { createBreathe } from '#lib/replica/breathe.ts'
import { dexieStorage } from '#lib/replica/dexie.ts'
import { createExchange } from '#lib/replica/exchange.ts'
import { createReplica } from '#lib/replica/replica.ts'
import type { OrganisationId, UserId } from '#shared/model.ts'

export interface Who {
  account: string
  organisation: OrganisationId
  userId: UserId
}

export type Device = ReturnType<typeof createDevice>

export function createDevice(name: string) {
  const storage = dexieStorage({ name })
  const clock = () => Date.now()
  const replica = createReplica({
    storage,
    clock,
    newId: () => v7(),
    breathe: createBreathe(() => performance.now()),
    report: (error) => {
      throw error
    },
  })
  let requests = 0
  const exchange = createExchange({
    replica,
    clock,
    network: async (path, body) => {
      requests += 1
      const headers = { 'content-type': 'application/json' }
      const response = await fetch(path, { method: 'POST', body: JSON.stringify(body), headers })
      return { status: response.status, body: await response.json() }
    },
  })

  return {
    storage,
    replica,
    /** Exchanges until all is sent and fetched. @returns the number of requests */
    async settle(): Promise<number> {
      requests = 0
      for (;;) {
        const state = await exchange()
        if (state.kind === 'idle') return requests
        if (state.kind !== 'again') throw new Error(`The exchange came to ${JSON.stringify(state)}.`)
      }
    },
    close: () => storage.close(),
  }
}
