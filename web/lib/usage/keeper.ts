// Keeps the usage on this device in step with what the replica knows of it: which months and days are to be fetched, in which order, and
// what is answered meanwhile. It does no I/O of its own, so that it runs in the worker and in tests alike; a question never waits for
// the network.
import { ApiError } from '#lib/api.ts'
import { DeviceFull, Erased } from '#lib/replica/storage.ts'
import type { Instant, UserId } from '#shared/model.ts'
import { decodeMonth, UnreadableUsage } from '#shared/usage.ts'
import { monthsOf, type MonthPart } from './days.ts'
import { createEngine } from './engine.ts'
import { fetchIds, fetchMonth, type Fetched, type FetchedIds } from './fetching.ts'
import { createLoading } from './loading.ts'
import type { HeldState, MonthState, Told } from './messages.ts'
import type { UsageServer } from './server.ts'
import type { UsageStore } from './store.ts'
import { emptyIndex, type Belongs, type UsageIndex } from './stored.ts'
import type { UsageAnswer, UsageQuery } from './types.ts'

export interface KeeperDoors {
  store: UsageStore
  server: UsageServer
  /** Runs work while no other tab fetches for the same account: saves requests, nothing relies on it. */
  alone: <T>(work: () => Promise<T>) => Promise<T>
  onstate: (state: HeldState) => void
  /** Told of faults that nobody waits for. */
  report: (error: unknown) => void
}

export type Keeper = ReturnType<typeof createKeeper>

export function createKeeper({ store, server, alone, onstate, report }: KeeperDoors) {
  const engine = createEngine()
  const { loadRange } = createLoading({
    store,
    engine,
    storedVersion: (month) => index?.months[month]?.version,
    onbroken: async (month) => {
      engine.drop(month)
      await write({ drop: [month] })
      refresh()
    },
  })
  let told: Told | undefined
  let belongs: Belongs | undefined
  let index: UsageIndex | undefined
  /** When all that was known was here last, by the server's clock. */
  let reached: Instant | undefined
  let fault: string | undefined
  let closed = false
  let tidied = false
  let noRoom = false
  /** Memory holds more than was told. */
  let grown = false
  const fetching = new Set<string>()
  /** Months that were asked for and not here. */
  const asked = new Set<string>()
  let working: Promise<void> = Promise.resolve()
  let queued = false
  let begin = () => {}
  const begun = new Promise<void>((resolve) => (begin = resolve))

  const known = (month: string): number => (told ? told.months[month]?.version : index?.known[month]) ?? 0
  const held = (month: string): number => Math.max(index?.months[month]?.version ?? 0, engine.versionOf(month) ?? 0)
  const isKept = (month: string): boolean => !told || month >= told.keepFrom || asked.has(month)
  /** Known months that are to be here, newest first. */
  const wanted = (): string[] =>
    Object.keys(told?.months ?? index?.known ?? {})
      .filter((month) => known(month) > 0 && isKept(month))
      .sort()
      .reverse()
  const behind = (): string[] => wanted().filter((month) => held(month) < known(month))

  function stateNow(): HeldState {
    const names = new Set([...wanted(), ...Object.keys(index?.months ?? {})])
    const months = [...names]
      .sort()
      .reverse()
      .map((month): MonthState => {
        const stored = index?.months[month]
        const here = held(month) > 0
        return {
          month,
          state: fetching.has(month) ? 'fetching' : here ? 'here' : 'missing',
          version: held(month),
          entries: stored?.entries ?? told?.months[month]?.entries ?? 0,
          bytes: stored?.bytes ?? 0,
        }
      })
    const diskBytes = months.reduce((sum, { bytes }) => sum + bytes, (index?.ids ?? 0) * BYTES_OF_ID)
    return { months, memoryBytes: engine.bytes, diskBytes, fault }
  }
  const tell = () => {
    grown = false
    if (!closed) onstate(stateNow())
  }

  function forget(): void {
    engine.clear()
    index = undefined
    belongs = undefined
    reached = undefined
    fetching.clear()
  }

  /** Reads what is stored; false where the store is no longer that of whom was told. */
  async function look(): Promise<boolean> {
    const found = await store.read()
    const born = told?.born ?? belongs?.born ?? found?.owner.born
    const generation = told?.generation ?? found?.owner.generation
    if (!found || found.owner.born !== born || found.owner.generation !== generation) {
      // Erased, or on its way to another history: what follows tells.
      forget()
      return false
    }
    if (belongs && (belongs.born !== born || belongs.generation !== generation)) forget()
    belongs = { born, generation }
    index = found.index.generation === generation ? found.index : emptyIndex(generation)
    reached ??= index.upTo
    return true
  }

  async function write(change: Parameters<UsageStore['write']>[1]): Promise<void> {
    if (belongs) index = await store.write(belongs, change)
  }

  /** Brings the store to what was told; once more where that moved meanwhile. */
  function refresh(): void {
    if (queued || closed) return
    queued = true
    working = working.then(async () => {
      queued = false
      try {
        const ours = await look()
        begin()
        if (ours && told) await bringAlong()
      } catch (error) {
        failed(error)
      } finally {
        begin()
        fetching.clear()
        tell()
      }
    })
  }

  async function bringAlong(): Promise<void> {
    if (!told || !index) return
    if (!tidied) {
      const drop = Object.keys(index.months).filter((month) => !isKept(month))
      if (drop.length > 0) await write({ drop })
      tidied = true
    }
    const versions = Object.fromEntries(Object.entries(told.months).map(([month, { version }]) => [month, version]))
    // `reached` is as of before: written with what is new, since a write for each sync would say little.
    if (JSON.stringify(versions) !== JSON.stringify(index.known)) await write({ known: versions, upTo: reached })
    if (toFetch().length > 0) {
      fault = undefined
      await alone(async () => {
        // Another tab may have fetched it while this one waited.
        if (await look()) await fetchBehind()
      })
    }
    if (behind().length === 0) reached = told.upTo
  }

  /** What is behind; where there is no room, only what somebody looks at. */
  const toFetch = (): string[] => behind().filter((month) => !noRoom || held(month) > 0 || asked.has(month))

  async function fetchBehind(): Promise<void> {
    // All days that changed come together, so that nothing is summed from half a publication; then whole months, the newest first.
    const newer = toFetch().filter((month) => held(month) > 0)
    if (newer.length > 0) await take(newer)
    const tried = new Set(newer)
    for (;;) {
      const month = toFetch().find((other) => !tried.has(other))
      if (month === undefined || closed) return
      tried.add(month)
      await take([month]).catch((error: unknown) => {
        // One month that the server can't give holds up no other.
        if (!(error instanceof UnreadableUsage) && !(error instanceof ApiError && error.status >= 404)) throw error
        failed(error)
      })
    }
  }

  async function take(months: readonly string[]): Promise<void> {
    const organisation = told?.organisation
    if (!organisation) return
    for (const month of months) fetching.add(month)
    tell()
    try {
      const fetched: Fetched[] = []
      for (const month of months) {
        const stored = index?.months[month] ? await store.block(month) : undefined
        const one = await fetchMonth(server, organisation, month, stored?.buffer)
        if (one) fetched.push(one)
      }
      await keep(fetched, await fetchIds(server, organisation, index?.ids ?? 0, fetched))
    } finally {
      for (const month of months) fetching.delete(month)
    }
    tell()
  }

  /** Stores what came, and brings along what of it is in memory, in one turn. */
  async function keep(fetched: readonly Fetched[], ids: FetchedIds | undefined): Promise<void> {
    if (fetched.length === 0) return
    let full: DeviceFull | undefined
    const months = fetched.map((one) => {
      const onto = engine.hasDays(one.month) && engine.versionOf(one.month) === one.base
      const made = onto ? engine.makeDays(one.came) : engine.makeMonth(decodeMonth(one.buffer))
      return { ...one, made, digest: made.digest, onto }
    })
    try {
      await write({ months, ...(ids && { ids }) })
    } catch (error) {
      if (!(error instanceof DeviceFull)) throw error
      // It counts until the tab is closed.
      full = error
      noRoom = true
    }
    if (ids && engine.ids >= ids.from) engine.putIds(ids.from, ids.ids)
    // Days stay in memory where they were, or where nothing else keeps them.
    for (const { made, onto } of months) engine.put(onto || full ? made : { ...made, sections: undefined })
    if (full) throw full
  }

  function failed(error: unknown): void {
    if (error instanceof Erased) return forget()
    // No network, no session, another's session: said elsewhere, and tried again with the next nudge.
    if (error instanceof ApiError && error.status < 404) return
    if (error instanceof DOMException && (error.name === 'TimeoutError' || error.name === 'NotFoundError')) return
    fault = error instanceof Error ? error.message : String(error)
    if (!(error instanceof ApiError) && !(error instanceof DeviceFull)) report(error)
  }

  /** Answers from what is here, in the very turn in which all is read, and what is missing of the range. */
  async function answered<T>(query: UsageQuery, make: (missing: string[]) => T): Promise<T> {
    await begun
    try {
      await loadRange(query, () => (grown = true))
    } catch (error) {
      if (!(error instanceof Erased)) throw error
      forget()
    }
    if (grown) tell()
    const lacks = (part: MonthPart) =>
      engine.versionOf(part.month) === undefined || (engine.needsDays(query, part) && !engine.hasDays(part.month))
    const missing = monthsOf(query)
      .filter((part) => known(part.month) > 0 && lacks(part))
      .map(({ month }) => month)
    const unasked = missing.filter((month) => !asked.has(month))
    for (const month of unasked) asked.add(month)
    if (unasked.length > 0) refresh()
    return make(missing)
  }

  return {
    /** Looks at what is stored, before the replica is there. */
    open(): void {
      working = working.then(async () => {
        try {
          if (await look()) begin()
        } catch (error) {
          failed(error)
        }
        tell()
      })
    },
    follow(now: Told): void {
      told = now
      refresh()
    },
    nudge(): void {
      if (told && behind().length > 0) refresh()
    },
    ask: (query: UsageQuery, top: number): Promise<UsageAnswer> =>
      answered(query, (missing) => ({
        sums: engine.sums(query, top),
        missing,
        upTo: told && behind().length === 0 ? told.upTo : reached,
        version: Math.max(0, ...Object.keys(index?.months ?? {}).map(held)),
      })),
    users: (query: UsageQuery): Promise<UserId[]> => answered(query, () => engine.users(query)),
    get state(): HeldState {
      return stateNow()
    },
    /** Resolves when nothing is under way. */
    async quiet(): Promise<void> {
      let last: Promise<void> | undefined
      while (last !== working) await (last = working)
    },
    close(): void {
      closed = true
      store.close()
    },
  }
}

/** An id is a text of 36 letters. */
const BYTES_OF_ID = 38
