// From what an admin asks to records for the outbox: cut to the size that an operation may have, with the names that its sentence
// will need when the rows are gone or have other names.
import type { BatchId, OperationId } from '#shared/model.ts'
import { MAX_ITEMS, MAX_OPERATION_BYTES, type Call, type Names } from '#shared/operations/definition.ts'
import { routedDefinition } from '#shared/operations/index.ts'
import type { Layer } from './rows.ts'
import type { Draft } from './storage.ts'

const NAMED_USERS = 20

/** Cuts a call into calls that each fit in one operation, in order; most calls come back as they are. */
export function cut(call: Call): Call[] {
  const definition = routedDefinition(call.type)
  const items = definition ? definition.items(call.args).length : 0
  if (!definition?.slice || items === 0) return [call]
  // Measured as UTF-8, as the request will be; the envelope needs far less than the tenth that is left for it.
  const bytes = new TextEncoder().encode(JSON.stringify(call.args)).length
  const parts = Math.max(Math.ceil(items / MAX_ITEMS), Math.ceil(bytes / (MAX_OPERATION_BYTES * 0.9)))
  if (parts <= 1) return [call]
  const size = Math.ceil(items / parts)
  return Array.from({ length: Math.ceil(items / size) }, (_, part) => ({
    type: call.type,
    args: definition.slice?.(call.args, part * size, (part + 1) * size) ?? call.args,
  }))
}

/** Drafts for a call, sharing a batch where there are several. */
export function draftsFor(
  calls: readonly Call[],
  { newId, now, atomic, layer }: { newId: () => string; now: number; atomic: boolean; layer: Layer },
): Draft[] {
  const batch = calls.length > 1 ? (newId() as BatchId) : null
  return calls.map(({ type, args }) => ({
    id: newId() as OperationId,
    type,
    args,
    names: namesIn(args, layer),
    madeAt: now,
    batch,
    atomic: atomic && calls.length === 1,
  }))
}

/** The names of the groups, the products and the first 20 users that the args mention by id. */
export function namesIn(args: unknown, layer: Layer): Names {
  const names = {
    users: {} as Record<string, string>,
    groups: {} as Record<string, string>,
    products: {} as Record<string, string>,
  }
  let users = 0
  const visit = (value: unknown): void => {
    if (typeof value === 'string') {
      if (value.length !== 36) return
      const group = layer.get('groups', value)
      const product = group ? undefined : layer.get('products', value)
      if (group) names.groups[value] = group.name
      else if (product) names.products[value] = product.name
      else if (users < NAMED_USERS) {
        const user = layer.get('users', value)
        if (user) {
          users += 1
          names.users[value] = `${user.firstName} ${user.lastName}`.trim() || user.email
        }
      }
    } else if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) visit(part)
  }
  visit(args)
  return names
}
