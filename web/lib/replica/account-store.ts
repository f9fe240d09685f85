// The store of one account as the app opens it. The first rows are read by plain IndexedDB (first-screen.ts); Dexie, the largest part of
// the app, is fetched meanwhile and does the rest. Nothing is kept here: each call is passed on, in the order in which it came.
import type { DexieDoors } from './dexie.ts'
import { firstScreen } from './first-screen.ts'
import type { Storage } from './storage.ts'

export const databaseName = (account: string, organisation: string): string =>
  `quartermaster/${account}/${organisation}`

/** Each call rejects where the app's own file with Dexie could not be fetched: a reload brings it. */
export function accountStore({ name, onClosed }: Pick<DexieDoors, 'name' | 'onClosed'>): Storage {
  const coming = import('./dexie.ts').then(({ dexieStorage }) => dexieStorage({ name, ...(onClosed && { onClosed }) }))
  // Told by the first call that needs it.
  coming.catch(() => undefined)

  return {
    open: async () => (await coming).open(),
    create: async (sync) => (await coming).create(sync),
    outbox: async (afterPlace) => (await coming).outbox(afterPlace),
    append: async (drafts, from) => (await coming).append(drafts, from),
    transact: async (mode, afterPlace, decide) => (await coming).transact(mode, afterPlace, decide),
    readBlocks: async (range, order, visit) => (await coming).readBlocks(range, order, visit),
    replaceBlocks: async (keys, by) => (await coming).replaceBlocks(keys, by),
    keepGeneration: async (generation) => (await coming).keepGeneration(generation),
    prune: async (beforePlace) => (await coming).prune(beforePlace),
    // A connection that dies is mended there; what then still fails is said.
    screen: () => firstScreen(name, indexedDB).catch(async () => (await coming).screen()),
    putScreen: async (screen) => (await coming).putScreen(screen),
    erase: async (lastPlace) => (await coming).erase(lastPlace),
    close: () =>
      void coming.then(
        (storage) => storage.close(),
        () => undefined,
      ),
  }
}
