// A small world round the real sync server: an organisation in a store of its own, and devices that send to it. Clock, chance and ids
// are its own, so that the same calls make the same world.
import { v7 } from 'uuid'
import * as v from 'valibot'
import { rowsOf, isTombstones, type Block } from '#shared/blocks.ts'
import { toEmailKey } from '#shared/email.ts'
import {
  ClientId,
  GrantId,
  GroupId,
  OperationId,
  OrganisationId,
  ProductId,
  UserId,
  toNameKey,
  type AnyRow,
  type Entity,
  type Group,
  type Organisation,
  type Product,
  type Role,
  type Rows,
  type Status,
  type User,
} from '#shared/model.ts'
import { NO_POLICIES } from '#shared/policies.ts'
import {
  PROTOCOL,
  type Cursor,
  type Seen,
  type SentOperation,
  type Settlement,
  type SyncRequest,
  type SyncResponse,
} from '#shared/protocol.ts'
import { loadOrganisation } from '../../sync-server/load.ts'
import type { Logger } from '../../sync-server/logger.ts'
import type { Store } from '../../sync-server/store/index.ts'
import { allRows } from '../../sync-server/store/rows.ts'
import { openStore } from '../../sync-server/store/sqlite.ts'
import { createSync, type Device, type Sync, type SyncParts } from '../../sync-server/sync.ts'

export interface UserWish {
  product?: string
  group?: string
  role?: Role
  status?: Status
  email?: string
}
export interface Wish {
  /** Seats purchased, by product. */
  products?: Readonly<Record<string, number>>
  groups?: readonly string[]
  /** By first name. Without a wish: an active member of the first product. */
  users?: Readonly<Record<string, UserWish>>
  file?: string
  /** Another store than a new one in memory. */
  store?: Store
  seed?: number
  sync?: Partial<SyncParts>
}

export const START = Date.UTC(2026, 10, 24, 9)
export const silent: Logger = { error: () => undefined, info: () => undefined, debug: () => undefined }

/** Bytes that repeat from their seed. */
export function seededRandom(seed: number): (bytes: number) => Uint8Array {
  let state = (seed * 2654435761 + 1) >>> 0
  return (bytes) =>
    Uint8Array.from({ length: bytes }, () => {
      state = (state + 0x6d2b79f5) >>> 0
      let mixed = Math.imul(state ^ (state >>> 15), state | 1)
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
      return (mixed ^ (mixed >>> 14)) & 0xff
    })
}

export type World = Awaited<ReturnType<typeof organisation>>
export type TestDevice = ReturnType<World['device']>

/** An organisation with one active admin `ingrid` beside those who were wished for. */
export async function organisation({
  products = { 'Sales Pro': 10 },
  groups = [],
  users = {},
  file,
  store: given,
  seed = 1,
  sync: parts = {},
}: Wish = {}) {
  const random = seededRandom(seed)
  const clock = { now: START }
  const newId = () => v7({ msecs: clock.now, random: random(16) })
  const store = given ?? (await openStore({ file: file ?? ':memory:' }))
  const id = v.parse(OrganisationId, newId())
  const load = worldRows(id, newId, clock.now, products, groups, { ingrid: { role: 'admin' }, ...users })
  await loadOrganisation(store, load, { now: clock.now, random })

  const start = (over: Store): Sync =>
    createSync({ store: over, clock: () => clock.now, log: silent, random, ...parts })
  let current = { store, sync: start(store) }

  const world = {
    id,
    clock,
    newId,
    random,
    get store() {
      return current.store
    },
    get sync() {
      return current.sync
    },
    user: (name: string): UserId => found(load.users, (row) => row.firstName === name).id,
    product: (name: string): ProductId => found(load.products, (row) => row.name === name).id,
    group: (name: string): GroupId => found(load.groups, (row) => row.name === name).id,
    /** The rows of a table as they stand in SQL. */
    rows: <E extends Entity>(entity: E): Promise<Rows[E][]> => current.store.read((tx) => allRows(tx, id, entity)),
    row: async <E extends Entity>(entity: E, rowId: string): Promise<Rows[E]> =>
      found(await world.rows(entity), (row) => row.id === rowId),
    count: async (table: 'log' | 'mails' | 'tombstones' | 'clients'): Promise<number> =>
      (await current.store.db.selectFrom(table).select('orgId').where('orgId', '=', id).execute()).length,
    device: (name: string, options: { clientId?: ClientId } = {}) => testDevice(world, name, options.clientId),
    /** As after a crash: the file is opened anew by a new server. */
    reopen: async () => {
      if (!file) throw new Error('Only a world in a file can be opened again.')
      await current.store.close()
      const opened = await openStore({ file })
      current = { store: opened, sync: start(opened) }
    },
    close: () => current.store.close(),
  }
  return world
}

interface Sender {
  id: OrganisationId
  clock: { now: number }
  newId(): string
  user(name: string): UserId
  readonly sync: Sync
}

/** A device without a replica: it counts its sequence, follows its cursor and keeps the rows that came. */
function testDevice(world: Sender, name: string, clientId = v.parse(ClientId, world.newId())) {
  const as: Device = { account: `account-${name}`, organisation: world.id, userId: world.user(name) }
  const device = {
    as,
    clientId,
    sequence: 0,
    cursor: null as Cursor | null,
    seen: { version: 0, hash: '' } as Seen,
    rows: new Map<string, AnyRow>(),
    /** An operation with the next sequence. */
    operation: (type: string, args: unknown, over: Partial<SentOperation> = {}): SentOperation => ({
      sequence: (device.sequence += 1),
      id: v.parse(OperationId, world.newId()),
      type,
      args,
      names: { users: {}, groups: {}, products: {} },
      madeAt: world.clock.now,
      batch: null,
      atomic: false,
      ...over,
    }),
    request: (operations: readonly unknown[] = [], over: Partial<SyncRequest> = {}): SyncRequest => ({
      protocol: PROTOCOL,
      account: as.account,
      organisation: world.id,
      clientId: device.clientId,
      cursor: device.cursor,
      seen: device.seen,
      operations: [...operations],
      ...over,
    }),
    /** Sends without taking in the answer, as when it is lost. */
    post: (operations: readonly unknown[] = [], over: Partial<SyncRequest> = {}): Promise<SyncResponse> =>
      world.sync.sync(as, device.request(operations, over)),
    /** Sends, takes in the answer, and all pages that follow. */
    send: async (...operations: readonly unknown[]): Promise<Settlement[]> => {
      const first = await device.post(operations)
      device.receive(first)
      for (let { more } = first; more;) {
        const next = await device.post()
        device.receive(next)
        more = next.more
      }
      return first.outcomes
    },
    receive: ({ changes, cursor, seen }: SyncResponse): void => {
      for (const block of changes) take(device.rows, block)
      device.cursor = cursor
      if (seen.version >= device.seen.version) device.seen = seen
    },
    perform: async (type: string, args: unknown, over: Partial<SentOperation> = {}): Promise<Settlement> => {
      const [settlement] = await device.send(device.operation(type, args, over))
      if (!settlement) throw new Error('The server answered no outcome.')
      return settlement
    },
  }
  return device
}

function take(rows: Map<string, AnyRow>, block: Block): void {
  if (isTombstones(block)) for (const gone of block.gone) rows.delete(`${block.entity} ${gone}`)
  else for (const row of rowsOf(block)) rows.set(`${block.entity} ${row.id}`, row)
}

function found<Row>(rows: readonly Row[], wanted: (row: Row) => boolean): Row {
  const row = rows.find(wanted)
  if (!row) throw new Error('There is no such row in this world.')
  return row
}

function worldRows(
  id: OrganisationId,
  newId: () => string,
  now: number,
  seats: Readonly<Record<string, number>>,
  names: readonly string[],
  wishes: Readonly<Record<string, UserWish>>,
) {
  const products: Product[] = Object.entries(seats).map(([name, seatsPurchased]) => ({
    id: v.parse(ProductId, newId()),
    version: 0,
    name,
    seatsPurchased,
    seatsUsed: 0,
    lastSeat: null,
    lastContract: null,
  }))
  const groups: Group[] = names.map((name) => ({
    id: v.parse(GroupId, newId()),
    version: 0,
    name,
    nameKey: toNameKey(name),
    memberLimit: null,
    poolLimit: null,
    members: 0,
    lastModified: now,
    lastModifiedBy: null,
  }))
  const users: User[] = Object.entries(wishes).map(([firstName, wish]) => {
    const { role = 'member', status = 'active', email = `${firstName}@tern.example` } = wish
    const product = wish.product ? found(products, ({ name }) => name === wish.product) : products[0]
    const group = wish.group ? found(groups, ({ name }) => name === wish.group) : undefined
    const emailKey = toEmailKey(email)
    if (!emailKey) throw new Error(`${email} is no address.`)
    if (status !== 'deactivated') {
      if (product) product.seatsUsed += 1
      if (group) group.members += 1
    }
    return {
      id: v.parse(UserId, newId()),
      version: 0,
      email,
      emailKey,
      firstName,
      lastName: '',
      title: '',
      phone: '',
      externalId: '',
      productId: product?.id ?? null,
      groupId: group?.id ?? null,
      limit: null,
      role,
      status,
      joinedAt: status === 'invited' ? null : now,
      createdAt: now,
      updatedAt: now,
    }
  })
  const row: Organisation = {
    id,
    version: 0,
    name: 'Tern & Sable',
    timeZone: 'Europe/Oslo',
    weekStart: 1,
    fiscalYearStart: 4,
    defaultLimit: null,
    activeAdmins: users.filter(({ role, status }) => role === 'admin' && status === 'active').length,
    ...NO_POLICIES,
  }
  const grants = [
    {
      id: v.parse(GrantId, newId()),
      version: 0,
      kind: 'contract' as const,
      credits: 1_000_000,
      startsOn: '2026-04-01',
      endsOn: '2027-03-31',
      used: 0,
      voided: 0,
      usedBy: {},
    },
  ]
  return { organisation: row, products, grants, groups, users, meters: [] }
}
