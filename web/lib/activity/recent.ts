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
}

const store = sideStore<Recent>('activity', 'recent')
export const recentIn = (database: string): Promise<Recent | undefined> => store.kept(database)

/** Fetches what is new and keeps it. @returns what is kept now @throws {ApiError} */
export async function refreshRecent(database: string, now: number): Promise<Recent> {
  const kept = await store.kept(database)
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
  await store.keep(database, recent)
  return recent
}
