// Whom somebody else deactivated between the making of an operation and its outcome: both apply, but its author should know.
import { UserId, type User } from '#shared/model.ts'
import { routedDefinition } from '#shared/operations/index.ts'
import * as v from 'valibot'
import type { Layer } from './rows.ts'
import type { OutboxRecord } from './storage.ts'

/** A line of the queue tells of so many items at the most. */
const LOOKED_AT = 200
/** What these do is the deactivation itself, or its end. */
const OWN = new Set(['deactivate-users', 'reactivate-users'])
const OfOneUser = v.object({ userId: UserId })

/** Users to whom the settled operation applied although they had been deactivated since it was made. */
export function deactivatedMeanwhile(record: OutboxRecord, layer: Layer): User[] {
  const { settlement, madeAt, type, args } = record
  if (!settlement || OWN.has(type) || settlement.notApplied.length === settlement.total) return []
  const refused = new Set(settlement.notApplied.map(({ item }) => item))
  return usersOf(type, args)
    .slice(0, LOOKED_AT)
    .flatMap((id) => (refused.has(id) ? [] : (layer.get('users', id) ?? [])))
    .filter(({ status, updatedAt }) => status === 'deactivated' && updatedAt > madeAt && updatedAt <= settlement.at)
}

function usersOf(type: string, args: unknown): readonly string[] {
  const definition = routedDefinition(type)
  if (definition?.itemsAre === 'users') return definition.items(args)
  const one = v.safeParse(OfOneUser, args)
  return one.success ? [one.output.userId] : []
}
