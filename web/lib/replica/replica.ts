// What this device knows and what it wants: the server's rows in memory, the pending operations in order, and the overlay that they
// make. It moves only from one state that the server really had to the next; every tab has a replica of its own over the same
// store. It sends nothing: exchange.ts does.
import type {
  BatchId,
  ClientId,
  Instant,
  OperationId,
  Organisation,
  OrganisationId,
  User,
  UserId,
} from '#shared/model.ts'
import type { Call } from '#shared/operations/definition.ts'
import type { Outcome } from '#shared/operations/outcome.ts'
import type { Seen, SyncResponse } from '#shared/protocol.ts'
import type { View } from '#shared/view.ts'
import { cut, draftOf, pieces } from './draft.ts'
import {
  createLoader,
  emptyGeneration,
  idsIn,
  leavers,
  nothingStored,
  sumStored,
  withDelta,
  type Delta,
  type Generation,
  type Page,
  type Stored,
} from './load.ts'
import { attempt, replay, type Acting } from './pending.ts'
import {
  confirm,
  dismiss,
  newClient,
  newFormat,
  newSnapshot,
  otherHistory,
  receivePage,
  setAside,
  takeBack,
} from './receive.ts'
import { Overlay, removedIn, type Layer } from './rows.ts'
import {
  Erased,
  FORMAT,
  isSettled,
  type Decide,
  type Draft,
  type OutboxRecord,
  type Storage,
  type SyncRow,
} from './storage.ts'

export interface Doors {
  storage: Storage
  clock: () => Instant
  /** UUIDv7. */
  newId: () => string
  /** Lets the page answer: `scheduler.yield()` in the app. Called often; it decides itself when it really yields. */
  breathe: () => Promise<void> | void
  /** Told of what failed with nobody waiting for it. */
  report: (error: unknown) => void
}

/** `loading`: the first snapshot is under way, rows can be read as they come, actions wait. `erased`: the store is no longer ours. */
export type Phase = 'closed' | 'opening' | 'loading' | 'ready' | 'erased'

/** What moved on the screen: the ids of rows that may differ, or all of them. */
export interface Changed {
  all: boolean
  ids: ReadonlySet<string>
  /** Users who are gone by it, as they were. */
  gone?: readonly User[]
}
const nothing: Changed = { all: false, ids: new Set() }

export interface Performed {
  ids: OperationId[]
  outcomes: Outcome[]
}

/** Why nothing was done: said before anything was written. */
export class NotReady extends Error {
  override name = 'NotReady'
}

export type Replica = ReturnType<typeof createReplica>

export function createReplica({ storage, clock, newId, breathe, report }: Doors) {
  let phase: Phase = 'closed'
  let sync: SyncRow | undefined
  let { rows, base } = emptyGeneration()
  let generation = 0
  let overlay = new Overlay(base)
  /** Known records in order of place, and drafts that are shown but not yet durable. */
  let records: OutboxRecord[] = []
  let drafts: Draft[] = []
  /** Drafts that could not be kept: they leave the overlay and the drafts in one turn. */
  const failed = new Set<OperationId>()
  let predicted = new Map<OperationId, Outcome[]>()
  let moving: Promise<unknown> = Promise.resolve()
  let appending: Promise<unknown> = Promise.resolve()
  /** The parts of a batch are being applied. */
  let batching: Promise<void> | undefined
  let revision = 0
  /** Rows and blocks in the store, of the shown generation: tells when tidying is worth its work. */
  let inStore: Stored = nothingStored
  /** Users who have gone, and of whom the store may still hold something: forget.ts sees to it. */
  const leaving = new Set<string>()
  const load = createLoader({ storage, breathe })
  const listeners = new Set<(changed: Changed) => void>()

  const changed = (what: Changed = nothing) => {
    revision += 1
    for (const listener of listeners) listener(what)
  }
  const row = (): SyncRow => {
    if (!sync) throw new Erased()
    return sync
  }
  const shownVersion = () => sync?.shown.version ?? 0
  const acting = (layer: Layer = overlay): Acting => {
    const { organisation, userId } = row()
    const found = layer.get('organisations', organisation)
    if (!found) throw new NotReady('The first copy of the organisation is still on its way. Wait until it is complete.')
    return { organisation: found, userId }
  }
  const pendingRecords = () => records.filter((record) => !isSettled(record, shownVersion()))
  /** The place before the first record that may still change. */
  const openFrom = () => {
    const first = records.find((record) => !record.settlement || record.settlement.version > shownVersion())
    return first ? first.place - 1 : (records.at(-1)?.place ?? 0)
  }

  /** One move at a time: each begins from where the last one ended. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = moving.then(work, work)
    moving = turn.catch(() => undefined)
    return turn
  }

  /** Opens what is stored for this account; false where nothing is. */
  async function open(): Promise<boolean> {
    phase = 'opening'
    sync = await storage.open()
    if (!sync) {
      phase = 'closed'
      return false
    }
    if (sync.format < FORMAT) await storage.transact('strict', 0, newFormat)
    await move(true)
    return true
  }

  /** The first sign-in of this account on this device; false where another tab was first, whose store is opened then. */
  async function create(who: { account: string; organisation: OrganisationId; userId: UserId }): Promise<boolean> {
    const made = await storage.create({
      key: 'sync',
      revision: 1,
      format: FORMAT,
      born: newId(),
      ...who,
      clientId: newId() as ClientId,
      base: 0,
      shown: { generation: 1, version: 0 },
      generation: 1,
      cursor: null,
      seen: { version: 0, hash: '' },
      asOf: 0,
      offset: 0,
    })
    await open()
    return made
  }

  /** Brings memory to what the store holds by now: what another tab received or queued, or this one before it was closed. */
  const catchUp = () => inTurn(() => move(true))

  async function move(readAll: boolean, page?: Page): Promise<void> {
    const stored = page?.sync ?? (await storage.open())
    if (!stored || (sync && stored.born !== sync.born)) return lose()
    const first = stored.shown.version === 0
    let next: Generation | undefined
    let delta: Delta | undefined
    const from = generation === stored.shown.generation ? rows.version : 0
    if (generation !== stored.shown.generation && !first) {
      next = await load.generation(stored.shown)
    } else if (first) {
      // A snapshot that was begun anew before it was complete: nothing of the one before stays.
      if (generation !== stored.generation) next = emptyGeneration()
      const after = (next?.rows ?? rows).version
      delta = await load.delta({ generation: stored.generation, after, upTo: stored.cursor?.version ?? 0 }, page)
    } else if (stored.shown.version > from) {
      delta = await load.delta({ generation: stored.shown.generation, after: from, upTo: stored.shown.version }, page)
    }
    const outboxFrom = readAll ? 0 : openFrom()
    const found = await storage.outbox(outboxFrom)
    // Erased, or moved on, while it was read: what was read is of no state at all, since blocks at or below a shown version are merged
    // under later keys.
    if (found.sync?.born !== stored.born) return lose()
    const { shown } = found.sync
    if (shown.generation !== stored.shown.generation || shown.version !== stored.shown.version) return move(readAll)
    const newRecords = [...records.filter(({ place }) => place <= outboxFrom), ...found.records]

    const under = next?.base ?? base
    const built = first ? undefined : await build(delta ? withDelta(under, delta) : under, newRecords, stored)

    // From here to the end nothing waits: the page sees the old state or the new one.
    const touched = new Set(overlay.ids())
    const gone = leavers(rows, first ? undefined : next, delta)
    for (const id of [...gone.keys(), ...(delta?.removed.users ?? []), ...(next?.lingering ?? [])]) leaving.add(id)
    sync = stored
    records = mergeAppended(newRecords)
    const recorded = new Set(records.map(({ id }) => id))
    drafts = drafts.filter(({ id }) => !recorded.has(id))
    if (next) {
      rows = next.rows
      base = next.base
      inStore = next.stored
    }
    if (delta) inStore = sumStored(inStore, delta.stored)
    if (delta) base.absorb(delta)
    generation = first ? stored.generation : stored.shown.generation
    overlay = built ? built.overlay : new Overlay(base)
    overlay.rebase(base)
    predicted = built?.predicted ?? new Map()
    phase = first ? 'loading' : 'ready'
    for (const id of overlay.ids()) touched.add(id)
    if (delta) for (const id of idsIn(delta)) touched.add(id)
    changed({ all: next !== undefined, ids: touched, gone: [...gone.values()] })
  }

  /** Records that were appended while a move was reading the outbox. */
  function mergeAppended(read: OutboxRecord[]): OutboxRecord[] {
    const last = read.at(-1)?.place ?? 0
    return [...read, ...records.filter(({ place }) => place > last)]
  }

  async function build(
    layer: Layer,
    all: readonly OutboxRecord[],
    stored: SyncRow,
    without?: ReadonlySet<OperationId>,
  ) {
    const next = new Overlay(layer)
    const outcomes = new Map<OperationId, Outcome[]>()
    const { organisation, userId } = stored
    const found = layer.get('organisations', organisation)
    if (!found) return undefined
    // Also what is settled by now: memory may not have heard of it, and must not guess it once more.
    const done = new Set([...(without ?? []), ...all.map(({ id }) => id)])
    const step = (draft: Draft) => {
      done.add(draft.id)
      outcomes.set(draft.id, replay(next, draft, { organisation: found, userId }))
    }
    for (const record of all) {
      if (isSettled(record, stored.shown.version)) continue
      step(record)
      await breathe()
    }
    // What was performed meanwhile stands behind; the loop ends in the very turn that swaps the overlay in.
    for (let rest = remaining(done, stored); rest.length > 0; rest = remaining(done, stored)) {
      for (const draft of rest) step(draft)
      await breathe()
    }
    return { overlay: next, predicted: outcomes }
  }

  const remaining = (done: ReadonlySet<OperationId>, stored: SyncRow): Draft[] =>
    [...records.filter((record) => !isSettled(record, stored.shown.version)), ...drafts].filter(
      ({ id }) => !done.has(id),
    )

  /** Builds the overlay anew without what could not be kept; asks the store nothing, which may be what failed. */
  async function forgetFailed(): Promise<void> {
    const built = phase === 'ready' ? await build(base, records, row(), failed) : undefined
    if (built) {
      overlay = built.overlay
      predicted = built.predicted
    }
    drafts = drafts.filter(({ id }) => !failed.has(id))
    failed.clear()
    changed()
  }

  function lose(): void {
    phase = 'erased'
    changed()
  }

  /**
   * Does what an admin asked: at once in memory, then durable in the outbox. Answers when it is kept; a failed append takes it out
   * again and rejects, and nothing has happened. A call too large for one operation becomes a batch, shown part by part.
   */
  async function perform(call: Call | readonly Call[], { atomic = false } = {}): Promise<Performed> {
    // The parts of a batch stand together: what is asked for while they are made comes after them.
    while (batching) await batching
    readyToAct()
    const asked = Array.isArray(call) ? (call as readonly Call[]) : [call as Call]
    // Of several calls each is cut when its turn comes: a hundred large ones are measured in more than one task.
    const calls = asked.length > 1 ? asked : asked.flatMap(cut)
    const batch = calls.length > 1 ? (newId() as BatchId) : null
    const now = clock()
    const made: Draft[] = []
    const outcomes: Outcome[] = []
    const apply = (part: Call) => {
      const who = readyToAct()
      const draft = draftOf(part, { newId, now, atomic: atomic && !batch, batch, layer: overlay })
      const touched = new Set<string>()
      const expected = replay(overlay, draft, who, touched)
      predicted.set(draft.id, expected)
      for (const outcome of expected) outcomes.push(outcome)
      drafts = [...drafts, draft]
      made.push(draft)
      changed({ all: false, ids: touched })
    }
    if (!batch) for (const part of calls) apply(part)
    else await inParts(calls, apply, made)
    await keep(made)
    return { ids: made.map(({ id }) => id), outcomes }
  }

  /** Applies the parts of a batch one by one, letting the page answer between; one that can't be applied takes all of them out again. */
  async function inParts(calls: readonly Call[], apply: (part: Call) => void, made: readonly Draft[]): Promise<void> {
    const work = async () => {
      for (const call of calls)
        for (const part of cut(call)) {
          apply(part)
          await breathe()
        }
    }
    const turn = work()
    batching = turn.catch(() => undefined)
    try {
      await turn
    } catch (error) {
      await giveUp(made, error)
      throw error
    } finally {
      batching = undefined
    }
  }

  function readyToAct(): Acting {
    if (phase === 'erased') throw new Erased()
    if (phase !== 'ready') throw new NotReady('The copy on this device is not complete yet. Try again when it is.')
    return acting()
  }

  /** Takes out of memory what could not be kept. */
  async function giveUp(made: readonly Draft[], error: unknown): Promise<void> {
    for (const { id } of made) failed.add(id)
    if (error instanceof Erased) lose()
    else await inTurn(forgetFailed)
  }

  /** Appends in the order in which things were performed. */
  function keep(made: readonly Draft[]): Promise<void> {
    const ids = new Set(made.map(({ id }) => id))
    const turn = appending.then(async () => {
      const known = records.at(-1)?.place ?? 0
      try {
        const found = await storage.append(made, { born: row().born, knownPlace: known })
        const foreign = found.records.some(({ id, place }) => !ids.has(id) && !records.some((r) => r.place === place))
        if (
          foreign ||
          found.sync.shown.version !== shownVersion() ||
          found.sync.shown.generation !== row().shown.generation
        )
          // Until then these stay drafts: a record is shown as pending only where the rows show what it does, in order of place.
          await catchUp().catch(report)
        else {
          const last = records.at(-1)?.place ?? 0
          records = [...records, ...found.records.filter(({ place }) => place > last)]
          drafts = drafts.filter(({ id }) => !ids.has(id))
          changed()
        }
      } catch (error) {
        await giveUp(made, error)
        throw error
      }
    })
    appending = turn.catch(() => undefined)
    return turn
  }

  /** Runs a decision in the store and brings memory along. */
  const change = (mode: 'strict' | 'relaxed', afterPlace: number, decide: Decide) =>
    inTurn(async () => {
      const written = await storage.transact(mode, afterPlace, decide)
      await move(afterPlace === 0)
      return written !== undefined
    })

  const moment = () => ({ now: clock(), newId })

  return {
    open,
    create,
    catchUp,
    perform,

    /** What a call would do now, item by item, and the rows as they would be; nothing is written. */
    preview(call: Call, { atomic = false } = {}): { outcomes: Outcome[]; view: View } {
      return attempt(overlay, { ...call, madeAt: clock(), atomic }, acting())
    },

    /**
     * As `preview` for a call of any size, in slices that let the page answer. `onprogress` hears of each part that is done, and
     * stops the rest by answering false: then the outcomes are fewer than the items.
     */
    async forecast(
      call: Call,
      onprogress: (done: number, total: number) => unknown = () => undefined,
    ): Promise<{ outcomes: Outcome[]; layer: Layer; operations: number }> {
      const who = acting()
      const copy = new Overlay(overlay)
      const outcomes: Outcome[] = []
      const parts = pieces(call)
      for (const [done, { type, args }] of parts.entries()) {
        if (onprogress(done, parts.length) === false) break
        const { view, outcomes: part } = attempt(copy, { type, args, madeAt: clock(), atomic: false }, who)
        copy.takeOver(view.changes)
        for (const outcome of part) outcomes.push(outcome)
        await breathe()
      }
      return { outcomes, layer: copy, operations: cut(call).length }
    },

    /**
     * A copy on which many calls are tried one after the other, each over what those before it did; nothing is written. What is called
     * must be small enough for one task.
     */
    rehearse(): (call: Call) => Outcome[] {
      const who = acting()
      const copy = new Overlay(overlay)
      return (call) => {
        const { view, outcomes } = attempt(copy, { ...call, madeAt: clock(), atomic: false }, who)
        copy.takeOver(view.changes)
        return outcomes
      }
    },

    /** Writes a page of the server; false where it came too late to be taken. */
    receive: (requestedFrom: SyncRow, response: SyncResponse) =>
      inTurn(async () => {
        const from = requestedFrom.cursor?.version ?? 0
        const after = openFrom()
        const written = await storage.transact('relaxed', after, receivePage(requestedFrom, response, moment()))
        await move(false, written && { ...written, from })
        return written !== undefined
      }),

    takeBack: (ids: readonly OperationId[]) => change('strict', 0, takeBack(new Set(ids), moment())),
    setAside: (id: OperationId) => change('strict', 0, setAside(id)),
    dismiss: (id: OperationId, items: readonly string[]) => change('strict', 0, dismiss(id, items)),
    confirm: (id: OperationId) => change('strict', 0, confirm(id, moment())),
    newClient: (from: SyncRow) => change('strict', 0, newClient(from, newId() as ClientId)),
    newSnapshot: (from: SyncRow) => change('strict', 0, newSnapshot(from)),
    otherHistory: (from: SyncRow, unknown: ReadonlySet<OperationId>, seen: Seen) =>
      change('strict', 0, otherHistory(from, newId() as ClientId, unknown, seen)),
    erase: () =>
      inTurn(async () => {
        await storage.erase()
        lose()
      }),

    /** Calls back after each change, until the returned function is called. */
    subscribe(listener: (changed: Changed) => void): () => void {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },

    get phase() {
      return phase
    },
    /** Counts the changes of what is shown. */
    get revision() {
      return revision
    },
    get sync() {
      return sync
    },
    /** The server's rows with all that is pending. */
    get layer(): Layer {
      return overlay
    },
    /** The server's rows alone. */
    get settledLayer(): Layer {
      return base
    },
    /** What the store holds of the shown generation. */
    get stored(): Stored {
      return inStore
    },
    /** How many tombstones memory knows. */
    get removed(): number {
      return removedIn(rows)
    },
    /** Users who are gone and of whom the store may still hold something; what `forgotten` names is told to be out of it. */
    get leaving(): ReadonlySet<string> {
      return leaving
    },
    forgotten(ids: Iterable<string>): void {
      for (const id of ids) leaving.delete(id)
    },
    /** Takes what settled operations say of them out of the outbox. @param decide how: redact.ts */
    redact: (decide: Decide) => change('strict', 0, decide),
    /** The store was tidied: it holds so much less. */
    tidied(less: Stored): void {
      inStore = { rows: inStore.rows - less.rows, blocks: inStore.blocks - less.blocks }
    },
    /** What pending operations changed, by entity and id. */
    get guessed() {
      return overlay.rows
    },
    get organisation(): Organisation | undefined {
      return sync && overlay.get('organisations', sync.organisation)
    },
    get records(): readonly OutboxRecord[] {
      return records
    },
    /** Shown, but not yet durable. */
    get drafts(): readonly Draft[] {
      return drafts
    },
    get pending(): readonly OutboxRecord[] {
      return pendingRecords()
    },
    predictedFor: (id: OperationId): readonly Outcome[] => predicted.get(id) ?? [],
  }
}
