// The form of the organisation's settings: what is typed, what changes by it, and what a reload must not lose. Nothing here is sent.
import { limitOf, typedOf, type Typed } from '#lib/components/groups/LimitTick.svelte'
import { choiceOf, sameLimit } from '#shared/limits.ts'
import { TERMS, type LimitChoice, type Organisation } from '#shared/model.ts'
import type { OrganisationChanges, OrganisationField } from '#shared/operations/update-organisation.ts'
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

const FIELDS = ['name', 'timeZone', 'weekStart', 'fiscalYearStart', 'defaultLimit'] as const
/** The fields in which two forms differ. */
export const differing = (a: OrganisationForm, b: OrganisationForm): OrganisationField[] =>
  FIELDS.filter((field) => JSON.stringify(a[field]) !== JSON.stringify(b[field]))

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

const Kept = v.partial(
  v.object({
    name: v.string(),
    timeZone: v.string(),
    weekStart: v.number(),
    fiscalYearStart: v.number(),
    defaultLimit: v.object({ on: v.boolean(), amount: v.string(), term: v.picklist([...TERMS, 'unlimited']) }),
  }),
)
const keyOf = (account: string) => `quartermaster.organisation-form.${account}`

/** Keeps what was typed and not saved, for this tab and account: a reload must not lose it. */
export function keepTyped(account: string, form: OrganisationForm, fields: readonly OrganisationField[]): void {
  if (fields.length === 0) return forgetTyped(account)
  const typed = Object.fromEntries(fields.map((field) => [field, form[field]]))
  sessionStorage.setItem(keyOf(account), JSON.stringify(typed))
}

/** What this tab has typed for the account and not saved; undefined where that is nothing. */
export function keptTyped(account: string): Partial<OrganisationForm> | undefined {
  const kept = v.safeParse(v.pipe(v.string(), v.parseJson(), Kept), sessionStorage.getItem(keyOf(account)))
  // A field that is not there is not undefined: it would stand in for the one of the organisation.
  return kept.success ? (Object.fromEntries(Object.entries(kept.output)) as Partial<OrganisationForm>) : undefined
}

export const forgetTyped = (account: string): void => sessionStorage.removeItem(keyOf(account))
