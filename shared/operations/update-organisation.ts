// Changes what holds for the whole organisation: name, time zone, week start, fiscal year start, default limit. Its items are the
// fields, each merged on its own. Never touches usage: days that were counted stay on the days on which they were counted.
import * as v from 'valibot'
import { isolated } from '../bidi.ts'
import { MONTHS, WEEKDAYS } from '../calendar-words.ts'
import { limitWords } from '../limit-words.ts'
import { choiceOf } from '../limits.ts'
import { LimitChoice, type Organisation } from '../model.ts'
import { filledText } from '../text.ts'
import { TimeZone, zoneWords } from '../time-zones.ts'
import { defineOperation, type Context } from './definition.ts'
import { limitCheck, stampLimit } from './each.ts'
import { changeOf, merge, reversed, type FieldChange } from './merge.ts'
import { applied, withItem, type FieldValue, type Outcome, type Result } from './outcome.ts'
import type { View } from '../view.ts'

const whole = (from: number, to: number) => v.pipe(v.number(), v.integer(), v.minValue(from), v.maxValue(to))

export const updateOrganisation = defineOperation({
  type: 'update-organisation',
  title: 'Edit organisation',
  args: v.strictObject({
    changes: v.pipe(
      v.strictObject({
        name: changeOf(filledText()),
        timeZone: changeOf(TimeZone),
        weekStart: changeOf(whole(1, 7)),
        fiscalYearStart: changeOf(whole(1, 12)),
        defaultLimit: changeOf(v.nullable(LimitChoice)),
      }),
      v.check((changes) => Object.keys(changes).length > 0, 'Names no field to change.'),
    ),
  }),
  itemsAre: 'fields',
  items: ({ changes }) => fieldsOf(changes),
  // The organisation and its grants are always there.
  reads: () => ({}),

  apply: (view, { changes }, context) => {
    const outcomes = fieldsOf(changes).map((field) => withItem(field, set(view, field, changes, context)))
    if (outcomes.some(movesTerms)) view.cause({ kind: 'recount' })
    return outcomes
  },

  inverse: (_past, { changes }, items) => {
    const fields = fieldsOf(changes).filter((field) => items.has(field))
    return [{ type: 'update-organisation', args: { changes: reversed(changes, fields) } }]
  },

  describe: ({ changes }) => {
    const { name, timeZone, weekStart, fiscalYearStart, defaultLimit } = changes
    const fields = fieldsOf(changes)
    if (fields.length > 1) return `Change ${fields.length} settings of the organisation`
    if (name) return `Rename ${isolated(name.from)} to ${isolated(name.to)}`
    if (timeZone) return `Set the time zone to ${zoneWords(timeZone.to)}`
    if (weekStart) return `Let the week begin on ${WEEKDAYS[weekStart.to - 1] ?? weekStart.to}`
    if (fiscalYearStart) return `Let the fiscal year begin in ${MONTHS[fiscalYearStart.to - 1] ?? fiscalYearStart.to}`
    return `Set the default limit to ${defaultLimit?.to ? limitWords(defaultLimit.to) : 'none'}`
  },
})

export const ORGANISATION_FIELDS = ['name', 'timeZone', 'weekStart', 'fiscalYearStart', 'defaultLimit'] as const
export type OrganisationField = (typeof ORGANISATION_FIELDS)[number]
export const ORGANISATION_FIELD_NAMES: Readonly<Record<OrganisationField, string>> = {
  name: 'name',
  timeZone: 'time zone',
  weekStart: 'first day of the week',
  fiscalYearStart: 'first month of the fiscal year',
  defaultLimit: 'default limit',
}

export interface OrganisationChanges {
  name?: FieldChange<string> | undefined
  timeZone?: FieldChange<string> | undefined
  weekStart?: FieldChange<number> | undefined
  fiscalYearStart?: FieldChange<number> | undefined
  defaultLimit?: FieldChange<LimitChoice | null> | undefined
}

const fieldsOf = (changes: OrganisationChanges): OrganisationField[] =>
  ORGANISATION_FIELDS.filter((field) => changes[field])

/** Terms begin at other moments by these. */
const movesTerms = ({ item, result }: Outcome) =>
  result === 'applied' && (item === 'timeZone' || item === 'fiscalYearStart')

function set(view: View, field: OrganisationField, changes: OrganisationChanges, context: Context): Result {
  const { organisation } = view
  const wanted = changes[field]
  const done = wanted && merge(organisation.id, field, standing(organisation, field), wanted)
  if (done) return done
  if (field !== 'defaultLimit') {
    view.putOrganisation({ ...organisation, [field]: wanted?.to })
    return applied()
  }
  const choice = changes.defaultLimit?.to ?? null
  const refused = limitCheck(view, context.now)(choice)
  if (refused) return refused
  view.putOrganisation({ ...organisation, defaultLimit: stampLimit(choice, organisation.defaultLimit, context) })
  return applied()
}

/** A field as forms, merges and images have it: a limit without its stamps. */
const standing = (organisation: Organisation, field: OrganisationField): FieldValue =>
  field === 'defaultLimit' ? choiceOf(organisation.defaultLimit) : organisation[field]
