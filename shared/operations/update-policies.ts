// Changes what the organisation asks of those who enter and of their devices (policies.ts). Its items are the fields, each merged on its
// own. Never touches anything else of the organisation.
import * as v from 'valibot'
import { NO_POLICIES, Policies, POLICY_FIELDS, type PolicyField } from '../policies.ts'
import { policySentence } from '../policy-words.ts'
import { defineOperation } from './definition.ts'
import { merge, type FieldChange } from './merge.ts'
import { applied, withItem } from './outcome.ts'

const { secondFactor, localData, leaseDays, lockMinutes } = Policies.entries
const change = <const Schema extends v.GenericSchema>(schema: Schema) =>
  v.optional(v.strictObject({ from: schema, to: schema }))

export const updatePolicies = defineOperation({
  type: 'update-policies',
  title: 'Edit security',
  args: v.strictObject({
    changes: v.pipe(
      v.strictObject({
        secondFactor: change(secondFactor),
        localData: change(localData),
        leaseDays: change(leaseDays),
        lockMinutes: change(lockMinutes),
      }),
      v.check((changes) => Object.keys(changes).length > 0, 'Names no policy to change.'),
    ),
  }),
  itemsAre: 'fields',
  items: ({ changes }) => fieldsOf(changes),
  // The organisation is always there.
  reads: () => ({}),

  apply: (view, { changes }) =>
    fieldsOf(changes).map((field) => {
      const { organisation } = view
      const wanted = changes[field]
      const done = wanted && merge(organisation.id, field, organisation[field], wanted)
      if (done) return withItem(field, done)
      view.putOrganisation({ ...organisation, [field]: wanted?.to })
      return withItem(field, applied())
    }),

  // What stood before is wanted again, what was written is where it must still stand.
  inverse: (_past, { changes }, items) => {
    const reversed = fieldsOf(changes)
      .filter((field) => items.has(field))
      .map((field) => [field, { from: changes[field]?.to, to: changes[field]?.from }])
    return [{ type: 'update-policies', args: { changes: Object.fromEntries(reversed) } }]
  },

  describe: ({ changes }) => {
    const fields = fieldsOf(changes)
    const [only] = fields
    if (!only || fields.length > 1) return `Change ${fields.length} security policies`
    return policySentence({ ...NO_POLICIES, [only]: changes[only]?.to }, only)
  },
})

export type PolicyChanges = { [Field in PolicyField]?: FieldChange<Policies[Field]> | undefined }

const fieldsOf = (changes: PolicyChanges): PolicyField[] => POLICY_FIELDS.filter((field) => changes[field])
