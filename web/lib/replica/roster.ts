// The list of users as a person asks for it: search, filter, sort, select, over memory alone. Rows have slots that they keep; an
// order is an array of slots, made once per column in slices and then only mended. Nothing here writes.
import type { GroupId, ProductId, Role, Status, User, UserId } from '#shared/model.ts'
import type { Layer } from './rows.ts'
import { orderByRank, ranksOf, type Breathe } from './sort.ts'

export const SORT_COLUMNS = [
  'name',
  'email',
  'product',
  'group',
  'limit',
  'used',
  'status',
  'role',
  'lastActive',
  'title',
  'phone',
  'externalId',
  'added',
] as const
export type SortColumn = (typeof SORT_COLUMNS)[number]

export interface Query {
  /** Each word must occur in name, e-mail, title or external id; accents and case don't count. */
  text: string
  products: ReadonlySet<ProductId>
  /** null among the groups: users without one. */
  groups: ReadonlySet<GroupId | null>
  statuses: ReadonlySet<Status>
  roles: ReadonlySet<Role>
  limits: ReadonlySet<'own' | 'group' | 'default' | 'none'>
  /** At least this share of the limit is used, 0 to 1. */
  usedFrom: number | null
  /** Only these ids: a pasted list. */
  ids: ReadonlySet<string> | null
  sort: { column: SortColumn; descending: boolean }
}

export const everyone: Query = {
  text: '',
  products: new Set(),
  groups: new Set(),
  statuses: new Set(),
  roles: new Set(),
  limits: new Set(),
  usedFrom: null,
  ids: null,
  sort: { column: 'name', descending: false },
}

/** What the roster must be told about a user beside the row: derived from other rows. */
export interface Facets {
  productName(user: User): string
  groupName(user: User): string
  /** Sortable: null (none) last, unlimited after every number. */
  limit(user: User): number
  limitFrom(user: User): 'own' | 'group' | 'default' | 'none'
  used(user: User): number
  lastActive(user: User): number
}

export interface Found {
  readonly length: number
  at(index: number): User | undefined
  /** Freezes the ids, in order. */
  ids(): UserId[]
  indexOf(id: UserId): number
}

const STATUS_ORDER: Record<Status, number> = { active: 0, invited: 1, deactivated: 2 }
const ROLE_ORDER: Record<Role, number> = { admin: 0, viewer: 1, member: 2 }

/** Lower case without accents, so that "lefevre" finds "Lefèvre". */
export const fold = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()

/** The slots in the order of one column, with the keys that they were placed by; dirty slots may have moved since. */
interface Order {
  order: Uint32Array
  keys: Key[]
  dirty: Set<number>
}
type Key = string | number | undefined

/** More changed rows than this are cheaper to place by ranking all anew. */
const MENDED_AT_ONCE = 500
/** What these columns show depends on groups, products and the organisation too. */
const DERIVED: readonly SortColumn[] = ['product', 'group', 'limit', 'used']

export function createRoster({ breathe, facets }: { breathe: Breathe; facets: Facets }) {
  const slots: (User | undefined)[] = []
  const texts: string[] = []
  const slotOf = new Map<string, number>()
  let orders = new Map<SortColumn, Order>()
  let version = 0
  let alive = 0
  const collator = new Intl.Collator(undefined, { sensitivity: 'base', numeric: true })

  const textOf = (user: User) =>
    fold(`${user.firstName} ${user.lastName} ${user.email} ${user.title} ${user.externalId}`)

  function put(id: string, user: User | undefined): void {
    const slot = slotOf.get(id)
    for (const { dirty } of orders.values()) dirty.add(slot ?? slots.length)
    if (!user) {
      if (slot === undefined) return
      slots[slot] = undefined
      texts[slot] = ''
      slotOf.delete(id)
      alive -= 1
    } else if (slot === undefined) {
      slotOf.set(id, slots.length)
      texts.push(textOf(user))
      slots.push(user)
      alive += 1
    } else if (slots[slot] !== user) {
      texts[slot] = textOf(user)
      slots[slot] = user
    }
  }

  /** All rows anew, in slices. */
  async function fill(layer: Layer): Promise<void> {
    slots.length = 0
    texts.length = 0
    slotOf.clear()
    alive = 0
    let count = 0
    for (const user of layer.values('users')) {
      put(user.id, user)
      if ((count += 1) % 2_000 === 0) await breathe()
    }
    orders = new Map()
    version += 1
  }

  /** The rows that changed; few cost little, whatever the size of the organisation. */
  function update(layer: Layer, ids: Iterable<string>): void {
    for (const id of ids) {
      const user = layer.get('users', id)
      if (user || slotOf.has(id)) put(id, user)
      else if (!layer.get('meters', id)) for (const column of DERIVED) orders.delete(column)
    }
    version += 1
  }

  const keysFor: Record<SortColumn, (user: User) => string | number> = {
    name: (user) => nameOf(user),
    email: (user) => user.emailKey,
    product: facets.productName,
    group: facets.groupName,
    limit: facets.limit,
    used: facets.used,
    status: (user) => STATUS_ORDER[user.status],
    role: (user) => ROLE_ORDER[user.role],
    lastActive: facets.lastActive,
    title: (user) => user.title,
    phone: (user) => user.phone,
    externalId: (user) => user.externalId,
    added: (user) => user.createdAt,
  }

  async function orderOf(column: SortColumn): Promise<Uint32Array> {
    const known = orders.get(column)
    if (known && known.dirty.size <= MENDED_AT_ONCE) return known.dirty.size > 0 ? mend(column, known) : known.order
    return rank(column)
  }

  const keyAt = (column: SortColumn, slot: number): Key => {
    const user = slots[slot]
    return user && keysFor[column](user)
  }

  /** Places all rows by ranking their distinct keys, in slices. */
  async function rank(column: SortColumn): Promise<Uint32Array> {
    const ties = column === 'name' ? undefined : await orderOf('name')
    const building: Order = { order: new Uint32Array(), keys: [], dirty: new Set() }
    for (let slot = 0; slot < slots.length; slot += 1) {
      building.keys.push(keyAt(column, slot))
      if (slot % 5_000 === 0) await breathe()
    }
    // From here on changes are marked; those before are in the keys, or are looked at again.
    orders.set(column, building)
    const ranks = await ranksOf(building.keys, compareFor(column), breathe)
    const within = ties ?? Uint32Array.from(building.keys.keys())
    building.order = orderByRank(
      ranks,
      within.filter((slot) => slot < building.keys.length),
    )
    return building.dirty.size > 0 ? mend(column, building) : building.order
  }

  /** Takes out the rows whose key moved and puts each where it belongs now. */
  function mend(column: SortColumn, entry: Order): Uint32Array {
    const { keys, dirty } = entry
    const moved = [...dirty].filter((slot) => slot >= keys.length || keys[slot] !== keyAt(column, slot))
    dirty.clear()
    if (moved.length === 0) return entry.order
    const out = new Set(moved)
    const rest = entry.order.filter((slot) => !out.has(slot))
    for (const slot of moved) keys[slot] = keyAt(column, slot)
    const compare = compareFor(column)
    const names = orders.get('name')?.keys
    const before = (a: number, b: number) => compare(keys[a], keys[b]) || byPerson(names?.[a], names?.[b]) || a - b
    const order = new Uint32Array(rest.length + moved.length)
    const coming = moved.sort(before)
    let taken = 0
    let from = 0
    for (const slot of coming) {
      const to = lowerBound(rest, from, (other) => before(other, slot) < 0)
      order.set(rest.subarray(from, to), taken)
      taken += to - from
      order[taken++] = slot
      from = to
    }
    order.set(rest.subarray(from), taken)
    entry.order = order
    return order
  }

  // Addresses are told apart by code unit: their order need only be steady, and ranking 100,000 distinct ones by locale is slow.
  const compareFor = (column: SortColumn) => (column === 'email' ? byCodeUnit : byPerson)
  const byCodeUnit = (a: Key = '', b: Key = '') => (a < b ? -1 : a > b ? 1 : 0)
  const byPerson = (a: Key = '', b: Key = '') =>
    typeof a === 'number' && typeof b === 'number' ? a - b : collator.compare(String(a), String(b))

  /** Everybody that matches, in order. */
  async function find(query: Query): Promise<Found> {
    const order = await orderOf(query.sort.column)
    const matches = matcher(query)
    const found = new Uint32Array(order.length)
    let length = 0
    for (const slot of order) {
      const user = slots[slot]
      if (user && matches(user, slot)) found[length++] = slot
    }
    const result = found.subarray(0, length)
    if (query.sort.descending) result.reverse()
    return {
      length,
      at: (index) => slots[result[index] ?? -1],
      ids: () => Array.from(result, (slot) => slots[slot]?.id).filter((id) => id !== undefined),
      indexOf: (id) => {
        const slot = slotOf.get(id)
        return slot === undefined ? -1 : result.indexOf(slot)
      },
    }
  }

  function matcher(query: Query): (user: User, slot: number) => boolean {
    const tests: ((user: User, slot: number) => boolean)[] = []
    const { products, groups, statuses, roles, limits, usedFrom, ids } = query
    for (const word of fold(query.text).split(/\s+/).filter(Boolean))
      tests.push((_user, slot) => (texts[slot] ?? '').includes(word))
    if (products.size > 0) tests.push(({ productId }) => productId !== null && products.has(productId))
    if (groups.size > 0) tests.push(({ groupId }) => groups.has(groupId))
    if (statuses.size > 0) tests.push(({ status }) => statuses.has(status))
    if (roles.size > 0) tests.push(({ role }) => roles.has(role))
    if (limits.size > 0) tests.push((user) => limits.has(facets.limitFrom(user)))
    if (usedFrom !== null)
      tests.push((user) => {
        const limit = facets.limit(user)
        return limit !== Infinity && limit >= 0 && facets.used(user) >= usedFrom * limit
      })
    if (ids) tests.push(({ id }) => ids.has(id))
    const [first, second] = tests
    if (!first) return () => true
    if (!second) return first
    return (user, slot) => tests.every((test) => test(user, slot))
  }

  return {
    fill,
    update,
    find,
    get size() {
      return alive
    },
    /** Counts the changes of any row. */
    get version() {
      return version
    },
  }
}

/** The first place from `from` on whose slot does not come before. */
function lowerBound(order: Uint32Array, from: number, comesBefore: (slot: number) => boolean): number {
  let low = from
  let high = order.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (comesBefore(order[middle] ?? 0)) low = middle + 1
    else high = middle
  }
  return low
}

const nameOf = (user: User): string => `${user.firstName} ${user.lastName}`.trim() || user.email
