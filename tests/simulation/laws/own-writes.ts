// A device reads its own writes, and time never runs back: after every step, what a tab shows is a state that the server really had, at
// the version which the tab says, and on top of it everything that is pending there.
import { ENTITIES, type Rows, type Entity } from '#shared/model.ts'
import { parseCall, run as runCall } from '#shared/operations/index.ts'
import { createView } from '#shared/view.ts'
import type { Layer } from '#lib/replica/rows.ts'
import type { Draft, OutboxRecord } from '#lib/replica/storage.ts'
import type { Tab } from '../device.ts'
import { isDeepStrictEqual } from 'node:util'
import {
  contentKey,
  differences,
  goneKey,
  sourceOf,
  stateAfter,
  type Epoch,
  type State,
  type Tables,
} from '../model.ts'
import type { Law, Run } from '../state.ts'
import { ORGANISATION } from '../world.ts'

export const ownWrites: Law = {
  promise: 'A tab shows a state that the server really had, and over it all that is pending; it never goes back.',
  *afterStep(run) {
    for (const device of run.devices)
      for (const tab of device.tabs) {
        if (tab.replica.phase !== 'ready' || tab.looked.revision === tab.replica.revision) continue
        for (const text of breaches(run, tab)) yield `${tab.owner.name}: ${text}`
        tab.looked.revision = tab.replica.revision
      }
  },
}

function* breaches(run: Run, tab: Tab): Generator<string> {
  const { replica, looked } = tab
  const { sync } = replica
  if (!sync) return
  const { version, generation } = sync.shown
  if (generation === looked.generation && version < looked.shown) yield `went back from ${looked.shown} to ${version}`
  looked.shown = version
  looked.generation = generation

  const settled = tablesOf(replica.settledLayer)
  const histories = run.epochs.flatMap((_, at) => asCounted(run.epochs.slice(0, at + 1), version, settled) ?? [])
  const found = histories.findLast(({ tables }) => differences(tables, settled).length === 0)
  if (!found) {
    const last = histories.at(-1)
    const why = last ? differences(last.tables, settled).slice(0, 3).join('; ') : 'the server never had it'
    return yield `shows rows of version ${version} that the server did not have then: ${why}`
  }
  const pending = pendingIn(tab, version)
  yield* missing(run, tab)
  const expected = pending.reduce((state, draft) => guess(state, draft, tab), found)
  for (const text of differences(expected.tables, tablesOf(replica.layer)).slice(0, 3))
    yield `version ${version} with ${pending.length} pending: ${text}`
  yield* indexBreaches(replica.layer)
}

/** The last epoch's state at a version, with each meter as it had been counted when the device fetched it. */
function asCounted(epochs: readonly Epoch[], version: number, settled: Tables): State | undefined {
  const state = epochs.at(-1)?.states[version]
  if (!state) return undefined
  // One without a version was never published.
  const meters = new Map([...state.tables.meters].filter(([, meter]) => meter.version > 0))
  return { ...state, tables: withCounts({ ...state.tables, meters }, epochs, settled) }
}

/**
 * The tables with each meter as the device has it, where one of these epochs had counted it so at the meter's version: meters count on
 * without a new version. A count that a restore lost stays on the device until the meter is published anew.
 */
export function withCounts(tables: Tables, epochs: readonly Epoch[], found: Tables): Tables {
  const meters = new Map(tables.meters)
  for (const [id, row] of found.meters) {
    if (meters.get(id)?.version !== row.version) continue
    const counted = epochs.flatMap((epoch) => epoch.meters.get(contentKey(row)) ?? [])
    const content = counted.find((one) => isDeepStrictEqual(one, row))
    if (content) meters.set(id, content)
  }
  return { ...tables, meters }
}

/** Everything without an outcome at or below the shown version, in order of place, then what is still being kept. */
function pendingIn({ replica }: Tab, version: number): (OutboxRecord | Draft)[] {
  const records = replica.records.filter(
    ({ aside, settlement }) => !aside && !(settlement && settlement.version <= version),
  )
  const ids = new Set(replica.records.map(({ id }) => id))
  return [...records, ...replica.drafts.filter(({ id }) => !ids.has(id))]
}

/** What was performed in this tab must be in its queue. */
function* missing(run: Run, { replica, performed, life, device }: Tab): Generator<string> {
  if (life !== device.life) return
  const known = new Set([...replica.records, ...replica.drafts].map(({ id }) => id))
  for (const id of performed) if (!known.has(id)) yield `has lost ${run.made.get(id)?.call.type} ${id}`
}

function guess(state: State, { type, args, madeAt, atomic }: OutboxRecord | Draft, { replica, device }: Tab): State {
  const parsed = type === 'withdrawn' ? undefined : parseCall(type, args)
  if (!parsed?.ok) return state
  // Which ids had a row once is known to a device only since its snapshot: asked of the tab itself.
  const gone = (entity: Entity, id: string) =>
    state.removed.get(goneKey(entity, id)) === GUESSED || replica.settledLayer.wasRemoved(entity, id)
  const view = createView(sourceOf(state, ORGANISATION, gone))
  runCall(view, parsed.call, { actor: device.session.userId, now: madeAt }, atomic)
  const next = stateAfter(state, view.changes, null)
  const removed = new Map(state.removed)
  for (const entity of ENTITIES)
    for (const [id, { before, after }] of view.changes[entity]) {
      if (after) removed.delete(goneKey(entity, id))
      else if (before) removed.set(goneKey(entity, id), GUESSED)
    }
  return { ...next, removed }
}
const GUESSED = -1

export function tablesOf(layer: Layer): Tables {
  const table = <E extends Entity>(entity: E) =>
    new Map([...layer.values(entity)].map((row): [string, Rows[E]] => [row.id, row]))
  return {
    organisations: table('organisations'),
    products: table('products'),
    grants: table('grants'),
    months: table('months'),
    groups: table('groups'),
    users: table('users'),
    meters: table('meters'),
  }
}

/** Sizes, addresses and names lead to the rows that are there. */
function* indexBreaches(layer: Layer): Generator<string> {
  for (const entity of ENTITIES) {
    const size = [...layer.values(entity)].length
    if (layer.sizeOf(entity) !== size) yield `counts ${layer.sizeOf(entity)} ${entity}, there are ${size}`
  }
  for (const { id, emailKey } of layer.values('users'))
    if (layer.userIdByEmail(emailKey) !== id) yield `${emailKey} does not lead to ${id}`
  for (const { id, nameKey } of layer.values('groups'))
    if (layer.groupIdByName(nameKey) !== id) yield `${nameKey} does not lead to ${id}`
}
