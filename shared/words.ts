// What became of an item, in words for a person: made from the code and its fact, never stored.
// Dates and numbers are formatted by the caller, so that this stays pure and speaks each locale.
import { isolated } from './bidi.ts'
import { fieldName, hasFieldItems, itemName, valueWords, wantedOf } from './item-words.ts'
import type { Instant, UserId } from './model.ts'
import type { Names } from './operations/definition.ts'
import type { Code, Facts, FieldValue, Outcome, Rejected } from './operations/outcome.ts'
import { seatsOver } from './seats.ts'

/** The operation that the outcome belongs to, and how to write its dates and numbers. */
export interface Said {
  type: string
  args: unknown
  names: Names
  /** The adverb for a moment: "today at 08:02", "yesterday at 16:52", "on 3 Sep 2026". */
  when: (at: Instant) => string
  number?: (n: number) => string
  /** When it was made: a conflict shows both values with their time. */
  madeAt?: Instant
  /** What an operation is called that another one depends on: "Add 5 users". */
  describe?: (operationId: string) => string | undefined
}

/** `title` says what was not done to whom, `fact` why, or what to do; `fact` may be empty. */
export interface Sentence {
  title: string
  fact: string
}

interface Reason {
  /** As it follows a colon: "no seat left in Data API". */
  clause: string
  /** For a table's cell: "No seat left in Data API". */
  short: string
  fact?: string
  /** Where the title is not the item with the clause. */
  title?: string
}

/** "Mei Tanaka was not added: no seat left in Data API." with "0 of 25 left, over by 3: the provider lowered it from 28 today at 08:02." */
export function sentence(outcome: Outcome, said: Said): Sentence {
  const name = itemName(outcome.item, said)
  if (outcome.result !== 'rejected')
    return { title: `${name}: ${outcome.result === 'applied' ? 'done' : 'nothing to change'}.`, fact: '' }
  const { clause, fact = '', title } = reasonOf(outcome, name, said)
  return { title: title ?? `${name} ${NOT_DONE[said.type] ?? 'was not changed'}: ${clause}.`, fact }
}

/** A few words for a table's cell: "E-mail not valid", "No such group". */
export const shortForm = (outcome: Outcome, said: Said): string => {
  if (outcome.result === 'rejected') return reasonOf(outcome, itemName(outcome.item, said), said).short
  return outcome.result === 'applied' ? 'Done' : 'Unchanged'
}

const NOT_DONE: Readonly<Record<string, string>> = {
  'add-users': 'was not added',
  'assign-group': 'was not assigned',
  'reset-usage': 'was not reset',
  'reset-password': 'was not mailed',
  'deactivate-users': 'was not deactivated',
  'reactivate-users': 'was not reactivated',
  'erase-user': 'was not erased',
  'add-group': 'was not added',
  'delete-groups': 'was not deleted',
  'record-export': 'was not recorded',
  undo: 'stays as it is',
}

function reasonOf(outcome: Rejected, name: string, said: Said): Reason {
  // A newer server may answer with a code that this build does not know.
  const reasons: Readonly<Record<string, unknown>> = REASONS
  if (!(outcome.code in reasons))
    return { clause: 'the server refused it', short: 'Refused by the server', fact: `Its reason: ${outcome.code}.` }
  // TypeScript can't see that code and fact are of one kind; `rejected` made them so.
  const reason = REASONS[outcome.code] as (fact: Facts[Code], name: string, said: Said) => Reason
  return reason(outcome.fact, name, said)
}

const REASONS: { [C in Code]: (fact: Facts[C], name: string, said: Said) => Reason } = {
  forbidden: () => ({ clause: 'you are no longer an admin', short: 'Not done: you are no longer an admin' }),
  'user-unknown': () => ({ clause: 'not known here any more', short: 'Not known here any more' }),
  'group-unknown': () => ({ clause: 'no such group', short: 'No such group' }),
  'product-unknown': () => ({ clause: 'no such product', short: 'No such product' }),
  'id-taken': () => ({ clause: 'it was there already', short: 'Was there already' }),
  'email-invalid': ({ email }) => ({
    clause: 'e-mail not valid',
    short: 'E-mail not valid',
    fact: `“${isolated(email)}” can't be mailed.`,
  }),
  'email-taken': ({ userId, status, since }, _name, { names, when }) => ({
    clause: 'the e-mail is taken',
    short: 'E-mail taken',
    fact:
      status === 'deactivated'
        ? `It belongs to a user deactivated ${when(since)}.`
        : `It belongs to ${isolated(names.users[userId]) ?? (status === 'invited' ? 'a user who is invited' : 'an active user')}.`,
  }),
  'group-name-taken': ({ members }, _name, { number = plain }) => ({
    clause: 'a group has this name',
    short: 'A group has this name',
    fact: `Taken: a group with ${number(members)} ${members === 1 ? 'member' : 'members'} has this name.`,
  }),
  'no-seat-left': (fact, _name, said) => {
    const product = isolated(said.names.products[fact.productId])
    const clause = product ? `no seat left in ${product}` : 'no seat left'
    return { clause, short: capital(clause), fact: noSeat(fact, said) }
  },
  'limit-exceeds-credits': ({ credits, available }, _name, { number = plain }) => ({
    title: `Not set: ${number(credits)} is more than the ${number(available)} credits your organisation has.`,
    clause: `more than the ${number(available)} credits your organisation has`,
    short: `More than the ${number(available)} credits`,
  }),
  'user-deactivated': ({ since }, _name, { when }) => ({
    clause: 'deactivated',
    short: 'Deactivated: reactivate first',
    fact: `Deactivated ${when(since)}. Reactivate first.`,
  }),
  'last-admin': (_fact, name) => ({
    title: `Not done: ${name} is the last active admin.`,
    clause: 'the last active admin',
    short: 'The last active admin',
    fact: 'Make someone else admin first.',
  }),
  'own-row': () => ({
    title: 'Not done: this is you.',
    clause: 'this is you',
    short: 'This is you',
    fact: 'Ask another admin to do it.',
  }),
  'group-not-empty': ({ members }, name, { number = plain }) => {
    const has = `has ${number(members)} ${members === 1 ? 'member' : 'members'}`
    const title = `Not deleted: ${name} ${has}.`
    const fact = 'Move them, or delete the group and leave them without one.'
    return { title, clause: `it ${has}`, short: capital(has), fact }
  },
  'changed-meanwhile': ({ field, theirs, by, at }, name, said) => ({
    title: `${name} was changed meanwhile${theirChange(field, theirs, by, at, said)}.`,
    clause: 'changed meanwhile',
    short: 'Changed meanwhile',
    fact: yours(field, said),
  }),
  'all-or-nothing': ({ rejected }, _name, { number = plain }) => {
    const clause = `all or nothing was asked for, and ${number(rejected)} could not be done`
    return { clause, short: `All or nothing: ${number(rejected)} could not be done` }
  },
  'operation-unknown': () => ({
    clause: 'the server does not know that action',
    short: 'The server does not know that action',
  }),
  'cannot-undo': ({ why }) =>
    why === 'undo'
      ? { clause: 'an undo is not undone', short: 'An undo is not undone', fact: 'Do the action again.' }
      : { clause: "it can't be undone", short: "Can't be undone" },
  'has-joined': () => ({
    clause: 'has signed in meanwhile',
    short: 'Has signed in: stays',
    fact: 'Deactivate instead.',
  }),
  'has-usage': () => ({
    clause: 'has used credits meanwhile',
    short: 'Has used credits: stays',
    fact: 'Deactivate instead.',
  }),
  'mail-left': () => ({
    clause: 'the e-mail has left',
    short: 'The e-mail has left',
    fact: "A mail that has left can't be called back.",
  }),
  'dependency-rejected': ({ operationId, code }, _name, { describe }) => {
    const end = code === 'withdrawn' ? 'was taken back' : 'was rejected'
    const clause = `depends on “${describe?.(operationId) ?? 'an earlier action'}”, which ${end}`
    return { clause, short: capital(clause) }
  },
  malformed: ({ path, message }) => ({
    clause: 'the server could not read it',
    short: 'The server could not read this; it is set aside',
    fact: `${path}: ${message}`,
  }),
  failed: () => ({
    clause: 'the server could not do this',
    short: 'The server could not do this; it is set aside and nothing else waits',
    fact: 'It is set aside and nothing else waits.',
  }),
}

/** "0 of 25 left, over by 3: the provider lowered it from 28 today at 08:02." or who took the last one, and when. */
function noSeat(fact: Facts['no-seat-left'], { names, when, number = plain }: Said): string {
  const { purchased, used, lastSeat, lastContract } = fact
  const over = seatsOver({ seatsPurchased: purchased, seatsUsed: used })
  const state = `0 of ${number(purchased)} left${over > 0 ? `, over by ${number(over)}` : ''}`
  const lowered =
    lastContract !== null && lastContract.from > purchased && (over > 0 || lastContract.at > (lastSeat?.at ?? 0))
  if (lowered) return `${state}: the provider lowered it from ${number(lastContract.from)} ${when(lastContract.at)}.`
  if (lastSeat)
    return `${state}: ${isolated(names.users[lastSeat.by]) ?? 'another admin'} took the last one ${when(lastSeat.at)}.`
  return `${state}.`
}

/** ": Kwame Mensah set “Recruiter” today at 08:31"; where the item is a row and not a field, the field is named. */
function theirChange(
  field: string | null,
  theirs: FieldValue,
  by: UserId | null,
  at: Instant | null,
  said: Said,
): string {
  if (field === null || by === null) return ''
  const what = hasFieldItems(said.type) ? '' : ` ${fieldName(field)} to`
  const moment = at === null ? '' : ` ${said.when(at)}`
  return `: ${isolated(said.names.users[by]) ?? 'another admin'} set${what} ${valueWords(theirs, field, said.names, said.number)}${moment}`
}

/** "Yours, made today at 08:58: “Lead recruiter”" */
function yours(field: string | null, { args, names, when, number, madeAt }: Said): string {
  const wanted = field === null ? undefined : wantedOf(field, args)
  if (field === null || wanted === undefined) return ''
  return `Yours${madeAt === undefined ? '' : `, made ${when(madeAt)}`}: ${valueWords(wanted, field, names, number)}`
}

const plain = (n: number) => n.toLocaleString('en')
const capital = (words: string) => words.charAt(0).toUpperCase() + words.slice(1)
