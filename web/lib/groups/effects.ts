// What a change of a group does to its members' limits: whose limit changes, who keeps one of their own, who is blocked at once.
// Pure, over rows that the caller has; the words stand below.
import { formatCount, formatCredits, formatNumber } from '#lib/format.ts'
import { limitWords } from '#shared/limit-words.ts'
import { effectiveLimit, sameLimit, usedIn } from '#shared/limits.ts'
import type { Instant, LimitChoice, Meter, Organisation, Term, User } from '#shared/model.ts'

/** The part of a group that decides: also of one that a form describes and nobody has made. */
export interface GroupLimits {
  memberLimit: LimitChoice | null
}

export interface Blocked {
  user: User
  used: number
  over: number
}

export interface Effects {
  members: number
  /** Those without a limit of their own, where the limit that they inherit changes. */
  changing: User[]
  own: User[]
  /** Of those that change: who has used as much already, and was not blocked before. */
  blocked: Blocked[]
  before: LimitChoice | null
  after: LimitChoice | null
}

export interface World {
  organisation: Pick<Organisation, 'defaultLimit'>
  meter: (user: User) => Meter | undefined
  starts: Record<Term, Instant>
}

/** The effects of moving these members from one group's limits to another's; undefined: to none. */
export function effectsOf(
  members: readonly User[],
  from: GroupLimits | undefined,
  to: GroupLimits | undefined,
  { organisation, meter, starts }: World,
): Effects {
  const inherited = (group: GroupLimits | undefined) => group?.memberLimit ?? organisation.defaultLimit
  const [before, after] = [choice(inherited(from)), choice(inherited(to))]
  const effects: Effects = { members: members.length, changing: [], own: [], blocked: [], before, after }
  const moves = !sameLimit(before, after)
  for (const user of members) {
    if (effectiveLimit(user, undefined, organisation).from === 'own') effects.own.push(user)
    else if (moves) {
      effects.changing.push(user)
      const used = after ? usedIn(meter(user), after.term, starts) : 0
      if (reached(after, used) && !(before && reached(before, usedIn(meter(user), before.term, starts))))
        effects.blocked.push({ user, used, over: used - (after?.credits ?? 0) })
    }
  }
  return effects
}

/** Several groups' effects as one; before and after are told only where they are the same. */
export function togetherOf(all: readonly Effects[]): Effects | undefined {
  const [first, ...rest] = all
  return rest.reduce<Effects | undefined>(
    (sum, each) =>
      sum && {
        members: sum.members + each.members,
        changing: [...sum.changing, ...each.changing],
        own: [...sum.own, ...each.own],
        blocked: [...sum.blocked, ...each.blocked],
        before: sum.before,
        after: sum.after,
      },
    first,
  )
}

const choice = (limit: LimitChoice | null) => limit && { credits: limit.credits, term: limit.term }
const reached = (limit: LimitChoice | null, used: number) =>
  limit !== null && limit.credits !== null && used >= limit.credits

/** "35 change, 3 keep a limit of their own. 1 has used more already and is blocked at once." */
export function effectWords({ changing, own, blocked, after }: Effects, verb: [one: string, many: string]): string {
  const parts = [
    ...(changing.length ? [`${formatNumber(changing.length)} ${changing.length === 1 ? verb[0] : verb[1]}`] : []),
    ...(own.length ? [`${formatNumber(own.length)} ${own.length === 1 ? 'keeps' : 'keep'} a limit of their own`] : []),
  ]
  const sentence = changing.length === 0 ? 'no limit changes' : parts.join(', ')
  if (blocked.length === 0) return `${sentence}.`
  const one = blocked.length === 1
  const because = after?.credits === 0 ? '' : one ? 'has used more already and ' : 'have used more already and '
  return `${sentence}. ${formatNumber(blocked.length)} ${because}${one ? 'is' : 'are'} blocked at once.`
}

/** "38 members: 35 change, 3 keep a limit of their own. …" */
export const changeSentence = (effects: Effects): string =>
  effects.members === 0
    ? 'The group has no members: no limit changes.'
    : `${formatCount(effects.members, 'member')}: ${effectWords(effects, ['changes', 'change'])}`

/** "38 members move: 35 get 1,500 instead of 2,000, 3 keep a limit of their own. …" */
export function moveSentence(effects: Effects, verb: [one: string, many: string]): string {
  const { members } = effects
  const get = insteadOf(effects)
  const words = effectWords(effects, [`gets ${get}`, `get ${get}`])
  return `${formatCount(members, 'member')} ${members === 1 ? verb[0] : verb[1]}: ${words}`
}

/** "1,500 a month instead of 2,000"; the term is said once where both have the same. */
export function insteadOf({ before, after }: Pick<Effects, 'before' | 'after'>): string {
  const same = before?.term === after?.term && before?.credits && after?.credits
  return `${limitOrNone(after)} instead of ${same ? formatCredits(before.credits ?? 0) : limitOrNone(before)}`
}

export const limitOrNone = (limit: LimitChoice | null): string =>
  limit ? limitWords(limit, formatCredits).replace(/^blocked$/, '0 (blocked)') : 'no limit'
