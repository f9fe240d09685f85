// The messages of sync: one request that pushes operations, pulls changes and takes the first snapshot, and the answer to it.
// The envelope is parsed strictly; each operation on its own, so that one that is malformed blocks nothing.
import * as v from 'valibot'
import { Block } from './blocks.ts'
import { BatchId, ClientId, OperationId, OrganisationId } from './model.ts'
import type { Outcome } from './operations/outcome.ts'
import { MAX_TEXT, text } from './text.ts'

/** 2: months of usage among the entities. */
export const PROTOCOL = 2
/** The oldest protocol that the server still speaks. */
export const OLDEST_PROTOCOL = 1
export const MAX_REQUEST_BYTES = 1024 * 1024
/** Tombstones are kept so long; an older cursor takes a new snapshot. */
export const TOMBSTONE_DAYS = 90
/** Rows in one page of changes, at least one version; bulk loads take a version per 5,000 rows. */
export const PAGE_ROWS = 5_000

const Version = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const Instant = v.pipe(v.number(), v.safeInteger())
/** First and last name stand in one. */
const Name = text(2 * MAX_TEXT + 1)
const Names = v.strictObject({
  users: v.record(v.string(), Name),
  groups: v.record(v.string(), Name),
  products: v.record(v.string(), Name),
})

/** Up to which version this device knows the organisation; `since`: the version at which the snapshot that it pages through began. */
export const Cursor = v.strictObject({ version: Version, since: Version })
export type Cursor = v.InferOutput<typeof Cursor>

/** The last version of the history that an answer was read from, with the audit chain's hash there; version 0 has the empty hash. */
export const Seen = v.strictObject({ version: Version, hash: v.string() })
export type Seen = v.InferOutput<typeof Seen>

/** An operation under way. `withdrawn` is the type of one that was taken back before it had an outcome: it holds its place. */
export const SentOperation = v.strictObject({
  sequence: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  id: OperationId,
  type: v.string(),
  args: v.unknown(),
  names: Names,
  madeAt: Instant,
  batch: v.nullable(BatchId),
  atomic: v.boolean(),
})
export type SentOperation = v.InferOutput<typeof SentOperation>
export const WITHDRAWN = 'withdrawn'

export const SyncRequest = v.strictObject({
  protocol: v.pipe(v.number(), v.safeInteger()),
  /** Whose queue this is, by the identity's account id. */
  account: v.string(),
  organisation: OrganisationId,
  clientId: ClientId,
  /** null asks for a snapshot. */
  cursor: v.nullable(Cursor),
  seen: Seen,
  /** Parsed one by one. */
  operations: v.array(v.unknown()),
})
export type SyncRequest = v.InferOutput<typeof SyncRequest>

/** What became of one operation: the items that were not applied, of `total`. */
export const Settlement = v.object({
  id: OperationId,
  version: Version,
  at: Instant,
  total: v.number(),
  notApplied: v.array(
    v.custom<Outcome>((value) => typeof value === 'object' && value !== null && 'item' in value && 'result' in value),
  ),
})
export type Settlement = v.InferOutput<typeof Settlement>

export const SyncResponse = v.object({
  protocol: v.number(),
  /** The server's clock, from which the device's offset is measured. */
  now: Instant,
  outcomes: v.array(Settlement),
  changes: v.array(Block),
  cursor: Cursor,
  seen: Seen,
  /** More pages follow. */
  more: v.boolean(),
  /** Rows that the device still has to fetch, this page included: for the progress line. */
  total: v.number(),
})
export type SyncResponse = v.InferOutput<typeof SyncResponse>

/** Which of these operations the server does not know: asked after `other-history`. */
export const KnownRequest = v.strictObject({
  account: v.string(),
  organisation: OrganisationId,
  ids: v.pipe(v.array(OperationId), v.maxLength(20_000)),
  /** At which versions they were settled, in the same order: one that stands elsewhere now counts as unknown, its outcome may be another. */
  versions: v.optional(v.array(Version)),
})
/** `seen`: the history of which this is true, else a server restored once more before the next request would go unnoticed. */
export const KnownResponse = v.object({ unknown: v.array(OperationId), seen: Seen })
export type KnownResponse = v.InferOutput<typeof KnownResponse>

/** The codes with which sync is refused as a whole; `fact` of `client-expected` is `{ expected }`. */
export type SyncRefusal =
  | 'other-account'
  | 'client-forked'
  | 'client-expected'
  | 'other-history'
  | 'resnapshot'
  | 'protocol-too-old'
  | 'protocol-too-new'
  | 'too-large'
  | 'malformed'
  | 'sign-in-needed'
  | 'no-console'
  | 'device-revoked'
  | 'store-failed'

/** An RFC 9457 problem document, as every refusal of the API has it. */
export const Problem = v.object({
  type: v.optional(v.string()),
  title: v.string(),
  status: v.number(),
  detail: v.optional(v.string()),
  code: v.string(),
  fact: v.optional(v.record(v.string(), v.unknown())),
})
export type Problem = v.InferOutput<typeof Problem>
