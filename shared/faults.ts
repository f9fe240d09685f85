// What comes from outside, held against a schema; a fault is said in our own words: where it lies and what would be right. Never repeats
// what was sent, which may hold what does not belong in a log or an answer.
import * as v from 'valibot'

/** `path`: the members that lead to it, with dots between; empty for the whole. */
export type Malformed = { path: string; message: string }

/** Parses by a schema. @returns its output, or the first fault */
export function read<Schema extends v.GenericSchema>(
  schema: Schema,
  input: unknown,
): { ok: true; output: v.InferOutput<Schema> } | { ok: false; fault: Malformed } {
  const parsed = v.safeParse(schema, input, { message: sentence })
  if (parsed.success) return { ok: true, output: parsed.output }
  const [issue] = parsed.issues
  return { ok: false, fault: { path: v.getDotPath(issue) ?? '', message: issue.message } }
}

/** Said where the schema itself says nothing. */
function sentence({ type, expected, received, requirement, input }: v.BaseIssue<unknown>): string {
  if (expected === 'never') return 'Is not a member that this request has. Leave it out.'
  if (received === 'undefined') return 'Is missing.'
  const kind = KINDS[type]
  if (kind !== undefined) return kind
  const unit = Array.isArray(input) ? 'entries' : 'characters'
  switch (type) {
    case 'literal':
    case 'picklist':
    case 'variant':
      return `Is not ${listed(expected ?? '')}.`
    case 'min_value':
      return `Is less than ${counted(requirement)}, the least that is allowed.`
    case 'max_value':
      return `Is more than ${counted(requirement)}, the most that is allowed.`
    case 'min_length':
      return `Has fewer than ${counted(requirement)} ${unit}, the fewest that are allowed.`
    case 'max_length':
      return `Has more than ${counted(requirement)} ${unit}, the most that are allowed.`
    default:
      return 'Is not in the form that is asked for here.'
  }
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'Is no text. Send it in quotes.',
  number: 'Is no number. Send it without quotes.',
  boolean: 'Is neither true nor false.',
  array: 'Is no array.',
  object: 'Is no object.',
  loose_object: 'Is no object.',
  strict_object: 'Is no object.',
  record: 'Is no object.',
  safe_integer: 'Is no whole number.',
  integer: 'Is no whole number.',
  uuid: 'Is no UUID.',
  iso_date: 'Is not a day like 2026-11-24.',
  non_empty: 'Is empty.',
}

/** `("a" | "b")` as a sentence has it. */
const listed = (expected: string): string =>
  expected
    .replace(/^\((.*)\)$/s, '$1')
    .split(' | ')
    .join(' or ')

const counted = (requirement: unknown): string =>
  typeof requirement === 'number' ? requirement.toLocaleString('en') : String(requirement)
