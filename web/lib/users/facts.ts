// What a row of the users' table says about a user: values derived from other rows, as words and numbers. For the rows in sight alone.
import { device } from '#lib/device.svelte.ts'
import { limitUse } from '#lib/facets.ts'
import { formatAge, formatCredits, formatDay, formatFullDate } from '#lib/format.ts'
import type { LimitSource } from '#shared/limits.ts'
import { limitWords } from '#shared/limit-words.ts'
import type { Instant, Limit, LimitChoice, Organisation, Role, User } from '#shared/model.ts'
import { dayOf } from '#shared/periods.ts'

export const ROLE_WORDS: Readonly<Record<Role, string>> = { member: 'Member', viewer: 'Viewer', admin: 'Admin' }

export const fullName = ({ firstName, lastName, email }: Pick<User, 'firstName' | 'lastName' | 'email'>): string =>
  `${firstName} ${lastName}`.trim() || email

export interface UserFacts {
  product: string
  group: string
  /** "2,000", "unlimited", "blocked", "–". */
  limit: string
  from: LimitSource
  /** Beside the number: where it comes from, or another term than the month: "group", "a quarter". */
  tail: string
  /** All of it: "6,000 a quarter, from the group". */
  limitTitle: string
  /** null: unlimited or none. */
  credits: number | null
  used: number
  over: number
  /** "Invited 2 days ago"; empty unless invited. */
  status: string
  lastActive: string
  added: string
}

export const productName = (user: User): string => device.product(user.productId)?.name ?? '–'
export const groupName = (user: User): string => device.group(user.groupId)?.name ?? '–'
export const invitedWords = (user: User): string =>
  user.status === 'invited' ? `Invited ${formatAge(user.createdAt, device.now())}` : ''

export function lastActiveWords(user: User): string {
  const at = device.meter(user.id)?.lastUsedAt
  return at ? formatDay(at, device.now()) : '–'
}

/** The limit that holds, in words, and what is used of it. */
export function useOf(
  user: User,
): Pick<UserFacts, 'limit' | 'from' | 'tail' | 'limitTitle' | 'credits' | 'used' | 'over'> {
  const { layer, organisation, starts } = device
  const use = organisation && starts ? limitUse(layer, organisation, user, starts) : undefined
  const credits = use?.limit?.credits ?? null
  const used = use?.used ?? 0
  const over = credits === null ? 0 : Math.max(0, used - credits)
  const from = use?.from ?? 'none'
  return { ...limitFacts(use?.limit ?? null, from), from, credits, used, over }
}

export const factsOf = (user: User): UserFacts => ({
  ...useOf(user),
  product: productName(user),
  group: groupName(user),
  status: invitedWords(user),
  lastActive: lastActiveWords(user),
  added: formatFullDate(user.createdAt),
})

const SOURCES: Readonly<Record<LimitSource, string>> = {
  own: 'an own limit',
  group: 'from the group',
  default: 'the default of the organisation',
  none: 'no limit',
}

/** A month is the usual term and goes without saying; another takes the place of where the limit comes from. */
function limitFacts(limit: Limit | null, from: LimitSource): Pick<UserFacts, 'limit' | 'tail' | 'limitTitle'> {
  if (!limit) return { limit: '–', tail: '', limitTitle: 'No limit' }
  const { credits, term } = limit
  const amount = credits === null ? 'unlimited' : credits === 0 ? 'blocked' : formatCredits(credits)
  const other = credits && term !== 'month' ? (term === 'contract' ? 'contract' : `a ${term}`) : from
  return { limit: amount, tail: other, limitTitle: `${limitWords(limit, formatCredits)}, ${SOURCES[from]}` }
}

/** A moment of the day that it is in the organisation, on this device's calendar: so that a term begins on its own first day everywhere. */
export const noonOf = (at: Instant, organisation: Pick<Organisation, 'timeZone'>): string =>
  `${dayOf(at, organisation)}T12:00`

/** "2,000", "6,000 a quarter", "unlimited": a month is the usual term and goes without saying. */
export const limitShort = (limit: LimitChoice): string =>
  limit.term === 'month' && limit.credits ? formatCredits(limit.credits) : limitWords(limit, formatCredits)
