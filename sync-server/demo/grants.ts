// The credits that the demo organisation bought, and how its usage burnt them: the grant that ends soonest first, day by day.
import { parseDate } from '@internationalized/date'
import { GrantId, type CreditGrant, type Day, type Organisation } from '#shared/model.ts'
import { burn as burnt } from '#shared/credits.ts'
import { contractOf, firstDayOf, startOfDay } from '#shared/periods.ts'
import * as v from 'valibot'
import { roundUp } from './limits.ts'
import type { Random } from './random.ts'
import type { UsageDay } from './usage.ts'

const FEWEST = 100_000

/**
 * The terms of the grants: last year's contract from the first day of usage, this fiscal year's, a top-up that runs and one to come.
 * Nothing is bought or burnt yet.
 */
export function planGrants(first: Day, today: Day, organisation: Organisation, random: Random) {
  const year = parseDate(firstDayOf('year', today, organisation))
  const month = parseDate(firstDayOf('month', today, organisation))
  const later = month.add({ months: 2 })
  const grant = (kind: CreditGrant['kind'], startsOn: Day, endsOn: Day): CreditGrant => {
    const sold = startOfDay(startsOn < today ? startsOn : today, organisation)
    return {
      id: v.parse(GrantId, random.uuid(sold)),
      version: 0,
      kind,
      credits: 0,
      voided: 0,
      startsOn,
      endsOn,
      used: 0,
      usedBy: {},
    }
  }
  return {
    ended: grant('contract', first, year.subtract({ days: 1 }).toString()),
    running: grant('contract', year.toString(), year.add({ years: 1 }).subtract({ days: 1 }).toString()),
    topUp: grant('top-up', month.toString(), month.add({ months: 4 }).subtract({ days: 1 }).toString()),
    later: grant('top-up', later.toString(), later.add({ months: 4 }).subtract({ days: 1 }).toString()),
  }
}
type GrantPlan = ReturnType<typeof planGrants>

/** Sets what each grant holds, by what is used, then burns the usage. At the present pace the running contract falls a little short. */
export function fillGrants(
  { ended, running, topUp, later }: GrantPlan,
  usage: readonly UsageDay[],
  today: Day,
  organisation: Organisation,
): CreditGrant[] {
  const byDay = new Map<Day, number>()
  for (const { day, credits } of usage) byDay.set(day, (byDay.get(day) ?? 0) + credits)
  const between = (from: Day, to: Day) => {
    let sum = 0
    for (const [day, credits] of byDay) if (day >= from && day <= to) sum += credits
    return sum
  }
  const aDay = between(parseDate(today).subtract({ days: 59 }).toString(), today) / 60
  const daysLeft = parseDate(running.endsOn).compare(parseDate(today))
  const usedThisYear = between(running.startsOn, today)
  ended.credits = Math.max(FEWEST / 2, roundUp(between(ended.startsOn, ended.endsOn) * 1.07, 5_000))
  topUp.credits = roundUp(between(topUp.startsOn, today) * 1.4 + aDay * 8 + 1, 10_000)
  later.credits = roundUp(aDay * 25 + 1, 10_000)
  running.credits = Math.max(
    FEWEST,
    roundUp(usedThisYear + Math.max(0, aDay * daysLeft * 0.95 - topUp.credits), 10_000),
  )

  const grants = [ended, running, topUp, later]
  const byId = new Map(grants.map((grant) => [grant.id, grant]))
  for (const [day, credits] of byDay) {
    const contract = contractOf(organisation, grants, day)
    const { parts, overage } = burnt(grants, day, credits)
    if (overage > 0) throw new Error(`The demo's grants do not cover its usage of ${day}.`)
    for (const { id, credits: part } of parts) {
      const grant = byId.get(id)
      if (!grant) continue
      grant.used += part
      grant.usedBy = { ...grant.usedBy, [contract]: (grant.usedBy[contract] ?? 0) + part }
    }
  }
  return grants
}
