// Rows in memory behind the interface that views read from, and a strict one that holds an operation to the reads it declared:
// the server loads these and no others, so a forgotten read must fail a test and not a customer.
import type { EmailKey } from '#shared/email.ts'
import { ENTITIES, type Entity, type GroupId, type Organisation, type Rows, type UserId } from '#shared/model.ts'
import type { Reads } from '#shared/operations/definition.ts'
import type { Changes, Source } from '#shared/view.ts'

type Tables = { [E in Entity]: Map<string, Rows[E]> }

export interface MemorySource extends Source {
  all<E extends Entity>(entity: E): Rows[E][]
  /** Writes a row; it is frozen, so that whoever modifies it in place fails. */
  put<E extends Entity>(entity: E, row: Rows[E]): void
  /** Writes what a view has changed. */
  write(changes: Changes): void
  /** The same rows, to be changed apart. */
  fork(): MemorySource
}

export function memorySource(
  organisation: Organisation,
  from?: { tables: Tables; removed: Set<string> },
): MemorySource {
  const tables: Tables = from?.tables ?? {
    organisations: new Map(),
    products: new Map(),
    grants: new Map(),
    months: new Map(),
    groups: new Map(),
    users: new Map(),
    meters: new Map(),
  }
  const removed = from?.removed ?? new Set<string>()
  if (!from) tables.organisations.set(organisation.id, deepFreeze(organisation))

  const source: MemorySource = {
    get organisation() {
      return tables.organisations.get(organisation.id) ?? organisation
    },
    get: (entity, id) => tables[entity].get(id),
    wasRemoved: (entity, id) => removed.has(`${entity} ${id}`),
    userByEmail: (key) => source.all('users').find(({ emailKey }) => emailKey === key),
    groupByName: (key) => source.all('groups').find(({ nameKey }) => nameKey === key),
    usersOfGroup: (id) => source.all('users').filter(({ groupId }) => groupId === id),
    products: () => source.all('products'),
    grants: () => source.all('grants'),
    all: (entity) => [...tables[entity].values()],
    put: (entity, row) => {
      tables[entity].set(row.id, deepFreeze(row))
      removed.delete(`${entity} ${row.id}`)
    },
    write: (changes) => {
      for (const entity of ENTITIES) writeTable(source, tables, removed, changes, entity)
    },
    fork: () =>
      memorySource(source.organisation, {
        tables: {
          organisations: new Map(tables.organisations),
          products: new Map(tables.products),
          grants: new Map(tables.grants),
          months: new Map(tables.months),
          groups: new Map(tables.groups),
          users: new Map(tables.users),
          meters: new Map(tables.meters),
        },
        removed: new Set(removed),
      }),
  }
  return source
}

function writeTable<E extends Entity>(
  source: MemorySource,
  tables: Tables,
  removed: Set<string>,
  changes: Changes,
  entity: E,
): void {
  for (const [id, { before, after }] of changes[entity]) {
    if (after) source.put(entity, after)
    else {
      tables[entity].delete(id)
      if (before) removed.add(`${entity} ${id}`)
    }
  }
}

/** As the server's source: it throws when a row is asked for that the reads did not declare. */
export function strictSource(source: MemorySource, actor: UserId, reads: readonly Reads[]): Source {
  const users = new Set<string>([actor])
  const groups = new Set<string>()
  const meters = new Set<string>()
  const emails = new Set<EmailKey>()
  const names = new Set<string>()
  const whole = new Set<GroupId>()
  for (const read of reads) {
    read.users?.forEach((id) => users.add(id))
    read.groups?.forEach((id) => groups.add(id))
    read.meters?.forEach((id) => meters.add(id))
    read.emails?.forEach((key) => emails.add(key))
    read.groupNames?.forEach((key) => names.add(key))
    read.groupsOfUsers?.forEach((id) => groups.add(source.get('users', id)?.groupId ?? ''))
    read.usersOfGroups?.forEach((id) => {
      whole.add(id)
      for (const user of source.usersOfGroup(id)) users.add(user.id)
    })
  }
  const declared: Partial<Record<Entity, ReadonlySet<string>>> = { users, groups, meters }
  const demand = (known: ReadonlySet<string> | undefined, key: string, what: string) => {
    if (known && !known.has(key)) throw new Error(`Asked for ${what} ${key}, which reads() did not declare.`)
  }
  return {
    get organisation() {
      return source.organisation
    },
    get: (entity, id) => {
      demand(declared[entity], id, entity)
      return source.get(entity, id)
    },
    wasRemoved: (entity, id) => {
      demand(declared[entity], id, entity)
      return source.wasRemoved(entity, id)
    },
    userByEmail: (key) => {
      demand(emails, key, 'the e-mail')
      return source.userByEmail(key)
    },
    groupByName: (key) => {
      demand(names, key, 'the group name')
      return source.groupByName(key)
    },
    usersOfGroup: (id) => {
      demand(whole, id, 'the users of group')
      return source.usersOfGroup(id)
    },
    products: () => source.products(),
    grants: () => source.grants(),
  }
}

export function deepFreeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    Object.values(value).forEach(deepFreeze)
  }
  return value
}
