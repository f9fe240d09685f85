// What a limit is called, and which one binds and why. Numbers and dates are formatted by the caller, so that this stays pure
// and speaks each locale.
import { isolated } from './bidi.ts'
import type { Bound } from './limits.ts'
import type { Instant, Limit, LimitChoice } from './model.ts'
import type { Names } from './operations/definition.ts'

const plain = (n: number) => n.toLocaleString('en')

/** "2,000 a month", "6,000 a quarter", "24,000 for the contract", "blocked", "unlimited"; "inherited" where there is none. */
export function limitWords(limit: LimitChoice | null, number: (n: number) => string = plain): string {
  if (!limit) return 'inherited'
  if (limit.credits === 0) return 'blocked'
  if (limit.credits === null) return 'unlimited'
  return `${number(limit.credits)} ${limit.term === 'contract' ? 'for the contract' : `a ${limit.term}`}`
}

export interface BindingWords {
  names: Names
  number: (n: number) => string
  /** "today at 09:40", "on 3 Sep 2026". */
  when: (at: Instant) => string
  /** "1 December". */
  day: (at: Instant) => string
  /** The user's group, where there is one. */
  group?: string | undefined
  /** When the limit's term starts anew; undefined for a contract. */
  next: Instant | undefined
}

/**
 * Which ceiling binds, who set it and when use goes on: "The own limit binds. Ingrid Solberg set it today at 09:40, down from 2,000.
 * Further use is denied until it starts anew on 1 December, or until you raise it."
 */
export function bindingSentence(bound: Bound, words: BindingWords): string {
  return [`${ceiling(bound, words)}.`, bound.limit && setBy(bound.limit, words), rest(bound, words)]
    .filter(Boolean)
    .join(' ')
}

function ceiling({ kind }: Bound, { group = 'the group' }: BindingWords): string {
  if (kind === 'own') return 'The own limit binds'
  if (kind === 'group') return `The limit of ${group} binds`
  if (kind === 'default') return 'The default limit of the organisation binds'
  if (kind === 'pool') return `The pool of ${group} binds`
  return 'The credits of the organisation bind'
}

function setBy(limit: Limit, { names, number, when }: BindingWords): string {
  const { was } = limit
  const before =
    was &&
    `, ${direction(was, limit)} ${was.term === limit.term && was.credits ? number(was.credits) : limitWords(was, number)}`
  return `${isolated(names.users[limit.setBy]) ?? 'Another admin'} set it ${when(limit.setAt)}${before ?? ''}.`
}

function direction(was: LimitChoice, { credits, term }: LimitChoice): string {
  if (was.term !== term) return 'before it was'
  return (was.credits ?? Infinity) > (credits ?? Infinity) ? 'down from' : 'up from'
}

function rest({ kind, limit, left }: Bound, { number, day, next }: BindingWords): string {
  if (kind === 'credits') return left > 0 ? `${number(left)} left.` : 'Further use is denied until credits are added.'
  if (limit?.credits === 0) return 'Further use is denied until you raise it.'
  const anew = next === undefined ? 'the next contract begins' : `it starts anew on ${day(next)}`
  return left > 0
    ? `${number(left)} left until ${anew}.`
    : `Further use is denied until ${anew}, or until you raise it.`
}
