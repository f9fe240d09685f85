// What an operation changed, as the log keeps it: of each changed row the fields that an admin set, before and after.
// Never counters, stamps or versions: those move with everybody's work and would make each undo look like a conflict.
import * as v from 'valibot'
import { choiceOf } from '../limits.ts'
import type { Group, LimitChoice, Meter, Organisation, User } from '../model.ts'
import type { Changes } from '../view.ts'
import type { FieldValue } from './outcome.ts'

export type ImageFields = Readonly<Record<string, FieldValue>>
/** Only the fields that differ; null where the row did not exist. */
export interface Image {
  before: ImageFields | null
  after: ImageFields | null
}
export interface Images {
  users: Readonly<Record<string, Image>>
  groups: Readonly<Record<string, Image>>
  meters: Readonly<Record<string, Image>>
  organisations: Readonly<Record<string, Image>>
}

export const noImages: Images = { users: {}, groups: {}, meters: {}, organisations: {} }

/** The fields of a row that images hold. */
export const imageFields = {
  users: (user: User): ImageFields => ({
    email: user.email,
    firstName: user.firstName,
    lastName: user.lastName,
    title: user.title,
    phone: user.phone,
    externalId: user.externalId,
    productId: user.productId,
    groupId: user.groupId,
    limit: choiceOf(user.limit),
    role: user.role,
    status: user.status,
  }),
  groups: (group: Group): ImageFields => ({
    name: group.name,
    memberLimit: choiceOf(group.memberLimit),
    poolLimit: choiceOf(group.poolLimit),
  }),
  /** Usage goes on; what an admin set is the marker. */
  meters: (meter: Meter): ImageFields => ({ marker: meter.markers.at(-1)?.at ?? null }),
  organisations: (organisation: Organisation): ImageFields => ({
    name: organisation.name,
    timeZone: organisation.timeZone,
    weekStart: organisation.weekStart,
    fiscalYearStart: organisation.fiscalYearStart,
    defaultLimit: choiceOf(organisation.defaultLimit),
    secondFactor: organisation.secondFactor,
    localData: organisation.localData,
    leaseDays: organisation.leaseDays,
    lockMinutes: organisation.lockMinutes,
  }),
}

/** The images of a view's changes; rows in which no such field moved are left out. */
export function imagesOf(changes: Changes): Images {
  return {
    users: images(changes.users, imageFields.users),
    groups: images(changes.groups, imageFields.groups),
    meters: images(changes.meters, imageFields.meters),
    organisations: images(changes.organisations, imageFields.organisations),
  }
}

function images<Row>(
  changes: ReadonlyMap<string, { before: Row | undefined; after: Row | undefined }>,
  fieldsOf: (row: Row) => ImageFields,
): Record<string, Image> {
  const found: Record<string, Image> = {}
  for (const [id, change] of changes) {
    const before = change.before ? fieldsOf(change.before) : null
    const after = change.after ? fieldsOf(change.after) : null
    if (!before || !after) {
      if (before !== after) found[id] = { before, after }
      continue
    }
    const moved = Object.keys(after).filter((field) => !sameValue(before[field] ?? null, after[field] ?? null))
    if (moved.length > 0) found[id] = { before: pick(before, moved), after: pick(after, moved) }
  }
  return found
}

const pick = (fields: ImageFields, names: readonly string[]): ImageFields =>
  Object.fromEntries(names.map((name) => [name, fields[name] ?? null]))

/** Two field values are the same when they say the same; the order of a limit's keys does not matter. */
export function sameValue(a: FieldValue, b: FieldValue): boolean {
  if (!isLimit(a) || !isLimit(b)) return a === b
  return a.credits === b.credits && a.term === b.term
}

const isLimit = (value: FieldValue): value is LimitChoice => typeof value === 'object' && value !== null

/** Whether a row's image fields stand as given; a row that is gone stands at null. */
export function standsAt(fields: ImageFields | null, image: ImageFields | null): boolean {
  if (!fields || !image) return fields === image
  return Object.entries(image).every(([name, value]) => sameValue(fields[name] ?? null, value))
}

/**
 * The items by what a field of theirs was before: an inverse makes one call per distinct value, so that undoing 500 users stays
 * a handful of calls. An item whose earlier value is not of the schema's shape is left out: it can't be undone.
 */
export function byEarlier<Value extends FieldValue>(
  images: Readonly<Record<string, Image>>,
  items: Iterable<string>,
  field: string,
  schema: v.GenericSchema<unknown, Value>,
): { value: Value; ids: string[] }[] {
  const found = new Map<FieldValue, { value: Value; ids: string[] }>()
  for (const id of items) {
    const parsed = v.safeParse(schema, images[id]?.before?.[field])
    if (!parsed.success) continue
    const value = parsed.output
    const key = isLimit(value) ? `${value.credits} ${value.term}` : value
    const same = found.get(key)
    if (same) same.ids.push(id)
    else found.set(key, { value, ids: [id] })
  }
  return [...found.values()]
}
