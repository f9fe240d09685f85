// Every ceiling over a user's spending in words: which one binds, who set it, what is left under each, and which limit it replaces.
import { device } from '#lib/device.svelte.ts'
import { formatCount, formatCredits, formatLongDay, formatWhen } from '#lib/format.ts'
import { bindingSentence, limitWords } from '#shared/limit-words.ts'
import { creditTotals } from '#shared/credits.ts'
import { bounds, type Bound } from '#shared/limits.ts'
import type { Group, Instant, Limit, Meter, Organisation, Term, User } from '#shared/model.ts'
import { nextStart } from '#shared/periods.ts'
import { fullName, noonOf } from './facts.ts'
import { isolated } from '#shared/bidi.ts'

export interface LadderStep {
  title: string
  detail: string
  /** "7,518 left", "unlimited". */
  left: string
  none: boolean
  binds: boolean
  /** Why it does not count: "replaced by own limit". */
  replaced?: string
}

export interface Ladder {
  left: number
  over: number
  /** What is used of the binding one; more than 1 is over. */
  share: number
  /** What the bar shows, of the ceiling that binds: "1,612 used of 1,500 this month". */
  usedWords: string
  sentence: string
  steps: LadderStep[]
}

const THIS: Record<Term, string> = {
  month: 'this month',
  quarter: 'this quarter',
  year: 'this year',
  contract: 'in this contract',
}

/** Undefined until organisation and grants are at hand. */
export function ladderOf(user: User): Ladder | undefined {
  const { organisation, starts } = device
  if (!organisation || !starts) return undefined
  const now = device.now()
  const group = device.group(user.groupId)
  const credits = creditTotals(device.grants, organisation, now)
  const meter = device.meter(user.id)
  const all = bounds({ user, group, organisation, meter, poolMeter: device.meter(group?.id), starts, credits })
  const [binding] = all
  const setter = device.user(binding.limit?.setBy)
  return {
    left: binding.left,
    over: binding.over,
    share:
      binding.kind === 'credits' ? ratio(credits.used, credits.total) : ratio(binding.used, binding.limit?.credits),
    usedWords: usedWords(binding, credits.total, meter, starts, organisation),
    sentence: bindingSentence(binding, {
      names: { users: setter ? { [setter.id]: fullName(setter) } : {}, groups: {}, products: {} },
      number: formatCredits,
      when: (at) => formatWhen(at, now),
      day: (at) => formatLongDay(noonOf(at, organisation)),
      group: group?.name,
      next: binding.limit ? nextStart(binding.limit.term, organisation, now) : undefined,
    }),
    steps: [...all.map((bound) => step(bound, bound === binding, group)), ...replacedBy(user, group)],
  }
}

/** "1,612 used of 1,500 this month", "22,800 used of the pool’s 24,000 this quarter", "40 used of 1,500 since the reset on 12 November". */
function usedWords(
  { kind, limit, used }: Bound,
  total: number,
  meter: Meter | undefined,
  starts: Record<Term, Instant>,
  organisation: Organisation,
): string {
  const amount = `${formatCredits(used)} used`
  if (!limit) return `${amount} of all ${formatCredits(total)} ${THIS.contract}`
  const of = limit.credits ? ` of ${kind === 'pool' ? 'the pool’s ' : ''}${formatCredits(limit.credits)}` : ''
  const since = kind === 'pool' || !meter ? 0 : meter[`${limit.term}Since`]
  return since > starts[limit.term]
    ? `${amount}${of} since the reset on ${formatLongDay(noonOf(since, organisation))}`
    : `${amount}${of} ${THIS[limit.term]}`
}

const ratio = (used: number, of: number | null | undefined) => (of ? used / of : of === 0 ? 2 : 0)
const words = (limit: Limit | null) => limitWords(limit, formatCredits)

function step(bound: Bound, binds: boolean, group: Group | undefined): LadderStep {
  const left = bound.left === Infinity ? 'unlimited' : `${formatCredits(bound.left)} left`
  const common = { left, none: bound.left === 0, binds }
  const used = `${formatCredits(bound.used)} used`
  const name = group?.name ?? 'the group'
  if (bound.kind === 'own') return { ...common, title: 'Own limit', detail: `${words(bound.limit)}, ${used}` }
  if (bound.kind === 'group')
    return { ...common, title: `For each member of ${isolated(name)}`, detail: `${words(bound.limit)}, ${used}` }
  if (bound.kind === 'default')
    return { ...common, title: 'Default of the organisation', detail: `${words(bound.limit)}, ${used}` }
  if (bound.kind === 'pool')
    return {
      ...common,
      title: `Pool of ${isolated(name)}`,
      detail: `${words(bound.limit)}, shared by ${formatCount(group?.members ?? 0, 'member')}, ${used}`,
    }
  return { ...common, title: 'Credits of the organisation', detail: 'all grants' }
}

/** The limits that would hold if a nearer one did not. */
function replacedBy(user: User, group: Group | undefined): LadderStep[] {
  const none = { left: '', none: false, binds: false }
  const fallback = device.organisation?.defaultLimit
  const steps: LadderStep[] = []
  if (user.limit && group?.memberLimit)
    steps.push({
      ...none,
      title: `For each member of ${isolated(group.name)}`,
      detail: words(group.memberLimit),
      replaced: 'replaced by own limit',
    })
  else if (fallback && (user.limit ?? group?.memberLimit))
    steps.push({
      ...none,
      title: 'Default of the organisation',
      detail: words(fallback),
      replaced: user.limit ? 'replaced by own limit' : 'replaced by the group',
    })
  return steps
}
