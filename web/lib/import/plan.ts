// From rows that were understood to the operations that carry them out, in order: groups that are to be made, changes of users who are
// there (which may free seats and addresses), new users last. Each operation knows whose row each of its items is.
import type { NewGroup, NewUser, UserId } from '#shared/model.ts'
import { addGroup } from '#shared/operations/add-group.ts'
import { addUsers } from '#shared/operations/add-users.ts'
import { assignGroup } from '#shared/operations/assign-group.ts'
import { changeProduct } from '#shared/operations/change-product.ts'
import type { Call } from '#shared/operations/definition.ts'
import { manageLimit } from '#shared/operations/manage-limit.ts'
import { setRole } from '#shared/operations/set-role.ts'
import { updateUsers, type UserEdit } from '#shared/operations/update-users.ts'
import type { Understood } from './understand.ts'

/** A row by its own id with what it means. */
export interface Entry {
  row: UserId
  understood: Extract<Understood, { kind: 'new' | 'change' }>
}
export interface Part {
  call: Call
  /** The row of each item, in the order of the items; none of an operation that is of no row. */
  rows: readonly UserId[]
}

/** One operation of a file import. */
export const USERS_IN_ONE = 1_000
/** Well under what an operation may have. */
const BYTES_IN_ONE = 700_000

interface Limits {
  size: number
  bytes: number
  breathe: () => Promise<void> | void
}
type Change = Extract<Understood, { kind: 'change' }>
interface Item<Value> {
  row: UserId
  value: Value
}

/**
 * `size`: users in one operation; a rehearsal takes fewer, so that each is a short task. `bytes`: what an operation may have as JSON; a
 * rehearsal sends nothing and need not measure. `breathe` lets the page answer.
 */
export async function planOf(
  entries: readonly Entry[],
  groups: readonly NewGroup[],
  { size = USERS_IN_ONE, bytes = BYTES_IN_ONE, breathe }: Partial<Limits> & Pick<Limits, 'breathe'>,
): Promise<Part[]> {
  const limits: Limits = { size, bytes, breathe }
  const parts: Part[] = groups.map((group) => ({ call: addGroup.with({ group }), rows: [] }))
  const changes: { row: UserId; change: Change }[] = []
  const added: Item<NewUser>[] = []
  for (const { row, understood } of entries) {
    if (understood.kind === 'new') added.push({ row, value: understood.user })
    else changes.push({ row, change: understood })
  }
  await breathe()

  const edits = changes.flatMap(({ row, change: { of, wanted } }): Item<UserEdit>[] =>
    Object.keys(wanted.details).length > 0 ? [{ row, value: { id: of.id, changes: wanted.details } }] : [],
  )
  for await (const chunk of chunked(edits, limits)) parts.push(partOf(chunk, (users) => updateUsers.with({ users })))

  /** One operation per value that several users are to have. */
  const alike = async <Value>(
    pick: (change: Change) => Value | undefined,
    make: (ids: UserId[], value: Value) => Call,
  ) => {
    const byValue = new Map<string, { value: Value; items: Item<UserId>[] }>()
    for (const { row, change } of changes) {
      const value = pick(change)
      if (value === undefined) continue
      const key = JSON.stringify(value)
      const same = byValue.get(key)
      if (same) same.items.push({ row, value: change.of.id })
      else byValue.set(key, { value, items: [{ row, value: change.of.id }] })
    }
    for (const { value, items } of byValue.values())
      for await (const chunk of chunked(items, limits)) parts.push(partOf(chunk, (ids) => make(ids, value)))
  }
  await alike(
    ({ wanted }) => wanted.productId,
    (userIds, productId) => changeProduct.with({ userIds, productId }),
  )
  await alike(
    ({ wanted }) => wanted.groupId,
    (userIds, groupId) => assignGroup.with({ userIds, groupId }),
  )
  await alike(
    ({ wanted }) => wanted.limit,
    (userIds, limit) => manageLimit.with({ userIds, limit }),
  )
  await alike(
    ({ wanted }) => wanted.role,
    (userIds, role) => setRole.with({ userIds, role }),
  )

  for await (const chunk of chunked(added, limits)) parts.push(partOf(chunk, (users) => addUsers.with({ users })))
  return parts
}

const partOf = <Value>(items: readonly Item<Value>[], make: (values: Value[]) => Call): Part => ({
  call: make(items.map(({ value }) => value)),
  rows: items.map(({ row }) => row),
})

/** Cuts by number, and by the bytes that the items take as JSON. */
async function* chunked<Value>(
  items: readonly Item<Value>[],
  { size, bytes: most, breathe }: Limits,
): AsyncGenerator<Item<Value>[]> {
  let chunk: Item<Value>[] = []
  let bytes = 0
  const encoder = new TextEncoder()
  for (const item of items) {
    const own = most === Infinity ? 0 : encoder.encode(JSON.stringify(item.value)).length + 1
    if (chunk.length === size || (chunk.length > 0 && bytes + own > most)) {
      yield chunk
      chunk = []
      bytes = 0
      await breathe()
    }
    chunk.push(item)
    bytes += own
  }
  if (chunk.length > 0) yield chunk
}
