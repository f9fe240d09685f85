// What the demo's users used, day by day, and the meters that count it. Limits were held on every day, as the server would have.
import type { Day, Group, Instant, Meter, Organisation, ProductId, Term, User, GroupId, UserId } from '#shared/model.ts'
import { newMeter } from '#shared/meters.ts'
import { TERMS } from '#shared/model.ts'
import { dayOf } from '#shared/periods.ts'
import { MINUTE, type WorkDay } from './calendar.ts'
import { monthlyCeiling } from './limits.ts'
import type { Member } from './members.ts'
import type { Random } from './random.ts'

/** What one user used on one day, in the group and with the product of that day. */
export interface UsageDay {
  day: Day
  userId: UserId
  groupId: GroupId | null
  productId: ProductId
  credits: number
  contactViews: number
  /** When, within the working hours of the day. */
  at: Instant
}

interface Usage {
  days: UsageDay[]
  /** The moment of last use, by the id of each user and each group that has used anything. */
  lastUsedAt: ReadonlyMap<string, Instant>
}

interface Spender {
  member: Member
  row: User
  productId: ProductId
  joinedAt: Instant
  likely: number
  amount: number
  ceiling: number
  spent: number
  viewsEach: number
}

/** Burns credits on every day, in the order of days. `viewsOf` tells how many contact views a credit of a product brings. */
export function burn(
  members: readonly Member[],
  groups: ReadonlyMap<GroupId, Group>,
  organisation: Organisation,
  days: readonly WorkDay[],
  viewsOf: ReadonlyMap<ProductId, number>,
  random: Random,
): Usage {
  const spenders = members.flatMap((member) => spenderOf(member, groups, organisation, viewsOf) ?? [])
  const usage: UsageDay[] = []
  const lastUsedAt = new Map<string, Instant>()
  for (const today of days) {
    if (today.day.endsWith('-01')) for (const spender of spenders) spender.spent = 0
    if (today.busy === 0) continue
    const closes = today.start + today.to * MINUTE
    for (const spender of spenders) {
      const { member, row, productId } = spender
      if (today.start < spender.joinedAt || closes > member.until || !random.chance(spender.likely * today.busy))
        continue
      const wanted = Math.ceil(spender.amount * today.trend * (0.35 + random.next() * 1.3))
      const credits = Math.min(wanted, spender.ceiling - spender.spent)
      if (credits <= 0) continue
      spender.spent += credits
      const { earlier } = member
      const groupId = earlier && closes <= earlier.before ? earlier.groupId : row.groupId
      const contactViews = Math.round(credits * spender.viewsEach * (0.6 + random.next() * 0.8))
      const at = today.start + (today.from + random.below(today.to - today.from)) * MINUTE
      usage.push({ day: today.day, userId: row.id, groupId, productId, credits, contactViews, at })
      lastUsedAt.set(row.id, at)
      if (groupId) lastUsedAt.set(groupId, Math.max(at, lastUsedAt.get(groupId) ?? 0))
    }
  }
  return { days: usage, lastUsedAt }
}

function spenderOf(
  member: Member,
  groups: ReadonlyMap<GroupId, Group>,
  organisation: Organisation,
  viewsOf: ReadonlyMap<ProductId, number>,
): Spender | undefined {
  const { row } = member
  if (row.joinedAt === null || row.productId === null || member.pace === 0) return undefined
  const group = row.groupId ? groups.get(row.groupId) : undefined
  // Who is blocked has used something before; the block itself ends it (Member.until).
  const ceiling = monthlyCeiling(member, group, organisation) || 400
  const pace = Math.min(member.pace, 0.82 * ceiling)
  const likely = Math.min(0.85, 0.06 + pace / 120)
  return {
    member,
    row,
    productId: row.productId,
    joinedAt: row.joinedAt,
    likely,
    amount: pace / (20 * likely),
    ceiling,
    spent: 0,
    viewsEach: viewsOf.get(row.productId) ?? 1,
  }
}

/** Counts the usage into a meter for each user that ever joined and one for the pool of each group. */
export function countMeters(
  { days, lastUsedAt }: Usage,
  users: readonly User[],
  groups: readonly Group[],
  organisation: Organisation,
  starts: Record<Term, Instant>,
): Map<string, Meter> {
  const meters = new Map<string, Meter>()
  const start = (id: UserId | GroupId, of: Meter['of']) =>
    meters.set(id, { ...newMeter(id, of, starts), lastUsedAt: lastUsedAt.get(id) ?? null })
  for (const { id, joinedAt } of users) if (joinedAt !== null) start(id, 'user')
  for (const { id } of groups) start(id, 'pool')

  const firstDays = TERMS.map((term) => ({ term, day: dayOf(starts[term], organisation) }))
  const add = (meter: Meter | undefined, { day, credits }: UsageDay) => {
    if (meter) for (const first of firstDays) if (day >= first.day) meter[first.term] += credits
  }
  for (const used of days) {
    add(meters.get(used.userId), used)
    if (used.groupId) add(meters.get(used.groupId), used)
  }
  return meters
}
