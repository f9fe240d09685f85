// What the benchmark calls in the page: each function measures one thing, checks its answer and returns milliseconds. Databases are
// named by the caller, so that each round can have one of its own.
import { toBlocks, type Block } from '#shared/blocks.ts'
import type { Status, User, UserId } from '#shared/model.ts'
import type { Call } from '#shared/operations/definition.ts'
import { baseLayer, emptyRows, putBlock } from '#lib/replica/rows.ts'
import { createDevice, type Device, type Who } from './device.ts'
import { watchTasks } from './longest.ts'
import { addBlocks, append, countRecords, deleteRaw, getRecord, inTransaction, openRaw, readBlocks } from './raw.ts'
import { usageBench } from './usage.ts'

const devices = new Map<string, Device>()
const raws = new Map<string, IDBDatabase>()

const device = (name: string): Device => {
  const found = devices.get(name) ?? createDevice(name)
  devices.set(name, found)
  return found
}
const raw = async (name: string): Promise<IDBDatabase> => {
  const found = raws.get(name) ?? (await openRaw(name))
  raws.set(name, found)
  return found
}

/** Milliseconds since 1970 with fractions: comparable between the pages of one machine. */
const moment = () => performance.timeOrigin + performance.now()

const activeUsers = (users: Iterable<User>): number => {
  let active = 0
  for (const { status } of users) if (status === 'active') active += 1
  return active
}
const rowsIn = (blocks: readonly Block[]) =>
  blocks.reduce(
    (sum, block) => sum + ('columns' in block && block.entity === 'users' ? (block.columns[0]?.length ?? 0) : 0),
    0,
  )

/** Ids spread over the organisation, the same for the same arguments. */
function someUsers(on: Device, count: number, skip: number): User[] {
  const all = [...on.replica.layer.values('users')].filter(({ status }) => status === 'active')
  const step = Math.max(1, Math.floor(all.length / count))
  return Array.from({ length: count }, (_, at) => all[(at * step + skip) % all.length]).filter(
    (user) => user !== undefined,
  )
}

export const bench = {
  ...usageBench,

  /** W1: from an empty database until the list answers a question. */
  async firstSync({ name, who }: { name: string; who: Who }) {
    const own = device(name)
    const watch = watchTasks()
    const start = performance.now()
    await own.replica.create(who)
    await own.settle()
    const active = activeUsers(own.replica.layer.values('users'))
    const ms = performance.now() - start
    return { ms, longest: await watch.stop(), users: own.replica.layer.sizeOf('users'), active }
  },
  async rawFirstSync({ name, path, pages }: { name: string; path: string; pages: number }) {
    const watch = watchTasks()
    const start = performance.now()
    const database = await raw(name)
    let stored: Promise<void> | undefined
    let users = 0
    for (let page = 0; page < pages; page += 1) {
      const response = await fetch(`${path}/${page}`)
      const { changes } = JSON.parse(await response.text()) as { changes: Block[] }
      users += rowsIn(changes)
      await stored
      stored = addBlocks(database, page, changes)
    }
    await stored
    const ms = performance.now() - start
    return { ms, longest: await watch.stop(), users }
  },

  /** Writes what the list shows first on opening, as the app does when it has shown it. */
  async keepScreen({ name }: { name: string }) {
    const { replica, storage } = device(name)
    const users = [...replica.layer.values('users')].slice(0, 50)
    const blocks = [...toBlocks('users', users), ...toBlocks('groups', [...replica.layer.values('groups')])]
    await storage.putScreen({
      key: 'screen',
      version: replica.sync?.shown.version ?? 0,
      blocks,
      totals: { users: replica.layer.sizeOf('users') },
    })
    const database = await raw(`${name}-raw`)
    await inTransaction(database, 'records', 'relaxed', (transaction) => {
      transaction.objectStore('records').put({ place: 0, blocks })
    })
  },
  /** W2: from nothing in memory to the first rows, then to all of them, then to twelve counts. */
  async open({ name }: { name: string }) {
    const watch = watchTasks()
    const start = performance.now()
    const own = device(name)
    const screen = await own.storage.screen()
    const rows = emptyRows()
    for (const block of screen?.blocks ?? []) putBlock(rows, block)
    const first = [...baseLayer(rows).values('users')].length
    const firstMs = performance.now() - start
    await own.replica.open()
    const allMs = performance.now() - start
    const asked = performance.now()
    const counts = new Map<string | null, Record<Status, number>>()
    for (const { productId, status } of own.replica.layer.values('users')) {
      const count = counts.get(productId) ?? { invited: 0, active: 0, deactivated: 0 }
      count[status] += 1
      counts.set(productId, count)
    }
    const countsMs = performance.now() - asked
    const users = [...counts.values()].reduce(
      (sum, { invited, active, deactivated }) => sum + invited + active + deactivated,
      0,
    )
    return { firstMs, allMs, countsMs, longest: await watch.stop(), first, users }
  },
  async rawOpen({ name }: { name: string }) {
    const watch = watchTasks()
    const start = performance.now()
    const database = await raw(name)
    const screen = (await getRecord(database, 0)) as { blocks: Block[] }
    const firstMs = performance.now() - start
    let users = 0
    await readBlocks(database, (blocks) => {
      users += rowsIn(blocks)
    })
    const allMs = performance.now() - start
    return { firstMs, allMs, longest: await watch.stop(), first: rowsIn(screen.blocks), users }
  },

  /** W3: so many edits, one after the other, each until it is kept. */
  async edits({ name, count, round }: { name: string; count: number; round: number }) {
    const { replica } = device(name)
    const users = someUsers(device(name), count, round)
    const before = replica.records.length
    const watch = watchTasks()
    const start = performance.now()
    for (const [at, { id }] of users.entries()) {
      const from = replica.layer.get('users', id)?.title ?? ''
      await replica.perform({
        type: 'update-user',
        args: { userId: id, changes: { title: { from, to: `Title ${round} ${at}` } } },
      })
    }
    const ms = performance.now() - start
    return { ms, longest: await watch.stop(), kept: replica.records.length - before, last: replica.records.at(-1) }
  },
  async rawEdits({ name, count, like }: { name: string; count: number; like: object }) {
    const database = await raw(name)
    const before = await countRecords(database)
    const start = performance.now()
    for (let at = 1; at <= count; at += 1) await append(database, { ...like, place: before + at })
    const ms = performance.now() - start
    return { ms, kept: (await countRecords(database)) - before }
  },
  /** Sends and fetches all that there is. */
  async settle({ name }: { name: string }) {
    const own = device(name)
    const watch = watchTasks()
    const startedAt = moment()
    const requests = await own.settle()
    const ms = moment() - startedAt
    const { pending, sync } = own.replica
    return {
      ms,
      startedAt,
      requests,
      longest: await watch.stop(),
      pending: pending.length,
      version: sync?.shown.version ?? 0,
    }
  },

  /** W4: one action on so many users, until it shows and until it is kept. */
  async action({ name, count, round }: { name: string; count: number; round: number }) {
    const own = device(name)
    const userIds = someUsers(own, count, 0).map(({ id }): UserId => id)
    const groups = [...own.replica.layer.values('groups')]
    const call: Call = { type: 'assign-group', args: { userIds, groupId: groups[round % groups.length]?.id ?? null } }
    const watch = watchTasks()
    let shownAt = 0
    const unsubscribe = own.replica.subscribe(() => (shownAt ||= performance.now()))
    const start = performance.now()
    const { outcomes } = await own.replica.perform(call)
    const durableMs = performance.now() - start
    unsubscribe()
    const applied = outcomes.filter(({ result }) => result === 'applied').length
    return {
      shownMs: shownAt - start,
      durableMs,
      longest: await watch.stop(),
      items: outcomes.length,
      applied,
      record: own.replica.records.at(-1),
    }
  },
  async rawAction({ name, record }: { name: string; record: object }) {
    const database = await raw(name)
    const place = (await countRecords(database)) + 1
    const start = performance.now()
    await append(database, { ...record, place })
    return { ms: performance.now() - start }
  },
  /** The second device: waits for the server's poke, then fetches. Resolves when memory shows the new version. */
  async arrival({ name }: { name: string }) {
    const own = device(name)
    const before = own.replica.sync?.shown.version ?? 0
    const watch = watchTasks()
    const source = new EventSource('/events')
    await new Promise<void>((resolve) => {
      source.addEventListener('poke', () => resolve(), { once: true })
    })
    source.close()
    await own.settle()
    const at = moment()
    return { at, longest: await watch.stop(), moved: (own.replica.sync?.shown.version ?? 0) > before }
  },
  async rawArrival({ name, page }: { name: string; page: number }) {
    const database = await raw(name)
    const start = performance.now()
    const response = await fetch('/raw/action', { method: 'POST' })
    const { changes } = JSON.parse(await response.text()) as { changes: Block[] }
    await addBlocks(database, page, changes)
    return { ms: performance.now() - start, users: rowsIn(changes) }
  },

  /** Of the rows on the device: how many users, and the sum of their versions. */
  async sums({ name }: { name: string }) {
    let [users, versions] = [0, 0]
    for (const { version } of device(name).replica.layer.values('users'))
      [users, versions] = [users + 1, versions + version]
    return { users, versions }
  },
  async forget({ name }: { name: string }) {
    devices.get(name)?.close()
    devices.delete(name)
    raws.get(name)?.close()
    raws.delete(name)
    await deleteRaw(name)
  },
}

export type Bench = typeof bench
declare global {
  var bench: Bench
}
globalThis.bench = bench
