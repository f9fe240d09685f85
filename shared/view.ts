// The rows that one operation reads and changes: a thin layer over a source (the replica's memory, or what the server loaded
// from SQL) that remembers each changed row as it was before. Thrown away, it is a preview; its changes written, it is the deed.
// It never writes to its source.
import type { EmailKey } from './email.ts'
import type {
  AnyRow,
  CreditGrant,
  Entity,
  Group,
  GroupId,
  OperationId,
  Organisation,
  Product,
  Rows,
  User,
  UserId,
} from './model.ts'

/** Where a view's rows come from. Rows are never modified in place: a changed row is a new object. */
export interface Source {
  readonly organisation: Organisation
  get<E extends Entity>(entity: E, id: Rows[E]['id']): Rows[E] | undefined
  /** True for an id that had a row and lost it (a tombstone). */
  wasRemoved(entity: Entity, id: string): boolean
  userByEmail(key: EmailKey): User | undefined
  groupByName(nameKey: string): Group | undefined
  /** Every user with this groupId, deactivated ones included. */
  usersOfGroup(id: GroupId): Iterable<User>
  products(): Iterable<Product>
  grants(): Iterable<CreditGrant>
}

export interface Change<Row> {
  before: Row | undefined
  after: Row | undefined
}
export type Changes = { readonly [E in Entity]: ReadonlyMap<string, Change<Rows[E]>> }

/** What an operation causes beside rows; carried out by the server in the same transaction, ignored on the device. */
export type Effect =
  | { kind: 'mail'; template: 'invitation' | 'reset-password' | 'confirm-email'; userId: UserId }
  | { kind: 'stop-mail'; operationId: OperationId; userId: UserId }
  | { kind: 'end-sessions'; userId: UserId }
  /** What is personal of a user goes from wherever else the server has it: log, mails, account, devices. */
  | { kind: 'erase'; userId: UserId }
  /** Terms begin on other days now: what meters and grants have used is counted anew from the days. */
  | { kind: 'recount' }

export interface Table<Row extends AnyRow> {
  get(id: Row['id']): Row | undefined
  put(row: Row): void
  remove(id: Row['id']): void
  wasRemoved(id: Row['id']): boolean
}

export interface View {
  readonly organisation: Organisation
  putOrganisation(row: Organisation): void
  readonly products: Table<Product>
  readonly groups: Table<Group> & { byName(nameKey: string): Group | undefined }
  readonly users: Table<User> & { byEmail(key: EmailKey): User | undefined; ofGroup(id: GroupId): User[] }
  readonly meters: Table<Rows['meters']>
  readonly grants: { all(): Iterable<CreditGrant> }
  cause(effect: Effect): void
  readonly changes: Changes
  readonly effects: readonly Effect[]
  /** Back to the source: nothing changed, nothing caused. */
  discard(): void
}

export function createView(source: Source): View {
  const changed: { [E in Entity]: Map<string, Change<Rows[E]>> } = {
    organisations: new Map(),
    products: new Map(),
    grants: new Map(),
    months: new Map(),
    groups: new Map(),
    users: new Map(),
    meters: new Map(),
  }
  const emails = new Map<EmailKey, UserId | null>()
  const names = new Map<string, GroupId | null>()
  const effects: Effect[] = []

  const table = <E extends Entity>(entity: E, moved?: (change: Change<Rows[E]>) => void): Table<Rows[E]> => {
    const rows = changed[entity]
    const get = (id: Rows[E]['id']) => {
      const change = rows.get(id)
      return change ? change.after : source.get(entity, id)
    }
    const write = (id: Rows[E]['id'], after: Rows[E] | undefined) => {
      const now = get(id)
      moved?.({ before: now, after })
      const first = rows.get(id)
      rows.set(id, { before: first ? first.before : now, after })
    }
    return {
      get,
      put: (row) => write(row.id, row),
      remove: (id) => write(id, undefined),
      wasRemoved: (id) => {
        const change = rows.get(id)
        return change ? change.after === undefined && change.before !== undefined : source.wasRemoved(entity, id)
      },
    }
  }

  // The maps follow each write, so that two new users with one e-mail meet inside one operation.
  const users = table('users', ({ before, after }) => {
    if (before?.emailKey === after?.emailKey) return
    if (before) emails.set(before.emailKey, null)
    if (after) emails.set(after.emailKey, after.id)
  })
  const groups = table('groups', ({ before, after }) => {
    if (before?.nameKey === after?.nameKey) return
    if (before) names.set(before.nameKey, null)
    if (after) names.set(after.nameKey, after.id)
  })
  const organisations = table('organisations')

  return {
    get organisation() {
      return organisations.get(source.organisation.id) ?? source.organisation
    },
    putOrganisation: (row) => organisations.put(row),
    products: table('products'),
    meters: table('meters'),
    grants: { all: () => source.grants() },
    users: {
      ...users,
      byEmail: (key) => {
        const id = emails.get(key)
        if (id === undefined) return source.userByEmail(key)
        return id === null ? undefined : users.get(id)
      },
      ofGroup: (id) => {
        const members: User[] = []
        for (const user of source.usersOfGroup(id)) if (!changed.users.has(user.id)) members.push(user)
        for (const { after } of changed.users.values()) if (after?.groupId === id) members.push(after)
        return members
      },
    },
    groups: {
      ...groups,
      byName: (nameKey) => {
        const id = names.get(nameKey)
        if (id === undefined) return source.groupByName(nameKey)
        return id === null ? undefined : groups.get(id)
      },
    },
    cause: (effect) => void effects.push(effect),
    changes: changed,
    effects,
    discard: () => {
      for (const rows of Object.values(changed)) rows.clear()
      emails.clear()
      names.clear()
      effects.length = 0
    },
  }
}
