// The three-way merge of one field: the value that the admin saw (`from`), the one he wants (`to`), and the one that stands now.
// Still at `from`: it may be written; already at `to`: nothing to do; anything else is somebody else's change and is never overwritten.
import { sameValue } from './images.ts'
import { rejected, unchanged, type FieldValue, type Result } from './outcome.ts'

export interface FieldChange<Value extends FieldValue = FieldValue> {
  from: Value
  to: Value
}

/** Undefined where the field stands at `from` and `to` may be written; else the outcome that it has without writing. */
export function merge(row: string, field: string, now: FieldValue, { from, to }: FieldChange): Result | undefined {
  if (sameValue(now, to)) return unchanged()
  if (sameValue(now, from)) return undefined
  return rejected('changed-meanwhile', { row, field, theirs: now, by: null, at: null })
}
