// The oracle: the organisation in plain maps, told again from the server's log. It shares no code with replica, sync and store; only
// the rules themselves (an operation's `apply`), which have properties of their own. It remembers the rows at every version.
import { isDeepStrictEqual } from 'node:util'
import {
  ENTITIES,
  type Entity,
  type Instant,
  type Meter,
  type OperationId,
  type OrganisationId,
  type Rows,
  type UserId,
} from '#shared/model.ts'
import type { Past } from '#shared/operations/definition.ts'
import { imagesOf, noImages, type Images } from '#shared/operations/images.ts'
import { parseCall, run } from '#shared/operations/index.ts'
import { appliedItems, type Outcome } from '#shared/operations/outcome.ts'
import { createView, type Changes, type Effect, type Source } from '#shared/view.ts'
import { movingContracts, newBooks, type Books } from './books.ts'
import { ALL_TERMS } from './calendar.ts'
import { countedAnew } from './publishing.ts'

export type Tables = { readonly [E in Entity]: ReadonlyMap<string, Rows[E]> }

/** The rows as they are at one version; a later state shares the tables that did not change. */
export interface State {
  version: number
  tables: Tables
  /** `entity id` of rows that are gone, with the version that removed each. */
  removed: ReadonlyMap<string, number>
}

/** One entry of the server's log, as SQL holds it. */
export interface Logged {
  version: number
  operationId: OperationId
  clientId: string | null
  sequence: number | null
  actor: UserId | null
  type: string
  args: unknown
  atomic: boolean
  madeAt: Instant
  at: Instant
  total: number
  notApplied: Outcome[]
}

/** What the oracle knows about an operation once it is in the log. */
export interface Judged {
  entry: Logged
  outcomes: readonly Outcome[]
  images: Images
  changes: Changes | undefined
  mails: readonly UserId[]
}

/** One history of the server: a restored backup begins another one, which shares its start. */
export interface Epoch {
  /** By version. */
  states: State[]
  judged: Map<OperationId, Judged>
  /** `operation user` of mails that have left. */
  left: Set<string>
  /** What was used, as of now: also what no version shows yet. */
  books: Books
  /** By id and version: each content that a meter has had. It counts on in between; devices see it when they next fetch the row. */
  meters: Map<string, Meter[]>
}

export const emptyState = (): State => ({
  version: 0,
  tables: {
    organisations: new Map(),
    products: new Map(),
    grants: new Map(),
    months: new Map(),
    groups: new Map(),
    users: new Map(),
    meters: new Map(),
  },
  removed: new Map(),
})

export const newEpoch = (): Epoch => ({
  states: [emptyState()],
  judged: new Map(),
  left: new Set(),
  books: newBooks(),
  meters: new Map(),
})

/** The history as it is now: what a backup holds. */
export const copyOf = (epoch: Epoch): Epoch => ({
  states: [...epoch.states],
  judged: new Map(epoch.judged),
  left: new Set(epoch.left),
  books: structuredClone(epoch.books),
  meters: new Map([...epoch.meters].map(([key, contents]) => [key, [...contents]])),
})

export function stateOf({ states }: Epoch): State {
  const state = states.at(-1)
  if (!state) throw new Error('The history is empty.')
  return state
}

export const contentKey = ({ id, version }: Pick<Meter, 'id' | 'version'>) => `${id} ${version}`

/** Adds the state at the next version. */
export function append(epoch: Epoch, state: State): State {
  const before = epoch.states.at(-1)?.tables.meters
  for (const meter of state.tables.meters.values())
    if (before?.get(meter.id) !== meter) epoch.meters.getOrInsertComputed(contentKey(meter), () => []).push(meter)
  epoch.states.push(state)
  return state
}

/** Meters count on without a new version. */
export function putMeters(epoch: Epoch, rows: readonly Meter[]): void {
  const state = stateOf(epoch)
  const meters = new Map(state.tables.meters)
  for (const row of rows) {
    meters.set(row.id, row)
    epoch.meters.getOrInsertComputed(contentKey(row), () => []).push(row)
  }
  epoch.states[epoch.states.length - 1] = { ...state, tables: { ...state.tables, meters } }
}

/** The state after rows that the provider wrote, which no operation explains. */
export function stateWith(state: State, rows: { readonly [E in Entity]?: readonly Rows[E][] }, version: number): State {
  const tables: Record<Entity, ReadonlyMap<string, Rows[Entity]>> = { ...state.tables }
  for (const entity of ENTITIES) {
    const written: readonly Rows[Entity][] = rows[entity] ?? []
    tables[entity] = new Map([
      ...tables[entity],
      ...written.map((row): [string, Rows[Entity]] => [row.id, { ...row, version }]),
    ])
  }
  return { version, tables: tables as unknown as Tables, removed: state.removed }
}

export const goneKey = (entity: Entity, id: string) => `${entity} ${id}`

/** A view's source over plain maps. */
export function sourceOf(
  state: State,
  organisation: OrganisationId,
  wasRemoved?: (entity: Entity, id: string) => boolean,
): Source {
  const { tables, removed } = state
  const own = tables.organisations.get(organisation)
  if (!own) throw new Error('The model has no organisation.')
  return {
    organisation: own,
    get: (entity, id) => tables[entity].get(id),
    wasRemoved: (entity, id) => wasRemoved?.(entity, id) ?? removed.has(goneKey(entity, id)),
    userByEmail: (key) => [...tables.users.values()].find(({ emailKey }) => emailKey === key),
    groupByName: (key) => [...tables.groups.values()].find(({ nameKey }) => nameKey === key),
    usersOfGroup: (id) => [...tables.users.values()].filter(({ groupId }) => groupId === id),
    products: () => tables.products.values(),
    grants: () => tables.grants.values(),
  }
}

/** The state after changes; `version` is stamped on each changed row, or left where it is null (a guess). */
export function stateAfter(state: State, changes: Changes, version: number | null): State {
  const removed = new Map(state.removed)
  const tables: Record<Entity, ReadonlyMap<string, Rows[Entity]>> = { ...state.tables }
  for (const entity of ENTITIES) {
    const changed: ReadonlyMap<string, { before: Rows[Entity] | undefined; after: Rows[Entity] | undefined }> =
      changes[entity]
    if (changed.size === 0) continue
    const table = new Map<string, Rows[Entity]>(tables[entity])
    for (const [id, { before, after }] of changed) {
      if (after) {
        table.set(id, version === null ? after : { ...after, version })
        removed.delete(goneKey(entity, id))
      } else if (before) {
        table.delete(id)
        removed.set(goneKey(entity, id), version ?? state.version)
      }
    }
    tables[entity] = table
  }
  return { version: version ?? state.version, tables: tables as unknown as Tables, removed }
}

/** Runs one entry of the log over the last state. @returns what should have become of it */
export function judge(epoch: Epoch, organisation: OrganisationId, entry: Logged, failed: boolean): Judged {
  const state = stateOf(epoch)
  const nothing = { entry, images: noImages, changes: undefined, mails: [] }
  const parsed = entry.type === 'withdrawn' || failed ? undefined : parseCall(entry.type, entry.args)
  if (!parsed?.ok || entry.actor === null) {
    append(epoch, { ...state, version: entry.version })
    return { ...nothing, outcomes: entry.notApplied }
  }
  const view = createView(sourceOf(state, organisation))
  const past = entry.type === 'undo' ? pastOf(epoch, entry.args) : undefined
  const outcomes = run(view, parsed.call, { actor: entry.actor, now: entry.at, past }, entry.atomic)
  const after = stateAfter(state, view.changes, entry.version)
  const anew = view.effects.some(({ kind }) => kind === 'recount')
  append(epoch, anew ? withTermsMoved(epoch, state, after, organisation, entry) : after)
  return { entry, outcomes, images: imagesOf(view.changes), changes: view.changes, mails: mailsOf(view.effects) }
}

/** Terms have come to begin on other days: what was used is counted anew from the days. */
function withTermsMoved(epoch: Epoch, before: State, after: State, organisation: OrganisationId, entry: Logged): State {
  const [was, own] = [before, after].map(({ tables }) => tables.organisations.get(organisation))
  if (!was || !own) throw new Error('The model has no organisation.')
  const { books } = epoch
  books.calendarMoved = true
  movingContracts(books, was, own, () => undefined)
  const meters = countedAnew(after.tables.meters, books, own, entry.at, ALL_TERMS)
  return stateWith(after, { meters }, entry.version)
}

const mailsOf = (effects: readonly Effect[]): UserId[] =>
  effects.flatMap((effect) => (effect.kind === 'mail' ? [effect.userId] : []))

function pastOf(epoch: Epoch, args: unknown): Past | null {
  const id = (args as { operationId: OperationId }).operationId
  const judged = epoch.judged.get(id)
  if (!judged) return null
  return {
    id,
    type: judged.entry.type,
    args: judged.entry.args,
    applied: appliedItems(judged.outcomes),
    images: judged.images,
    mails: Object.fromEntries(
      judged.mails.map((userId) => [userId, epoch.left.has(`${id} ${userId}`) ? 'left' : 'waiting']),
    ),
  }
}

/** Where two sets of rows differ, in words; empty when they are the same. */
export function differences(expected: Tables, found: Tables, ignoreVersions = false): string[] {
  return ENTITIES.flatMap((entity) => tableDifferences(entity, expected[entity], found[entity], ignoreVersions))
}

function tableDifferences(
  entity: Entity,
  expected: ReadonlyMap<string, Rows[Entity]>,
  found: ReadonlyMap<string, Rows[Entity]>,
  ignoreVersions: boolean,
): string[] {
  const texts: string[] = []
  for (const [id, row] of expected) {
    const other = found.get(id)
    if (!other) texts.push(`${entity} ${id} is missing`)
    else if (row !== other && !sameRow(row, other, ignoreVersions)) texts.push(rowDifference(entity, row, other))
  }
  for (const id of found.keys()) if (!expected.has(id)) texts.push(`${entity} ${id} should not be there`)
  return texts
}

const sameRow = (a: Rows[Entity], b: Rows[Entity], ignoreVersions: boolean): boolean =>
  isDeepStrictEqual(ignoreVersions ? { ...a, version: 0 } : a, ignoreVersions ? { ...b, version: 0 } : b)

function rowDifference(entity: Entity, row: Rows[Entity], other: Rows[Entity]): string {
  const b: Record<string, unknown> = { ...other }
  const fields = Object.entries(row)
    .filter(([name, value]) => !isDeepStrictEqual(value, b[name]))
    .map(([name, value]) => `${name} is ${JSON.stringify(b[name])}, expected ${JSON.stringify(value)}`)
  return `${entity} ${row.id}: ${fields.join('; ')}`
}
