// Background Sync, where the browser has it: wakes the tabs of the app when the network is back, also when none is in front.
// A help and no promise: the driver looks at the network itself.

interface WithSync {
  sync?: { register(tag: string): Promise<void> }
}

/** Asks to be woken; quietly nothing where the browser can't, or the person has forbidden it. */
export async function askToBeWoken(): Promise<void> {
  const registration = await navigator.serviceWorker?.getRegistration()
  const { sync }: WithSync = (registration as WithSync | undefined) ?? {}
  await sync?.register('outbox').catch((error: unknown) => {
    if (!(error instanceof DOMException)) throw error
  })
}

/** Calls back when the service worker wakes this tab; answers what ends it. */
export function whenWoken(wake: () => void): () => void {
  const worker = navigator.serviceWorker
  const listener = ({ data }: MessageEvent<{ type?: string }>) => {
    if (data.type === 'SYNC') wake()
  }
  worker?.addEventListener('message', listener)
  return () => worker?.removeEventListener('message', listener)
}
