// Writes the entries of the log that speak of a user anew, without what is personal. Each content gets a salt of its own again; what it
// reads as then is told by the entry of the erasure itself, so that the chain goes on to hold.
// What can be done before the organisation is locked is done before: reading and rewriting a long log takes a while.
import { sql } from 'kysely'
import type { OrganisationId, UserId } from '#shared/model.ts'
import type { Store, Tx } from '../store/index.ts'
import { digest, type Random } from '../sync/log.ts'
import {
  contentKey,
  CONTENTS,
  redactedDigests,
  redactionsIn,
  type Content,
  type ErasureEntry,
  type Redaction,
} from '../sync/redactions.ts'
import { redact } from './redact.ts'
import { search, toldOf, type Entry } from './search.ts'
import { addressFinder, createTrace, type Trace, type Whom } from './whom.ts'

/** Contents that are held ready for the moment of the erasure; what is more is rewritten then. */
const HELD_BYTES = 64_000_000
const FIRST = -1

interface Rewritten {
  /** The salts that it had when it was read: others tell that it was rewritten since. */
  salts: string
  set: Partial<Record<Content, string | null>> & { salts: string }
  redactions: Redaction[]
}

/** What is known of a user's traces before the moment of the erasure. */
export interface Prepared {
  trace: Trace
  versions: ReadonlySet<number>
  upTo: number
  rewritten: ReadonlyMap<number, Rewritten>
}

/** Where the row says who it is, and the account that signs in. */
async function traceOf(tx: Tx, organisation: OrganisationId, userId: UserId): Promise<Trace> {
  const trace = createTrace(userId)
  const user = await tx.db
    .selectFrom('users')
    .selectAll()
    .where('orgId', '=', organisation)
    .where('id', '=', userId)
    .executeTakeFirst()
  if (user) trace.knowDetails({ ...user })
  const account = await tx.db
    .selectFrom('auth_memberships as m')
    .innerJoin('auth_users as a', 'a.id', 'm.accountId')
    .select(['a.email', 'a.name'])
    .where('m.orgId', '=', organisation)
    .where('m.userId', '=', userId)
    .executeTakeFirst()
  if (account) trace.knowDetails({ email: account.email, lastName: account.name })
  const links = await tx.db
    .selectFrom('auth_links')
    .select('email')
    .where('orgId', '=', organisation)
    .where('userId', '=', userId)
    .execute()
  for (const { email } of links) trace.knowAddress(email)
  return trace
}

/** Looks through the log part by part, outside of any lock. */
export async function prepare(
  store: Pick<Store, 'read'>,
  organisation: OrganisationId,
  userId: UserId,
  { random, pause }: { random: Random; pause: () => Promise<void> },
): Promise<Prepared> {
  const trace = await store.read((tx) => traceOf(tx, organisation, userId))
  const { versions, upTo } = await search((work) => store.read(work), organisation, trace, FIRST, pause)
  const rewritten = new Map<number, Rewritten>()
  const words = once(() => store.read((tx) => wordsIn(tx, organisation)))
  let bytes = 0
  for (const version of versions) {
    if (bytes > HELD_BYTES) break
    const entry = await store.read((tx) => entryAt(tx, organisation, version))
    const anew = entry && (await rewrite(entry, trace, random, words))
    if (anew) {
      rewritten.set(version, anew)
      for (const name of CONTENTS) bytes += anew.set[name]?.length ?? 0
    }
    await pause()
  }
  return { trace, versions, upTo, rewritten }
}

/**
 * Redacts the log, in the transaction of the erasure.
 * @returns what the contents that were rewritten read as from now on
 */
export async function redactLog(
  tx: Tx,
  organisation: OrganisationId,
  userId: UserId,
  { random, prepared }: { random: Random; prepared: Prepared | undefined },
): Promise<Redaction[]> {
  const trace = prepared?.trace.copy() ?? (await traceOf(tx, organisation, userId))
  const here = (after: number) =>
    search(
      (work) => work(tx),
      organisation,
      trace,
      after,
      async () => undefined,
    )
  const late = await here(prepared?.upTo ?? FIRST)
  // What it has only learnt now may stand anywhere.
  const anywhere = prepared && late.more ? await here(FIRST) : undefined
  const ready = anywhere ? undefined : prepared
  const versions = [...new Set([...(ready?.versions ?? []), ...(anywhere ?? late).versions])].toSorted((a, b) => a - b)
  const redactions: Redaction[] = []
  const words = once(() => wordsIn(tx, organisation))
  for (const version of versions) {
    const held = ready?.rewritten.get(version)
    const stands = held && (await saltsAt(tx, organisation, version)) === held.salts
    const entry = stands ? undefined : await entryAt(tx, organisation, version)
    const anew = stands ? held : entry && (await rewrite(entry, trace, random, words))
    if (!anew) continue
    await tx.db
      .updateTable('log')
      .set(anew.set)
      .where('orgId', '=', organisation)
      .where('version', '=', version)
      .execute()
    redactions.push(...anew.redactions)
  }
  return redactions
}

const entryAt = (tx: Tx, organisation: OrganisationId, version: number): Promise<Entry | undefined> =>
  tx.db
    .selectFrom('log')
    .select(['version', 'type', 'actor', 'clientId', 'args', 'outcomes', 'images', 'salts', 'digests'])
    .where('orgId', '=', organisation)
    .where('version', '=', version)
    .executeTakeFirst()

async function saltsAt(tx: Tx, organisation: OrganisationId, version: number): Promise<string | undefined> {
  const { rows } = await sql<{ salts: string }>`
    select "salts" from log where "orgId" = ${organisation} and "version" = ${version}`.execute(tx.db)
  return rows[0]?.salts
}

/** An entry without what is personal; undefined where it says nothing of the user. */
async function rewrite(
  entry: Entry,
  whom: Whom,
  random: Random,
  words: () => Promise<ReadonlyMap<string, string | null>>,
): Promise<Rewritten | undefined> {
  const told = toldOf(entry)
  const redacted = told ? redact(told, whom) : unreadable(entry, whom)
  const salts = saltsIn(entry.salts)
  const digests = saltsIn(entry.digests)
  const set: Rewritten['set'] = { salts: '' }
  const redactions: Redaction[] = []
  let changed = false
  for (const name of CONTENTS) {
    const before = entry[name]
    const content = redacted[name]
    if (before === null || content === undefined || (content && before === JSON.stringify(content))) continue
    changed = true
    const was = digest(salts.get(name) ?? '', before)
    // Which users were erased from it says the content itself, for whoever reads it.
    const after = content && JSON.stringify({ ...content, erased: erasedIn(content, whom) })
    const salt = after === null ? undefined : Buffer.from(random(16)).toString('hex')
    if (salt === undefined) salts.delete(name)
    else salts.set(name, salt)
    set[name] = after
    // What somebody had changed beside the server is no better for being erased from: unlisted, it goes on to be found.
    const sound = was === digests.get(name) || was === (await words()).get(contentKey(entry.version, name))
    if (sound) redactions.push([entry.version, name, after === null ? null : digest(salt ?? '', after)])
  }
  if (!changed) return undefined
  const ordered = CONTENTS.flatMap((name) => (salts.has(name) ? [[name, salts.get(name)]] : []))
  return { salts: entry.salts, set: { ...set, salts: JSON.stringify(Object.fromEntries(ordered)) }, redactions }
}

/** What can't be parsed goes whole, where it speaks of them. */
function unreadable(entry: Entry, whom: Whom): Partial<Record<Content, null>> {
  const finder = addressFinder(whom)
  const speaks = (text: string) =>
    [...whom.ids].some((id) => text.includes(id)) || (finder !== undefined && text.search(finder) >= 0)
  return Object.fromEntries(CONTENTS.flatMap((name) => (speaks(entry[name] ?? '') ? [[name, null]] : [])))
}

/** What contents have to read as since erasures touched them. Asked for seldom: it reads the entries of all of them. */
async function wordsIn(tx: Tx, organisation: OrganisationId): Promise<ReadonlyMap<string, string | null>> {
  const rows = await tx.db
    .selectFrom('erasures as e')
    .innerJoin('log as l', (on) => on.onRef('l.orgId', '=', 'e.orgId').onRef('l.version', '=', 'e.version'))
    .select(['l.version', 'l.outcomes', 'l.salts', 'l.digests'])
    .where('e.orgId', '=', organisation)
    .execute()
  return redactedDigests(
    rows.map(({ version, outcomes, salts, digests }): ErasureEntry => {
      const salt = saltsIn(salts).get('outcomes')
      const as = outcomes === null || salt === undefined ? null : digest(salt, outcomes)
      return { version, digest: as, own: as === saltsIn(digests).get('outcomes'), redacted: redactionsIn(outcomes) }
    }),
  )
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let done: Promise<T> | undefined
  return () => (done ??= work())
}

const erasedIn = (content: Readonly<Record<string, unknown>>, { ids }: Whom): string[] => {
  const before = Array.isArray(content['erased']) ? (content['erased'] as string[]) : []
  return [...new Set([...before, ...ids])]
}

/** The salt, or the digest, of each content that has one. */
function saltsIn(text: string): Map<Content, string> {
  const parsed = JSON.parse(text) as Partial<Record<Content, string>>
  return new Map(
    CONTENTS.flatMap((name): [Content, string][] => {
      const salt = parsed[name]
      return salt === undefined ? [] : [[name, salt]]
    }),
  )
}
