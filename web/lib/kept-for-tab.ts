// What this tab keeps beside the store so that a reload loses nothing: a selection, rows and forms half typed. Where the device keeps
// nothing it stays in memory, and goes with the tab.
import * as v from 'valibot'

let inMemory: Map<string, string> | undefined

export const keptForTab = {
  get: (key: string): string | null => (inMemory ? (inMemory.get(key) ?? null) : sessionStorage.getItem(key)),
  /** @throws {DOMException} `QuotaExceededError`: more than a tab may keep */
  set(key: string, text: string): void {
    if (inMemory) inMemory.set(key, text)
    else sessionStorage.setItem(key, text)
  },
  /** As `set`, where there is room: else nothing stays, and what is typed holds until the page is reloaded. */
  setIfRoom(key: string, text: string): void {
    try {
      keptForTab.set(key, text)
    } catch (error) {
      if (!(error instanceof DOMException && error.name === 'QuotaExceededError')) throw error
      keptForTab.remove(key)
    }
  },
  remove(key: string): void {
    if (inMemory) inMemory.delete(key)
    else sessionStorage.removeItem(key)
  },
  clear(): void {
    inMemory?.clear()
    sessionStorage.clear()
  },
  /** From now on nothing stays in the browser; what did is taken along. */
  inMemoryAlone(): void {
    if (inMemory) return
    inMemory = new Map(
      Object.entries(sessionStorage)
        .filter(isOurs)
        .map(([key, text]) => [key, String(text)]),
    )
    sessionStorage.clear()
  },
  inBrowser(): void {
    const kept = inMemory
    inMemory = undefined
    for (const [key, text] of kept ?? []) sessionStorage.setItem(key, text)
  },
}

/** A form that is half typed, by who types it: a reload, or a lock, must not lose it. */
export interface TypedForm<Form> {
  kept(account: string): Partial<Form> | undefined
  /** Keeps these fields; none of them forgets it. */
  keep(account: string, typed: Partial<Form>): void
  forget(account: string): void
}

type Read<Form> = { [Field in keyof Form]?: Form[Field] | undefined }

/** @param shape of what is read back: what is no longer so is forgotten */
export function typedForm<Form>(name: string, shape: v.GenericSchema<unknown, Read<Form>>): TypedForm<Form> {
  const keyOf = (account: string) => `quartermaster.${name}.${account}`
  return {
    kept(account) {
      const kept = v.safeParse(v.pipe(v.string(), v.parseJson(), shape), keptForTab.get(keyOf(account)))
      // A field that is not there is not undefined: it would stand in for the one of the row.
      return kept.success ? (Object.fromEntries(Object.entries(kept.output)) as Partial<Form>) : undefined
    },
    keep(account, typed) {
      if (Object.keys(typed).length === 0) keptForTab.remove(keyOf(account))
      else keptForTab.setIfRoom(keyOf(account), JSON.stringify(typed))
    },
    forget: (account) => keptForTab.remove(keyOf(account)),
  }
}

/** Kit keeps scroll positions there too, which need no copy. */
const isOurs = ([key]: [string, unknown]): boolean => key.startsWith('quartermaster.')
