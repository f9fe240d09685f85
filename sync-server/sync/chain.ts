// Holds the log against its chain of hashes, entry by entry, and names what does not hold. Reads in parts, so that whoever walks a long
// log can let others go first. Never mends anything: what is broken is for a person to look at.
import { sql } from 'kysely'
import * as v from 'valibot'
import { ENTITIES, type OrganisationId } from '#shared/model.ts'
import type { ChainFault } from '#shared/activity.ts'
import type { Tx } from '../store/index.ts'
import type { LogRow } from '../store/schema.ts'
import { digest, hashOf, readHead, type Head } from './log.ts'
import { contentBytes, firstPart } from './parts.ts'
import {
  contentKey,
  CONTENTS,
  ERASES,
  redactedDigests,
  redactionsIn,
  type Content,
  type ErasureEntry,
} from './redactions.ts'

/** At most so many bytes of contents in one part, so that no part holds the process for long; one entry may be larger. */
const PART_BYTES = 1_000_000
const PART_ROWS = 250
/** Below whatever a column can hold. */
const LOWEST = -9.3e18

const WHOLE = ['version', 'sequence', 'atomic', 'madeAt', 'at', 'total'] as const
const TEXTS = ['operationId', 'clientId', 'actor', 'type', 'batch', ...CONTENTS, 'salts', 'digests', 'hash'] as const

/** An entry as it is stored, with the length of each text in bytes: a text that goes on behind a NUL is read without its end. */
type Stored = LogRow & { lengths: string }

export interface ChainWalk {
  /** Reads and checks the next part. @returns the version that it came to; undefined at the end */
  next(tx: Tx): Promise<number | undefined>
  /** After the last part: what the head and the rows say of the end. @returns all faults, in order */
  finish(tx: Tx): Promise<ChainFault[]>
  /** Entries that were looked at. */
  readonly checked: number
}

/** What somebody noted of the log earlier: a head that was rewritten together with the log does not have it. */
export interface Noted {
  version: number
  hash: string
}

/** @param noted heads that were seen earlier, by a device or a person */
export function createWalk(organisation: OrganisationId, noted: readonly Noted[] = []): ChainWalk {
  const faults: ChainFault[] = []
  /** Contents that do not fit the digest of their own entry, with the one that they have; null: gone. Erasures may explain them. */
  const unfit = new Map<string, { version: number; content: Content; digest: string | null }>()
  const erasures: ErasureEntry[] = []
  const wanted = new Map(noted.map(({ version, hash }) => [version, hash]))
  let previous = ''
  let expected = 1
  let checked = 0
  let from = LOWEST

  function look(row: Stored): void {
    checked += 1
    const { version } = row
    if (!Number.isSafeInteger(version) || version < expected) {
      faults.push({ version, fault: 'inserted' })
      return
    }
    if (version > expected) faults.push({ version: expected, fault: 'missing', ...upTo(expected, version - 1) })
    const found = faultsOf(row)
    for (const fault of found.faults) faults.push({ version, fault })
    for (const one of found.unfit) unfit.set(contentKey(version, one.content), { version, ...one })
    const linked = hashOf(previous, withoutLengths(row)) === row.hash
    if (!linked) faults.push({ version, fault: 'hash' })
    if (row.type === ERASES && linked && found.faults.length === 0) {
      const outcomes = found.unfit.find(({ content }) => content === 'outcomes')
      const redacted = redactionsIn(row.outcomes)
      erasures.push({ version, digest: outcomes?.digest ?? null, own: outcomes === undefined, redacted })
    }
    const seen = wanted.get(version)
    if (seen !== undefined && seen !== row.hash) faults.push({ version, fault: 'noted' })
    wanted.delete(version)
    previous = row.hash
    expected = version + 1
  }

  /** Contents that read otherwise than both their entry and the newest erasure have it; one that was put back among them. */
  function unexplained(): ChainFault[] {
    const words = redactedDigests(erasures)
    const named = (version: number) =>
      faults.some((fault) => fault.version <= version && version <= (fault.to ?? fault.version))
    const wrong = [...unfit].filter(([key, { digest: as }]) => words.get(key) !== as).map(([, each]) => each)
    for (const key of words.keys()) {
      if (unfit.has(key)) continue
      const [version = '', content] = key.split(' ')
      const at = Number(version)
      if (!named(at)) wrong.push({ version: at, content: content as Content, digest: null })
    }
    return wrong.map(({ version, content }) => ({ version, fault: content }))
  }

  return {
    get checked() {
      return checked
    },
    next: async (tx) => {
      const rows = await part(tx, organisation, from)
      for (const row of rows) look(row)
      const last = rows.at(-1)?.version
      // A version that is no whole number was put in by somebody; behind it there is nothing to come to.
      if (last === undefined || !Number.isSafeInteger(last)) return undefined
      from = last
      return last
    },
    finish: async (tx) => {
      faults.push(...unexplained())
      faults.sort((a, b) => a.version - b.version)
      const head = await readHead(tx, organisation)
      const end = endFault(head, expected - 1, previous)
      if (end) faults.push(end)
      for (const [version, hash] of wanted)
        if (version > 0 || hash !== '') faults.push({ version, fault: version > expected - 1 ? 'cut' : 'noted' })
      const highest = await highestRow(tx, organisation)
      if (highest > expected - 1) faults.push({ version: expected, fault: 'cut', ...upTo(expected, highest) })
      return faults
    },
  }
}

const upTo = (first: number, last: number) => (last > first ? { to: last } : {})

function endFault(head: Head | undefined, version: number, hash: string): ChainFault | undefined {
  if (!head) return { version, fault: 'head' }
  if (head.version > version) return { version: version + 1, fault: 'cut', ...upTo(version + 1, head.version) }
  if (head.version < version)
    return { version: head.version + 1, fault: 'inserted', ...upTo(head.version + 1, version) }
  return head.hash === hash ? undefined : { version, fault: 'head' }
}

/** Rows carry the version that wrote them: one above the log's end tells of entries that are gone. */
async function highestRow(tx: Tx, organisation: OrganisationId): Promise<number> {
  const highest = [...ENTITIES, 'tombstones' as const].map(
    (table) => sql`(select coalesce(max("version"), 0) from ${sql.table(table)} where "orgId" = ${organisation})`,
  )
  const columns = sql.join(highest.map((value, at) => sql`${value} as ${sql.ref(`v${at}`)}`))
  const { rows } = await sql<Record<string, unknown>>`select ${columns}`.execute(tx.db)
  return Math.max(...Object.values(rows[0] ?? {}).map(Number))
}

/** The entries after a version: as many as make a part, at least one. */
async function part(tx: Tx, organisation: OrganisationId, after: number): Promise<Stored[]> {
  const { rows: sizes } = await sql<{ bytes: number }>`
    select ${contentBytes} as bytes from log
    where "orgId" = ${organisation} and "version" > ${after} order by "version" limit ${PART_ROWS}`.execute(tx.db)
  const count = firstPart(sizes, PART_BYTES).length
  // Numbers come as text: one that was made too large for a number must be found, and not end the reading.
  const lengths = sql.join(
    TEXTS.map((name) => sql`coalesce(octet_length(${sql.ref(name)}), -1)`),
    sql` || ' ' || `,
  )
  const { rows } = await sql<Record<string, unknown>>`
    select "orgId", ${sql.join(TEXTS.map((name) => sql.ref(name)))},
      ${sql.join(WHOLE.map((name) => sql`cast(${sql.ref(name)} as text) as ${sql.ref(name)}`))},
      ${lengths} as "lengths"
    from log where "orgId" = ${organisation} and log."version" > ${after} order by log."version" limit ${count}`.execute(
    tx.db,
  )
  return rows.map((row) => {
    const numbers = WHOLE.map((name) => [name, row[name] === null ? null : Number(row[name])] as const)
    return { ...row, ...Object.fromEntries(numbers) } as unknown as Stored
  })
}

function withoutLengths({ lengths: _lengths, ...row }: Stored): LogRow {
  return row
}

const Digests = v.strictObject({ args: v.string(), outcomes: v.string(), images: v.string() })
const Salts = v.partial(Digests)
const asJson = (text: unknown): unknown => {
  try {
    return JSON.parse(String(text))
  } catch {
    // A flipped byte: the schema that looks next finds nothing in it and names the fault.
    return undefined
  }
}

/** What of an entry does not stand as it was written, its link to the entry before aside; `unfit`: contents, with the digest that they have. */
function faultsOf(row: Stored): {
  faults: ChainFault['fault'][]
  unfit: { content: Content; digest: string | null }[]
} {
  const none = (fault: ChainFault['fault']) => ({ faults: [fault], unfit: [] })
  const lengths = TEXTS.map((name) => {
    const value: unknown = row[name]
    return value === null ? -1 : typeof value === 'string' ? Buffer.byteLength(value) : NaN
  })
  if (lengths.join(' ') !== row.lengths) return none('text')
  const salts = v.safeParse(Salts, asJson(row.salts))
  const digests = v.safeParse(Digests, asJson(row.digests))
  // The salts stand outside the hash, since they go with what is erased: they must be written as `seal` writes them, to the byte.
  if (!salts.success || JSON.stringify(inOrder(salts.output)) !== row.salts) return none('salts')
  if (!digests.success) return none('digests')
  const faults: ChainFault['fault'][] = []
  const unfit: { content: Content; digest: string | null }[] = []
  for (const content of CONTENTS) {
    const text = row[content]
    const salt = salts.output[content]
    // Erasing takes the salt along: of a content and its salt none is without the other.
    if ((text === null) !== (salt === undefined)) faults.push(content)
    else if (text === null || salt === undefined) unfit.push({ content, digest: null })
    else if (!/^[0-9a-f]{32}$/.test(salt)) faults.push(content)
    else {
      const as = digest(salt, text)
      if (as !== digests.output[content]) unfit.push({ content, digest: as })
    }
  }
  return { faults, unfit }
}

const inOrder = (salts: v.InferOutput<typeof Salts>) =>
  Object.fromEntries(CONTENTS.flatMap((name) => (salts[name] === undefined ? [] : [[name, salts[name]]])))

/**
 * Walks the whole chain of an organisation in one go.
 * @returns what does not hold, and where; empty when every byte stands as it was written
 */
export async function brokenLinks(
  tx: Tx,
  organisation: OrganisationId,
  noted: readonly Noted[] = [],
): Promise<ChainFault[]> {
  const walk = createWalk(organisation, noted)
  let version: number | undefined = 0
  while (version !== undefined) version = await walk.next(tx)
  return await walk.finish(tx)
}
