// What is held on one user, beyond what this device has: how much of the activity speaks of the user, and all of it as a file. Both are the
// server's to tell.
import { askPage } from '#lib/activity/door.ts'
import { fits, NO_FILTER } from '#lib/activity/filter.ts'
import { recentIn } from '#lib/activity/recent.ts'
import { ApiError, requestBytes } from '#lib/api.ts'
import { device } from '#lib/device.svelte.ts'
import { download } from '#lib/download.ts'
import { fold } from '#lib/replica/roster.ts'
import { toast } from '#lib/toasts.svelte.ts'
import type { User, UserId } from '#shared/model.ts'
import { fullName } from './facts.ts'

export const DATA_NEEDS_NETWORK = 'The server writes the file. Download it when you are back online.'

/** Downloads everything that is held on a user, or says why it could not be. */
export async function downloadData(user: User): Promise<void> {
  if (!device.online) return toast({ text: DATA_NEEDS_NETWORK })
  try {
    const bytes = await requestBytes(`/api/users/${user.id}/data`)
    if (bytes) download(fileName(user), bytes, 'application/json')
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    toast({ text: error.message })
  }
}

/** "user-data-mei-tanaka.json" */
function fileName(user: User): string {
  const name = fold(fullName(user))
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
  return `${['user-data', name].filter(Boolean).join('-').slice(0, 80)}.json`
}

export interface Mentions {
  count: number
  /** There are more, or the server was not asked. */
  atLeast: boolean
}
const MOST = 200

/** How many entries of the activity speak of a user. */
export async function mentionsOf(id: UserId): Promise<Mentions> {
  try {
    if (device.online) {
      const page = await askPage(new URLSearchParams({ item: id }).toString(), undefined, MOST)
      return { count: page.entries.length, atLeast: page.next !== null }
    }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
  }
  const kept = device.database === undefined ? undefined : await recentIn(device.database)
  const about = (kept?.entries ?? []).filter((entry) => fits(entry, { ...NO_FILTER, item: id }, device.now()))
  return { count: about.length, atLeast: true }
}
