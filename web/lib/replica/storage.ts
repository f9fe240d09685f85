// What the replica needs of a store: Dexie in the app, plain memory in the simulation's fast tier; both pass one contract suite.
// A store carries out what it is told: each method is one transaction that happens whole or not at all.
import type { Block } from '#shared/blocks.ts'
import type { BatchId, ClientId, GroupId, Instant, OperationId, OrganisationId, UserId } from '#shared/model.ts'
import type { Names } from '#shared/operations/definition.ts'
import type { Outcome } from '#shared/operations/outcome.ts'
import type { Cursor, Seen, Settlement } from '#shared/protocol.ts'

/**
 * Of blocks and outbox; a store with a newer one is left alone, one with the format before keeps its outbox and takes a fresh snapshot.
 * 2: grants say what was voided of them and in which contract they were used; months of usage.
 */
export const FORMAT = 2

/** The one row that says whose data this is and how far it goes. */
export interface SyncRow {
  key: 'sync'
  /** Counts the writes of this row: a page is received only if the row is still the one that its request was made from. */
  revision: number
  format: number
  /** Made with each sign-in: a tab that remembers another one has had its store erased, also where it was filled anew since. */
  born: string
  account: string
  /** Who acts: the account's user in this organisation. */
  userId: UserId
  organisation: OrganisationId
  clientId: ClientId
  /** An operation's sequence = its place − base. */
  base: number
  /** What memory holds; version 0: nothing yet. */
  shown: { generation: number; version: number }
  /** Where pages go: the shown generation, or the next one while a snapshot is under way. */
  generation: number
  /** null asks for a snapshot. */
  cursor: Cursor | null
  seen: Seen
  /** The device's clock at the server's answer that completed what is shown, for "as of"; 0: nothing is yet. */
  asOf: Instant
  /** Server's clock − device's clock, at the last answer. */
  offset: number
}

export interface StoredBlock {
  /** Generation, version of the page, part: ascending in the order in which they came. */
  key: [generation: number, version: number, part: number]
  block: Block
}

export interface OutboxRecord {
  /** The place in the device's order; no gaps but at the pruned start. */
  place: number
  id: OperationId
  type: string
  args: unknown
  names: Names
  madeAt: Instant
  batch: BatchId | null
  atomic: boolean
  /** A withdrawn record keeps what it was: the server may have applied it already. */
  was?: { type: string; args: unknown }
  /** Set aside here, because no server would take it. */
  aside?: 'too-large'
  /** The admin said that an old risky operation is still wanted. */
  confirmedAt?: Instant
  /** Settled: what the server answered. */
  settlement?: Settlement
  /** Rejected items that the admin has dealt with. */
  dismissed?: string[]
  /** Users who are gone, of whom what was typed has been taken out of the args since. */
  erased?: string[]
}
export type Draft = Omit<OutboxRecord, 'place'>

/** What a transaction writes: the sync row, records that are changed or added, blocks that are added. */
export interface Plan {
  sync: SyncRow
  records: OutboxRecord[]
  blocks: StoredBlock[]
}

/** The pure decision what to write, given what the transaction found. */
export type Decide = (found: {
  sync: SyncRow
  /** The records after the place that was named, in order. */
  records: readonly OutboxRecord[]
  lastPlace: number
}) => Plan | undefined

export interface Storage {
  /** The sync row; undefined where nobody has signed in, or all was erased. Refuses a newer format. */
  open(): Promise<SyncRow | undefined>
  /**
   * Writes the sync row of a new sign-in into an empty store. Strict. Answers false, and leaves all as it is, where another tab has
   * signed in since `open` found nothing: what it has queued must stay.
   */
  create(sync: SyncRow): Promise<boolean>
  /** Records after a place, in order, and the sync row as it is at that moment: what was read before it may be gone by then. */
  outbox(afterPlace: number): Promise<{ sync: SyncRow | undefined; records: OutboxRecord[] }>
  /**
   * Appends drafts at the next places, and answers what it found beside: the sync row, and records after `knownPlace` that this tab
   * did not know. A draft whose id is already there (a repeated try) is not added again. Strict. Rejects with `Erased` where the
   * sync row is missing or of another sign-in.
   */
  append(
    drafts: readonly Draft[],
    from: { born: string; knownPlace: number },
  ): Promise<{ sync: SyncRow; records: OutboxRecord[] }>
  /**
   * One transaction that reads the sync row and the records after a place, asks `decide`, and writes what it says; undefined from
   * `decide` writes nothing. Blocks and settlements are relaxed (a page that is lost is fetched again); `strict` for what the admin did.
   */
  transact(mode: 'strict' | 'relaxed', afterPlace: number, decide: Decide): Promise<Plan | undefined>
  /** Visits the blocks of a generation with `after` < version ≤ `upTo`, ten at a time, in the given order. */
  readBlocks(
    range: { generation: number; after: number; upTo: number },
    order: 'newest-first' | 'oldest-first',
    visit: (blocks: readonly StoredBlock[]) => void | Promise<void>,
  ): Promise<void>
  /** Reads blocks and replaces them by one or none, in one transaction; false where one is no longer there, and nothing is done. */
  replaceBlocks(
    keys: readonly StoredBlock['key'][],
    by: (found: readonly StoredBlock[]) => StoredBlock | undefined,
  ): Promise<boolean>
  /** Removes the blocks of the generations before this one; a later one may be a snapshot under way. */
  keepGeneration(generation: number): Promise<void>
  /** Forgets settled records before a place; the newest record stays. */
  prune(beforePlace: number): Promise<void>
  screen(): Promise<Screen | undefined>
  /** Keeps it in the place of the one before; not where the store is nobody's, or has moved on since: who is gone by now would come back by it. */
  putScreen(screen: Screen): Promise<void>
  /**
   * Empties everything in one strict transaction. With a last place only where the store is somebody's and nothing was appended after it:
   * else it answers false, and all stays.
   */
  erase(lastPlace?: number): Promise<boolean>
  close(): void
}

/** What is shown first on opening: written by the list, read before the blocks. */
export interface Screen {
  key: 'screen'
  version: number
  blocks: Block[]
  totals: { users: number }
  selected?: { users: UserId[]; groups: GroupId[] }
}

/** The store holds no data of this account any more: signed out or revoked in another tab, or cleared by the browser. */
export class Erased extends Error {
  override name = 'Erased'
}

/** The store was written by a newer version of the app. */
export class NewerFormat extends Error {
  override name = 'NewerFormat'
}

/** The device has no room left; nothing was changed. */
export class DeviceFull extends Error {
  override name = 'DeviceFull'
}

export const isSettled = (record: OutboxRecord, shownVersion: number): boolean =>
  record.aside !== undefined || (record.settlement !== undefined && record.settlement.version <= shownVersion)

export const rejectedOf = (record: OutboxRecord): Outcome[] =>
  (record.settlement?.notApplied ?? []).filter(
    ({ item, result }) => result === 'rejected' && !(record.dismissed ?? []).includes(item),
  )
