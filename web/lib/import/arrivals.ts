// Files that come to the installed app from outside: opened with it, or shared to it. The service worker lays a shared file in a cache,
// since it holds no account; the page takes it out at once.

/** Where the service worker lays what was shared. */
const CACHE = 'quartermaster-shared'
const SLOT = '/shared-file'
/** The mark for the service worker that nothing may be laid there. */
const NOTHING = '/keeps-nothing'

interface LaunchQueue {
  setConsumer(consumer: (launch: { files?: readonly { getFile(): Promise<File> }[] }) => void): void
}
interface WithLaunchQueue {
  launchQueue?: LaunchQueue
}

/** Hands on files with which the app was opened, where the browser knows of such. */
export function listenForLaunches(onfile: (file: File) => void, onfault: (error: unknown) => void): void {
  const { launchQueue } = globalThis as WithLaunchQueue
  launchQueue?.setConsumer(({ files = [] }) => {
    const [first] = files
    if (first) first.getFile().then(onfile, onfault)
  })
}

/** The file that was shared, taken out of its place; undefined where there is none. */
export async function takeShared(): Promise<File | undefined> {
  if (!('caches' in globalThis)) return undefined
  const cache = await caches.open(CACHE)
  const response = await cache.match(SLOT)
  if (!response) return undefined
  const name = decodeURIComponent(response.headers.get('x-name') ?? '') || 'Shared file'
  const blob = await response.blob()
  await cache.delete(SLOT)
  return new File([blob], name, { type: blob.type })
}

/** What is shared is laid in a cache before any page is there: where devices keep nothing, the service worker is told to leave it. */
export async function mayLayAside(may: boolean): Promise<void> {
  if (!('caches' in globalThis)) return
  const cache = await caches.open(CACHE)
  if (may) await cache.delete(NOTHING)
  else {
    await cache.delete(SLOT)
    await cache.put(NOTHING, new Response(''))
  }
}
