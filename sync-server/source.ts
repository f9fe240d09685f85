// The rows that operations may ask for, loaded from SQL before they run: what their `reads` name, and what is always there. A row that
// was not declared throws, so that a definition which reads more than it says is found at once and not when a row happens to be missing.
import { sql } from 'kysely'
import type { EmailKey } from '#shared/email.ts'
import {
  ENTITIES,
  type Entity,
  type GroupId,
  type OrganisationId,
  type Rows,
  type User,
  type UserId,
} from '#shared/model.ts'
import type { Reads } from '#shared/operations/definition.ts'
import type { Source } from '#shared/view.ts'
import type { Tx } from './store/index.ts'
import { allRows, rowsBy } from './store/rows.ts'

export class NotDeclared extends Error {
  override readonly name = 'NotDeclared'
}

export interface Loaded {
  source: Source
  /** The version of a loaded row, or the one at which it was removed; undefined for any other. */
  versionOf(entity: Entity, id: string): number | undefined
}

/** The entities whose rows are loaded by id; the others are small and always there. */
type Named = 'users' | 'groups' | 'meters'
const NAMED = ['users', 'groups', 'meters'] as const

/** What was loaded so far, each row once; rows that are put stand in place of what SQL still has. */
export interface Shelf {
  /** All of one organisation: ids of another are as unknown. @throws when the organisation has no row */
  load(reads: readonly Reads[], actor?: UserId): Promise<Loaded>
  /** A changed row, undefined for a removed one. */
  put<E extends Entity>(entity: E, id: string, row: Rows[E] | undefined, version: number): void
  /** Meters and grants were written past this shelf: they are loaded anew. What was put before must be in SQL. */
  forgetCounted(): void
}

export function createShelf(tx: Tx, organisation: OrganisationId): Shelf {
  /** Undefined for a row that SQL does not have. */
  const rows = Object.fromEntries(ENTITIES.map((entity) => [entity, new Map()])) as {
    [E in Entity]: Map<string, Rows[E] | undefined>
  }
  const removed = new Map<string, number>()
  const lookedForRemoved = new Set<string>()
  const emails = new Map<string, string | undefined>()
  const names = new Map<string, string | undefined>()
  const wholeGroups = new Set<string>()
  let small = false

  /** What has to follow when a row of an entity changes. */
  const follow: { readonly [E in Entity]?: (before: Rows[E] | undefined, after: Rows[E] | undefined) => void } = {
    users: (before, after) => moveKey(emails, before, after, 'emailKey'),
    groups: (before, after) => moveKey(names, before, after, 'nameKey'),
  }

  const by = <E extends Entity>(entity: E, column: keyof Rows[E] & string, values: Iterable<string>) =>
    rowsBy(tx, organisation, entity, column, [...values])

  async function loadSmall(): Promise<void> {
    if (small) return
    for (const row of await by('organisations', 'id', [organisation])) rows.organisations.set(row.id, row)
    for (const row of await allRows(tx, organisation, 'products')) rows.products.set(row.id, row)
    for (const row of await allRows(tx, organisation, 'grants')) rows.grants.set(row.id, row)
    small = true
  }

  async function loadById<E extends Named>(entity: E, ids: Iterable<string>): Promise<void> {
    const missing = [...ids].filter((id) => !rows[entity].has(id))
    for (const id of missing) rows[entity].set(id, undefined)
    for (const row of await by(entity, 'id', missing)) rows[entity].set(row.id, row)
  }

  /** Of a row that is here already, what is here counts: it may have been changed. */
  function shelve<E extends Named>(entity: E, row: Rows[E]): void {
    if (rows[entity].get(row.id) === undefined) rows[entity].set(row.id, row)
  }

  async function loadEmails(keys: ReadonlySet<string>): Promise<void> {
    const missing = [...keys].filter((key) => !emails.has(key))
    for (const key of missing) emails.set(key, undefined)
    for (const user of await by('users', 'emailKey', missing)) {
      emails.set(user.emailKey, user.id)
      shelve('users', user)
    }
  }

  async function loadNames(keys: ReadonlySet<string>): Promise<void> {
    const missing = [...keys].filter((key) => !names.has(key))
    for (const key of missing) names.set(key, undefined)
    for (const group of await by('groups', 'nameKey', missing)) {
      names.set(group.nameKey, group.id)
      shelve('groups', group)
    }
  }

  async function loadMembers(groups: ReadonlySet<string>): Promise<void> {
    const missing = [...groups].filter((id) => !wholeGroups.has(id))
    if (missing.length === 0) return
    const gone = new Set([...rows.users].flatMap(([id, row]) => (row ? [] : [id])))
    for (const user of await by('users', 'groupId', missing)) if (!gone.has(user.id)) shelve('users', user)
    for (const id of missing) wholeGroups.add(id)
  }

  async function lookForRemoved(declared: Readonly<Record<Named, ReadonlySet<string>>>): Promise<void> {
    const missing = new Set<string>()
    for (const entity of NAMED)
      for (const id of declared[entity]) {
        const key = `${entity} ${id}`
        if (rows[entity].get(id) || lookedForRemoved.has(key)) continue
        lookedForRemoved.add(key)
        missing.add(id)
      }
    if (missing.size === 0) return
    const found = await sql<{ entity: string; id: string; version: number }>`
      select "entity", "id", "version" from tombstones
      where "orgId" = ${organisation} and "entity" in ('users', 'groups', 'meters')
        and "id" in ${tx.forms.list([...missing])}`.execute(tx.db)
    for (const { entity, id, version } of found.rows) {
      const key = `${entity} ${id}`
      if (lookedForRemoved.has(key) && !removed.has(key)) removed.set(key, version)
    }
  }

  return {
    put: <E extends Entity>(entity: E, id: string, row: Rows[E] | undefined, version: number) => {
      const before = rows[entity].get(id)
      rows[entity].set(id, row)
      const key = `${entity} ${id}`
      lookedForRemoved.add(key)
      if (row) removed.delete(key)
      else removed.set(key, version)
      follow[entity]?.(before, row)
    },

    forgetCounted: () => {
      rows.meters.clear()
      for (const key of [...removed.keys(), ...lookedForRemoved])
        if (key.startsWith('meters ')) {
          removed.delete(key)
          lookedForRemoved.delete(key)
        }
      small = false
    },

    load: async (reads, actor) => {
      const every = <Key extends keyof Reads>(key: Key): string[] => [
        ...new Set(reads.flatMap((read) => [...(read[key] ?? [])])),
      ]
      const declared: Record<Named, Set<string>> = {
        users: new Set([...every('users'), ...every('groupsOfUsers'), ...(actor ? [actor] : [])]),
        groups: new Set(every('groups')),
        meters: new Set(every('meters')),
      }
      const emailKeys = new Set(every('emails'))
      const nameKeys = new Set(every('groupNames'))
      const groups = new Set(every('usersOfGroups'))
      await loadSmall()
      await loadById('users', declared.users)
      await loadEmails(emailKeys)
      await loadMembers(groups)
      for (const id of every('groupsOfUsers')) {
        const groupId = rows.users.get(id)?.groupId
        if (groupId) declared.groups.add(groupId)
      }
      await loadById('groups', declared.groups)
      await loadNames(nameKeys)
      await loadById('meters', declared.meters)
      await lookForRemoved(declared)

      const row = rows.organisations.get(organisation)
      if (!row) throw new Error('The organisation has no row.')
      const members = membersOf(rows.users, groups)
      for (const key of emailKeys) declare(declared.users, emails.get(key))
      for (const key of nameKeys) declare(declared.groups, names.get(key))
      for (const list of members.values()) for (const { id } of list) declared.users.add(id)

      const insist = (entity: Entity, id: string): void => {
        if (isNamed(entity) && !declared[entity].has(id))
          throw new NotDeclared(`${entity} ${id} was not declared by reads.`)
      }
      const told = (keys: ReadonlySet<string>, key: string, what: string): void => {
        if (!keys.has(key)) throw new NotDeclared(`${what} ${key} was not declared by reads.`)
      }
      const source: Source = {
        organisation: row,
        get: (entity, id) => {
          insist(entity, id)
          return rows[entity].get(id)
        },
        wasRemoved: (entity, id) => {
          insist(entity, id)
          return !rows[entity].get(id) && removed.has(`${entity} ${id}`)
        },
        userByEmail: (key: EmailKey) => {
          told(emailKeys, key, 'E-mail')
          return rows.users.get(emails.get(key) ?? '')
        },
        groupByName: (key) => {
          told(nameKeys, key, 'Group name')
          return rows.groups.get(names.get(key) ?? '')
        },
        usersOfGroup: (id: GroupId) => {
          told(groups, id, 'The users of group')
          return members.get(id) ?? []
        },
        products: () => present(rows.products),
        grants: () => present(rows.grants),
      }
      return { source, versionOf: (entity, id) => rows[entity].get(id)?.version ?? removed.get(`${entity} ${id}`) }
    },
  }
}

const isNamed = (entity: Entity): entity is Named => (NAMED as readonly Entity[]).includes(entity)

function declare(ids: Set<string>, id: string | undefined): void {
  if (id !== undefined) ids.add(id)
}

function* present<Row>(rows: ReadonlyMap<string, Row | undefined>): Generator<Row> {
  for (const row of rows.values()) if (row) yield row
}

/** A key goes with its row: what had it gives it up, unless another has taken it since; what has it now holds it. */
function moveKey<Column extends string, Row extends { id: string } & Record<Column, string>>(
  keys: Map<string, string | undefined>,
  before: Row | undefined,
  after: Row | undefined,
  column: Column,
): void {
  const [was, is] = [before?.[column], after?.[column]]
  if (was === is) return
  if (before && was !== undefined && (!keys.has(was) || keys.get(was) === before.id)) keys.set(was, undefined)
  if (after && is !== undefined) keys.set(is, after.id)
}

function membersOf(users: ReadonlyMap<string, User | undefined>, groups: ReadonlySet<string>): Map<string, User[]> {
  const members = new Map<string, User[]>([...groups].map((id) => [id, []]))
  if (groups.size > 0) for (const user of present(users)) members.get(user.groupId ?? '')?.push(user)
  return members
}
