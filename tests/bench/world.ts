// The server side of the benchmark: the real sync over node:sqlite with organisations of several sizes, and beside it a copy of the
// database on which the same rows are written by plain SQL.
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { sql } from 'kysely'
import { v7 } from 'uuid'
import * as v from 'valibot'
import { BLOCK_ROWS, type Block } from '#shared/blocks.ts'
import { ClientId, COLUMNS, type OrganisationId, type UserId } from '#shared/model.ts'
import { PROTOCOL, type Cursor } from '#shared/protocol.ts'
import { demoOrganisation } from '../../sync-server/demo/organisation.ts'
import { loadOrganisation } from '../../sync-server/load.ts'
import { openStore } from '../../sync-server/store/sqlite.ts'
import { createSync, type Device } from '../../sync-server/sync.ts'

export interface Who {
  account: string
  organisation: OrganisationId
  userId: UserId
}
export interface Organisation {
  who: Who
  users: number
  active: number
}

export type World = Awaited<ReturnType<typeof createWorld>>

export async function createWorld(folder: string) {
  const store = await openStore({ file: join(folder, 'bench.sqlite') })
  const committed = new Set<() => void>()
  const log = { error: (...what: unknown[]) => console.error(...what), info: () => undefined, debug: () => undefined }
  const sync = createSync({
    store,
    clock: () => Date.now(),
    log,
    committed: () => {
      for (const tell of committed) tell()
    },
  })
  const organisations = new Map<number, Organisation>()
  const devices = new Map<string, Device>()

  /** The organisation of so many users, made when it is first asked for. */
  async function organisation(size: number): Promise<Organisation> {
    const known = organisations.get(size)
    if (known) return known
    const demo = demoOrganisation({ seed: size, users: size, now: Date.now() })
    await loadOrganisation(store, { ...demo, usage: [] }, { now: Date.now(), random: randomBytes })
    const admin = demo.users.find(({ role, status }) => role === 'admin' && status === 'active')
    if (!admin) throw new Error('The organisation has no admin.')
    const who = { account: `account-${size}`, organisation: demo.organisation.id, userId: admin.id }
    devices.set(who.account, who)
    const made = {
      who,
      users: demo.users.length,
      active: demo.users.filter(({ status }) => status === 'active').length,
    }
    organisations.set(size, made)
    return made
  }

  return {
    store,
    sync,
    organisation,
    device: (account: string) => devices.get(account),
    /** Calls back after each commit, until the returned function is called. */
    onCommit: (tell: () => void): (() => void) => {
      committed.add(tell)
      return () => committed.delete(tell)
    },
    /** The blocks of a first sync, as the server cuts them into pages. */
    async pages({ who }: Organisation): Promise<Block[][]> {
      const pages: Block[][] = []
      let cursor: Cursor | null = null
      for (let more = true; more;) {
        const answer = await sync.sync(who, {
          protocol: PROTOCOL,
          account: who.account,
          organisation: who.organisation,
          clientId: v.parse(ClientId, v7()),
          cursor,
          seen: { version: 0, hash: '' },
          operations: [],
        })
        pages.push(answer.changes)
        more = answer.more
        cursor = answer.cursor
      }
      return pages
    },
    async sums({ who }: Organisation): Promise<{ users: number; versions: number }> {
      const { rows } = await sql<{ users: number; versions: number }>`
        select count(*) as users, sum("version") as versions from users where "orgId" = ${who.organisation}`.execute(
        store.db,
      )
      return rows[0] ?? { users: 0, versions: 0 }
    },
    async rawCopy(): Promise<RawCopy> {
      const file = join(folder, `raw-${Date.now()}.sqlite`)
      await sql`vacuum into ${file}`.execute(store.db)
      return rawCopy(file, store)
    },
    close: () => store.close(),
  }
}

export type RawCopy = ReturnType<typeof rawCopy>

type Fields = Record<string, SQLInputValue>

/** Plain SQL on a copy: the rows that the real server wrote, written again by prepared statements. */
function rawCopy(file: string, { db }: Awaited<ReturnType<typeof openStore>>) {
  const database = new DatabaseSync(file)
  database.exec('pragma journal_mode = wal; pragma synchronous = full; pragma cache_size = -65536')
  const columns = COLUMNS.users
  const read = database.prepare('select * from users where "orgId" = ? and "id" = ?')
  const update = database.prepare(
    `update users set ${columns.map((column) => `"${column}" = ?`).join(', ')} where "orgId" = ? and "id" = ?`,
  )
  const page = database.prepare(
    `select ${columns.map((column) => `"${column}"`).join(', ')} from users where "orgId" = ? and "version" > ? order by "version"`,
  )
  page.setReturnArrays(true)
  const logColumns = database
    .prepare('select * from log limit 0')
    .columns()
    .map(({ name }) => name)
  const append = database.prepare(
    `insert into log (${logColumns.map((column) => `"${column}"`).join(', ')}) values (${logColumns.map(() => '?').join(', ')})`,
  )
  const head = database.prepare('update heads set version = ?, hash = ? where "orgId" = ?')

  return {
    /** What the real server wrote after a version: to be written again. */
    async writtenAfter(orgId: string, version: number) {
      const after = <T extends 'users' | 'log'>(table: T) =>
        db
          .selectFrom(table as 'users')
          .selectAll()
          .where('orgId', '=', orgId)
          .where('version', '>', version)
          .execute()
      return { users: (await after('users')) as unknown as Fields[], log: (await after('log')) as unknown as Fields[] }
    },
    /**
     * One transaction: each user is looked at and written, each operation is logged.
     * @returns milliseconds
     */
    write(orgId: string, { users, log }: { users: readonly Fields[]; log: readonly Fields[] }): number {
      const start = performance.now()
      database.exec('begin immediate')
      for (const user of users) {
        read.get(orgId, user['id'] ?? null)
        update.run(...columns.map((column) => user[column] ?? null), orgId, user['id'] ?? null)
      }
      for (const entry of log) append.run(...logColumns.map((column) => entry[column] ?? null))
      const last = log.at(-1)
      head.run(last?.['version'] ?? null, last?.['hash'] ?? null, orgId)
      database.exec('commit')
      return performance.now() - start
    },
    /** The users that changed after a version, as blocks. */
    blocksAfter(orgId: string, version: number): Block[] {
      const rows = page.all(orgId, version) as unknown as unknown[][]
      const blocks: Block[] = []
      for (let from = 0; from < rows.length; from += BLOCK_ROWS) {
        const part = rows.slice(from, from + BLOCK_ROWS)
        blocks.push({ entity: 'users', columns: columns.map((_, column) => part.map((row) => row[column])) })
      }
      return blocks
    },
    close: () => database.close(),
  }
}
