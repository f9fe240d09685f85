// One run of the ledger's workload, as a process: prints its figures as JSON, and how far it is to stderr. EVENTS=100000 runs fewer.
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { demoOrganisation } from '../../sync-server/demo/organisation.ts'
import { loadOrganisation } from '../../sync-server/load.ts'
import { openStore } from '../../sync-server/store/sqlite.ts'
import { createUsage } from '../../sync-server/usage/create.ts'
import type { UsageEvent } from '../../sync-server/usage/usage.ts'
import { agree } from './workload.ts'

const EVENTS = Number(process.env['EVENTS'] ?? 1_000_000)
const BATCH = 2_000
const USERS = 2_500
/** Events of the last days, most of them of the last. */
const DAYS = 60
const DAY = 24 * 60 * 60 * 1000

async function measure() {
  const now = Date.now()
  const demo = demoOrganisation({ seed: 1, users: USERS, now })
  const { id } = demo.organisation
  const users = demo.users.map((user) => ({ email: user.email, id: user.id, groupId: user.groupId ?? '' }))
  const products = demo.products.map((product) => ({ id: product.id, name: product.name }))
  const store = await openStore({ file: join(folder, 'ours.sqlite') })
  await loadOrganisation(store, { ...demo, usage: [] }, { now, random: randomBytes })
  const log = { error: (...what: unknown[]) => console.error(...what), info: () => undefined, debug: () => undefined }
  const usage = createUsage({ store, clock: () => now, log })
  const raw = openRaw(join(folder, 'raw.sqlite'), id)
  globalThis.gc?.()
  const before = memory()
  const time = { ours: 0, raw: 0 }
  let [peak, afterTenth, credits] = [0, 0, 0]

  for (let from = 0; from < EVENTS; from += BATCH) {
    const rows = Array.from({ length: BATCH }, (_, index) => {
      const n = from + index
      const [user, product] = [users[scattered(n) % USERS], products[n % products.length]]
      if (!user || !product) throw new Error('There is no such user or product.')
      const at = now - Math.floor(DAYS * DAY * ((scattered(n + 1) % 1_000) / 1_000) ** 4)
      return { n, user, product, at, credits: 1 + (n % 5), contactViews: n % 3 }
    })
    const events = rows.map(({ n, user, product, at, credits, contactViews }): UsageEvent => {
      const named = { user: n % 2 ? user.id : user.email, product: product.name }
      return { source: 'urn:search', id: `event-${n}`, at, ...named, credits, contactViews }
    })
    for (const { credits: used } of rows) credits += used
    const ours = async () => {
      const start = performance.now()
      await usage.ingest(id, events)
      time.ours += performance.now() - start
    }
    const plain = () => {
      const start = performance.now()
      raw.write(rows)
      time.raw += performance.now() - start
    }
    if ((from / BATCH) % 2) plain()
    await ours()
    if ((from / BATCH) % 2 === 0) plain()
    peak = Math.max(peak, memory())
    if (from < EVENTS / 10) afterTenth = peak
    const done = from + BATCH
    if (done % 100_000 === 0) console.error(`INGEST: ${done.toLocaleString('en')} events`)
  }
  const counted = await store.db
    .selectFrom('usage_days')
    .select(({ fn }) => fn.sum<number>('credits').as('sum'))
    .executeTakeFirst()
  agree('The days', counted?.sum, credits)
  agree('The days of plain SQL', raw.credits(), credits)
  usage.close()
  await store.close()
  raw.close()
  return { events: EVENTS, ...time, before, afterTenth, peak }
}

/** The least that the job needs: the ledger's rows, and the counters of their days. */
function openRaw(file: string, organisation: string) {
  const database = new DatabaseSync(file)
  database.exec('pragma journal_mode = wal; pragma synchronous = full; pragma cache_size = -65536')
  database.exec(`create table usage_events ("orgId" text not null, "source" text not null, "eventId" text not null, "position" bigint not null, "at" bigint not null, "receivedAt" bigint not null, "day" text not null, "userId" text not null, "productId" text not null, "groupId" text not null, "credits" bigint not null, "contactViews" bigint not null, primary key ("orgId", "source", "eventId"));
    create table usage_days ("orgId" text not null, "day" text not null, "userId" text not null, "productId" text not null, "groupId" text not null, "credits" bigint not null, "contactViews" bigint not null, primary key ("orgId", "day", "userId", "productId", "groupId"))`)
  const event = database.prepare(
    'insert into usage_events values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing',
  )
  const day = database.prepare(`insert into usage_days values (?, ?, ?, ?, ?, ?, ?) on conflict do update
    set "credits" = "credits" + excluded."credits", "contactViews" = "contactViews" + excluded."contactViews"`)
  type Row = {
    n: number
    user: { id: string; groupId: string }
    product: { id: string }
    at: number
    credits: number
    contactViews: number
  }
  return {
    write: (rows: readonly Row[]) => {
      database.exec('begin immediate')
      for (const { n, user, product, at, credits, contactViews } of rows) {
        const on = new Date(at).toISOString().slice(0, 10)
        event.run(
          organisation,
          'urn:search',
          `event-${n}`,
          n,
          at,
          at,
          on,
          user.id,
          product.id,
          user.groupId,
          credits,
          contactViews,
        )
        day.run(organisation, on, user.id, product.id, user.groupId, credits, contactViews)
      }
      database.exec('commit')
    },
    credits: () => database.prepare('select sum("credits") as sum from usage_days').get()?.['sum'],
    close: () => database.close(),
  }
}

/** Looks random, and is the same each time. */
const scattered = (n: number): number => (Math.imul(n ^ (n >>> 7), 0x9e3779b1) >>> 5) & 0xffffff

const memory = (): number => Math.round(process.memoryUsage().rss / 1024 / 1024)

const folder = await mkdtemp(join(tmpdir(), 'quartermaster-ingest-'))
try {
  console.log(JSON.stringify(await measure()))
} finally {
  await rm(folder, { recursive: true, force: true })
}
