// Takes an operation back, item by item, under all rules that hold now: an undone deactivation must win its seat again.
// It decides from the images in the server's log; a device keeps none and only marks the rows until the server has decided.
// An undo isn't undone: the action is done again.
import * as v from 'valibot'
import { OperationId } from '../model.ts'
import type { View } from '../view.ts'
import { defineOperation, MAX_ITEMS, type Call, type Context, type Past, type Reads } from './definition.ts'
import { imageFields, sameValue, standsAt, type Image, type ImageFields } from './images.ts'
import { definitionOf } from './registry.ts'
import { rejected, unchanged, withItem, type Outcome, type Result } from './outcome.ts'

export const undo = defineOperation({
  type: 'undo',
  title: 'Undo',
  args: v.strictObject({
    operationId: OperationId,
    ids: v.optional(v.pipe(v.array(v.string()), v.minLength(1), v.maxLength(MAX_ITEMS))),
  }),
  itemsAre: 'users',
  items: ({ ids }) => ids ?? [],
  reads: () => ({}),

  apply: (view, args, context) => {
    const { past } = context
    if (past === undefined) return []
    const items = itemsOfUndo(args, past)
    if (past === null) return refuseAll(items, rejected('operation-unknown', { operationId: args.operationId }))
    if (past.type === 'undo') return refuseAll(items, rejected('cannot-undo', { why: 'undo' }))
    const settled = takeBack(view, past, new Set(items), context)
    // What the operation did not apply has nothing to take back; an item without an inverse says so.
    const didApply = new Set(past.applied)
    return items.map(
      (item) =>
        settled.get(item) ??
        withItem(item, didApply.has(item) ? rejected('cannot-undo', { why: 'not-reversible' }) : unchanged()),
    )
  },

  inverse: () => null,
  describe: () => 'Undo an action',
})

/** One item each: those that are named, else all that the operation applied, else the operation itself. */
export const itemsOfUndo = (
  { operationId, ids }: { operationId: OperationId; ids?: readonly string[] | undefined },
  past: Past | null | undefined,
): readonly string[] => ids ?? past?.applied ?? [operationId]

/** What the server must load before it can run the undo of `past`: its rows, and what the inverse reads. */
export function readsOfUndo(past: Past): Reads[] {
  const definition = definitionOf(past.type)
  const args = definition && v.safeParse(definition.args, past.args)
  if (!definition || !args?.success) return []
  const calls = definition.inverse(past, args.output, new Set(past.applied)) ?? []
  return [definition.reads(args.output), ...calls.flatMap((call) => readsOf(call))]
}

function readsOf({ type, args }: Call): Reads[] {
  const definition = definitionOf(type)
  const parsed = definition && v.safeParse(definition.args, args)
  return definition && parsed?.success ? [definition.reads(parsed.output)] : []
}

const refuseAll = (items: readonly string[], why: Result): Outcome[] => items.map((item) => withItem(item, why))

/** Runs the inverse for the items that still stand as the operation left them; the others are answered with what has changed. */
function takeBack(view: View, past: Past, items: ReadonlySet<string>, context: Context): Map<string, Outcome> {
  const settled = new Map<string, Outcome>()
  const definition = definitionOf(past.type)
  const args = definition && v.safeParse(definition.args, past.args)
  if (!definition || !args?.success) return settled
  const left = new Set<string>()
  for (const item of past.applied) {
    if (!items.has(item)) continue
    // Fields look after themselves: their inverse is a three-way merge again.
    const outcome = definition.itemsAre === 'fields' ? undefined : standing(view, past, item)
    if (outcome) settled.set(item, outcome)
    else left.add(item)
  }
  const calls = left.size > 0 ? definition.inverse(past, args.output, left) : []
  for (const outcome of run(view, calls ?? [], context, past)) settled.set(outcome.item, outcome)
  return settled
}

/** Undefined where the item still stands as the operation left it. */
function standing(view: View, { images }: Past, item: string): Outcome | undefined {
  const { users, groups, meters } = images
  // Only rows that the operation changed are asked for: the server has loaded no others.
  const user = users[item] && view.users.get(asId(item))
  const group = groups[item] && view.groups.get(asId(item))
  const meter = meters[item] && view.meters.get(asId(item))
  // Who has come meanwhile stays, whatever else has changed.
  if (users[item]?.before === null && user && user.joinedAt !== null) return withItem(item, rejected('has-joined', {}))
  const rows: [Image | undefined, ImageFields | null][] = [
    [users[item], user ? imageFields.users(user) : null],
    [groups[item], group ? imageFields.groups(group) : null],
    [meters[item], meter ? imageFields.meters(meter) : null],
  ]
  const touched = rows.flatMap(([image, fields]) => (image ? [{ image, fields }] : []))
  if (touched.every(({ image, fields }) => standsAt(fields, image.after))) return undefined
  if (touched.every(({ image, fields }) => standsAt(fields, image.before))) return withItem(item, unchanged())
  const moved = touched.flatMap(({ image, fields }) => movedField(image, fields)).at(0)
  return withItem(
    item,
    rejected('changed-meanwhile', {
      row: item,
      field: moved?.field ?? null,
      theirs: moved?.theirs ?? null,
      by: null,
      at: null,
    }),
  )
}

function movedField({ after }: Image, fields: ImageFields | null) {
  return Object.entries(after ?? {}).flatMap(([field, value]) => {
    const theirs = fields?.[field] ?? null
    // When usage was reset is no value that an admin has set.
    return !sameValue(theirs, value) && field !== 'marker' ? [{ field, theirs }] : []
  })
}

function run(view: View, calls: readonly Call[], context: Context, past: Past): Outcome[] {
  return calls.flatMap(({ type, args }) => {
    const definition = definitionOf(type)
    return definition ? definition.apply(view, v.parse(definition.args, args), { ...context, past }) : []
  })
}

// An item is the id of a user or of a group: looked up in both tables, found in one.
const asId = <Id extends string>(item: string): Id => item as Id
