// The list of users as a person asks for it: search, filter, sort, select, over memory alone. Rows have slots that they keep; an
// order is an array of slots, made once per column in slices and then only mended. Nothing here writes.
import { isIdle } from '#lib/users/idle.ts'
import type { GroupId, Instant, ProductId, Role, Status, User, UserId } from '#shared/model.ts'
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
  /** Only those who hold a seat and have used nothing since. */
  idleSince: Instant | null
  /** Only these ids: a pasted list, the users behind a bar. */
  ids: ReadonlySet<UserId> | null
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
  idleSince: null,
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
  /** How many of these are among them. */
  countIn(ids: ReadonlySet<UserId>): number
}

const STATUS_ORDER: Record<Status, number> = { active: 0, invited: 1, deactivated: 2 }
const ROLE_ORDER: Record<Role, number> = { admin: 0, viewer: 1, member: 2 }

/** Letters that no normalization takes apart, as those write them who have no such key. */
const PLAIN: Readonly<Record<string, string>> = {
  ł: 'l',
  ø: 'o',
  đ: 'd',
  ħ: 'h',
  ı: 'i',
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  þ: 'th',
  ð: 'd',
}

/** Lower case without accents, so that "lefevre" finds "Lefèvre" and "lukasz" finds "Łukasz". */
export const fold = (text: string): string =>
  ASCII.test(text)
    ? text.toLowerCase()
    : text
        .normalize('NFD')
        .replace(/\p{M}/gu, '')
        .toLowerCase()
        .replace(/[łøđħıßæœþð]/g, (letter) => PLAIN[letter] ?? letter)
/** Most texts need none of it. */
const ASCII = /^[ -~]*$/

/**
 * The slots in the order of one column, with the keys that they were placed by. Dirty slots may have moved since; a renamed one has,
 * also where its key is the same: rows that tie stand by name.
 */
interface Order {
  column: SortColumn
  order: Uint32Array
  keys: Key[]
  dirty: Set<number>
  renamed: Set<number>
  /** What its keys derive from has changed. */
  stale: boolean
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
  const orders = new Map<SortColumn, Order>()
  /** All that must hear of changes: finished orders, and those that are being made. */
  const live = new Set<Order>()
  let version = 0
  let alive = 0
  const collator = new Intl.Collator(undefined, { sensitivity: 'base', numeric: true })

  const textOf = (user: User) =>
    fold(`${user.firstName} ${user.lastName} ${user.email} ${user.title} ${user.externalId}`)

  function put(id: string, user: User | undefined): void {
    const slot = slotOf.get(id)
    mark(slot ?? slots.length, user)
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
    } else {
      const before = slots[slot]
      if (!before || !sameTexts(before, user)) texts[slot] = textOf(user)
      slots[slot] = user
    }
  }

  function mark(slot: number, user: User | undefined): void {
    const before = slots[slot]
    // A slot that is left has no name any more, and moves among those that it ties with.
    const renamed = !before || !user || !sameName(before, user)
    for (const order of live) {
      // It will be ranked anew: no need to know by what more.
      if (order.dirty.size > MENDED_AT_ONCE) continue
      order.dirty.add(slot)
      if (renamed) order.renamed.add(slot)
    }
  }

  function forget(columns: readonly SortColumn[]): void {
    for (const order of live) if (columns.includes(order.column)) order.stale = true
    for (const column of columns) {
      const order = orders.get(column)
      if (order) live.delete(order)
      orders.delete(column)
    }
  }

  /** All rows anew, in slices. */
  async function fill(layer: () => Layer): Promise<void> {
    forget(SORT_COLUMNS)
    slots.length = 0
    texts.length = 0
    slotOf.clear()
    alive = 0
    let count = 0
    for (const { id } of layer().values('users')) {
      // Looked up anew: the rows may have moved on since the walk began, and `update` has told of it already.
      put(id, layer().get('users', id))
      if ((count += 1) % 250 === 0) await breathe()
    }
    forget(SORT_COLUMNS)
    version += 1
  }

  /** The rows that changed; few cost little, whatever the size of the organisation. */
  function update(layer: Layer, ids: Iterable<string>): void {
    for (const id of ids) updateOne(layer, id)
    version += 1
  }

  /** As `update`, for as many as there are: in slices, each from the rows as they are by then. */
  async function updateMany(layer: () => Layer, ids: Iterable<string>): Promise<void> {
    let count = 0
    for (const id of ids) {
      updateOne(layer(), id)
      if ((count += 1) % 250 === 0) await breathe()
    }
    version += 1
  }

  function updateOne(layer: Layer, id: string): void {
    const user = layer.get('users', id)
    if (user || slotOf.has(id)) put(id, user)
    // Every minute of usage moves these: a month no user at all, a grant only those whose term began with it.
    else if (layer.get('months', id)) return
    else if (layer.get('grants', id)) forget(['used'])
    // A meter alone moves nobody else; a group has a meter too, of its pool.
    else if (layer.get('groups', id) || !layer.get('meters', id)) forget(DERIVED)
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
    // Ties are broken by name: its keys must be those of now before another order is mended.
    if (column !== 'name') await orderOf('name')
    const known = orders.get(column)
    if (known && known.dirty.size <= MENDED_AT_ONCE) return known.dirty.size > 0 ? mend(known) : known.order
    return rank(column)
  }

  const keyAt = (column: SortColumn, slot: number): Key => {
    const user = slots[slot]
    // Not undefined for a slot that is empty: sorting would put it last without asking, and mending finds it first.
    return user ? keysFor[column](user) : ''
  }

  /** Places all rows by ranking their distinct keys, in slices; once more where what the keys derive from changed meanwhile. */
  async function rank(column: SortColumn): Promise<Uint32Array> {
    const building: Order = {
      column,
      order: new Uint32Array(),
      keys: [],
      dirty: new Set(),
      renamed: new Set(),
      stale: false,
    }
    // From here on changes are marked, and mended when it is done.
    live.add(building)
    // Rows that come later are behind these, and are placed when it is done.
    const until = slots.length
    const byName = column === 'name' ? undefined : orders.get('name')?.order
    for (let slot = 0; slot < until; slot += 1) {
      building.keys.push(keyAt(column, slot))
      if (slot % 500 === 0) await breathe()
    }
    const ranks = await ranksOf(building.keys, compareFor(column), breathe)
    if (building.stale) {
      live.delete(building)
      return orderOf(column)
    }
    building.order = orderByRank(ranks, byName?.length === until ? byName : Uint32Array.from(building.keys.keys()))
    const before = orders.get(column)
    if (before) live.delete(before)
    orders.set(column, building)
    return building.dirty.size > 0 ? orderOf(column) : building.order
  }

  /** Takes out the rows that moved and puts each where it belongs now. */
  function mend(entry: Order): Uint32Array {
    const { column, keys, dirty, renamed } = entry
    const moved = [...dirty].filter(
      (slot) => slot >= keys.length || renamed.has(slot) || keys[slot] !== keyAt(column, slot),
    )
    dirty.clear()
    renamed.clear()
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
    for (let at = 0; at < order.length; at += 1) {
      const slot = order[at] ?? 0
      const user = slots[slot]
      if (user && matches(user, slot)) found[length++] = slot
      if (at % 2_000 === 0) await breathe()
    }
    const result = found.subarray(0, length)
    if (query.sort.descending) result.reverse()
    let among: Uint8Array | undefined
    return {
      length,
      at: (index) => slots[result[index] ?? -1],
      ids: () => {
        const ids: UserId[] = []
        for (const slot of result) {
          const user = slots[slot]
          if (user) ids.push(user.id)
        }
        return ids
      },
      indexOf: (id) => {
        const slot = slotOf.get(id)
        return slot === undefined ? -1 : result.indexOf(slot)
      },
      countIn: (ids) => {
        if (ids.size === 0) return 0
        if (!among) {
          among = new Uint8Array(slots.length)
          for (const slot of result) among[slot] = 1
        }
        let count = 0
        for (const id of ids) count += among[slotOf.get(id) ?? -1] ?? 0
        return count
      },
    }
  }

  function matcher(query: Query): (user: User, slot: number) => boolean {
    const tests: ((user: User, slot: number) => boolean)[] = []
    const { products, groups, statuses, roles, limits, usedFrom, idleSince, ids } = query
    // First what leaves out most: where a few are asked for, nothing else is worked out for the rest.
    if (ids) tests.push(({ id }) => ids.has(id))
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
    if (idleSince !== null) tests.push((user) => isIdle(user, facets.lastActive(user), idleSince))
    const [first, second] = tests
    if (!first) return () => true
    if (!second) return first
    return (user, slot) => tests.every((test) => test(user, slot))
  }

  return {
    fill,
    update,
    updateMany,
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

const sameName = (a: User, b: User): boolean =>
  a.firstName === b.firstName && a.lastName === b.lastName && a.email === b.email
/** Most changes touch none of what is searched. */
const sameTexts = (a: User, b: User): boolean => sameName(a, b) && a.title === b.title && a.externalId === b.externalId
const nameOf = (user: User): string => `${user.firstName} ${user.lastName}`.trim() || user.email
