// The store as the rest of the server sees it: a door for writes, a door for reads, and the few forms of SQL in which databases
// differ. Nothing outside this folder knows which database stands behind it.
import type { Kysely, RawBuilder } from 'kysely'
import type { Schema } from './schema.ts'

/** The forms of SQL that each database has of its own. */
export interface Forms {
  /** A parenthesised subquery of any number of texts, as one parameter: `"id" in ${list(ids)}`. */
  list(values: readonly string[]): RawBuilder<unknown>
  /** All values of a column as the text of a JSON array, under the column's own name; `json`: the column holds JSON itself. */
  gathered(column: string, json: boolean): RawBuilder<unknown>
  /** Inserts rows given as arrays of values in the order of `columns`; a row whose `key` is there already is replaced. */
  upsert(
    table: string,
    columns: readonly string[],
    key: readonly string[],
    rows: readonly (readonly unknown[])[],
  ): Statement
  /** As `upsert`, but of a row that is there already the `counters` grow by those given; the other columns are replaced. */
  add(
    table: string,
    columns: readonly string[],
    key: readonly string[],
    counters: readonly string[],
    rows: readonly (readonly unknown[])[],
  ): Statement
  /** As `upsert`, but a row whose `key` is there already is left out; answers `returned` of those that were inserted. */
  insertNew(
    table: string,
    columns: readonly string[],
    key: readonly string[],
    rows: readonly (readonly unknown[])[],
    returned: string,
  ): Statement
}

/** Any number of rows to write, in as many statements as it takes. */
export interface Statement {
  execute(db: Kysely<Schema>): Promise<{ rows: Record<string, unknown>[] }>
}

/** An open transaction. Only the database is ever awaited inside it. */
export interface Tx {
  readonly db: Kysely<Schema>
  readonly forms: Forms
}

export interface Store {
  /** The one door through which anything is written: all of it or nothing, one at a time. A throw rolls back. */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /** Reads at one moment: no commit comes between two of its queries. */
  read<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /**
   * Whether an error is the database's own (busy, full, broken), so that trying again later may help. What the statement itself
   * caused, a broken constraint say, is not.
   */
  isFault(error: unknown): boolean
  /**
   * Has what was deleted or written over be gone from the files as well, the write-ahead log among them.
   * @returns false where another process reads an earlier state just now: to be tried again
   */
  scour(): Promise<boolean>
  /** For the identity library, which brings its own queries; never inside a transaction of ours. */
  readonly db: Kysely<Schema>
  close(): Promise<void>
}
