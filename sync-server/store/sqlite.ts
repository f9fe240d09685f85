// The store on node:sqlite: one connection, one writer, durable at each commit. Kysely's own SQLite dialect drives it through a thin
// shim. No transaction ever waits for anything but the database, since everybody else waits for it.
import { CompiledQuery, Kysely, sql, SqliteDialect } from 'kysely'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Forms, Store } from './index.ts'
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
      'pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on; pragma cache_size = -65536',
    )
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
    const values = columns.map((_, index) => `json_extract(value, '$[${index}]')`).join(', ')
    const kept = columns.filter((column) => !key.includes(column))
    const replaced = kept.map((column) => `"${column}" = excluded."${column}"`).join(', ')
    return sql`${sql.raw(`insert into "${table}" (${quoted(columns)}) select ${values} from json_each(`)}${JSON.stringify(rows)}${sql.raw(
      // "where true": else SQLite takes "on" for the condition of a join.
      `) where true on conflict (${quoted(key)}) do ${replaced ? `update set ${replaced}` : 'nothing'}`,
    )}`
  },
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
