// The last entries of the log, kept on this device so that they can be read without a network. Fetched again while the app is used, and
// gone with everything else when the device is erased.
import type { ActivityEntry } from '#shared/activity.ts'
import { sideStore } from '#lib/replica/side-store.ts'
import { askPage } from './door.ts'

/** So many are kept. */
export const RECENT = 500

export interface Recent {
  entries: ActivityEntry[]
  /** The device's clock when they were fetched. */
  asOf: number
  head: number
  /** What was kept before it was let go: what somebody was fetching meanwhile is not kept either. */
  letGo?: number
}

const store = sideStore<Recent>('activity', 'recent')
export const recentIn = async (database: string): Promise<Recent | undefined> => {
  const recent = await store.kept(database)
  return recent?.letGo === undefined ? recent : undefined
}

/** Lets go of all of it: somebody whom it speaks of has been removed. */
export async function forgetRecent(database: string): Promise<void> {
  const before = await store.kept(database)
  await store.keep(database, { entries: [], asOf: 0, head: 0, letGo: (before?.letGo ?? 0) + 1 })
}

/** Fetches what is new and keeps it. @returns what is kept now @throws {ApiError} */
export async function refreshRecent(database: string, now: number): Promise<Recent> {
  const found = await store.kept(database)
  const kept = found?.letGo === undefined ? found : undefined
  const entries: ActivityEntry[] = []
  let [before, head]: [number | undefined, number] = [undefined, 0]
  for (;;) {
    const page = await askPage('', before, 200)
    head = Math.max(head, page.head)
    entries.push(...page.entries)
    const lowest = entries.at(-1)?.version ?? 0
    const met = kept !== undefined && kept.head <= page.head && lowest <= kept.head
    if (page.next === null || entries.length >= RECENT) break
    if (met) {
      entries.push(...kept.entries.filter(({ version }) => version < lowest))
      break
    }
    before = page.next
  }
  const recent = { entries: entries.slice(0, RECENT), asOf: now, head }
  await store.keep(database, recent, (now) => now?.letGo === found?.letGo)
  return recent
}
