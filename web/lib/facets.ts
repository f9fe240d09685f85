// What the console says about a user beside the row itself: the limit that holds, what is used of it, when he was last active.
// Derived from the rows in memory; term starts are worked out once per hour, not per row.
import { effectiveLimit, usedIn, type LimitSource } from '#shared/limits.ts'
import type { Instant, Limit, Organisation, Term, User } from '#shared/model.ts'
import { termStarts } from '#shared/periods.ts'
import type { Layer } from './replica/rows.ts'
import type { Facets } from './replica/roster.ts'

const HOUR = 3_600_000

/** The starts of the terms that run now; the same object for an hour, or until organisation or grants change. */
export function createTermStarts() {
  let known: { key: string; starts: Record<Term, Instant> } | undefined
  return (layer: Layer, organisation: Organisation, now: Instant): Record<Term, Instant> => {
    const grants = [...layer.values('grants')]
    const key = [
      Math.floor(now / HOUR),
      organisation.version,
      organisation.timeZone,
      organisation.fiscalYearStart,
      ...grants.map(({ id, version }) => id + version),
    ].join()
    if (known?.key !== key) known = { key, starts: termStarts(organisation, grants, now) }
    return known.starts
  }
}

export interface LimitUse {
  limit: Limit | null
  from: LimitSource
  /** In the limit's term; in the month where there is no limit. */
  used: number
}

/** The limit of a user and what is used of it. */
export function limitUse(
  layer: Layer,
  organisation: Organisation,
  user: User,
  starts: Record<Term, Instant>,
): LimitUse {
  const group = user.groupId ? layer.get('groups', user.groupId) : undefined
  const { limit, from } = effectiveLimit(user, group, organisation)
  return { limit, from, used: usedIn(layer.get('meters', user.id), limit?.term ?? 'month', starts) }
}

/** The same, in the form in which the roster sorts and filters by it. */
export function createFacets(
  world: () => { layer: Layer; organisation: Organisation; starts: Record<Term, Instant> } | undefined,
): Facets {
  const use = (user: User) => {
    const now = world()
    return now && limitUse(now.layer, now.organisation, user, now.starts)
  }
  return {
    productName: ({ productId }) => (productId ? world()?.layer.get('products', productId)?.name : undefined) ?? '',
    groupName: ({ groupId }) => (groupId ? world()?.layer.get('groups', groupId)?.name : undefined) ?? '',
    limit: (user) => {
      const limit = use(user)?.limit
      return limit ? (limit.credits ?? Infinity) : Infinity
    },
    limitFrom: (user) => use(user)?.from ?? 'none',
    used: (user) => use(user)?.used ?? 0,
    lastActive: ({ id }) => world()?.layer.get('meters', id)?.lastUsedAt ?? 0,
  }
}
