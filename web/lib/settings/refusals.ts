// What is wrong with the settings of the organisation, field by field: said by the very operation that would be performed.
import { formatNumber, formatWhen } from '#lib/format.ts'
import type { Instant } from '#shared/model.ts'
import type { Call } from '#shared/operations/definition.ts'
import type { Outcome } from '#shared/operations/outcome.ts'
import { ORGANISATION_FIELDS, type OrganisationField } from '#shared/operations/update-organisation.ts'
import { sentence } from '#shared/words.ts'

export type Refusals = { [F in OrganisationField]?: string | undefined }

export function refusalsOf(outcomes: readonly Outcome[], { type, args }: Call, now: Instant): Refusals {
  const refusals: Refusals = {}
  const names = { users: {}, groups: {}, products: {} }
  for (const outcome of outcomes) {
    if (outcome.result !== 'rejected') continue
    const { title, fact } = sentence(outcome, {
      type,
      args,
      names,
      when: (at) => formatWhen(at, now),
      number: formatNumber,
    })
    // One that belongs to no field is of the whole call, and stands at its first field.
    const field = ORGANISATION_FIELDS.find((known) => known === outcome.item) ?? 'name'
    refusals[field] = `${title} ${fact}`.trim()
  }
  return refusals
}
