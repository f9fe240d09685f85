// What an entry of the log is called and what its items changed, in words for a person. Args are `unknown`: the log holds what older
// and newer builds wrote, and a sentence must not fail on them.
import { ERASED_USER, type ActivityItem } from './activity.ts'
import { isolated } from './bidi.ts'
import { bareWords, fieldName, hasFieldItems } from './item-words.ts'
import { limitWords } from './limit-words.ts'
import type { Names } from './operations/definition.ts'
import { routedDefinition } from './operations/index.ts'
import type { FieldValue } from './operations/outcome.ts'
import { definitionOf } from './operations/registry.ts'
import { isPolicy } from './policies.ts'
import { WITHDRAWN } from './protocol.ts'

type Args = Readonly<Record<string, unknown>>
const asArgs = (args: unknown): Args =>
  typeof args === 'object' && args !== null && !Array.isArray(args) ? (args as Args) : {}
const word = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? isolated(String(value)) : '…'
const amount = (value: unknown): string => (typeof value === 'number' ? value.toLocaleString('en') : '…')

const withDevice = (name: unknown): string => (typeof name === 'string' ? ` with ${name}` : '')
const withUnsent = (count: unknown): string =>
  typeof count !== 'number' || count === 0
    ? ''
    : ` and with ${count === 1 ? 'an operation' : `${amount(count)} operations`} that it had not sent`
const listed = (words: unknown): string => (Array.isArray(words) ? words.map(word).join(', ') : '…')
const CALLS: Readonly<Record<string, string>> = {
  report: 'report',
  spend: 'spend',
  reserve: 'reservation',
  confirm: 'confirmation',
  release: 'release',
}
/** "; by Billing 12 reports, 1 spend" */
function withCalls(calls: unknown): string {
  if (!Array.isArray(calls)) return ''
  const said = ({ what, calls: n }: Args) => `${amount(n)} ${CALLS[word(what)] ?? 'call'}${n === 1 ? '' : 's'}`
  const byKey = Map.groupBy(calls.map(asArgs), ({ key }) => word(key))
  return [...byKey].map(([key, of]) => `; by ${key} ${of.map(said).join(', ')}`).join('')
}
const MAILS: Readonly<Record<string, string>> = {
  invitation: 'the invitation',
  'reset-password': 'the link for a new password',
  'confirm-email': 'the question about the new address',
  tries: 'the warning of tries to sign in',
  'factor-tries': 'the warning of wrong codes',
  'factor-added': 'the note of a new second factor',
  'factor-removed': 'the note of a removed second factor',
  'factors-reset': 'the note of removed second factors',
  'password-changed': 'the note of a changed password',
  'recovery-used': 'the note of a used recovery code',
  'recovery-renewed': 'the note of new recovery codes',
}
const FACTORS: Readonly<Record<string, string>> = {
  passkey: 'a passkey',
  totp: 'an authenticator app',
  recovery: 'a recovery code',
  'sign-on': 'single sign-on',
}
const FAILED_STEPS: Readonly<Record<string, string>> = {
  'second-factor': ', with the right password and a wrong second factor',
  'sign-on': ', by single sign-on',
}
const SECRETS: Readonly<Record<string, string>> = { new: ', with a new secret', none: ', without a secret' }
const factorWords = (kind: unknown): string => FACTORS[word(kind)] ?? word(kind)

/** What no admin performs: the provider, commands on the server's host, and what an account does. */
const OTHERS: Readonly<Record<string, { title: string; say: (args: Args, who: string) => string }>> = {
  // Entries of before devices stood beside them have its name as `name`.
  'sign-in': {
    title: 'Sign in',
    say: ({ name, deviceName = name, factor }) =>
      `Sign in${withDevice(deviceName)}${factor === undefined ? '' : `, by ${factorWords(factor)}`}`,
  },
  'sign-in-failed': {
    title: 'Failed sign-in',
    say: ({ step }, who) => `Failed sign-in as ${who}${FAILED_STEPS[word(step)] ?? ''}`,
  },
  'sign-out': {
    title: 'Sign out',
    say: ({ deviceName, kept }) => `Sign out${withDevice(deviceName)}${kept === true ? ', the queue stays there' : ''}`,
  },
  'sign-out-others': { title: 'Sign out other devices', say: () => 'Sign out all other devices' },
  'enter-organisation': { title: 'Enter organisation', say: () => 'Enter from another organisation' },
  'leave-organisation': { title: 'Leave organisation', say: () => 'Leave for another organisation' },
  'ask-reset': { title: 'Ask for reset', say: (_args, who) => `Ask for a link by which ${who} chooses a new password` },
  'set-password': { title: 'Choose password', say: (_args, who) => `${who} chooses a password by a link` },
  'change-password': { title: 'Change password', say: (_args, who) => `${who} changes the own password` },
  'confirm-email': { title: 'Confirm address', say: (_args, who) => `${who} confirms the new e-mail address` },
  'join-account': { title: 'Join account', say: (_args, who) => `${who} comes in with an account of before` },
  'revoke-device': {
    title: 'Revoke device',
    say: ({ name, userId }, who) => `Revoke the device ${word(name)}${userId === undefined ? '' : ` of ${who}`}`,
  },
  'refuse-device': {
    title: 'Refuse revoked device',
    say: ({ unsent, deviceName }, who) => `Refuse ${word(deviceName)} of ${who}, revoked${withUnsent(unsent)}`,
  },
  'refuse-user': {
    title: 'Refuse user without console',
    say: ({ unsent, deviceName }, who) =>
      `Refuse ${who}${withDevice(deviceName)}, without a console${withUnsent(unsent)}`,
  },
  'send-mail-again': {
    title: 'Send mail again',
    say: ({ template }, who) => `Send ${MAILS[word(template)] ?? 'a mail'} to ${who} again`,
  },
  'export-user-data': {
    title: 'Export user data',
    say: (_args, who) => `Export all data held on ${who}`,
  },
  'export-activity': {
    title: 'Export activity',
    say: ({ format }) => `Export the activity as ${word(format).toUpperCase()}`,
  },
  'set-product': {
    title: 'Sell seats',
    say: ({ name, seats }) => `Purchased seats of ${word(name)}: ${amount(seats)}`,
  },
  'remove-product': { title: 'Remove product', say: ({ name }) => `Remove the product ${word(name)}` },
  'add-grant': {
    title: 'Grant credits',
    say: ({ credits, startsOn, endsOn }) => `Grant ${amount(credits)} credits, ${word(startsOn)} to ${word(endsOn)}`,
  },
  'void-grant': { title: 'Take credits back', say: ({ taken }) => `Take ${amount(taken)} credits of a grant back` },
  'publish-usage': {
    title: 'Publish usage',
    say: ({ days, meters, calls }) =>
      `Publish usage: ${amount(days)} days, ${amount(meters)} meters${withCalls(calls)}`,
  },
  'add-provider-key': {
    title: 'Make provider key',
    say: ({ name, scopes }) => `Make the provider’s key ${word(name)}, for ${listed(scopes)}`,
  },
  'revoke-provider-key': {
    title: 'Revoke provider key',
    say: ({ name }) => `Revoke the provider’s key ${word(name)}`,
  },
  'make-reset-link': {
    title: 'Make reset link',
    say: (_args, who) => `Make a link by which ${who} chooses a new password`,
  },
  backup: { title: 'Back up', say: () => 'Copy the whole database' },
  'add-factor': { title: 'Add second factor', say: ({ kind }) => `Add ${factorWords(kind)} as a second factor` },
  'remove-factor': {
    title: 'Remove second factor',
    say: ({ kind }) => `Remove ${factorWords(kind)} that was a second factor`,
  },
  'use-recovery-code': { title: 'Use recovery code', say: () => 'Sign in with a recovery code' },
  'renew-recovery-codes': { title: 'Make recovery codes', say: () => 'Make new recovery codes' },
  'reset-factors': { title: 'Reset second factors', say: (_args, who) => `Remove all second factors of ${who}` },
  'set-sign-on': {
    title: 'Set up single sign-on',
    say: ({ issuer, enabled, secret }) =>
      `${enabled === true ? 'Set up' : 'Switch off'} single sign-on by ${word(issuer)}${SECRETS[word(secret)] ?? ''}`,
  },
  'remove-sign-on': {
    title: 'Remove single sign-on',
    say: ({ issuer }) => `Remove single sign-on by ${word(issuer)}`,
  },
  'accept-invitation': { title: 'Accept invitation', say: (_args, who) => `${who} accepts the invitation` },
  'add-admin': { title: 'Add first admin', say: (_args, who) => `Add ${who} as admin` },
  'restore-admin': { title: 'Restore admin', say: (_args, who) => `Make ${who} an admin again` },
  'create-organisation': { title: 'Create organisation', say: () => 'Create the organisation' },
  load: { title: 'Load data', say: () => 'Load data' },
  [WITHDRAWN]: { title: 'Taken back', say: () => 'An action that was taken back before it was sent' },
  malformed: { title: 'Could not be read', say: () => 'An action that the server could not read' },
}

/** The action's name, for a filter: "Assign Group". */
export const activityTitle = (type: string): string =>
  routedDefinition(type)?.title ?? definitionOf(type)?.title ?? OTHERS[type]?.title ?? type.replaceAll('-', ' ')

/** Kinds of entries that are no operations of an admin. */
export const OTHER_TYPES: readonly string[] = Object.keys(OTHERS)

/** "Assign 7 users to EMEA Sales"; `undone`: what an undo takes back. */
export function activitySentence(
  { type, args, names }: { type: string; args: unknown; names: Names },
  undone?: string,
): string {
  if (type === 'undo') return undone === undefined ? 'Undo an action' : `Undo: ${undone}`
  const other = OTHERS[type]
  const given = asArgs(args)
  if (other) return other.say(given, isolated(names.users[word(given['userId'])]) ?? 'a user')
  const definition = routedDefinition(type)
  if (!definition || args === null) return activityTitle(type)
  try {
    const said = definition.describe(args, names)
    // Of what was set nothing is left to be said.
    return names.users[word(given['userId'])] === ERASED_USER ? said.replace(/ to “”$/, '') : said
  } catch (error) {
    // Args of another build that this one can't read.
    if (error instanceof TypeError) return definition.title
    throw error
  }
}

/** What is said of a value that was, or is now: "Recruiter", "2,000 a month", "none". */
export function plainValue(
  value: FieldValue,
  field: string,
  names: Names,
  number: (n: number) => string = (n) => n.toLocaleString('en'),
): string {
  if (field === 'limit' || field === 'memberLimit' || field === 'poolLimit' || field === 'defaultLimit')
    return typeof value === 'object' ? limitWords(value, number) : word(value)
  if (value === '' || (value === null && !isPolicy(field))) return 'none'
  if (field === 'marker') return typeof value === 'number' ? new Date(value).toISOString() : word(value)
  return bareWords(value, field, names, number)
}

export interface ChangeWords {
  /** Undefined where the action says by itself which field it is. */
  field: string
  before: string
  after: string
}

/** The fields that an item changed, each with its value before and after; empty where nothing moved. */
export function changeWords(
  { change }: Pick<ActivityItem, 'change'>,
  names: Names,
  number?: (n: number) => string,
): ChangeWords[] {
  if (!change) return []
  const { before, after } = change
  // What differed and says nothing on both sides had its values erased.
  const isErased = (name: string) => before?.[name] === '' && after?.[name] === ''
  const shown = (fields: ActivityFields, name: string) =>
    fields === null ? '' : isErased(name) ? 'erased' : plainValue(fields[name] ?? null, name, names, number)
  const fields = Object.keys({ ...before, ...after })
  // Of a row that is new or gone: the fields that say something.
  const telling = before && after ? fields : fields.filter((name) => (before ?? after ?? {})[name])
  return telling.map((name) => ({
    field: name === 'marker' ? 'usage counted from' : fieldName(name),
    before: shown(before, name),
    after: shown(after, name),
  }))
}
type ActivityFields = NonNullable<ActivityItem['change']>['before']

/** "changed", "added", "unchanged"; of a rejection nothing, its reason says more. */
export function resultWords({ outcome, change, also }: ActivityItem): string {
  if (outcome.result === 'unchanged') return 'unchanged'
  if (outcome.result === 'rejected') return ''
  const words = change?.before === null ? 'added' : change?.after === null ? 'removed' : change ? 'changed' : 'done'
  return also ? `also ${words}` : words
}

/** What the items of an entry are called at the head of their column. */
export const itemsAre = (type: string): string => {
  if (hasFieldItems(type)) return 'Field'
  return type === 'add-group' || type === 'delete-groups' ? 'Group or user' : type === 'undo' ? 'Item' : 'User'
}
