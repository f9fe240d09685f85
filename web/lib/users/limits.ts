// What the form of a limit says about those whom it is for: what they would inherit, and who is blocked at once by a new one.
import { device } from '#lib/device.svelte.ts'
import { limitUse } from '#lib/facets.ts'
import { formatCredits } from '#lib/format.ts'
import type { Layer } from '#lib/replica/rows.ts'
import type { Breathe } from '#lib/replica/sort.ts'
import { limitWords } from '#shared/limit-words.ts'
import type { Group, GroupId, Limit, User, UserId } from '#shared/model.ts'
import { isolated } from '#shared/bidi.ts'

/** "Would be 2,000 a month from EMEA Sales, out of its pool of 24,000". */
export function inheritedFrom(groupId: GroupId | null | undefined): string {
  const group = device.group(groupId)
  const fallback = device.organisation?.defaultLimit ?? null
  const pool = group?.poolLimit?.credits ? `, out of its pool of ${formatCredits(group.poolLimit.credits)}` : ''
  if (group?.memberLimit) return `Would be ${words(group.memberLimit)} from ${isolated(group.name)}${pool}`
  if (fallback) return `Would be ${words(fallback)}, the default of the organisation${pool}`
  return pool && group?.poolLimit
    ? `No limit for each: only the pool of ${isolated(group.name)}, ${words(group.poolLimit)}, binds`
    : 'No limit: only the credits of the organisation bind'
}

/** The same for many: "From their 7 groups: between 1,000 and 2,000 a month". */
export function inheritedByMany(userIds: readonly UserId[]): string {
  const groupIds = new Set(userIds.map((id) => device.layer.get('users', id)?.groupId ?? null))
  const [only] = groupIds
  if (groupIds.size === 1) return inheritedFrom(only)
  const groups = [...groupIds].flatMap((id): (Group | undefined)[] => [device.group(id)])
  const limits = groups.map((group) => group?.memberLimit ?? device.organisation?.defaultLimit ?? null)
  const known = limits.flatMap((limit) => (limit?.credits ? [limit] : []))
  const named = groups.filter((group) => group !== undefined).length
  const from =
    named > 0 ? `From their ${named === 1 ? 'group' : `${formatCredits(named)} groups`}` : 'From the organisation'
  const [first] = known
  if (!first) return `${from}: no limit`
  if (known.length < limits.length || known.some(({ term }) => term !== first.term)) return `${from}: different limits`
  const amounts = known.flatMap(({ credits }) => credits ?? [])
  const [low, high] = [Math.min(...amounts), Math.max(...amounts)]
  return low === high
    ? `${from}: ${words(first)}`
    : `${from}: between ${formatCredits(low)} and ${words({ ...first, credits: high })}`
}

const words = (limit: Pick<Limit, 'credits' | 'term'>) => limitWords(limit, formatCredits)

export interface Blocked {
  user: User
  used: number
  over: number
}
export interface LimitMoves {
  /** The first fifty of those who have used more than the new limit already. */
  blocked: Blocked[]
  blockedCount: number
  more: number
  less: number
}

/** What new limits do to those who change, in slices; undefined where the rows are not at hand. */
export async function limitMoves(ids: readonly string[], then: Layer, breathe: Breathe): Promise<LimitMoves> {
  const moves: LimitMoves = { blocked: [], blockedCount: 0, more: 0, less: 0 }
  const { layer: now, organisation, starts } = device
  if (!organisation || !starts) return moves
  let count = 0
  for (const id of ids) {
    const [before, after] = [now.get('users', id), then.get('users', id)]
    if (!before || !after) continue
    const was = limitUse(now, organisation, before, starts)
    const use = limitUse(then, organisation, after, starts)
    const [old, fresh] = [was.limit?.credits ?? Infinity, use.limit?.credits ?? Infinity]
    if (was.limit?.term === use.limit?.term || old === Infinity || fresh === Infinity) {
      if (fresh > old) moves.more += 1
      if (fresh < old) moves.less += 1
    }
    if (use.used > fresh && fresh > 0) {
      moves.blockedCount += 1
      if (moves.blocked.length < 50) moves.blocked.push({ user: after, used: use.used, over: use.used - fresh })
    }
    if ((count += 1) % 1_000 === 0) await breathe()
  }
  return moves
}
