// The log: every operation with what became of it, chained by hash, so that a byte changed later is found. Each entry takes the
// organisation's next version. Digests are salted, so that args, outcomes and images can be erased and the chain still verifies.
import canonicalize from 'canonicalize'
import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import * as v from 'valibot'
import type { BatchId, ClientId, Instant, OperationId, OrganisationId, UserId } from '#shared/model.ts'
import type { Names, Past } from '#shared/operations/definition.ts'
import { noImages, type Images } from '#shared/operations/images.ts'
import { appliedItems, type Outcome } from '#shared/operations/outcome.ts'
import { definitionOf } from '#shared/operations/registry.ts'
import type { Seen, Settlement } from '#shared/protocol.ts'
import type { Tx } from '../store/index.ts'
import type { LogRow } from '../store/schema.ts'
import type { Redaction } from './redactions.ts'

/** Random bytes: the one source of chance of the sync code. */
export type Random = (bytes: number) => Uint8Array

/** The last entry of an organisation's log: its version, and the hash that the next entry builds on. */
export interface Head {
  version: number
  hash: string
  /** Tombstones up to this version were forgotten. */
  horizon: number
}

export interface Entry {
  id: OperationId
  type: string
  args: unknown
  names: Names
  clientId: ClientId | null
  sequence: number | null
  actor: UserId | null
  batch: BatchId | null
  atomic: boolean
  madeAt: Instant
  at: Instant
  outcomes: readonly Outcome[]
  images: Images
  /** By entity, the version that each changed row had before. */
  rows: PreviousVersions
  /** Of an erasure: what it has made of earlier contents. */
  redacted?: readonly Redaction[] | undefined
  /** Users of whom it may say nothing but the id. */
  erased?: readonly string[] | undefined
}
export type PreviousVersions = Readonly<Record<keyof Images, Readonly<Record<string, number>>>>
export const noVersions: PreviousVersions = { users: {}, groups: {}, meters: {}, organisations: {} }

/**
 * Locks the organisation for this transaction and answers its head; undefined where there is no such organisation.
 * Every writer of versioned rows comes by here first: that is what makes commit order version order.
 */
export async function lockHead(tx: Tx, organisation: OrganisationId): Promise<Head | undefined> {
  // A write, so that databases which lock by row lock this one.
  return await tx.db
    .updateTable('heads')
    .set((row) => ({ version: row.ref('version') }))
    .where('orgId', '=', organisation)
    .returning(['version', 'hash', 'horizon'])
    .executeTakeFirst()
}

export async function readHead(tx: Tx, organisation: OrganisationId): Promise<Head | undefined> {
  return await tx.db
    .selectFrom('heads')
    .select(['version', 'hash', 'horizon'])
    .where('orgId', '=', organisation)
    .executeTakeFirst()
}

/** Makes the entry at the version after `head`, and the head that it makes. Nothing is written yet. */
export function seal(
  organisation: OrganisationId,
  head: Head,
  entry: Entry,
  random: Random,
): { row: LogRow; head: Head } {
  const version = head.version + 1
  const notApplied = entry.outcomes.filter(({ result }) => result !== 'applied')
  const applied = appliedItems(entry.outcomes)
  const derived = derivedItems(entry.type, entry.args, notApplied)
  const followsFromArgs = derived.length === applied.length && derived.every((item, index) => item === applied[index])
  const contents = {
    args: JSON.stringify({
      args: entry.args,
      names: entry.names,
      ...(entry.erased ? { erased: entry.erased } : {}),
    }),
    outcomes: JSON.stringify({
      notApplied,
      ...(followsFromArgs ? {} : { applied }),
      ...(entry.redacted ? { redacted: entry.redacted } : {}),
    }),
    images: JSON.stringify({ images: entry.images, rows: entry.rows }),
  }
  const chance = hex(random(48))
  const salts = { args: chance.slice(0, 32), outcomes: chance.slice(32, 64), images: chance.slice(64) }
  const digests = {
    args: digest(salts.args, contents.args),
    outcomes: digest(salts.outcomes, contents.outcomes),
    images: digest(salts.images, contents.images),
  }
  const row: Omit<LogRow, 'hash'> = {
    orgId: organisation,
    version,
    operationId: entry.id,
    clientId: entry.clientId,
    sequence: entry.sequence,
    actor: entry.actor,
    type: entry.type,
    batch: entry.batch,
    atomic: Number(entry.atomic),
    madeAt: entry.madeAt,
    at: entry.at,
    total: entry.outcomes.length,
    ...contents,
    salts: JSON.stringify(salts),
    digests: JSON.stringify(digests),
  }
  const hash = hashOf(head.hash, row)
  return { row: { ...row, hash }, head: { ...head, version, hash } }
}

/** Writes sealed entries, and the head that the last of them made. The rows that they changed must carry the same versions. */
export async function writeEntries(
  tx: Tx,
  organisation: OrganisationId,
  rows: readonly LogRow[],
  { version, hash }: Head,
): Promise<void> {
  for (const row of rows) await tx.db.insertInto('log').values(row).execute()
  await tx.db.updateTable('heads').set({ version, hash }).where('orgId', '=', organisation).execute()
}

/** The stored outcomes of those of these operations that the log has, whoever sent them. */
export async function settlementsOf(
  tx: Tx,
  organisation: OrganisationId,
  ids: readonly OperationId[],
): Promise<Map<OperationId, Settlement>> {
  const { rows } = await sql<Pick<LogRow, 'version' | 'at' | 'total' | 'outcomes'> & { id: OperationId }>`
    select "operationId" as id, "version", "at", "total", "outcomes" from log
    where "orgId" = ${organisation} and "operationId" in ${tx.forms.list(ids)}`.execute(tx.db)
  return new Map(rows.map(({ outcomes, ...row }) => [row.id, { ...row, notApplied: outcomesIn(outcomes).notApplied }]))
}

/** The hash at a version; the empty one at version 0, undefined where the log has no entry. */
export async function hashAt(tx: Tx, organisation: OrganisationId, version: number): Promise<string | undefined> {
  if (version === 0) return ''
  const row = await tx.db
    .selectFrom('log')
    .select('hash')
    .where('orgId', '=', organisation)
    .where('version', '=', version)
    .executeTakeFirst()
  return row?.hash
}

/** Whether the device has seen a history that this server has, too. */
export const sameHistory = async (tx: Tx, organisation: OrganisationId, seen: Seen): Promise<boolean> =>
  (await hashAt(tx, organisation, seen.version)) === seen.hash

/** An operation of the log, as its undo sees it; null where there is none. */
export async function pastOf(tx: Tx, organisation: OrganisationId, id: OperationId): Promise<Past | null> {
  const row = await tx.db
    .selectFrom('log')
    .select(['type', 'args', 'outcomes', 'images'])
    .where('orgId', '=', organisation)
    .where('operationId', '=', id)
    .executeTakeFirst()
  if (!row) return null
  const { args } = argsIn(row.args)
  const { notApplied, applied } = outcomesIn(row.outcomes)
  const mails = await tx.db
    .selectFrom('mails')
    .select(['userId', 'state'])
    .where('orgId', '=', organisation)
    .where('operationId', '=', id)
    .execute()
  return {
    id,
    type: row.type,
    args,
    applied: applied ?? derivedItems(row.type, args, notApplied),
    images: imagesIn(row.images).images,
    mails: Object.fromEntries(mails.map(({ userId, state }) => [userId, state === 'taken' ? 'left' : 'waiting'])),
  }
}

/** What an entry holds, parsed; what was erased reads as empty. */
export function contentsOf(row: Pick<LogRow, 'type' | 'args' | 'outcomes' | 'images'>) {
  const { args, names } = argsIn(row.args)
  const { notApplied, applied } = outcomesIn(row.outcomes)
  return {
    /** Users of whom it says nothing but the id any more. */
    erased: new Set([row.args, row.outcomes, row.images].flatMap(erasedIn)),
    args,
    names: { users: {}, groups: {}, products: {}, ...names },
    notApplied,
    applied: applied ?? derivedItems(row.type, args, notApplied),
    images: imagesIn(row.images).images,
  }
}

/** What the images of one entry say about rows; for finding who changed a field last. */
export async function changesAt(tx: Tx, organisation: OrganisationId, version: number) {
  const row = await tx.db
    .selectFrom('log')
    .select(['actor', 'at', 'images'])
    .where('orgId', '=', organisation)
    .where('version', '=', version)
    .executeTakeFirst()
  return row && { actor: row.actor as UserId | null, at: row.at, ...imagesIn(row.images) }
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
export const digest = (salt: string, text: string): string => sha256(salt + text)

/** Everything but what may be erased: that is in it by its digests. */
export function hashOf(previous: string, row: Omit<LogRow, 'hash'> & { hash?: string }): string {
  const { args: _args, outcomes: _outcomes, images: _images, salts: _salts, hash: _hash, ...kept } = row
  return sha256(canonicalize({ previous, ...kept }) ?? '')
}

/** The items that were applied, where they are those of the args without those that were not. */
function derivedItems(type: string, args: unknown, notApplied: readonly Outcome[]): readonly string[] {
  const definition = definitionOf(type)
  const parsed = definition && v.safeParse(definition.args, args)
  if (!definition || !parsed?.success) return []
  const without = new Set(notApplied.map(({ item }) => item))
  return definition.items(parsed.output).filter((item) => !without.has(item))
}

const erasedIn = (text: string | null): readonly string[] =>
  text?.includes('"erased":[') ? ((JSON.parse(text) as { erased?: string[] }).erased ?? []) : []

// The log holds what this file wrote; an erased content reads as empty.
const argsIn = (text: string | null): { args: unknown; names?: Names } =>
  text === null ? { args: null } : (JSON.parse(text) as { args: unknown; names?: Names })
const outcomesIn = (text: string | null) =>
  text === null ? { notApplied: [] } : (JSON.parse(text) as { notApplied: Outcome[]; applied?: string[] })
const imagesIn = (text: string | null): { images: Images; rows: PreviousVersions } => {
  const found =
    text === null ? {} : (JSON.parse(text) as { images?: Partial<Images>; rows?: Partial<PreviousVersions> })
  // Entries that were written before organisations could be changed have no part for them.
  return { images: { ...noImages, ...found.images }, rows: { ...noVersions, ...found.rows } }
}
