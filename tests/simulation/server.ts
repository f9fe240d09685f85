// The real sync server in a world that fails: its store's doors are gates of the scheduler, it crashes before and after a commit, is
// restored from a backup, forgets tombstones. What it commits is told to the oracle in the same transaction, in order.
import { CompiledQuery, sql, type KyselyPlugin, type RootOperationNode, type ValuesNode } from 'kysely'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as v from 'valibot'
import { ENTITIES, type Entity, type OperationId, type Rows, type UserId } from '#shared/model.ts'
import { KnownRequest, SyncRequest } from '#shared/protocol.ts'
import type { Outcome } from '#shared/operations/outcome.ts'
import type { ProviderDoor } from './provider-calls.ts'
import { record } from '../../sync-server/load.ts'
import { Refusal } from '../../sync-server/problem.ts'
import { createSync, verifyChain, type Device as Session, type Sync } from '../../sync-server/sync.ts'
import type { Store, Tx } from '../../sync-server/store/index.ts'
import { openStore } from '../../sync-server/store/sqlite.ts'
import type { By } from '../../sync-server/sync/record.ts'
import { createUsage } from '../../sync-server/usage/create.ts'
import { ingest } from '../../sync-server/usage/ingest.ts'
import { publishNow } from '../../sync-server/usage/publish.ts'
import type { UsageEvent } from '../../sync-server/usage/usage.ts'
import { goneKey, type Epoch, type Logged, type Tables } from './model.ts'
import type { Random } from './random.ts'
import { Died, type Owner, type Scheduler } from './scheduler.ts'
import { readBlocks, readUsage, type Block, type UsageSeen } from './usage-seen.ts'
import { ORGANISATION, type Beginning } from './world.ts'

export type { Session }
export interface Answer {
  status: number
  body: unknown
}
/** What a transaction has done, read before it commits. */
export interface Observed {
  entries: Logged[]
  rows: { [E in Entity]: Rows[E][] }
  gone: { key: string; version: number }[]
  usage: UsageSeen
  /** All published days, where it publishes. */
  blocks: Block[]
}
export type Provided = { readonly [E in Entity]?: readonly Rows[E][] }

export interface ServerDoors {
  scheduler: Scheduler
  random: Random
  file: boolean
  pageRows: number
  /** Milliseconds between two publications of usage. */
  publishEvery: number
  /** How likely a fault is at each transaction. */
  faults: { crash: number; store: number; fine: boolean }
  /** The oracle's ear: told once for each transaction that will commit. */
  knownVersion: () => number
  /** How far the oracle knows the ledger, and when it last heard of a spend. */
  knownUsage: () => { position: number; answeredAt: number }
  /** The oracle's history as it is: what a backup that is taken now holds. */
  history: () => Epoch
  observed: (observed: Observed, provided: ReadonlyMap<number, Provided>) => void
  /** Told inside the transaction as well. */
  mailsLeft: (mails: readonly string[]) => void
  tombstonesForgotten: (upTo: number) => void
  happened: (event: string) => void
  unexpected: (error: unknown) => void
}

/** An error that the run put in. */
class Injected extends Error {
  override name = 'Injected'
}

export interface Backup {
  store: Store
  epoch: Epoch
}

export type Server = Awaited<ReturnType<typeof openServer>>

export async function openServer(doors: ServerDoors) {
  const { scheduler, random, happened } = doors
  const folder = doors.file ? mkdtempSync(join(tmpdir(), 'quartermaster-simulation-')) : undefined
  let files = 0
  const newFile = () => (folder ? join(folder, `${(files += 1)}.db`) : ':memory:')
  let store = await openStore({ file: newFile() })
  const retired: Store[] = []
  let instance: { owner: Owner; sync: Sync; provider: ProviderDoor; died: Promise<never> } | undefined
  let instances = 0
  /** Operations that make the server throw, and how often they still will. */
  const poison = new Map<string, number>()
  let lastTick = 0
  /** The clock of usage: no two parts of a transaction have the same moment, so that the oracle can tell their order. */
  const tick = () => (lastTick = Math.max(scheduler.clock(), lastTick + 1))
  const by = (): By => ({ now: tick(), random: random.bytes })
  let faulty = true

  /** Queries of a transaction: each may be a step of its own, and one that writes the log entry of a poisoned operation throws. */
  const watching = (owner: Owner, written = new Map<number, Written>()): KyselyPlugin => ({
    transformQuery: ({ node }) => {
      noteEntry(node, written)
      if (poison.size > 0 && node.kind === 'InsertQueryNode') {
        const text = JSON.stringify(node)
        // In quotes: the args of its undo, which are text in text, hold the id as well.
        for (const [id, times] of poison)
          if (times > 0 && text.includes('"name":"log"') && text.includes(`"${id}"`)) {
            poison.set(id, times - 1)
            happened('poison')
            throw new Injected('The operation makes the server throw.')
          }
      }
      return node
    },
    transformResult: async ({ result }) => {
      if (faulty && doors.faults.fine) await scheduler.gate(owner, 'query')
      return result
    },
  })

  const gated = (inner: Store, owner: Owner): Store => ({
    ...inner,
    transaction: async (work) => {
      await scheduler.gate(owner, 'begins a transaction')
      const fault = faulty ? chooseFault() : undefined
      const written = new Map<number, Written>()
      const plugin = watching(owner, written)
      const result = await inner.transaction(async (tx) => {
        const done = await work({ ...tx, db: tx.db.withPlugin(plugin) })
        if (faulty && fault === 'crash before commit') {
          happened(fault)
          crash()
          throw new Died()
        }
        if (faulty && fault === 'store fault') {
          happened(fault)
          throw Object.assign(new Injected('disk I/O error'), { errcode: 10 })
        }
        await observe(inner, tx, written)
        return done
      })
      scheduler.note('committed')
      if (faulty && fault === 'crash after commit') {
        happened(fault)
        crash()
      }
      await scheduler.gate(owner, 'has committed')
      return result
    },
    read: async (work) => {
      await scheduler.gate(owner, 'begins to read')
      return await inner.read((tx) => work({ ...tx, db: tx.db.withPlugin(watching(owner)) }))
    },
  })

  function chooseFault() {
    if (random.chance(doors.faults.crash)) return random.chance(0.5) ? 'crash before commit' : 'crash after commit'
    return random.chance(doors.faults.store) ? 'store fault' : undefined
  }

  const provided = new Map<number, Provided>()
  async function observe(of: Store, tx: Tx, written?: ReadonlyMap<number, Written>): Promise<void> {
    // A database that was replaced by a backup meanwhile concerns nobody any more.
    if (of !== store) return
    doors.observed(await observedIn(tx, doors.knownVersion(), doors.knownUsage(), written), provided)
    provided.clear()
  }

  function start(): void {
    instances += 1
    const owner = scheduler.owner(`server ${instances}`, 'reject')
    const { promise: died, reject } = Promise.withResolvers<never>()
    died.catch(() => undefined)
    deaths.set(owner, reject)
    // What the server would show to its operator: only what the run itself has done to it may stand there.
    const error = (fact: object) => {
      const { err } = fact as { err?: unknown }
      if (owner.alive && !(err instanceof Injected)) doors.unexpected(err)
    }
    const log = { error, info: () => undefined, debug: () => undefined }
    const parts = { store: gated(store, owner), log, random: random.bytes }
    const usage = createUsage({
      ...parts,
      clock: tick,
      publishEvery: doors.publishEvery,
      after: (milliseconds, run) => scheduler.after(owner, milliseconds, run),
    })
    const sync = createSync({
      ...parts,
      clock: scheduler.clock,
      pageRows: doors.pageRows,
      beforeSnapshot: usage.publish,
    })
    const change: ProviderDoor['change'] = (work) => parts.store.transaction((tx) => work(tx, by()))
    instance = { owner, sync, provider: { usage, change }, died }
  }
  const deaths = new Map<Owner, (error: Error) => void>()

  function crash(): void {
    if (!instance) return
    const { owner } = instance
    instance = undefined
    deaths.get(owner)?.(new Died())
    scheduler.kill(owner)
  }

  /** Delivers a request, as the routes do: parsed, handed on, a refusal turned into a problem. Rejects where no answer comes. */
  const handle = (session: Session, path: string, text: string): Promise<Answer> =>
    answered(({ sync }) => route(sync, session, path, text))

  /** Delivers what the provider asks. */
  const ask = (work: (door: ProviderDoor) => Promise<unknown>): Promise<Answer> =>
    answered(({ provider }) => work(provider))

  async function answered(work: (of: NonNullable<typeof instance>) => Promise<unknown>): Promise<Answer> {
    if (!instance) throw new Died()
    const { died } = instance
    try {
      return { status: 200, body: await Promise.race([work(instance), died]) }
    } catch (error) {
      if (error instanceof Refusal) {
        if (error.status === 400) doors.unexpected(error)
        const { status, code, fact } = error
        return { status, body: { title: code, status, code, ...(fact && { fact }) } }
      }
      // As the app answers what it did not expect.
      if (error instanceof Injected) return { status: 500, body: { title: 'failed', status: 500, code: 'failed' } }
      if (!(error instanceof Died)) doors.unexpected(error)
      throw error
    }
  }

  async function route(sync: Sync, session: Session, path: string, text: string): Promise<unknown> {
    const body: unknown = JSON.parse(text)
    if (path === '/api/sync') {
      const request = v.safeParse(SyncRequest, body)
      if (!request.success) throw new Refusal(400, 'malformed', { message: request.issues[0].message })
      return await sync.sync(session, request.output)
    }
    const { ids, versions } = v.parse(KnownRequest, body)
    return await sync.unknown(session, ids, versions)
  }

  /** Writes rows as the provider does: by the lock, with a version; `change` is given the rows as they are then. */
  function provide(change: () => Provided): Promise<void> {
    const into = store
    return into.transaction(async (tx) => {
      const rows = change()
      const head = await record(tx, ORGANISATION, 'load', {}, { now: scheduler.clock(), random: random.bytes }, rows)
      provided.set(head.version, rows)
      await observe(into, tx)
    })
  }

  /** Mails that have waited long enough leave. */
  function sendMails(): Promise<void> {
    const from = store
    return from.transaction(async (tx) => {
      const mails = await tx.db
        .updateTable('mails')
        .set({ state: 'taken' })
        .where('orgId', '=', ORGANISATION)
        .where('state', '=', 'waiting')
        .where('notBefore', '<=', scheduler.clock())
        .returning(['operationId', 'userId'])
        .execute()
      if (from === store) doors.mailsLeft(mails.map(({ operationId, userId }) => `${operationId} ${userId}`))
    })
  }

  function forgetTombstones(upTo: number): Promise<void> {
    const from = store
    return from.transaction(async (tx) => {
      await tx.db.deleteFrom('tombstones').where('orgId', '=', ORGANISATION).where('version', '<=', upTo).execute()
      await tx.db.updateTable('heads').set({ horizon: upTo }).where('orgId', '=', ORGANISATION).execute()
      if (from === store) doors.tombstonesForgotten(upTo)
    })
  }

  /** A copy of the database as it stands: by SQLite itself for files, table by table in memory. */
  async function backup(): Promise<Backup> {
    const file = newFile()
    if (folder) {
      const epoch = await store.db.connection().execute(async (connection) => {
        await connection.executeQuery(CompiledQuery.raw(`vacuum into '${file}'`))
        return doors.history()
      })
      const copy = await openStore({ file })
      retired.push(copy)
      return { store: copy, epoch }
    }
    const copy = await openStore({ file })
    retired.push(copy)
    const epoch = await store.read(async (tx) => {
      await copyTables(tx, copy)
      return doors.history()
    })
    return { store: copy, epoch }
  }

  /** Fills the database: in several versions, so that a first snapshot has pages. */
  async function begin({ organisation, products, grants, groups, users, used }: Beginning): Promise<void> {
    await store.transaction(async ({ db }) => {
      await db.insertInto('heads').values({ orgId: ORGANISATION, version: 0, hash: '', horizon: 0 }).execute()
    })
    await provide(() => ({ organisations: [organisation], products, grants }))
    await provide(() => ({ groups }))
    for (let at = 0; at < users.length; at += 4) await provide(() => ({ users: users.slice(at, at + 4) }))
    await report(used)
    start()
  }

  /** What was used before anybody looked. */
  async function report(events: readonly UsageEvent[]): Promise<void> {
    await store.transaction(async (tx) => {
      await ingest(tx, ORGANISATION, events, by())
      await observe(store, tx)
    })
    await store.transaction(async (tx) => {
      await publishNow(tx, ORGANISATION, by())
      await observe(store, tx)
    })
  }

  return {
    begin,
    handle,
    ask,
    start,
    crash,
    provide,
    sendMails,
    forgetTombstones,
    backup,
    poison,
    get running() {
      return instance !== undefined
    },
    get owner() {
      return instance?.owner
    },
    /** Another database in its place, from an earlier time. */
    restore(copy: Store): void {
      crash()
      retired.push(store)
      store = copy
      retired.splice(retired.indexOf(copy), 1)
      start()
    },
    calm(): void {
      faulty = false
      for (const id of poison.keys()) poison.set(id, 0)
    },
    /** All rows, as SQL has them. */
    all: (): Promise<Observed & { tables: Tables }> =>
      store.read(async (tx) => {
        const all = await observedIn(tx, 0, { position: 0, answeredAt: 0 })
        return { ...all, tables: tablesOf(all.rows) }
      }),
    /** All contents of the log as they stand, and who was erased from it. */
    said: () =>
      store.read(async ({ db }) => {
        const rows = await db.selectFrom('log').select(['version', 'type', 'args', 'outcomes', 'images']).execute()
        const users = await db.selectFrom('erasures').select('userId').execute()
        const entries = rows.map(({ version, type, ...contents }) => ({
          version,
          type,
          contents: Object.values(contents).map((text): unknown => JSON.parse(text ?? 'null')),
        }))
        return { entries, users: users.map(({ userId }) => userId) }
      }),
    brokenLinks: () => verifyChain(store, ORGANISATION),
    async close(): Promise<void> {
      for (const one of [store, ...retired]) await one.close()
      if (folder) rmSync(folder, { recursive: true, force: true })
    },
  }
}

const JSON_TEXT = new Set([
  'defaultLimit',
  'lastSeat',
  'lastContract',
  'memberLimit',
  'poolLimit',
  'limit',
  'markers',
  'usedBy',
  'days',
])

/** Whether an entry of the log with this type lets devices see what was used. */
export const isPublication = (type: string): boolean => ['publish-usage', 'add-grant', 'void-grant'].includes(type)

/** An entry's contents as they were written: an erasure in the same transaction may have redacted them before anybody looks. */
type Written = Readonly<Record<'args' | 'outcomes', unknown>>

function noteEntry(node: RootOperationNode, written: Map<number, Written>): void {
  if (node.kind !== 'InsertQueryNode' || node.into?.table.identifier.name !== 'log') return
  const rows = node.values?.kind === 'ValuesNode' ? (node.values as ValuesNode).values : []
  for (const { values } of rows) {
    const row: Record<string, unknown> = {}
    // Plain values alone: an entry has no others.
    node.columns?.forEach(({ column }, at) => (row[column.name] = values[at]))
    written.set(Number(row['version']), { args: row['args'], outcomes: row['outcomes'] })
  }
}

/** Reads rows, log and usage after what is known, with queries of its own. */
async function observedIn(
  tx: Tx,
  after: number,
  known: { position: number; answeredAt: number },
  written: ReadonlyMap<number, Written> = new Map(),
): Promise<Observed> {
  const all = async (table: string, order = 'version') =>
    (
      await sql<Record<string, unknown>>`select * from ${sql.table(table)}
        where "orgId" = ${ORGANISATION} and "version" > ${after} order by ${sql.ref(order)}`.execute(tx.db)
    ).rows
  const rows: Record<string, unknown[]> = {}
  for (const entity of ENTITIES) rows[entity] = (await all(entity)).map(decoded)
  const log = (await all('log')).map((row): Record<string, unknown> => ({
    ...row,
    ...written.get(Number(row['version'])),
  }))
  const gone = await all('tombstones')
  return {
    entries: log.map(loggedOf),
    rows: rows as unknown as Observed['rows'],
    gone: gone.map(({ entity, id, version }) => ({
      key: goneKey(String(entity) as Entity, String(id)),
      version: Number(version),
    })),
    usage: await readUsage(tx, known),
    blocks: log.some(({ type }) => isPublication(String(type))) ? await readBlocks(tx) : [],
  }
}

function decoded({ orgId: _, ...record }: Record<string, unknown>): unknown {
  for (const [name, value] of Object.entries(record))
    if (JSON_TEXT.has(name) && typeof value === 'string') record[name] = JSON.parse(value)
  return record
}

function loggedOf(row: Record<string, unknown>): Logged {
  // Of what could not be read nothing stays where it speaks of somebody who is erased.
  const { args } = JSON.parse(String(row['args'] ?? '{"args":null}')) as { args: unknown }
  const { notApplied } = JSON.parse(String(row['outcomes'] ?? '{"notApplied":[]}')) as { notApplied: Outcome[] }
  return {
    version: Number(row['version']),
    operationId: row['operationId'] as OperationId,
    clientId: row['clientId'] as string | null,
    sequence: row['sequence'] as number | null,
    actor: row['actor'] as UserId | null,
    type: String(row['type']),
    args,
    atomic: row['atomic'] === 1,
    madeAt: Number(row['madeAt']),
    at: Number(row['at']),
    total: Number(row['total']),
    notApplied,
  }
}

function tablesOf(rows: Observed['rows']): Tables {
  const table = <E extends Entity>(entity: E) =>
    new Map((rows[entity] as Rows[E][]).map((row): [string, Rows[E]] => [row.id, row]))
  return {
    organisations: table('organisations'),
    products: table('products'),
    grants: table('grants'),
    months: table('months'),
    groups: table('groups'),
    users: table('users'),
    meters: table('meters'),
  }
}

const COPIED = [
  ...ENTITIES,
  'heads',
  'tombstones',
  'erasures',
  'log',
  'clients',
  'mails',
  'usage_events',
  'usage_days',
  'usage_sources',
  'usage_heads',
  'usage_ids',
  'usage_blocks',
  'grant_days',
  'burnt',
  'unpublished',
  'spends',
  'reservations',
] as const

async function copyTables(from: Tx, to: Store): Promise<void> {
  for (const table of COPIED) {
    const { rows } = await sql<Record<string, unknown>>`select * from ${sql.table(table)}`.execute(from.db)
    for (const row of rows) {
      const names = Object.keys(row)
      await sql`insert into ${sql.table(table)} (${sql.join(names.map((name) => sql.ref(name)))})
        values (${sql.join(Object.values(row))})`.execute(to.db)
    }
  }
}
