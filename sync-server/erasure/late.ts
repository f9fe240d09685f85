// What arrives after somebody was erased and still speaks of that user: operations of a device that was offline, an entry that was on its
// way. It is written down without what is personal.
import { sql } from 'kysely'
import { isDeepStrictEqual } from 'node:util'
import type { OrganisationId } from '#shared/model.ts'
import type { Tx } from '../store/index.ts'
import type { Entry } from '../sync/log.ts'
import { redact } from './redact.ts'
import { byIds } from './whom.ts'

interface Late {
  /** The entry as it may be written. */
  withoutErased(entry: Entry): Promise<Entry>
  /** Somebody was erased in this transaction. */
  erased(): void
}

export function createLate(tx: Tx, organisation: OrganisationId): Late {
  /** Whether anybody ever was; asked once. */
  let any: boolean | undefined
  async function anybody(): Promise<boolean> {
    any ??= Boolean(
      await tx.db.selectFrom('erasures').select('userId').where('orgId', '=', organisation).limit(1).executeTakeFirst(),
    )
    return any
  }
  return {
    erased: () => void (any = true),
    withoutErased: async (entry) => {
      if (!(await anybody())) return entry
      const { args, names, outcomes, images } = entry
      const ids = new Set(JSON.stringify([entry.actor, args, names, outcomes, images]).match(IDS))
      const { rows } = await sql<{ userId: string }>`
        select "userId" from erasures where "orgId" = ${organisation} and "userId" in ${tx.forms.list([...ids])}`.execute(
        tx.db,
      )
      return rows.length === 0 ? entry : redactedEntry(entry, new Set(rows.map(({ userId }) => userId)))
    },
  }
}

const IDS = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/g

function redactedEntry(entry: Entry, ids: ReadonlySet<string>): Entry {
  const { args, names, outcomes, images } = entry
  const redacted = redact(
    {
      type: entry.type,
      actor: entry.actor,
      clientId: entry.clientId,
      args: { args, names },
      outcomes: { notApplied: outcomes.filter(({ result }) => result !== 'applied') },
      images: { images },
    },
    byIds(ids),
  )
  const clean = redacted.args as Partial<Pick<Entry, 'args' | 'names'>> | null
  const facts = redacted.outcomes as { notApplied: Entry['outcomes'] }
  const rows = redacted.images as { images: Entry['images'] }
  let at = 0
  const next: Entry = {
    ...entry,
    args: clean?.args ?? null,
    names: clean?.names ?? { users: {}, groups: {}, products: {} },
    outcomes: outcomes.map((outcome) => (outcome.result === 'applied' ? outcome : (facts.notApplied[at++] ?? outcome))),
    images: rows.images,
  }
  // Many an entry names the bare id alone.
  return isDeepStrictEqual(next, entry) ? entry : { ...next, erased: [...ids] }
}
