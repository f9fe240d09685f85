// Keeps the last of what was done on this device while somebody works, so that it can be read where there is no network. Silent: what
// could not be fetched now is fetched the next time.
import { ApiError } from '#lib/api.ts'
import { device } from '#lib/device.svelte.ts'
import { recentIn, refreshRecent } from './recent.ts'

let kept: { database: string; version: number } | undefined
let busy = false

/** Fetches what is new, where something is. */
export async function keepRecent(): Promise<void> {
  const { database, shownVersion: version } = device
  if (busy || database === undefined || !device.online || device.phase !== 'ready' || !device.keeps) return
  busy = true
  try {
    // What was kept may have been let go since.
    if (kept?.database === database && kept.version === version && (await recentIn(database))) return
    await refreshRecent(database, Date.now())
    kept = { database, version }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
  } finally {
    busy = false
  }
}
