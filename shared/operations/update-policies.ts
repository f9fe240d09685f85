// Changes what the organisation asks of those who enter and of their devices (policies.ts). Its items are the fields, each merged on its
// own. Never touches anything else of the organisation.
import * as v from 'valibot'
import { NO_POLICIES, Policies, POLICY_FIELDS, type PolicyField } from '../policies.ts'
import { policySentence } from '../policy-words.ts'
import { defineOperation } from './definition.ts'
import { changeOf, merge, reversed, type FieldChange } from './merge.ts'
import { applied, withItem } from './outcome.ts'

const { secondFactor, localData, leaseDays, lockMinutes } = Policies.entries

export const updatePolicies = defineOperation({
  type: 'update-policies',
  title: 'Edit security',
  args: v.strictObject({
    changes: v.pipe(
      v.strictObject({
        secondFactor: changeOf(secondFactor),
        localData: changeOf(localData),
        leaseDays: changeOf(leaseDays),
        lockMinutes: changeOf(lockMinutes),
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

  inverse: (_past, { changes }, items) => {
    const fields = fieldsOf(changes).filter((field) => items.has(field))
    return [{ type: 'update-policies', args: { changes: reversed(changes, fields) } }]
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
