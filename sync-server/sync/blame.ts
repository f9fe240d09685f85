// Who changed it last: a device that is told `changed-meanwhile` names the person and the time, which only the log knows.
// Walks back row by row, from the version that the row has to the entry whose images moved the field.
import type { Instant, OrganisationId, UserId } from '#shared/model.ts'
import type { Outcome } from '#shared/operations/outcome.ts'
import type { Loaded } from '../source.ts'
import type { Tx } from '../store/index.ts'
import { changesAt } from './log.ts'

/** Entries read for one operation; past that the names stay empty rather than the organisation waiting. */
const FAR_ENOUGH = 500

const LOOKED = ['users', 'groups', 'meters', 'organisations'] as const
type Looked = (typeof LOOKED)[number]

/** Fills `by` and `at` of every changed-meanwhile outcome in, as far as the log has them. */
export async function nameWhoChanged(
  tx: Tx,
  organisation: OrganisationId,
  outcomes: readonly Outcome[],
  loaded: Loaded,
): Promise<Outcome[]> {
  const entries = new Map<number, Awaited<ReturnType<typeof changesAt>>>()
  const entryAt = async (version: number) => {
    if (!entries.has(version) && entries.size < FAR_ENOUGH)
      entries.set(version, await changesAt(tx, organisation, version))
    return entries.get(version)
  }

  const lastChange = async (
    row: string,
    field: string | null,
  ): Promise<{ by: UserId | null; at: Instant } | undefined> => {
    const found = versionOf(loaded, row, field)
    if (!found) return undefined
    let version: number | undefined = found.version
    while (version !== undefined && version > 0) {
      const entry = await entryAt(version)
      if (!entry) return undefined
      const image = entry.images[found.entity][row]
      const moved = image && (field === null || image.after === null || image.before === null || field in image.after)
      if (moved) return { by: entry.actor, at: entry.at }
      version = entry.rows[found.entity][row]
    }
    return undefined
  }

  const named: Outcome[] = []
  for (const outcome of outcomes) {
    if (outcome.result !== 'rejected' || outcome.code !== 'changed-meanwhile') named.push(outcome)
    else {
      const last = await lastChange(outcome.fact.row, outcome.fact.field)
      named.push(last ? { ...outcome, fact: { ...outcome.fact, ...last } } : outcome)
    }
  }
  return named
}

function versionOf(
  { versionOf: versionIn }: Loaded,
  row: string,
  field: string | null,
): { entity: Looked; version: number } | undefined {
  for (const entity of field === 'marker' ? (['meters'] as const) : LOOKED) {
    const version = versionIn(entity, row)
    if (version !== undefined) return { entity, version }
  }
  return undefined
}
