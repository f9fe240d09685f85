// The store on node:sqlite: one connection, one writer, durable at each commit. Kysely's own SQLite dialect drives it through a thin
// shim. No transaction ever waits for anything but the database, since everybody else waits for it.
import { CompiledQuery, Kysely, sql, SqliteDialect } from 'kysely'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Forms, Statement, Store } from './index.ts'
import { migrate } from './migrations/index.ts'
import type { Schema } from './schema.ts'

/** Older ones can lose a write-ahead log that two connections reset at once. */
const OLDEST_SQLITE = [3, 51, 3]
/** How often a locked database is asked again, after 100 ms each. */
const BUSY_TRIES = 50

/**
 * Opens the database, makes it durable and brings its schema up to date.
 * @param file a path, or `:memory:`
 * @throws {NewerDatabase} when a newer server has migrated it; node:sqlite's error when it can't be opened
 */
export async function openStore({ file, now = 0 }: { file: string; now?: number }): Promise<Store> {
  const database = new DatabaseSync(file, { timeout: 100 })
  try {
    refuseOldSqlite(database)
    database.exec(
      'pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on; pragma cache_size = -65536; pragma secure_delete = on',
    )
    forgetEarlier(database)
  } catch (error) {
    database.close()
    throw error
  }
  const db = new Kysely<Schema>({ dialect: new SqliteDialect({ database: shim(database) }) })
  const store: Store = {
    transaction: (work) => whenFree(() => db.transaction().execute((tx) => work({ db: tx, forms }))),
    read: (work) =>
      whenFree(() =>
        db.connection().execute(async (connection) => {
          await connection.executeQuery(CompiledQuery.raw('begin deferred'))
          try {
            return await work({ db: connection, forms })
          } finally {
            await connection.executeQuery(CompiledQuery.raw('rollback'))
          }
        }),
      ),
    scour: async () => {
      const { rows } = await sql<{ busy: number }>`pragma wal_checkpoint(truncate)`.execute(db)
      return rows[0]?.busy === 0
    },
    isFault,
    db,
    close: async () => {
      await db.destroy()
      if (database.isOpen) database.close()
    },
  }
  try {
    await store.transaction((tx) => migrate(tx.db, now))
  } catch (error) {
    await store.close()
    throw error
  }
  return store
}

/** What Kysely's dialect expects, over node:sqlite. Statements are prepared once for each text. */
function shim(database: DatabaseSync) {
  const cache = new Map<string, ReturnType<typeof wrap>>()
  const wrap = (statement: StatementSync) => ({
    reader: statement.columns().length > 0,
    all: (values: readonly unknown[]) => statement.all(...(values as SQLInputValue[])),
    run: (values: readonly unknown[]) => statement.run(...(values as SQLInputValue[])),
    iterate: (values: readonly unknown[]) => statement.iterate(...(values as SQLInputValue[])),
  })
  const nothing = { changes: 0, lastInsertRowid: 0 }
  const rollback = {
    reader: false,
    all: () => [],
    // A full disk ends the transaction by itself; saying so again would hide the error that did it.
    run: () => (database.isTransaction ? (database.exec('rollback'), nothing) : nothing),
    iterate: () => [].values(),
  }
  return {
    close: () => database.close(),
    prepare: (text: string) => {
      if (text === 'rollback') return rollback
      // Kysely begins every transaction as one that may only read; the lock must be there before the first look.
      const meant = text === 'begin' ? 'begin immediate' : text
      const known = cache.get(meant)
      if (known) return known
      const statement = wrap(database.prepare(meant))
      if (cache.size < 500) cache.set(meant, statement)
      return statement
    },
  }
}

const quoted = (names: readonly string[]) => names.map((name) => `"${name}"`).join(', ')

const forms: Forms = {
  list: (values) => sql`(select value from json_each(${JSON.stringify(values)}))`,
  gathered: (column, json) =>
    sql`json_group_array(${json ? sql`json(${sql.ref(column)})` : sql.ref(column)}) as ${sql.ref(column)}`,
  upsert: (table, columns, key, rows) => {
    const kept = columns.filter((column) => !key.includes(column))
    return insert(table, columns, key, rows, kept.map(replaced))
  },
  add: (table, columns, key, counters, rows) => {
    const kept = columns.filter((column) => !key.includes(column))
    const grown = (column: string) => `"${column}" = "${table}"."${column}" + excluded."${column}"`
    const set = kept.map((column) => (counters.includes(column) ? grown(column) : replaced(column)))
    return insert(table, columns, key, rows, set)
  },
  insertNew: (table, columns, key, rows, returned) => insert(table, columns, key, rows, [], returned),
}

const replaced = (column: string) => `"${column}" = excluded."${column}"`

/** So many rows go into one statement: more gain nothing. Few sizes, so that few statements are prepared. */
const SIZES = [100, 25, 5, 1]

/** @param set what becomes of a row that is there already, nothing where it is empty */
function insert(
  table: string,
  columns: readonly string[],
  key: readonly string[],
  rows: readonly (readonly unknown[])[],
  set: readonly string[],
  returned?: string,
): Statement {
  const into = `insert into "${table}" (${quoted(columns)}) values `
  const one = `(${columns.map(() => '?').join(', ')})`
  const rest = ` on conflict (${quoted(key)}) do ${set.length > 0 ? `update set ${set.join(', ')}` : 'nothing'}`
  const end = rest + (returned === undefined ? '' : ` returning "${returned}"`)
  return {
    execute: async (db) => {
      const answered: Record<string, unknown>[] = []
      for (let from = 0; from < rows.length;) {
        const size = SIZES.find((most) => most <= rows.length - from) ?? 1
        // Bound and not sent as JSON, which takes twice as long.
        const values = rows.slice(from, from + size).flatMap((row) => row.map((value) => value ?? null))
        const text = into + Array<string>(size).fill(one).join(', ') + end
        const { rows: some } = await db.executeQuery<Record<string, unknown>>(CompiledQuery.raw(text, values))
        for (const row of some) answered.push(row)
        from += size
      }
      return { rows: answered }
    },
  }
}

/** Another process (a command on the host, a backup) may hold the lock for a moment. */
async function whenFree<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1)
    try {
      return await work()
    } catch (error) {
      if (codeOf(error) !== BUSY || tries === BUSY_TRIES) throw error
      await sleep(100)
    }
}

const BUSY = 5
/** Busy, locked, out of memory, read-only, interrupted, input/output, corrupt, full, can't open, protocol, not a database. */
const FAULTS: ReadonlySet<number> = new Set([BUSY, 6, 7, 8, 9, 10, 11, 13, 14, 15, 26])

const isFault = (error: unknown): boolean => {
  const code = codeOf(error)
  return code !== undefined && FAULTS.has(code)
}

/** SQLite's primary result code. */
const codeOf = (error: unknown): number | undefined =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : undefined

/**
 * Before `secure_delete` was on, what was deleted stood in the files until something else was written there: once, all of it is written
 * anew. Of an earlier crash nothing stays behind in the write-ahead log.
 */
function forgetEarlier(database: DatabaseSync): void {
  const tables = database.prepare(`select name from sqlite_master where name in ('log', 'erasures')`).all()
  if (tables.length === 1) database.exec('vacuum')
  database.exec('pragma wal_checkpoint(truncate)')
}

function refuseOldSqlite(database: DatabaseSync): void {
  const version = String(database.prepare('select sqlite_version() as version').get()?.version)
  const parts = version.split('.').map(Number)
  for (const [index, wanted] of OLDEST_SQLITE.entries()) {
    const part = parts[index] ?? 0
    if (part > wanted) return
    if (part < wanted)
      throw new Error(`SQLite ${version} can lose data; use a Node with SQLite ${OLDEST_SQLITE.join('.')} or newer.`)
  }
}
