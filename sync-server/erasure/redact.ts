// Takes what is personal of users out of an entry of the log, by its structure: their part of what was asked for, their names, what became
// of them, what was before and after. What the entry says of others stays as it is, and so do ids, roles, seats and limits, which say
// nothing of a person once the id says nothing. What can't be read goes whole where it speaks of them.
import * as v from 'valibot'
import { USER_FIELDS } from '#shared/model.ts'
import { definitionOf } from '#shared/operations/registry.ts'
import { routedDefinition } from '#shared/operations/index.ts'
import type { Content } from '../sync/redactions.ts'
import { addressFinder, type Whom } from './whom.ts'

/** Parsed contents of an entry, and what its columns say. Members that are not known here stay. */
export interface Told {
  type: string
  actor: string | null
  /** Null where no device sent it. */
  clientId: string | null
  args: Fields
  outcomes: Fields
  images: Fields
}
/** A content of which nothing may stay. */
const BLANK = null
type Redacted = { [C in Content]: Fields | typeof BLANK }

type Fields = Readonly<Record<string, unknown>>
export const asFields = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}
const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : [])

/** @returns the contents as they may stay; one that had nothing of them reads as before */
export function redact(told: Told, whom: Whom): Redacted {
  const finder = addressFinder(whom)
  const holds = (text: string) => finder !== undefined && text.includes('@') && text.search(finder) >= 0
  const theirs = (id: unknown): boolean => typeof id === 'string' && whom.ids.has(id)
  /** Parts of others that stand as they were applied: an address that they really had is theirs as well. */
  const stays = { args: [] as unknown[], images: [] as unknown[], outcomes: [] as unknown[] }

  const { type, actor, clientId } = told
  const given: unknown = told.args['args']
  const notApplied = asList(told.outcomes['notApplied']).map(asFields)
  const refused = new Set(notApplied.flatMap(({ item, result }) => (result === 'rejected' ? [String(item)] : [])))
  const malformed = notApplied.some(({ code }) => code === 'malformed')

  /** Texts that hold one of the addresses go, wherever they stand. */
  const scrub = (value: unknown): unknown =>
    mapped(
      value,
      (text) => (holds(text) ? '' : text),
      (key) => !holds(key),
    )
  const kept = (content: Content, part: unknown): unknown => {
    stays[content].push(part)
    return part
  }
  const others = (part: unknown, item: unknown) => (refused.has(String(item)) ? scrub(part) : kept('args', part))

  const speaks = (value: unknown) => anyText(value, (text) => theirs(text) || holds(text) || says(text, whom))

  const changes = (fields: unknown) =>
    Object.fromEntries(Object.keys(asFields(fields)).map((field) => [field, { from: '', to: '' }]))
  const argsOf = (): unknown => {
    const args = asFields(given)
    switch (type) {
      case 'add-users':
        return { ...args, users: asList(args['users']).map((user) => ofUser(user, (one) => blank(one))) }
      case 'update-users':
        return {
          ...args,
          users: asList(args['users']).map((user) =>
            ofUser(user, (one) => ({ ...one, changes: changes(one['changes']) })),
          ),
        }
      case 'update-user': {
        if (theirs(args['userId'])) return { ...args, changes: changes(args['changes']) }
        const each = Object.entries(asFields(args['changes'])).map(([field, change]) => [field, others(change, field)])
        return { ...args, changes: Object.fromEntries(each) as unknown }
      }
      case 'record-export':
        return { ...(scrub(args) as Fields), ...(speaks(args['filter']) ? { filter: '' } : {}) }
      default:
        return scrub(given)
    }
  }
  const ofUser = (user: unknown, redacted: (user: Fields) => unknown): unknown => {
    const one = asFields(user)
    return theirs(one['id']) ? redacted(one) : others(user, one['id'])
  }

  /** What the server itself wrote: of what it says of them only ids and words of ours stay. */
  const ownWords = (): unknown => {
    if (!theirs(actor) && !anyText(given, theirs)) return scrub(given)
    return mapped(given, (text, key) => (IS_ID.test(text) || OUR_WORDS.has(key) ? text : ''))
  }

  const definition = malformed ? undefined : (routedDefinition(type) ?? definitionOf(type))
  const readable = definition !== undefined && v.safeParse(definition.args, given).success
  const unreadable = !readable && (clientId !== null || definition !== undefined || malformed)
  const gone = unreadable && (speaks(given) || anyText(given, (text) => [...whom.ids].some((id) => text.includes(id))))

  const names = asFields(told.args['names'])
  const users = Object.entries(asFields(names['users'])).filter(([id, name]) => !theirs(id) && !holds(String(name)))
  const args: Fields | null = gone
    ? BLANK
    : {
        ...told.args,
        args: readable ? argsOf() : unreadable ? given : ownWords(),
        ...('names' in told.args ? { names: { ...(scrub(names) as Fields), users: Object.fromEntries(users) } } : {}),
      }

  const about = ({ item, fact }: Fields) =>
    theirs(item) ||
    (type === 'update-user' && theirs(asFields(given)['userId'])) ||
    theirs(asFields(fact)['row']) ||
    theirs(asFields(fact)['userId'])
  const outcomes: Fields = {
    ...told.outcomes,
    ...('notApplied' in told.outcomes
      ? {
          notApplied: notApplied.map((outcome) =>
            about(outcome) || gone ? { ...outcome, ...fact(outcome) } : scrub(outcome),
          ),
        }
      : {}),
  }

  const all = asFields(told.images['images'])
  const rows = Object.entries(asFields(all['users'])).map(([id, image]) => {
    if (!theirs(id)) return [id, kept('images', image)] as const
    return [id, mappedFields(asFields(image), (side) => side && blank(asFields(side)))] as const
  })
  const images: Fields = {
    ...told.images,
    ...('images' in told.images ? { images: { ...all, users: Object.fromEntries(rows) } } : {}),
  }

  /** The net beneath: an address that is still there and is nobody else's takes the whole content along. */
  const checked = (name: Content, content: Fields | null): Fields | null => {
    if (content === null || finder === undefined) return content
    const count = (value: unknown) => (JSON.stringify(value) ?? '').match(finder)?.length ?? 0
    const found = count(content)
    return found > 0 && found > stays[name].reduce((sum: number, part) => sum + count(part), 0) ? BLANK : content
  }
  return {
    args: checked('args', args),
    outcomes: checked('outcomes', outcomes),
    images: checked('images', images),
  }
}

const IS_ID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/
/** Members of entries of the server's own whose values are words of a closed list, or a key's name. */
const OUR_WORDS: ReadonlySet<string> = new Set(['format', 'what', 'kind', 'way', 'purpose', 'why', 'key'])

const personal: ReadonlySet<string> = new Set(USER_FIELDS)
const blank = (fields: Fields): Fields => mappedFields(fields, (value, field) => (personal.has(field) ? '' : value))

/** The facts of an outcome without what was typed. */
function fact({ fact: given }: Fields): Fields {
  if (given === undefined) return {}
  const facts = asFields(given)
  const typed = new Set(['email', 'path', 'message', ...(personal.has(String(facts['field'])) ? ['theirs'] : [])])
  return { fact: mappedFields(facts, (value, name) => (typed.has(name) ? '' : value)) }
}

/** Whether a text that was typed freely holds a value of theirs. */
function says(text: string, { values }: Whom): boolean {
  if (values.size === 0) return false
  const lower = text.toLowerCase()
  for (const value of values) if (lower.includes(value)) return true
  return false
}

const mappedFields = (fields: Fields, change: (value: unknown, name: string) => unknown): Fields =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, change(value, name)]))

/** The same value with its texts changed; members whose name does not stand are left out. */
function mapped(
  value: unknown,
  change: (text: string, key: string) => string,
  stands: (key: string) => boolean = () => true,
  key = '',
): unknown {
  if (typeof value === 'string') return change(value, key)
  if (Array.isArray(value)) return value.map((part: unknown) => mapped(part, change, stands, key))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([name]) => stands(name))
  return Object.fromEntries(entries.map(([name, part]) => [name, mapped(part, change, stands, name)]))
}

/** Whether a text anywhere in a value, names of members included, is so. */
function anyText(value: unknown, wanted: (text: string) => boolean): boolean {
  if (typeof value === 'string') return wanted(value)
  if (Array.isArray(value)) return value.some((part) => anyText(part, wanted))
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(value).some(([name, part]) => wanted(name) || anyText(part, wanted))
}
