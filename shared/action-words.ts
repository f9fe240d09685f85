// What an action would do, is about to do and has done, in words: the preview's sentence, the button's label, the toast.
// Says only what the outcomes say.
import { isolated } from './bidi.ts'
import { count } from './operations/each.ts'
import type { Names } from './operations/definition.ts'
import type { Code, Outcome, Rejected } from './operations/outcome.ts'

interface ActionWords {
  /** "9 change", "1 changes". */
  one: string
  many: string
  /** Unchanged: "1 already has it". */
  oneSame: string
  manySame: string
  /** The button, for n items. */
  confirm: (n: string) => string
  /** The toast, for n items. */
  done: (n: string) => string
}

const has = { oneSame: 'already has it', manySame: 'already have it' }
const change = { one: 'changes', many: 'change', ...has }

const ACTIONS: Readonly<Record<string, ActionWords>> = {
  'add-users': {
    one: 'is added',
    many: 'are added',
    ...has,
    confirm: (n) => `Add ${n}`,
    done: (n) => `Invited ${n}. Undo removes them; invitations that have left stop working.`,
  },
  'update-user': { ...change, confirm: () => 'Save', done: () => 'Details changed' },
  'update-users': { ...change, confirm: (n) => `Change ${n}`, done: (n) => `Details changed for ${n}` },
  'assign-group': {
    ...change,
    oneSame: 'is already there',
    manySame: 'are already there',
    confirm: (n) => `Assign ${n}`,
    done: (n) => `Group changed for ${n}`,
  },
  'change-product': { ...change, confirm: (n) => `Change product of ${n}`, done: (n) => `Product changed for ${n}` },
  'manage-limit': { ...change, confirm: (n) => `Set limit of ${n}`, done: (n) => `Limit set for ${n}` },
  'reset-usage': {
    one: 'starts anew',
    many: 'start anew',
    oneSame: 'has used nothing since',
    manySame: 'have used nothing since',
    confirm: (n) => `Reset usage of ${n}`,
    done: (n) => `Usage reset for ${n}`,
  },
  'reset-password': {
    one: 'gets an e-mail',
    many: 'get an e-mail',
    ...has,
    confirm: (n) => `Reset password of ${n}`,
    done: (n) => `Password reset for ${n}. Undo stops the e-mails that have not left.`,
  },
  'set-role': { ...change, confirm: (n) => `Change role of ${n}`, done: (n) => `Role changed for ${n}` },
  'deactivate-users': {
    one: 'is deactivated',
    many: 'are deactivated',
    oneSame: 'already is',
    manySame: 'already are',
    confirm: (n) => `Deactivate ${n}`,
    done: (n) => `Deactivated ${n}`,
  },
  'reactivate-users': {
    one: 'comes back',
    many: 'come back',
    oneSame: 'is not deactivated',
    manySame: 'are not deactivated',
    confirm: (n) => `Reactivate ${n}`,
    done: (n) => `Reactivated ${n}`,
  },
  'erase-user': {
    one: 'is erased',
    many: 'are erased',
    oneSame: 'already is',
    manySame: 'already are',
    confirm: (n) => `Erase ${n} for good`,
    done: (n) => `Erased ${n}`,
  },
  'add-group': { one: 'is added', many: 'are added', ...has, confirm: () => 'Add group', done: () => 'Group added' },
  'update-group': { ...change, confirm: () => 'Save', done: () => 'Group changed' },
  'update-organisation': {
    ...change,
    confirm: () => 'Save organisation settings',
    done: () => 'Organisation settings changed',
  },
  'update-policies': { ...change, confirm: () => 'Save security settings', done: () => 'Security settings changed' },
  'record-export': {
    one: 'is recorded',
    many: 'are recorded',
    ...has,
    confirm: () => 'Export',
    done: () => 'Export recorded',
  },
  'delete-groups': {
    one: 'is deleted',
    many: 'are deleted',
    oneSame: 'already is',
    manySame: 'already are',
    confirm: (n) => `Delete ${n}`,
    done: (n) => `Deleted ${n}`,
  },
}
const OTHER: ActionWords = { ...change, confirm: (n) => `Change ${n}`, done: (n) => `Changed ${n}` }

export interface PreviewOptions {
  type: string
  names: Names
  number?: (n: number) => string
  /** When the rows were last known to be so: "09:41". */
  asOf: string
  /** Of those that change, how many have used more than their new limit already. */
  blocked?: number
}

/**
 * "12 selected: 9 change, 1 already has it, 2 find no seat: Sales Pro 0 of 50 left, as of 09:41", or
 * "12 selected: 12 change. 3 of them have used more already and are blocked at once."
 */
export function previewSentence(outcomes: readonly Outcome[], options: PreviewOptions): string {
  const { type, asOf, blocked = 0, number = plain } = options
  const { noSeat } = tallyOf(outcomes)
  const whole = `${selected(type, outcomes.length, number)}: ${outcomeWords(outcomes, { type, number })}`
  if (blocked > 0)
    return `${whole}. ${number(blocked)} of them ${blocked === 1 ? 'has used more already and is' : 'have used more already and are'} blocked at once.`
  return noSeat.length > 0 ? `${whole}: ${emptyProducts(noSeat, options, number)}, as of ${asOf}` : whole
}

/** What is expected of the items, counted: "9 change, 1 already has it, 2 find no seat". Empty without outcomes. */
export function outcomeWords(
  outcomes: readonly Outcome[],
  { type, number = plain }: Pick<PreviewOptions, 'type' | 'number'>,
): string {
  const words = ACTIONS[type] ?? OTHER
  const part = (n: number, one: string, many: string) => (n > 0 ? [`${number(n)} ${n === 1 ? one : many}`] : [])
  const { applied, unchanged, refused, noSeat } = tallyOf(outcomes)
  return [
    ...part(applied, words.one, words.many),
    ...part(unchanged, words.oneSame, words.manySame),
    // The seats come last: the products that have none left are listed behind them.
    ...[...refused].flatMap(([code, n]) => part(n, ...REFUSED[code])),
    ...part(noSeat.length, ...REFUSED['no-seat-left']),
  ].join(', ')
}

export interface Tally {
  applied: number
  unchanged: number
  rejected: number
  /** Those without a seat apart. */
  refused: ReadonlyMap<Code, number>
  noSeat: readonly Rejected[]
}

const tallies = new WeakMap<readonly Outcome[], Tally>()

/** How many came to what; counted once for each list of outcomes, which may be of a hundred thousand and is never changed. */
export function tallyOf(outcomes: readonly Outcome[]): Tally {
  const known = tallies.get(outcomes)
  if (known) return known
  const count = { applied: 0, unchanged: 0, rejected: 0 }
  const refused = new Map<Code, number>()
  const noSeat: Rejected[] = []
  for (const outcome of outcomes) {
    count[outcome.result] += 1
    if (outcome.result !== 'rejected') continue
    if (outcome.code === 'no-seat-left') noSeat.push(outcome)
    else refused.set(outcome.code, (refused.get(outcome.code) ?? 0) + 1)
  }
  const tally = { ...count, refused, noSeat }
  tallies.set(outcomes, tally)
  return tally
}

const DONE: Readonly<Record<string, string>> = {
  'add-users': 'added',
  'add-group': 'added',
  'reset-usage': 'reset',
  'reset-password': 'mailed',
  'deactivate-users': 'deactivated',
  'reactivate-users': 'reactivated',
  'erase-user': 'erased',
  'delete-groups': 'deleted',
  'record-export': 'recorded',
  undo: 'undone',
}

/** What the items of a settled operation came to: "14 changed", "3 added, 1 unchanged". Rejections are told apart from it. */
export function settledWords(
  type: string,
  { applied, unchanged, rejected }: { applied: number; unchanged: number; rejected: number },
  number: (n: number) => string = plain,
): string {
  if (applied + rejected === 0) return 'nothing to change'
  return [
    ...(applied > 0 ? [`${number(applied)} ${DONE[type] ?? 'changed'}`] : []),
    ...(unchanged > 0 ? [`${number(unchanged)} unchanged`] : []),
  ].join(', ')
}

const selected = (type: string, n: number, number: (n: number) => string) =>
  type === 'add-users' ? `${number(n)} ${n === 1 ? 'user' : 'users'}` : `${number(n)} selected`

/** "Sales Pro 0 of 50 left", each product once. */
function emptyProducts(
  outcomes: readonly Rejected[],
  { names }: PreviewOptions,
  number: (n: number) => string,
): string {
  const found = new Map<string, string>()
  for (const { code, fact } of outcomes)
    if (code === 'no-seat-left' && !found.has(fact.productId))
      found.set(
        fact.productId,
        `${isolated(names.products[fact.productId]) ?? 'the product'} 0 of ${number(fact.purchased)} left`,
      )
  return [...found.values()].join(', ')
}

/** How the preview counts those that are refused: one, several. */
const REFUSED: Readonly<Record<Code, readonly [one: string, many: string]>> = {
  forbidden: ['is not yours to change', 'are not yours to change'],
  'user-unknown': ['is not known here any more', 'are not known here any more'],
  'group-unknown': ['finds no such group', 'find no such group'],
  'product-unknown': ['finds no such product', 'find no such product'],
  'id-taken': ['was there already', 'were there already'],
  'email-invalid': ['has an e-mail that is not valid', 'have an e-mail that is not valid'],
  'email-taken': ['has an e-mail that is taken', 'have an e-mail that is taken'],
  'group-name-taken': ['has a name that is taken', 'have a name that is taken'],
  'no-seat-left': ['finds no seat', 'find no seat'],
  'limit-exceeds-credits': ['would pass the credits', 'would pass the credits'],
  'user-deactivated': ['is deactivated: reactivate first', 'are deactivated: reactivate first'],
  'own-row': ['is you', 'are you'],
  'last-admin': ['is the last active admin', 'are the last active admins'],
  'group-not-empty': ['has members', 'have members'],
  'changed-meanwhile': ['was changed meanwhile', 'were changed meanwhile'],
  'all-or-nothing': ['stays as it is', 'stay as they are'],
  'operation-unknown': ['is not known here', 'are not known here'],
  'cannot-undo': ["can't be undone", "can't be undone"],
  'has-joined': ['has signed in and stays', 'have signed in and stay'],
  'has-usage': ['has used credits and stays', 'have used credits and stay'],
  'mail-left': ['has its e-mail already', 'have their e-mail already'],
  'dependency-rejected': ['depends on what was rejected', 'depend on what was rejected'],
  malformed: ['could not be read', 'could not be read'],
  failed: ['could not be done', 'could not be done'],
}

const plain = (n: number) => n.toLocaleString('en')
const noun = (type: string) => (type.endsWith('groups') ? 'group' : 'user')

/**
 * The button of a dialog, with how many it will act on: "Change product of 9 users". Of the dialog of a group or the organisation: `limits` that change
 * with it ("Save and change 35 limits"), `move`d members ("Move 38 and delete group").
 */
export function confirmLabel(type: string, n: number, group: { limits?: number; move?: number } = {}): string {
  if ((type === 'update-group' || type === 'update-organisation') && group.limits)
    return `Save and change ${count(group.limits, 'limit')}`
  if (type === 'delete-groups' && group.move)
    return `Move ${plain(group.move)} and delete ${n === 1 ? 'group' : count(n, 'group')}`
  if (type === 'delete-groups' && n === 1) return 'Delete group'
  return (ACTIONS[type] ?? OTHER).confirm(count(n, noun(type)))
}

/** The toast: "Product changed for 9 users"; of an undo: "Undone for 7 users. 2 were changed since and stay as they are." */
export function doneSentence(type: string, outcomes: readonly Outcome[]): string {
  const done = outcomes.filter(({ result }) => result === 'applied').length
  if (type !== 'undo') return (ACTIONS[type] ?? OTHER).done(count(done, noun(type)))
  const kept = outcomes.filter((outcome) => outcome.result === 'rejected')
  if (kept.length === 0) return `Undone for ${count(done, 'user')}`
  const one = kept.length === 1
  const since = kept.every(({ code }) => code === 'changed-meanwhile')
  const why = since ? `${one ? 'was' : 'were'} changed since and` : 'could not be undone and'
  return `Undone for ${count(done, 'user')}. ${plain(kept.length)} ${why} ${one ? 'stays as it is' : 'stay as they are'}.`
}

/** A risky action that has waited: "Deactivating 4 users has waited since yesterday. Send it now or discard it?" */
export function waitedSentence(type: string, n: number, since: string): string {
  const doing = {
    'deactivate-users': 'Deactivating',
    'erase-user': 'Erasing',
    'reset-usage': 'Resetting the usage of',
    'reset-password': 'Resetting the password of',
  }
  const verb = doing[type as keyof typeof doing] ?? 'Changing'
  return `${verb} ${count(n, noun(type))} has waited since ${since}. Send it now or discard it?`
}
