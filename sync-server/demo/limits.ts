// Who may use how much in the demo: the groups' limits, limits of users' own, and, once the usage is known, the pools and the few users that
// stand over or right under a limit. Every limit says who set it and when, as if an admin had done it in the console.
import { effectiveLimit, usedIn } from '#shared/limits.ts'
import type { Group, GroupId, Instant, Limit, LimitChoice, Meter, Organisation, Term, UserId } from '#shared/model.ts'
import { DAY, MINUTE, officeTime } from './calendar.ts'
import type { Member } from './members.ts'
import type { Random } from './random.ts'

/** Where and when the demo lives. */
export const ZONE = { timeZone: 'Europe/Oslo' }

/** Who can have set a limit, and between when. */
export interface Setting {
  admins: readonly UserId[]
  began: Instant
  now: Instant
}

const MONTHS_OF: Readonly<Record<Term, number>> = { month: 1, quarter: 3, year: 12, contract: 12 }

/** A limit that some admin set between two moments. */
export function limitSet(
  choice: LimitChoice,
  { admins }: Setting,
  from: Instant,
  to: Instant,
  random: Random,
  was: LimitChoice | null = null,
): Limit {
  return { ...choice, setBy: random.pick(admins), setAt: officeTime(from + (to - from) * random.next(), from, to), was }
}

/** When a block began: in an earlier month, so that what was used before it is behind. */
export const blockedAt = (setting: Setting, random: Random): Instant =>
  officeTime(setting.now - (40 + random.below(50)) * DAY, setting.began, setting.now)

const OWN = [
  { weight: 14, term: 'month', credits: [250, 750, 1_000, 1_500, 2_500] },
  { weight: 3, term: 'quarter', credits: [1_500, 3_000, 6_000] },
  { weight: 2, term: 'year', credits: [5_000, 12_000, 20_000] },
  { weight: 2, term: 'contract', credits: [8_000, 15_000] },
  { weight: 1.4, term: 'month', credits: [0] },
  { weight: 1, term: 'month', credits: [null] },
] as const

/** Gives about one user in eight a limit of their own; a block ends their use at once. */
export function setOwnLimits(members: readonly Member[], setting: Setting, random: Random): void {
  for (const member of members) {
    if (!random.chance(0.12)) continue
    const { term, credits } = random.weighted(OWN)
    const choice: LimitChoice = { credits: random.pick<number | null>(credits), term }
    const { row } = member
    const since = row.joinedAt ?? row.createdAt
    const was = random.chance(0.3) ? { credits: 500 + 100 * random.below(5), term: 'month' as const } : null
    if (choice.credits === 0) {
      const blocked = Math.min(member.until, Math.max(since, blockedAt(setting, random)))
      row.limit = limitSet(choice, setting, blocked, blocked, random, was)
      member.until = Math.min(member.until, blocked)
    } else {
      row.limit = limitSet(choice, setting, since, Math.min(member.until, setting.now - MINUTE), random, was)
    }
    row.updatedAt = Math.max(row.updatedAt, row.limit.setAt)
  }
}

/** What each member may use in a month at most, whatever the term of the limit is, and never more than a good part of it on average. */
export function monthlyCeiling({ row }: Member, group: Group | undefined, organisation: Organisation): number {
  const { limit } = effectiveLimit(row, group, organisation)
  return limit === null || limit.credits === null ? Infinity : Math.floor(limit.credits / MONTHS_OF[limit.term])
}

/** A few of the heavy users get a limit just above what they used (nine tenths and more), a few one that was lowered under it. */
export function tightenSome(
  members: readonly Member[],
  meters: ReadonlyMap<string, Meter>,
  starts: Record<Term, Instant>,
  setting: Setting,
  random: Random,
): void {
  const heavy = members
    .flatMap(({ row }) => {
      const meter = meters.get(row.id)
      return meter && row.status === 'active' && row.limit?.credits !== 0 ? [{ row, meter }] : []
    })
    .sort((a, b) => b.meter.month - a.meter.month)
    .slice(2, 50)
  heavy.forEach(({ row, meter }, index) => {
    const lowered = index % 8 === 3
    if (!lowered && index % 4 !== 1) return
    const term = OTHER_TERMS.get(index) ?? 'month'
    const used = usedIn(meter, term, starts)
    const { lastUsedAt } = meter
    if (used < 20 || lastUsedAt === null) return
    if (lowered) {
      const credits = Math.floor(used * (0.84 + random.next() * 0.13))
      const was = { credits: roundUp(used * 1.25, 100), term }
      const soon = Math.min(setting.now, lastUsedAt + 90 * MINUTE)
      row.limit = limitSet({ credits, term }, setting, lastUsedAt, soon, random, was)
    } else {
      const credits = roundUp(used / (0.91 + random.next() * 0.08), used < 300 ? 1 : 10)
      row.limit = limitSet({ credits, term }, setting, row.joinedAt ?? row.createdAt, lastUsedAt, random)
    }
    row.updatedAt = Math.max(row.updatedAt, row.limit.setAt)
  })
}
const OTHER_TERMS: ReadonlyMap<number, Term> = new Map([
  [9, 'quarter'],
  [11, 'year'],
  [17, 'contract'],
  [21, 'quarter'],
  [27, 'quarter'],
  [33, 'year'],
])

/** Gives a group its pool: as large as its use in the term suggests, or so that the wanted share is used. */
export function poolFor(term: Term, meter: Meter, monthly: number, share: number | undefined): LimitChoice {
  const used = meter[term]
  const expected = Math.max(used * 1.08, monthly * MONTHS_OF[term] * 1.2, 500)
  return { term, credits: share !== undefined && used > 0 ? roundUp(used / share, 10) : roundUp(expected, 500) }
}

/** The least multiple of `step` that is not below `amount`. */
export const roundUp = (amount: number, step: number): number => Math.ceil(amount / step) * step

/** The groups by id. */
export const byId = (groups: readonly Group[]): ReadonlyMap<GroupId, Group> =>
  new Map(groups.map((group) => [group.id, group]))
