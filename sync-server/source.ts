// The rows that one operation may ask for, loaded from SQL before it runs: its `reads`, and what is always there. A row that was not
// declared throws, so that a definition which reads more than it says is found at once and not when a row happens to be missing.
import { sql } from 'kysely'
import type { EmailKey } from '#shared/email.ts'
import type { Entity, Group, GroupId, OrganisationId, Product, Rows, User, UserId } from '#shared/model.ts'
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

/**
 * Loads what `reads` name, all of one organisation: ids of another are as unknown.
 * @throws when the organisation has no row
 */
export async function loadSource(
  tx: Tx,
  organisationId: OrganisationId,
  actor: UserId | undefined,
  reads: readonly Reads[],
): Promise<Loaded> {
  const every = <Key extends keyof Reads>(key: Key): string[] => [
    ...new Set(reads.flatMap((read) => [...(read[key] ?? [])])),
  ]
  const by = <E extends Entity>(entity: E, column: keyof Rows[E] & string, values: readonly string[]) =>
    rowsBy(tx, organisationId, entity, column, values)

  const [organisation] = await by('organisations', 'id', [organisationId])
  if (!organisation) throw new Error('The organisation has no row.')
  const products = new Map((await allRows(tx, organisationId, 'products')).map((row) => [row.id as string, row]))
  const grants = await allRows(tx, organisationId, 'grants')

  const users = new Map<string, User>()
  const groups = new Map<string, Group>()
  const declared: Record<'users' | 'groups' | 'meters', Set<string>> = {
    users: new Set([...every('users'), ...every('groupsOfUsers'), ...(actor ? [actor] : [])]),
    groups: new Set(every('groups')),
    meters: new Set(every('meters')),
  }
  const emails = new Map<string, User | undefined>(every('emails').map((key) => [key, undefined]))
  const names = new Map<string, Group | undefined>(every('groupNames').map((key) => [key, undefined]))
  const usersOf = new Map<string, User[]>(every('usersOfGroups').map((id) => [id, []]))

  for (const user of await by('users', 'id', [...declared.users])) users.set(user.id, user)
  for (const user of await by('users', 'emailKey', [...emails.keys()])) {
    users.set(user.id, users.get(user.id) ?? user)
    emails.set(user.emailKey, users.get(user.id))
  }
  for (const user of await by('users', 'groupId', [...usersOf.keys()])) {
    users.set(user.id, users.get(user.id) ?? user)
    usersOf.get(user.groupId ?? '')?.push(users.get(user.id) ?? user)
  }
  for (const id of every('groupsOfUsers')) {
    const groupId = users.get(id)?.groupId
    if (groupId) declared.groups.add(groupId)
  }
  for (const group of await by('groups', 'id', [...declared.groups])) groups.set(group.id, group)
  for (const group of await by('groups', 'nameKey', [...names.keys()])) {
    groups.set(group.id, groups.get(group.id) ?? group)
    names.set(group.nameKey, groups.get(group.id))
  }
  const meters = new Map((await by('meters', 'id', [...declared.meters])).map((row) => [row.id as string, row]))

  const missing = (['users', 'groups', 'meters'] as const).flatMap((entity) => {
    const rows = { users, groups, meters }[entity]
    return [...declared[entity]].filter((id) => !rows.has(id))
  })
  const removed = await tombstonesOf(tx, organisationId, missing)

  const tables: { [E in Entity]: ReadonlyMap<string, Rows[E]> } = {
    organisations: new Map([[organisation.id as string, organisation]]),
    products,
    grants: new Map(grants.map((row) => [row.id as string, row])),
    groups,
    users,
    meters,
  }
  const insist = (entity: Entity, id: string): void => {
    if (entity === 'users' || entity === 'groups' || entity === 'meters')
      if (!declared[entity].has(id) && !tables[entity].has(id))
        throw new NotDeclared(`${entity} ${id} was not declared by reads.`)
  }
  const told = <Value>(map: ReadonlyMap<string, Value>, key: string, what: string): Value | undefined => {
    if (!map.has(key)) throw new NotDeclared(`${what} ${key} was not declared by reads.`)
    return map.get(key)
  }

  return {
    source: {
      organisation,
      get: (entity, id) => {
        insist(entity, id)
        return tables[entity].get(id)
      },
      wasRemoved: (entity, id) => {
        insist(entity, id)
        return removed.has(`${entity} ${id}`)
      },
      userByEmail: (key: EmailKey) => told(emails, key, 'E-mail'),
      groupByName: (key) => told(names, key, 'Group name'),
      usersOfGroup: (id: GroupId) => told(usersOf, id, 'The users of group') ?? [],
      products: (): Iterable<Product> => products.values(),
      grants: () => grants,
    },
    versionOf: (entity, id) => tables[entity].get(id)?.version ?? removed.get(`${entity} ${id}`),
  }
}

/** The versions of tombstones by `entity id`. */
async function tombstonesOf(tx: Tx, orgId: OrganisationId, ids: readonly string[]): Promise<Map<string, number>> {
  if (ids.length === 0) return new Map()
  const { rows } = await sql<{ entity: string; id: string; version: number }>`
    select "entity", "id", "version" from tombstones
    where "orgId" = ${orgId} and "entity" in ('users', 'groups', 'meters') and "id" in ${tx.forms.list(ids)}`.execute(
    tx.db,
  )
  return new Map(rows.map(({ entity, id, version }) => [`${entity} ${id}`, version]))
}
