// The form of the organisation's settings: what is typed, what changes by it, and what a reload must not lose. Nothing here is sent.
import { limitOf, Typed, typedOf } from '#lib/components/groups/LimitTick.svelte'
import { typedForm } from '#lib/kept-for-tab.ts'
import { choiceOf, sameLimit } from '#shared/limits.ts'
import type { LimitChoice, Organisation } from '#shared/model.ts'
import type { OrganisationChanges } from '#shared/operations/update-organisation.ts'
import * as v from 'valibot'

export interface OrganisationForm {
  name: string
  timeZone: string
  weekStart: number
  fiscalYearStart: number
  defaultLimit: Typed
}

export const formOf = (organisation: Organisation): OrganisationForm => ({
  name: organisation.name,
  timeZone: organisation.timeZone,
  weekStart: organisation.weekStart,
  fiscalYearStart: organisation.fiscalYearStart,
  defaultLimit: typedOf(organisation.defaultLimit),
})

/** The default limit that the form describes; undefined with what is wrong with it. */
export const limitIn = ({ defaultLimit }: OrganisationForm): { limit?: LimitChoice | null; problem?: string } =>
  limitOf(defaultLimit)

/** What would change; undefined where nothing would, or where something is not complete. */
export function changesOf(seen: Organisation, form: OrganisationForm): OrganisationChanges | undefined {
  const name = form.name.trim()
  const { limit } = limitIn(form)
  if (!name || limit === undefined) return undefined
  const before = choiceOf(seen.defaultLimit)
  const { timeZone, weekStart, fiscalYearStart } = form
  const changes: OrganisationChanges = {
    ...(name !== seen.name && { name: { from: seen.name, to: name } }),
    ...(timeZone !== seen.timeZone && { timeZone: { from: seen.timeZone, to: timeZone } }),
    ...(weekStart !== seen.weekStart && { weekStart: { from: seen.weekStart, to: weekStart } }),
    ...(fiscalYearStart !== seen.fiscalYearStart && {
      fiscalYearStart: { from: seen.fiscalYearStart, to: fiscalYearStart },
    }),
    ...(!sameLimit(limit, before) && { defaultLimit: { from: before, to: limit } }),
  }
  return Object.keys(changes).length > 0 ? changes : undefined
}

export const typedOrganisation = typedForm<OrganisationForm>(
  'organisation-form',
  v.partial(
    v.object({
      name: v.string(),
      timeZone: v.string(),
      weekStart: v.number(),
      fiscalYearStart: v.number(),
      defaultLimit: Typed,
    }),
  ),
)
