// What a row of the users' table says about a user: values derived from other rows, as words and numbers. For the rows in sight alone.
import { device } from '#lib/device.svelte.ts'
import { limitUse } from '#lib/facets.ts'
import { formatAge, formatCredits, formatDay, formatFullDate } from '#lib/format.ts'
import type { LimitSource } from '#shared/limits.ts'
import type { Role, Term, User } from '#shared/model.ts'

export const ROLE_WORDS: Readonly<Record<Role, string>> = { member: 'Member', viewer: 'Viewer', admin: 'Admin' }

export const fullName = ({ firstName, lastName, email }: Pick<User, 'firstName' | 'lastName' | 'email'>): string =>
  `${firstName} ${lastName}`.trim() || email

export interface UserFacts {
  product: string
  group: string
  /** "2,000", "6,000 a quarter", "unlimited", "blocked", "–". */
  limit: string
  from: LimitSource
  /** null: unlimited or none. */
  credits: number | null
  used: number
  over: number
  status: string
  lastActive: string
  added: string
}

export function factsOf(user: User): UserFacts {
  const { layer, organisation, starts } = device
  const now = device.now()
  const use = organisation && starts ? limitUse(layer, organisation, user, starts) : undefined
  const credits = use?.limit?.credits ?? null
  const used = use?.used ?? 0
  const lastUsedAt = device.meter(user.id)?.lastUsedAt
  return {
    product: device.product(user.productId)?.name ?? '–',
    group: device.group(user.groupId)?.name ?? '–',
    limit: use?.limit ? limitShort(use.limit) : '–',
    from: use?.from ?? 'none',
    credits,
    used,
    over: credits === null ? 0 : Math.max(0, used - credits),
    status: user.status === 'invited' ? `Invited ${formatAge(user.createdAt, now)}` : '',
    lastActive: lastUsedAt ? formatDay(lastUsedAt, now) : '–',
    added: formatFullDate(user.createdAt),
  }
}

/** A month is the usual term and goes without saying. */
export function limitShort({ credits, term }: { credits: number | null; term: Term }): string {
  if (credits === null) return 'unlimited'
  if (credits === 0) return 'blocked'
  if (term === 'month') return formatCredits(credits)
  return `${formatCredits(credits)} ${term === 'contract' ? 'for the contract' : `a ${term}`}`
}
