// What to write when the server has answered, or when the admin takes something back: pure functions from what a transaction found
// to what it writes. They do no I/O; the store carries them out in that same transaction.
import type { ClientId, OperationId } from '#shared/model.ts'
import { WITHDRAWN, type Seen, type Settlement, type SyncResponse } from '#shared/protocol.ts'
import { offeredAgain } from './offered-again.ts'
import { FORMAT, type Decide, type OutboxRecord, type Plan, type StoredBlock, type SyncRow } from './storage.ts'

export interface Moment {
  now: number
  newId: () => string
}

/**
 * A page: its blocks, the outcomes and the cursor together, only if the sync row is still the one that the request was made from. A
 * second syncing tab, a late answer or a sign-out meanwhile do no harm.
 */
export const receivePage =
  (requestedFrom: SyncRow, response: SyncResponse, moment: Moment): Decide =>
  ({ sync, records, lastPlace }) => {
    if (sync.revision !== requestedFrom.revision || sync.clientId !== requestedFrom.clientId) return undefined
    const { cursor, more } = response
    return {
      sync: {
        ...sync,
        revision: sync.revision + 1,
        cursor,
        // Memory moves only between states that the server really had: not before the last page.
        shown: more ? sync.shown : { generation: sync.generation, version: cursor.version },
        seen: newerOf(sync.seen, response.seen),
        asOf: more ? sync.asOf : moment.now,
        offset: response.now - moment.now,
      },
      records: settle(records, response.outcomes, lastPlace, moment),
      blocks: response.changes.map((block, part): StoredBlock => ({
        key: [sync.generation, cursor.version, part],
        block,
      })),
    }
  }

export const newerOf = (known: Seen, told: Seen): Seen => (told.version >= known.version ? told : known)

/** Records with the outcomes that came for them; one that was withdrawn too late is followed by its undo. */
function settle(records: readonly OutboxRecord[], outcomes: readonly Settlement[], lastPlace: number, moment: Moment) {
  const byId = new Map(outcomes.map((settlement) => [settlement.id, settlement]))
  const changed: OutboxRecord[] = []
  const undos: OutboxRecord[] = []
  for (const record of records) {
    const settlement = byId.get(record.id)
    if (!settlement || record.settlement) continue
    const takenBack = record.was !== undefined && record.aside === undefined
    const tooLate = takenBack && settlement.notApplied.length < settlement.total
    if (tooLate) {
      changed.push(restored(record, settlement))
      undos.unshift({ ...undoOf(record, moment), place: 0 })
    } else changed.push(takenBack ? unapplied(record, settlement) : { ...record, settlement })
  }
  return [...changed, ...undos.map((undo, at) => ({ ...undo, place: lastPlace + 1 + at }))]
}

function restored({ was, ...record }: OutboxRecord, settlement: Settlement): OutboxRecord {
  return { ...record, ...was, settlement }
}

/** Nothing came of it: nobody's concern, and never offered again as what it was, should this history be lost. */
const unapplied = (record: OutboxRecord, settlement: Settlement): OutboxRecord =>
  settlement.notApplied.length === 0
    ? { ...record, settlement }
    : { ...record, settlement, dismissed: settlement.notApplied.map(({ item }) => item) }

const undoOf = (record: OutboxRecord, { now, newId }: Moment): Omit<OutboxRecord, 'place'> => ({
  id: newId() as OperationId,
  type: 'undo',
  args: { operationId: record.id },
  names: record.names,
  madeAt: now,
  batch: record.batch,
  atomic: false,
})

/**
 * Takes operations back: one without an outcome turns into `withdrawn` in the same place, so that there is no gap; one that has an
 * outcome by now is undone instead, the latest first.
 */
export const takeBack =
  (ids: ReadonlySet<OperationId>, moment: Moment): Decide =>
  ({ sync, records, lastPlace }) => {
    const named = records.filter(({ id, was }) => ids.has(id) && !was)
    const withdrawn = named.filter(({ settlement }) => !settlement).map(withdraw)
    const undos = named
      .filter(({ settlement }) => settlement)
      .toReversed()
      .map((record, at) => ({ ...undoOf(record, moment), place: lastPlace + 1 + at }))
    return { sync, records: [...withdrawn, ...undos], blocks: [] }
  }

const withdraw = ({ type, args, ...record }: OutboxRecord): OutboxRecord => ({
  ...record,
  type: WITHDRAWN,
  args: {},
  was: { type, args },
})

/** One operation that no server takes for its size: set aside, a `withdrawn` in its place. */
export const setAside =
  (id: OperationId): Decide =>
  ({ sync, records }) => ({
    sync,
    records: records
      .filter((record) => record.id === id && !record.settlement && !record.was)
      .map((record) => ({ ...withdraw(record), aside: 'too-large' as const })),
    blocks: [],
  })

/** Another device uses this clientId (a copied profile), or the server lacks a sequence that this device no longer has. */
export const newClient =
  (from: SyncRow, clientId: ClientId): Decide =>
  ({ sync, records, lastPlace }) =>
    sync.clientId === from.clientId
      ? plan({ ...sync, clientId, base: baseBefore(records, (r) => !r.settlement, lastPlace) })
      : undefined

/** The server asks for a new snapshot: a new generation beside the one that is shown. The queue stays. */
export const newSnapshot =
  (from: SyncRow): Decide =>
  ({ sync }) =>
    sync.revision === from.revision ? plan({ ...sync, generation: sync.generation + 1, cursor: null }) : undefined

/** The store is of the format before: a new generation brings what it lacks. The queue and its clientId stay as they are. */
export const newFormat: Decide = ({ sync }) =>
  sync.format < FORMAT ? plan({ ...sync, format: FORMAT, generation: sync.generation + 1, cursor: null }) : undefined

/**
 * The server has another history (restored from a backup): a new snapshot, a new clientId, and from the first operation on that the
 * server does not know, all are pending again and offered once more.
 */
export const otherHistory =
  (from: SyncRow, clientId: ClientId, unknown: ReadonlySet<OperationId>, seen: Seen): Decide =>
  ({ sync, records, lastPlace }) => {
    if (sync.revision !== from.revision) return undefined
    const base = baseBefore(records, ({ id, settlement }) => !settlement || unknown.has(id), lastPlace)
    return {
      ...plan({
        ...sync,
        clientId,
        base,
        generation: sync.generation + 1,
        cursor: null,
        seen,
      }),
      records: records
        .filter(({ place, settlement }) => place > base && settlement)
        .map(({ settlement: _, ...record }) => record)
        .map(offeredAgain),
    }
  }

const plan = (sync: SyncRow): Plan => ({ sync: { ...sync, revision: sync.revision + 1 }, records: [], blocks: [] })

function baseBefore(
  records: readonly OutboxRecord[],
  open: (record: OutboxRecord) => boolean,
  lastPlace: number,
): number {
  const first = records.find(open)
  return first ? first.place - 1 : lastPlace
}

/** Marks rejected items as dealt with. */
export const dismiss =
  (id: OperationId, items: readonly string[]): Decide =>
  ({ sync, records }) => ({
    sync,
    records: records
      .filter((record) => record.id === id)
      .map((record) => ({ ...record, dismissed: [...new Set([...(record.dismissed ?? []), ...items])] })),
    blocks: [],
  })

/** The admin says that an old risky operation is still wanted. */
export const confirm =
  (id: OperationId, { now }: Moment): Decide =>
  ({ sync, records }) => ({
    sync,
    records: records.filter((record) => record.id === id).map((record) => ({ ...record, confirmedAt: now })),
    blocks: [],
  })
