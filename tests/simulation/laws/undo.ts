// An undo takes back only what still stands as the operation left it: what somebody changed since is never overwritten. Judged from
// whole rows, apart from the images by which the rules decide.
import { isDeepStrictEqual } from 'node:util'
import { USER_FIELDS, type Entity, type Rows } from '#shared/model.ts'
import { POLICY_FIELDS } from '#shared/policies.ts'
import type { Judged, State } from '../model.ts'
import { epochOf, type Law } from '../state.ts'

export const undoOverwritesNothing: Law = {
  promise: 'An undo never overwrites what was changed since.',
  *afterCommit(run, { judged }) {
    for (const { judged: one, before } of judged) {
      if (one.entry.type !== 'undo' || !one.changes) continue
      const { operationId } = one.entry.args as { operationId: typeof one.entry.operationId }
      const past = epochOf(run).judged.get(operationId)
      if (!past?.changes) continue
      for (const entity of ['users', 'groups', 'meters', 'organisations'] as const)
        for (const text of overwritten(entity, one, past, before))
          yield `the undo at version ${one.entry.version} of ${past.entry.type} overwrote ${text}`
    }
  },
}

const FIELDS = {
  users: [...USER_FIELDS, 'productId', 'groupId', 'limit', 'role', 'status'],
  groups: ['name', 'memberLimit', 'poolLimit'],
  meters: ['markers'],
  organisations: ['name', 'timeZone', 'weekStart', 'fiscalYearStart', 'defaultLimit', ...POLICY_FIELDS],
} as const

function* overwritten(
  entity: keyof typeof FIELDS,
  { changes }: Judged,
  past: Judged,
  before: State,
): Generator<string> {
  const undone: ReadonlyMap<string, Change> | undefined = changes?.[entity]
  const done: ReadonlyMap<string, Change> | undefined = past.changes?.[entity]
  const rows: ReadonlyMap<string, Rows[Entity]> = before.tables[entity]
  for (const [id, { after }] of undone ?? []) {
    const deed = done?.get(id)
    const stands = rows.get(id)
    if (!deed?.after || !stands) continue
    for (const field of FIELDS[entity]) {
      const left = valueOf(deed.after, field)
      if (deed.before && isDeepStrictEqual(valueOf(deed.before, field), left)) continue
      const now = valueOf(stands, field)
      const taken = after === undefined || !isDeepStrictEqual(valueOf(after, field), now)
      if (taken && !isDeepStrictEqual(now, left))
        yield `${field} of ${id}, which was ${JSON.stringify(now)} and no longer ${JSON.stringify(left)}`
    }
  }
}

interface Change {
  before: Rows[Entity] | undefined
  after: Rows[Entity] | undefined
}

/** What an admin sees of a field: a limit without who set it, of the markers the last. */
function valueOf(row: Rows[Entity], field: string): unknown {
  const value = (row as unknown as Record<string, unknown>)[field]
  if (Array.isArray(value)) return (value.at(-1) as { at: number } | undefined)?.at ?? null
  if (typeof value !== 'object' || value === null) return value ?? null
  const { credits, term } = value as { credits?: unknown; term?: unknown }
  return { credits, term }
}
