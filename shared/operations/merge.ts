// The three-way merge of one field: the value that the admin saw (`from`), the one he wants (`to`), and the one that stands now.
// Still at `from`: it may be written; already at `to`: nothing to do; anything else is somebody else's change and is never overwritten.
import * as v from 'valibot'
import { sameValue } from './images.ts'
import { rejected, unchanged, type FieldValue, type Result } from './outcome.ts'

export interface FieldChange<Value extends FieldValue = FieldValue> {
  from: Value
  to: Value
}

/** The schema of a change of one field, which may be left out. */
export const changeOf = <const Schema extends v.GenericSchema>(schema: Schema) =>
  v.optional(v.strictObject({ from: schema, to: schema }))

/** The changes of some fields the other way round: what stood before is wanted again, what was written is where it must still stand. */
export const reversed = <Field extends string>(
  changes: { readonly [F in Field]?: FieldChange | undefined },
  fields: readonly Field[],
) => Object.fromEntries(fields.map((field) => [field, { from: changes[field]?.to, to: changes[field]?.from }]))

/** Undefined where the field stands at `from` and `to` may be written; else the outcome that it has without writing. */
export function merge(row: string, field: string, now: FieldValue, { from, to }: FieldChange): Result | undefined {
  if (sameValue(now, to)) return unchanged()
  if (sameValue(now, from)) return undefined
  return rejected('changed-meanwhile', { row, field, theirs: now, by: null, at: null })
}
