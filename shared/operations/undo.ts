// Takes an operation back, item by item, under all rules that hold now: an undone deactivation must win its seat again.
// It decides from the images in the server's log; a device keeps none and only marks the rows until the server has decided.
// An undo isn't undone: the action is done again.
import * as v from 'valibot'
import { OperationId } from '../model.ts'
import type { View } from '../view.ts'
import { defineOperation, type Call, type Context, type Past, type Reads } from './definition.ts'
import { imageFields, standsAt, type Image, type ImageFields } from './images.ts'
import { definitionOf } from './registry.ts'
import { rejected, unchanged, withItem, type Outcome } from './outcome.ts'

export const undo = defineOperation({
  type: 'undo',
  title: 'Undo',
  args: v.strictObject({ operationId: OperationId, ids: v.optional(v.pipe(v.array(v.string()), v.minLength(1))) }),
  itemsAre: 'users',
  items: ({ ids }) => ids ?? [],
  reads: () => ({}),

  apply: (view, { operationId, ids }, context) => {
    const { past } = context
    if (past === undefined) return []
    if (past === null) return [withItem(operationId, rejected('operation-unknown', { operationId }))]
    const wanted = ids ? past.applied.filter((item) => ids.includes(item)) : past.applied
    if (past.type === 'undo') return refuseAll(past.applied, 'undo')
    const definition = definitionOf(past.type)
    const args = definition && v.safeParse(definition.args, past.args)
    if (!definition || !args?.success) return refuseAll(wanted, 'not-reversible')
    const calls = definition.inverse(past, args.output, new Set(wanted))
    if (!calls) return refuseAll(wanted, 'not-reversible')

    const settled = new Map<string, Outcome>()
    // Fields look after themselves: their inverse is a three-way merge again.
    if (definition.itemsAre !== 'fields')
      for (const item of wanted) {
        const outcome = standing(view, past, item)
        if (outcome) settled.set(item, outcome)
      }
    const left = new Set(wanted.filter((item) => !settled.has(item)))
    const remaining =
      left.size === wanted.length ? calls : left.size > 0 ? definition.inverse(past, args.output, left) : []
    for (const outcome of run(view, remaining ?? [], context, past)) settled.set(outcome.item, outcome)
    return [...settled.values()]
  },

  inverse: () => null,
  describe: () => 'Undo an action',
})

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

const refuseAll = (items: readonly string[], why: 'undo' | 'not-reversible'): Outcome[] =>
  items.map((item) => withItem(item, rejected('cannot-undo', { why })))

/** Undefined where the item still stands as the operation left it. */
function standing(view: View, { images }: Past, item: string): Outcome | undefined {
  const user = view.users.get(asId(item))
  const group = view.groups.get(asId(item))
  const meter = view.meters.get(asId(item))
  const rows: [Image | undefined, ImageFields | null][] = [
    [images.users[item], user ? imageFields.users(user) : null],
    [images.groups[item], group ? imageFields.groups(group) : null],
    [images.meters[item], meter ? imageFields.meters(meter) : null],
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
    return theirs !== value && typeof theirs !== 'number' ? [{ field, theirs }] : []
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
