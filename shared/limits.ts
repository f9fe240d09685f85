// What a user may still spend, and which limit binds: own, group, default, the group's pool, or the organisation's credits.
// Derived from the rows each time; nothing here is stored.
import type { CreditTotals } from './credits.ts'
import type { Group, Instant, Limit, LimitChoice, Meter, Organisation, Term, User } from './model.ts'

export type LimitSource = 'own' | 'group' | 'default' | 'none'

/** The per-user limit that holds: own, else the group's for each member, else the organisation's default, else none. */
export function effectiveLimit(
  user: Pick<User, 'limit'>,
  group: Pick<Group, 'memberLimit'> | undefined,
  organisation: Pick<Organisation, 'defaultLimit'>,
): { limit: Limit | null; from: LimitSource } {
  if (user.limit) return { limit: user.limit, from: 'own' }
  if (group?.memberLimit) return { limit: group.memberLimit, from: 'group' }
  if (organisation.defaultLimit) return { limit: organisation.defaultLimit, from: 'default' }
  return { limit: null, from: 'none' }
}

/** What a meter has used in the term that began at `starts[term]`; a meter that counts an older term counts 0. */
export function usedIn(meter: Meter | undefined, term: Term, starts: Record<Term, Instant>): number {
  return meter && meter[`${term}Since`] >= starts[term] ? meter[term] : 0
}

export interface Bound {
  kind: 'own' | 'group' | 'default' | 'pool' | 'credits'
  /** null for the organisation's credits. */
  limit: Limit | null
  used: number
  /** Never below 0; Infinity where the limit is unlimited. */
  left: number
  over: number
}

export interface Reserved {
  user: number
  pool: number
  all: number
}
const nothingReserved: Reserved = { user: 0, pool: 0, all: 0 }

/** Every ceiling over a user's spending, the one that binds first (the least left; of equals the one nearest to the user). */
export function bounds(input: {
  user: Pick<User, 'limit'>
  group: Pick<Group, 'memberLimit' | 'poolLimit'> | undefined
  organisation: Pick<Organisation, 'defaultLimit'>
  meter: Meter | undefined
  poolMeter: Meter | undefined
  starts: Record<Term, Instant>
  credits: CreditTotals
  /** Credits that are promised to jobs under way count as used: this user's, the pool's, and everybody's. */
  reserved?: Reserved
}): [Bound, ...Bound[]] {
  const { user, group, organisation, meter, poolMeter, starts, credits, reserved = nothingReserved } = input
  const found: Bound[] = []
  const own = effectiveLimit(user, group, organisation)
  if (own.limit && own.from !== 'none')
    found.push(bound(own.from, own.limit, usedIn(meter, own.limit.term, starts) + reserved.user))
  if (group?.poolLimit)
    found.push(bound('pool', group.poolLimit, usedIn(poolMeter, group.poolLimit.term, starts) + reserved.pool))
  const available = credits.available - reserved.all
  const last: Bound = {
    kind: 'credits',
    limit: null,
    used: credits.used + reserved.all,
    left: Math.max(0, available),
    over: Math.max(0, -available),
  }
  const [first, ...rest] = [...found, last].sort((a, b) => a.left - b.left)
  return [first ?? last, ...rest]
}

function bound(kind: Bound['kind'], limit: Limit, used: number): Bound {
  if (limit.credits === null) return { kind, limit, used, left: Infinity, over: 0 }
  return { kind, limit, used, left: Math.max(0, limit.credits - used), over: Math.max(0, used - limit.credits) }
}

/** Whether two choices say the same; who made them and when is left out. */
export const sameLimit = (a: LimitChoice | null, b: LimitChoice | null): boolean =>
  a === null || b === null ? a === b : a.credits === b.credits && a.term === b.term

/** The choice in a limit, without its stamps: what images and forms hold. */
export const choiceOf = (limit: Limit | null): LimitChoice | null =>
  limit && { credits: limit.credits, term: limit.term }
