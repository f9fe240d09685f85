// What is chosen for all rows of Add Multiple Users.
import { GroupId, ProductId } from '#shared/model.ts'
import * as v from 'valibot'

/** What is done with a row whose user is there already. */
export type Existing = 'ask' | 'change' | 'leave'

export const Settings = v.object({
  product: v.union([ProductId, v.literal('')]),
  group: v.nullable(GroupId),
  existing: v.picklist(['ask', 'change', 'leave']),
  /** Whether empty cells empty the fields of a user who is there. */
  clears: v.boolean(),
  /** Names of groups that are to be made. */
  newGroups: v.array(v.string()),
})
export type Settings = v.InferOutput<typeof Settings>

export const UNSET: Settings = { product: '', group: null, existing: 'ask', clears: false, newGroups: [] }
