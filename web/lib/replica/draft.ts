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
  const items = itemCount(call)
  // The envelope needs far less than the tenth that is left for it.
  const bytes = items > 1 ? bytesOf(call.args) : 0
  const parts = Math.max(Math.ceil(items / MAX_ITEMS), Math.ceil(bytes / (MAX_OPERATION_BYTES * 0.9)))
  return sliced(call, items, Math.ceil(items / parts))
}

/** Measured as UTF-8 JSON, as the request will be. A hundred thousand ids are not written out for it. */
function bytesOf(args: Call['args']): number {
  const fields: [string, unknown][] = Object.entries(args ?? {})
  let bytes = 2
  for (const [name, value] of fields) {
    const isIds = Array.isArray(value) && value.every((id) => typeof id === 'string' && id.length === ID_LENGTH)
    bytes += name.length + 4
    // An id, two quotes and a comma.
    bytes += isIds ? value.length * (ID_LENGTH + 3) + 2 : new TextEncoder().encode(JSON.stringify(value)).length
  }
  return bytes
}
const ID_LENGTH = 36

/** Cuts a call so finely that each part is a short task: for a preview, which needs no operations. */
export const pieces = (call: Call): Call[] => sliced(call, itemCount(call), ITEMS_IN_ONE_TASK)
const ITEMS_IN_ONE_TASK = 1_000

function itemCount({ type, args }: Call): number {
  const definition = routedDefinition(type)
  return definition?.slice ? definition.items(args).length : 0
}

function sliced(call: Call, items: number, size: number): Call[] {
  const slice = routedDefinition(call.type)?.slice
  if (!slice || items <= size) return [call]
  return Array.from({ length: Math.ceil(items / size) }, (_, part) => ({
    type: call.type,
    args: slice(call.args, part * size, (part + 1) * size),
  }))
}

export interface Making {
  newId: () => string
  now: number
  atomic: boolean
  /** Shared by the operations of one action. */
  batch: BatchId | null
  /** Where names are looked up. */
  layer: Layer
}

/** A call as it goes into the outbox. */
export const draftOf = ({ type, args }: Call, { newId, now, atomic, batch, layer }: Making): Draft => ({
  id: newId() as OperationId,
  type,
  args,
  names: namesIn(args, layer),
  madeAt: now,
  batch,
  atomic,
})

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
