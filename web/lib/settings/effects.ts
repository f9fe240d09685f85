// What other settings of the organisation do to its users and groups: whose terms move, whose inherited limit changes, who is blocked
// at once, how far the credits are overcommitted. Pure, over rows that the caller has; in slices, since it looks at all users.
import { commitmentOf, type Commitment } from '#lib/commitment.ts'
import type { Blocked } from '#lib/groups/effects.ts'
import type { Layer } from '#lib/replica/rows.ts'
import type { Breathe } from '#lib/replica/sort.ts'
import { effectiveLimit, sameLimit, usedIn } from '#shared/limits.ts'
import type { Instant, Limit, LimitChoice, Organisation, Term, User } from '#shared/model.ts'

/** Those who have a limit that starts anew with each term. */
export interface InTerm {
  users: number
  groups: number
}

export interface DefaultEffects {
  before: LimitChoice | null
  after: LimitChoice | null
  /** Users who inherit the default, where it changes; the first of them. */
  changing: number
  first: User[]
  /** Users who keep a limit of their own, or of their group. */
  keeping: number
  /** Of those that change: who has used as much already, and was not blocked before. */
  blocked: number
  firstBlocked: Blocked[]
}

export interface OrganisationEffects {
  inTerm: Readonly<Record<Term, InTerm>>
  fallback: DefaultEffects
  now: Commitment
  change: Commitment
}

/** Names that a preview shows at the most, and one more to know that there are others. */
const NAMED = 51

/** @param starts of the terms that run now, by which meters count until they are counted anew */
export async function effectsOf(
  layer: Layer,
  before: Organisation,
  after: Organisation,
  starts: Record<Term, Instant>,
  breathe: Breathe,
): Promise<OrganisationEffects> {
  const inTerm = emptyTerms()
  const fallback: DefaultEffects = {
    before: before.defaultLimit,
    after: after.defaultLimit,
    changing: 0,
    first: [],
    keeping: 0,
    blocked: 0,
    firstBlocked: [],
  }
  const moves = !sameLimit(before.defaultLimit, after.defaultLimit)
  for (const { poolLimit } of layer.values('groups')) if (turns(poolLimit)) inTerm[poolLimit.term].groups += 1
  let count = 0
  for (const user of layer.values('users')) {
    if ((count += 1) % 1_000 === 0) await breathe()
    if (user.status === 'deactivated') continue
    const group = user.groupId ? layer.get('groups', user.groupId) : undefined
    const { limit, from } = effectiveLimit(user, group, after)
    if (turns(limit)) inTerm[limit.term].users += 1
    if (from === 'own' || from === 'group') fallback.keeping += 1
    else if (moves) inherit(fallback, user, layer, starts)
  }
  const now = await commitmentOf(layer, before, breathe)
  const then = moves ? await commitmentOf(layer, after, breathe) : now
  const change = {
    together: then.together - now.together,
    limited: then.limited - now.limited,
    unlimited: then.unlimited - now.unlimited,
  }
  return { inTerm, fallback, now, change }
}

function inherit(fallback: DefaultEffects, user: User, layer: Layer, starts: Record<Term, Instant>): void {
  const meter = layer.get('meters', user.id)
  const used = (limit: LimitChoice | null) => (limit ? usedIn(meter, limit.term, starts) : 0)
  const { before, after } = fallback
  fallback.changing += 1
  if (fallback.first.length < NAMED) fallback.first.push(user)
  if (!reached(after, used(after)) || reached(before, used(before))) return
  fallback.blocked += 1
  if (fallback.firstBlocked.length < NAMED)
    fallback.firstBlocked.push({ user, used: used(after), over: used(after) - (after?.credits ?? 0) })
}

/** One that is unlimited or blocked is so in every term. */
const turns = (limit: Limit | null): limit is Limit => limit !== null && limit.credits !== null && limit.credits > 0

const reached = (limit: LimitChoice | null, used: number) =>
  limit !== null && limit.credits !== null && used >= limit.credits

const emptyTerms = (): Record<Term, InTerm> => ({
  month: { users: 0, groups: 0 },
  quarter: { users: 0, groups: 0 },
  year: { users: 0, groups: 0 },
  contract: { users: 0, groups: 0 },
})
