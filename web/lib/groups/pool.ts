// What a group has used of its pool in the pool's term, when that starts anew, and what binds before it does.
import { device } from '#lib/device.svelte.ts'
import { formatCredits, formatLongDay } from '#lib/format.ts'
import { noonOf } from '#lib/users/facts.ts'
import { creditTotals } from '#shared/credits.ts'
import { usedIn } from '#shared/limits.ts'
import type { Group } from '#shared/model.ts'
import { nextStart } from '#shared/periods.ts'

export interface Pool {
  /** In the term of the pool; in the month where there is none. */
  used: number
  /** "starts anew on 1 December", or what of the organisation binds before the pool does; empty where there is no pool. */
  words: string
}

/** Undefined until organisation and grants are at hand. */
export function poolOf({ id, poolLimit }: Pick<Group, 'id' | 'poolLimit'>): Pool | undefined {
  const { organisation, starts } = device
  if (!organisation || !starts) return undefined
  const used = usedIn(device.meter(id), poolLimit?.term ?? 'month', starts)
  if (!poolLimit) return { used, words: '' }
  const { available } = creditTotals(device.grants, organisation, device.now())
  const next = nextStart(poolLimit.term, organisation, device.now())
  const anew =
    next === undefined
      ? 'starts anew with the next contract'
      : `starts anew on ${formatLongDay(noonOf(next, organisation))}`
  if (poolLimit.credits === null || available < poolLimit.credits - used) {
    const left = available > 0 ? `${formatCredits(available)} left` : 'none left'
    return { used, words: `the credits of the organisation bind first: ${left}` }
  }
  return { used, words: poolLimit.credits === 0 ? '' : anew }
}
