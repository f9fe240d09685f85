// What this device knows, in memory: the server's rows as of one version, and over them an overlay of what pending operations
// changed. A guess is never stored: it is computed again from these two. Rows are never modified in place.
import { isTombstones, rowsOf, type Block } from '#shared/blocks.ts'
import type { EmailKey } from '#shared/email.ts'
import {
  ENTITIES,
  type CreditGrant,
  type Entity,
  type Group,
  type GroupId,
  type Organisation,
  type Product,
  type Rows,
  type User,
  type UserId,
} from '#shared/model.ts'
import type { Changes, Source } from '#shared/view.ts'
import { asNow } from './older.ts'

export type Tables = { [E in Entity]: Map<string, Rows[E]> }

const emptyTables = (): Tables => ({
  organisations: new Map(),
  products: new Map(),
  grants: new Map(),
  months: new Map(),
  groups: new Map(),
  users: new Map(),
  meters: new Map(),
})

/** The server's rows as of `version`: all of them, or what a few pages changed over another set. */
export interface RowSet {
  readonly tables: Tables
  /** By entity: a group and the meter of its pool have one id. */
  readonly removed: Record<Entity, Set<string>>
  version: number
}

const noneRemoved = (): RowSet['removed'] => ({
  organisations: new Set(),
  products: new Set(),
  grants: new Set(),
  months: new Set(),
  groups: new Set(),
  users: new Set(),
  meters: new Set(),
})

export const emptyRows = (): RowSet => ({ tables: emptyTables(), removed: noneRemoved(), version: 0 })

/** How many tombstones a set holds. */
export const removedIn = ({ removed }: RowSet): number => ENTITIES.reduce((so, entity) => so + removed[entity].size, 0)

/** Puts a block's rows over what is there: for blocks in the order in which they came. */
export function putBlock(rows: RowSet, block: Block): void {
  // One map for all entities: the generic parameter can't be carried through a union of blocks.
  const table = rows.tables[block.entity] as Map<string, Rows[Entity]>
  const removed = rows.removed[block.entity]
  if (isTombstones(block)) {
    for (const id of block.gone) {
      table.delete(id)
      removed.add(id)
    }
    return
  }
  for (const row of rowsOf(asNow(block))) {
    table.set(row.id, row)
    if (removed.size > 0) removed.delete(row.id)
  }
}

/** Puts a block's rows under what is there: for opening, which reads the newest blocks first. */
export function putOlderBlock(rows: RowSet, block: Block): void {
  const table = rows.tables[block.entity] as Map<string, Rows[Entity]>
  const removed = rows.removed[block.entity]
  if (isTombstones(block)) {
    for (const id of block.gone) if (!table.has(id)) removed.add(id)
    return
  }
  for (const row of rowsOf(asNow(block))) if (!table.has(row.id) && !removed.has(row.id)) table.set(row.id, row)
}

/** Rows over other rows; `undefined` in a table of changes is a row that is gone. */
export interface Layer {
  get<E extends Entity>(entity: E, id: string): Rows[E] | undefined
  wasRemoved(entity: Entity, id: string): boolean
  userIdByEmail(key: EmailKey): UserId | undefined
  groupIdByName(nameKey: string): GroupId | undefined
  values<E extends Entity>(entity: E): Iterable<Rows[E]>
  sizeOf(entity: Entity): number
}

/** The server's rows as a layer. Its e-mail and name indexes are made when first asked for, and kept up by `absorb`. */
export function baseLayer(rows: RowSet): Layer & { absorb(delta: RowSet): void } {
  let emails: Map<EmailKey, UserId> | undefined
  let names: Map<string, GroupId> | undefined
  return {
    get: (entity, id) => rows.tables[entity].get(id),
    wasRemoved: (entity, id) => rows.removed[entity].has(id),
    userIdByEmail: (key) => {
      emails ??= new Map([...rows.tables.users.values()].map((user) => [user.emailKey, user.id]))
      return emails.get(key)
    },
    groupIdByName: (nameKey) => {
      names ??= new Map([...rows.tables.groups.values()].map((group) => [group.nameKey, group.id]))
      return names.get(nameKey)
    },
    values: (entity) => rows.tables[entity].values(),
    sizeOf: (entity) => rows.tables[entity].size,
    absorb: (delta) => {
      if (emails) moveKeys(emails, rows.tables.users, delta, 'users', (user) => user.emailKey)
      if (names) moveKeys(names, rows.tables.groups, delta, 'groups', (group) => group.nameKey)
      for (const entity of ENTITIES) {
        const into = rows.tables[entity] as Map<string, Rows[Entity]>
        const removed = rows.removed[entity]
        for (const id of delta.removed[entity]) {
          removed.add(id)
          into.delete(id)
        }
        for (const [id, row] of delta.tables[entity]) {
          into.set(id, row)
          removed.delete(id)
        }
      }
      rows.version = delta.version
    },
  }
}

function moveKeys<E extends 'users' | 'groups', Key>(
  index: Map<Key, string>,
  now: ReadonlyMap<string, Rows[E]>,
  delta: RowSet,
  entity: E,
  keyOf: (row: Rows[E]) => Key,
): void {
  const changed: ReadonlyMap<string, Rows[E]> = delta.tables[entity]
  // All old keys go before any new one comes: two rows may have swapped theirs.
  for (const id of [...delta.removed[entity], ...changed.keys()]) {
    const old = now.get(id)
    if (old && index.get(keyOf(old)) === id) index.delete(keyOf(old))
  }
  for (const [id, row] of changed) index.set(keyOf(row), id)
}

/** Changes over a layer, of either kind: pages of the server that are not shown yet, or what pending operations guess. */
export class Overlay implements Layer {
  readonly rows: { [E in Entity]: Map<string, Rows[E] | undefined> } = emptyTables()
  #under: Layer
  readonly #emails = new Map<EmailKey, UserId | null>()
  readonly #names = new Map<string, GroupId | null>()
  /** Tombstones that the server sent, also of rows that the layer below never had. */
  readonly #gone = noneRemoved()
  /** By how many rows it has more or fewer than the layer below. */
  readonly #grown = Object.fromEntries(ENTITIES.map((entity) => [entity, 0])) as Record<Entity, number>

  constructor(under: Layer) {
    this.#under = under
  }

  /** The same changes over another layer, which says the same as the one before. */
  rebase(under: Layer): void {
    this.#under = under
  }

  get<E extends Entity>(entity: E, id: string): Rows[E] | undefined {
    const rows: Map<string, Rows[E] | undefined> = this.rows[entity]
    return rows.has(id) ? rows.get(id) : this.#under.get(entity, id)
  }

  wasRemoved(entity: Entity, id: string): boolean {
    const rows = this.rows[entity]
    if (rows.has(id)) return rows.get(id) === undefined
    return this.#gone[entity].has(id) || this.#under.wasRemoved(entity, id)
  }

  userIdByEmail(key: EmailKey): UserId | undefined {
    const id = this.#emails.get(key)
    return id === undefined ? this.#under.userIdByEmail(key) : (id ?? undefined)
  }

  groupIdByName(nameKey: string): GroupId | undefined {
    const id = this.#names.get(nameKey)
    return id === undefined ? this.#under.groupIdByName(nameKey) : (id ?? undefined)
  }

  /** In the order of the layer below, new rows last: a row that changes keeps its place. */
  values<E extends Entity>(entity: E): Iterable<Rows[E]> {
    // A generator that hands on another's values costs more than all that is done with most of them.
    return this.rows[entity].size === 0 ? this.#under.values(entity) : this.#changedValues(entity)
  }

  *#changedValues<E extends Entity>(entity: E): Iterable<Rows[E]> {
    const rows: Map<string, Rows[E] | undefined> = this.rows[entity]
    for (const row of this.#under.values(entity)) {
      const changed = rows.has(row.id) ? rows.get(row.id) : row
      if (changed) yield changed
    }
    for (const [id, row] of rows) if (row && !this.#under.get(entity, id)) yield row
  }

  sizeOf(entity: Entity): number {
    return this.#under.sizeOf(entity) + this.#grown[entity]
  }

  /** The ids of all rows that it changes. */
  *ids(): Iterable<string> {
    for (const rows of Object.values(this.rows)) yield* rows.keys()
  }

  /** Takes over what a view changed. */
  takeOver(changes: Changes): void {
    // What was before is in the changes: 10,000 rows need not be asked for once more.
    for (const [id, { before, after }] of changes.users) {
      this.#set('users', id, before, after)
      moveKey(this.#emails, id, before?.emailKey, after?.emailKey)
    }
    for (const [id, { before, after }] of changes.groups) {
      this.#set('groups', id, before, after)
      moveKey(this.#names, id, before?.nameKey, after?.nameKey)
    }
    for (const [id, { before, after }] of changes.products) this.#set('products', id, before, after)
    for (const [id, { before, after }] of changes.organisations) this.#set('organisations', id, before, after)
    for (const [id, { before, after }] of changes.meters) this.#set('meters', id, before, after)
  }

  /** Takes over rows that the server sent. */
  takeRows(delta: RowSet): void {
    for (const entity of ENTITIES)
      for (const id of delta.removed[entity]) {
        this.#gone[entity].add(id)
        if (this.#under.get(entity, id)) this.#put(entity, id, undefined)
      }
    for (const entity of ENTITIES) for (const [id, row] of delta.tables[entity]) this.#put(entity, id, row as never)
  }

  #set<E extends Entity>(entity: E, id: string, before: Rows[E] | undefined, row: Rows[E] | undefined): void {
    const rows: Map<string, Rows[E] | undefined> = this.rows[entity]
    rows.set(id, row)
    this.#grown[entity] += Number(row !== undefined) - Number(before !== undefined)
  }

  #put<E extends Entity>(entity: E, id: string, row: Rows[E] | undefined): void {
    const before = this.get(entity, id)
    this.#set(entity, id, before, row)
    if (entity === 'users')
      moveKey(this.#emails, id, (before as User | undefined)?.emailKey, (row as User | undefined)?.emailKey)
    if (entity === 'groups')
      moveKey(this.#names, id, (before as Group | undefined)?.nameKey, (row as Group | undefined)?.nameKey)
  }
}

function moveKey<Key, Id extends string>(
  index: Map<Key, Id | null>,
  id: string,
  before: Key | undefined,
  after: Key | undefined,
): void {
  if (before === after) return
  // Only where no other row has taken the key since: two rows of one page may have swapped theirs.
  const holder = before === undefined ? null : index.get(before)
  if (before !== undefined && (holder === undefined || holder === id)) index.set(before, null)
  if (after !== undefined) index.set(after, id as Id)
}

/** A layer as the source of a view. */
export function sourceOf(layer: Layer, organisation: Organisation): Source {
  return {
    organisation: layer.get('organisations', organisation.id) ?? organisation,
    get: (entity, id) => layer.get(entity, id),
    wasRemoved: (entity, id) => layer.wasRemoved(entity, id),
    userByEmail: (key) => {
      const id = layer.userIdByEmail(key)
      return id && layer.get('users', id)
    },
    groupByName: (nameKey) => {
      const id = layer.groupIdByName(nameKey)
      return id && layer.get('groups', id)
    },
    *usersOfGroup(id) {
      for (const user of layer.values('users')) if (user.groupId === id) yield user
    },
    products: (): Iterable<Product> => layer.values('products'),
    grants: (): Iterable<CreditGrant> => layer.values('grants'),
  }
}
