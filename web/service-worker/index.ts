// The app's own files, kept on the device: after one visit every page opens without a network.
// Never caches anything of /api: what an admin sees comes from the replica, and a cached answer would lie about its age.
import { version } from '$app/env'
import { assets, immutable } from '$app/manifest'
import { self } from '$app/service-worker'
import { cleanupOutdatedCaches, createHandlerBoundToURL, precacheAndRoute } from 'workbox-precaching'
import { NavigationRoute, registerRoute } from 'workbox-routing'
import { layAside } from './shared-file.ts'

/** Pictures for the install dialog of the browser: shown by the store page, never by the app. */
const forInstallOnly = (path: string) => path.includes('screenshots/')

precacheAndRoute([
  ...immutable.map(({ path }) => ({ url: path, revision: null })), // their names carry a hash already
  ...assets.filter(({ path }) => !forInstallOnly(path)).map(({ path }) => ({ url: path, revision: version })),
  { url: 'index.html', revision: version }, // the page of every route; it is in no list of Kit's
])
cleanupOutdatedCaches()

registerRoute(new NavigationRoute(createHandlerBoundToURL('index.html'), { denylist: [/^\/api\//] }))

// The share target of the manifest.
registerRoute('/users/add', ({ request }) => layAside(request), 'POST')

// A new version waits until somebody asks for it: it must never change the files under an open form.
self.addEventListener('message', (event) => {
  if (event.data?.type === 'SKIP_WAITING') void self.skipWaiting()
})

// The network is back while the app may lie in the background: its tabs are woken to send, since this worker holds no replica.
self.addEventListener('sync', (event) => {
  const woken = self.clients
    .matchAll({ type: 'window' })
    .then((tabs) => tabs.forEach((tab) => tab.postMessage({ type: 'SYNC' })))
  if (event instanceof ExtendableEvent) event.waitUntil(woken)
})
