// A server's usage in plain maps, and devices that keep a copy of it in fake-indexeddb: what the tests of the keeper share.
import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import { ApiError } from '#lib/api.ts'
import { dexieStorage } from '#lib/replica/dexie.ts'
import { createKeeper } from '#lib/usage/keeper.ts'
import type { HeldState, Told } from '#lib/usage/messages.ts'
import type { UsageServer } from '#lib/usage/server.ts'
import { usageStore, type UsageStore } from '#lib/usage/store.ts'
import type { OrganisationId } from '#shared/model.ts'
import { encodeDay, encodeMonth, type UsageEntry } from '#shared/usage.ts'
import { syncRow } from './storage-contract.ts'

export const ORGANISATION = 'o' as OrganisationId

/** What the provider reports, published when the test says so. */
export function usageServerOf() {
  const days = new Map<string, { version: number; rows: UsageEntry[] }>()
  const ids = ['']
  let version = 0
  const requests: string[] = []
  let fail: ((request: string) => void | Promise<void>) | undefined

  const numberOf = (id: string): number => {
    const at = ids.indexOf(id)
    return at >= 0 ? at : ids.push(id) - 1
  }
  const months = () => [...new Set([...days.keys()].map((day) => day.slice(0, 7)))].sort()
  const daysOf = (month: string) => [...days].filter(([day]) => day.startsWith(month)).sort()
  const versionOf = (month: string) => Math.max(...daysOf(month).map(([, day]) => day.version))

  const server: UsageServer = {
    month: async (organisation, month, since) => {
      const request = since === undefined ? month : `${month} since ${since}`
      requests.push(request)
      await fail?.(request)
      const own = daysOf(month)
      if (organisation !== ORGANISATION) throw new ApiError(403, 'other-account', 'Another organisation’s.')
      if (own.length === 0) throw new ApiError(404, 'not-found', 'None.')
      if (since === versionOf(month)) return undefined
      return encodeMonth(
        month,
        versionOf(month),
        own
          .filter(([, day]) => day.version > (since ?? 0))
          .map(([day, { version: of, rows }]) => ({ day: day.slice(8), version: of, bytes: encodeDay(rows) })),
      ).buffer
    },
    ids: async (_organisation, from) => {
      requests.push(`ids from ${from}`)
      await fail?.('ids')
      return { from, ids: ids.slice(from) }
    },
  }
  return {
    server,
    requests,
    /** Each use: a day, a user and credits; all of them become one version. */
    publish(...uses: readonly (readonly [day: string, user: string, credits: number])[]): void {
      version += 1
      for (const [day, user, credits] of uses) {
        const rows = [...(days.get(day)?.rows ?? [])]
        rows.push({ users: numberOf(user), products: numberOf('product'), groups: 0, credits, views: 1 })
        days.set(day, { version, rows: rows.sort((a, b) => a.users - b.users) })
      }
    },
    get version() {
      return version
    },
    /** Called before each answer: it may throw, or wait. */
    whenAsked(then: typeof fail): void {
      fail = then
    },
    /** The credits of a range, counted from the rows. */
    credits: (from: string, to: string): number =>
      [...days]
        .filter(([day]) => day >= from && day <= to)
        .reduce((sum, [, { rows }]) => sum + rows.reduce((of, { credits }) => of + credits, 0), 0),
    /** What the replica of a device says once it has synced. */
    told: (more: Partial<Told> = {}): Told => ({
      organisation: ORGANISATION,
      born: 'first',
      generation: 1,
      months: Object.fromEntries(
        months().map((month) => [
          month,
          {
            version: versionOf(month),
            entries: daysOf(month).reduce((sum, [, { rows }]) => sum + rows.length, 0),
          },
        ]),
      ),
      keepFrom: '2025-11',
      upTo: version * 1000,
      ...more,
    }),
  }
}
export type TestServer = ReturnType<typeof usageServerOf>

/** A device that has signed in; each `tab` is a keeper of its own over the one store. */
export async function usageDevice(remote: TestServer) {
  const indexedDB = new IDBFactory()
  const storage = () => dexieStorage({ name: 'store', indexedDB, IDBKeyRange })
  const replica = storage()
  await replica.create(syncRow())
  const opened = () =>
    new Promise<IDBDatabase>((resolve, reject) => {
      const opening = indexedDB.open('store')
      opening.onsuccess = () => resolve(opening.result)
      opening.onerror = () => reject(new Error('Could not be opened.'))
    })
  const locks: Promise<unknown>[] = [Promise.resolve()]
  const reported: unknown[] = []
  return {
    indexedDB,
    replica,
    reported,
    tab(change: (store: UsageStore) => UsageStore = (store) => store, from: TestServer = remote) {
      const states: HeldState[] = []
      const keeper = createKeeper({
        store: change(usageStore({ name: 'store', indexedDB })),
        server: from.server,
        alone: (work) => {
          const turn = (locks[0] ?? Promise.resolve()).then(work)
          locks[0] = turn.catch(() => undefined)
          return turn
        },
        onstate: (state) => states.push(state),
        report: (error) => reported.push(error),
      })
      keeper.open()
      return {
        keeper,
        states,
        async follow(more: Partial<Told> = {}): Promise<void> {
          keeper.follow(from.told(more))
          await keeper.quiet()
        },
        credits: async (from: string, to: string) => (await keeper.ask({ from, to }, 3)).sums.credits,
      }
    },
    /** Everything is erased, and the same account signs in again. */
    signInAnew: async (): Promise<void> => {
      await storage().erase()
      await storage().create(syncRow({ born: 'second' }))
    },
    /** Writes behind the app's back. */
    put: async (record: object): Promise<void> => {
      const database = await opened()
      database.transaction('usage', 'readwrite').objectStore('usage').put(record)
      database.close()
    },
    /** The keys of what is stored. */
    stored: async (): Promise<string[]> => {
      const database = await opened()
      const keys = await new Promise<IDBValidKey[]>((resolve) => {
        const asked = database.transaction('usage').objectStore('usage').getAllKeys()
        asked.onsuccess = () => resolve(asked.result)
      })
      database.close()
      return keys.map(String)
    },
  }
}
