// Parts of the app that the first screen does without: dialogs, menus, the queue. Each is fetched when it is first needed, and all of
// them once the page has come to rest: where no service worker keeps them, they must open without a network too.
import { toast } from './toasts.svelte.ts'

export interface Late<Part> {
  /** What has been fetched already. */
  readonly here: Part | undefined
  /** Fetches it; where that fails it says so, and answers undefined. */
  fetch(): Promise<Part | undefined>
  /** It may be needed soon. */
  warm(): void
}

const all = new Set<() => Promise<unknown>>()

/** @param load the dynamic import, so that the part gets a file of its own */
export function late<Part>(load: () => Promise<{ default: Part }>): Late<Part> {
  let here: Part | undefined
  const bring = async () => (here ??= (await load()).default)
  all.add(bring)
  return {
    get here() {
      return here
    },
    fetch: () =>
      bring().catch(() => {
        toast({ text: 'This part of the app could not be loaded. Reload the page.' })
        return undefined
      }),
    warm: () => void bring().catch(notYet),
  }
}

/** Brings all parts along, one after the other. */
export async function fetchLateParts(): Promise<void> {
  for (const bring of all) await bring().catch(notYet)
}

/** Nobody waits for it: it is tried again, and its fault told, when it is needed. */
const notYet = () => undefined
