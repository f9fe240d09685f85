// Finds the entries of a log that speak of a user, part by part, so that everybody else has a turn in between: by ids and addresses,
// which it learns as it reads. Where it learns one more it looks once again from the start.
import { sql, type RawBuilder } from 'kysely'
import type { OrganisationId } from '#shared/model.ts'
import type { Tx } from '../store/index.ts'
import type { LogRow } from '../store/schema.ts'
import { contentBytes, firstPart } from '../sync/parts.ts'
import { CONTENTS } from '../sync/redactions.ts'
import { learn } from './learn.ts'
import { asFields, type Told } from './redact.ts'
import type { Trace } from './whom.ts'

/** Bytes of contents that one part looks into, and entries at most. */
const [PART_BYTES, PART_ROWS] = [4_000_000, 2_000]

export type Entry = Pick<
  LogRow,
  'version' | 'type' | 'actor' | 'clientId' | 'args' | 'outcomes' | 'images' | 'salts' | 'digests'
>

/** Reads one part of the log at one moment. */
type Reading = <T>(work: (tx: Tx) => Promise<T>) => Promise<T>

interface Search {
  /** Versions of the entries that may speak of the user. */
  versions: Set<number>
  /** How far it looked. */
  upTo: number
}

/**
 * Looks through the log behind a version.
 * @param pause between two parts
 * @returns `more`: whether it has learnt something that entries up to `after` were not looked for
 */
export async function search(
  read: Reading,
  organisation: OrganisationId,
  trace: Trace,
  after: number,
  pause: () => Promise<void>,
): Promise<Search & { more: boolean }> {
  const versions = new Set<number>()
  const began = sizeOf(trace)
  for (;;) {
    const known = sizeOf(trace)
    const same = new Set<string>()
    let at: number | undefined = after
    let upTo = after
    while (at !== undefined) {
      const from: number = at
      const part = await read((tx) => look(tx, organisation, trace, from))
      for (const entry of part.entries) {
        versions.add(entry.version)
        const told = toldOf(entry)
        if (told) for (const id of learn(told, trace)) same.add(id)
      }
      upTo = Math.max(upTo, part.upTo)
      at = part.next
      await pause()
    }
    await read((tx) => judge(tx, organisation, trace, same))
    if (sizeOf(trace) === known) return { versions, upTo, more: known !== began }
  }
}

const sizeOf = ({ ids, addresses }: Trace) => ids.size + addresses.size

/** The contents of an entry, parsed; undefined where somebody has made them unreadable. */
export function toldOf({ type, actor, clientId, args, outcomes, images }: Entry): Told | undefined {
  try {
    const parsed = (text: string | null) => asFields(text === null ? {} : JSON.parse(text))
    return { type, actor, clientId, args: parsed(args), outcomes: parsed(outcomes), images: parsed(images) }
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

async function look(tx: Tx, organisation: OrganisationId, trace: Trace, after: number) {
  const { rows: sizes } = await sql<{ version: number; bytes: number }>`
    select "version", ${contentBytes} as "bytes" from log where "orgId" = ${organisation} and "version" > ${after} order by "version" limit ${PART_ROWS}`.execute(
    tx.db,
  )
  const part = firstPart(sizes, PART_BYTES)
  const upTo = part.at(-1)?.version ?? after
  if (part.length === 0) return { entries: [], next: undefined, upTo }
  const { rows: entries } = await sql<Entry>`
    select "version", "type", "actor", "clientId", "args", "outcomes", "images", "salts", "digests" from log
    where "orgId" = ${organisation} and "version" > ${after} and "version" <= ${upTo}
      and (${sql.join(conditions(trace), sql` or `)}) order by "version"`.execute(tx.db)
  return { entries, next: part.length < sizes.length || sizes.length === PART_ROWS ? upTo : undefined, upTo }
}

function conditions({ ids, addresses }: Trace): RawBuilder<unknown>[] {
  const texts = CONTENTS.flatMap((column) => [
    ...[...ids].map((id) => sql`instr(${sql.ref(column)}, ${id}) > 0`),
    ...[...addresses].map((address) => sql`instr(lower(${sql.ref(column)}), ${address}) > 0`),
  ])
  // Few, and what stands in them was typed freely: each is looked at.
  const free = [sql`"type" in ('record-export', 'malformed', 'withdrawn')`, sql`"outcomes" like '%"code":"malformed"%'`]
  return [sql`"actor" in (${sql.join([...ids])})`, ...texts, ...free]
}

/** Addresses that others have now are theirs; ids that were to have one, and that nobody has, are the same person's. */
async function judge(tx: Tx, organisation: OrganisationId, trace: Trace, same: ReadonlySet<string>): Promise<void> {
  const { rows } = await sql<{ emailKey: string }>`
    select "emailKey" from users where "orgId" = ${organisation}
      and "emailKey" in ${tx.forms.list([...trace.addresses])} and "id" not in ${tx.forms.list([...trace.ids])}`.execute(
    tx.db,
  )
  trace.leave(rows.map(({ emailKey }) => emailKey))
  const { rows: there } = await sql<{ id: string }>`
    select "id" from users where "orgId" = ${organisation} and "id" in ${tx.forms.list([...same])}`.execute(tx.db)
  const present = new Set(there.map(({ id }) => id))
  for (const id of same) if (!present.has(id)) trace.knowId(id)
}
