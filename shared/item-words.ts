// What the items of an operation and their values are called. An id says nothing to a person, so names are kept with the operation.
// Args are `unknown` here: a queue may hold operations of another build, and a sentence must not fail on them.
import { isolated } from './bidi.ts'
import { MONTHS, WEEKDAYS } from './calendar-words.ts'
import { limitWords } from './limit-words.ts'
import type { Names } from './operations/definition.ts'
import type { FieldValue } from './operations/outcome.ts'
import { GROUP_FIELD_NAMES } from './operations/update-group.ts'
import { ORGANISATION_FIELD_NAMES } from './operations/update-organisation.ts'
import { FIELD_NAMES } from './operations/update-user.ts'
import { isPolicy } from './policies.ts'
import { POLICY_FIELD_NAMES, policyValue } from './policy-words.ts'
import { zoneWords } from './time-zones.ts'

/** Whether the items of such an operation are the fields of one row. */
export const hasFieldItems = (type: string): boolean => FIELD_TYPES.has(type)
const FIELD_TYPES: ReadonlySet<string> = new Set([
  'update-user',
  'update-group',
  'update-organisation',
  'update-policies',
])

const fieldNames: Readonly<Record<string, string>> = {
  ...FIELD_NAMES,
  ...GROUP_FIELD_NAMES,
  ...ORGANISATION_FIELD_NAMES,
  ...POLICY_FIELD_NAMES,
  productId: 'product',
  groupId: 'group',
}
/** "first name", "limit for each member". */
export const fieldName = (field: string): string => fieldNames[field] ?? field
/** The same, where it stands by itself. */
export const fieldTitle = (field: string): string => capital(fieldName(field))

/** Who or what an item is: a field by its name, a row by the names kept with the operation, else as the operation's args call it. */
export function itemName(item: string, { type, args, names }: { type: string; args: unknown; names: Names }): string {
  // An undo has the items of what it undoes.
  if (hasFieldItems(type) || Object.hasOwn(fieldNames, item)) return fieldTitle(item)
  const known = names.users[item] ?? names.groups[item]
  if (known) return known
  if (type === 'record-export') return 'The export'
  const { users, group } = asRecord(args)
  const added = asRecord(Array.isArray(users) ? users.find((user) => asRecord(user)['id'] === item) : group)
  if (added['id'] !== item) return type === 'delete-groups' ? 'A group' : 'A user'
  const full = `${asText(added['firstName'])} ${asText(added['lastName'])}`.trim()
  return full || asText(added['name']) || asText(added['email'])
}

/** A value within a sentence: “text”, a row by its “name”, a limit, a weekday or a month in words. */
export function valueWords(value: FieldValue, field: string, names: Names, number?: (n: number) => string): string {
  const words = bareWords(value, field, names, number)
  return typeof value === 'string' && !isPolicy(field) && field !== 'timeZone' ? `“${isolated(words)}”` : words
}

/** A value by itself. */
export function bareWords(
  value: FieldValue,
  field: string,
  names: Names,
  number: (n: number) => string = (n) => n.toLocaleString('en'),
): string {
  if (isPolicy(field)) return policyValue(field, value)
  if (value === null) return 'nothing'
  if (typeof value === 'object') return limitWords(value, number)
  if (typeof value === 'number') return NUMBERED[field]?.[value - 1] ?? number(value)
  if (field === 'timeZone') return zoneWords(value)
  return names.groups[value] ?? names.products[value] ?? value
}

/** Fields that are kept as numbers and are none to a person; they count from 1. */
const NUMBERED: Readonly<Record<string, readonly string[]>> = { weekStart: WEEKDAYS, fiscalYearStart: MONTHS }

/** What the operation wanted a field to be; undefined where it is none of its fields. */
export function wantedOf(field: string, args: unknown): FieldValue | undefined {
  const change = asRecord(asRecord(asRecord(args)['changes'])[field])
  return 'to' in change ? (change['to'] as FieldValue) : undefined
}

const capital = (words: string) => words.charAt(0).toUpperCase() + words.slice(1)
const asRecord = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
const asText = (value: unknown): string => (typeof value === 'string' ? value : '')
