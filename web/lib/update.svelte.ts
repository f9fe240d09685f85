// Registers the service worker and offers a new version. Never starts it by itself: that would reload the page under an open form.
import { toast } from '#lib/toasts.svelte.ts'
import type { Workbox } from 'workbox-window'

const SCRIPT = '/service-worker.js'
let worker: Workbox | undefined
let ready = $state(false)

export const update = {
  /** A new version waits to be started. */
  get ready(): boolean {
    return ready
  },
  /** Starts the waiting version: every tab of the app reloads. */
  start(): void {
    worker?.messageSkipWaiting()
  },
  /** Asks the server for a new version, for the button in Settings. */
  async check(): Promise<void> {
    await worker?.update().catch(unreachable)
  },
}

/** To be called once, when the app has started. Answers a function that stops looking for updates. */
export function watchForUpdates(): () => void {
  if (!('serviceWorker' in navigator)) return () => undefined
  void register().catch(unreachable)

  // An installed app may stay open for weeks, and on some tablets nothing else asks: look whenever it comes to the front.
  const look = () => {
    if (document.visibilityState === 'visible') void update.check()
  }
  const mend = () => void installAnew().catch(unreachable)
  document.addEventListener('visibilitychange', look)
  addEventListener('online', mend)
  return () => {
    document.removeEventListener('visibilitychange', look)
    removeEventListener('online', mend)
  }
}

/** A worker whose files were still being fetched when the network went is none: with the network it is one after all. */
async function installAnew(): Promise<void> {
  const found = await navigator.serviceWorker.getRegistration()
  if (!found?.active) await navigator.serviceWorker.register(SCRIPT)
}

/** Comes after the first screen: a worker that is installed already serves the page without it. */
async function register(): Promise<void> {
  const { Workbox } = await import('workbox-window')
  const own = new Workbox(SCRIPT)
  worker = own
  own.addEventListener('waiting', () => {
    ready = true
    toast({ text: 'A new version is ready', action: { label: 'Start now', run: () => update.start() }, stays: true })
  })
  own.addEventListener('controlling', ({ isUpdate }) => {
    if (isUpdate) location.reload()
  })
  await own.register()
}

/** No network, or service workers are forbidden here: the app runs on, and the next look may succeed. */
function unreachable(error: unknown): void {
  if (!(error instanceof TypeError || error instanceof DOMException)) throw error
}
