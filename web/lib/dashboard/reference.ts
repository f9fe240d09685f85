// The dotted line of the Usage Summary: the even pace at which the credits would last exactly through the contract; for a time that the
// contract does not hold, the mean of what the chart shows, where all of it is on this device. Pure.
import type { Bucket, Unit } from '#lib/dashboard/buckets.ts'
import { creditTotals } from '#shared/credits.ts'
import type { CreditGrant, Day, Instant, Organisation } from '#shared/model.ts'
import { contractOf, dayOf, lengthOf, type DayRange } from '#shared/periods.ts'
import { parseDate } from '@internationalized/date'

export interface Reference {
  kind: 'even-pace' | 'mean'
  /** Credits in one whole bucket. */
  value: number
}

const DAYS: Record<Unit, number> = { day: 1, week: 7, month: 365.25 / 12 }

/**
 * Undefined where neither means anything.
 * @param first the first day with any usage: what lies before it pulls no mean down
 */
export function referenceFor(
  unit: Unit,
  range: DayRange,
  buckets: readonly Bucket[],
  {
    organisation,
    grants,
    now,
    first,
  }: { organisation: Organisation; grants: readonly CreditGrant[]; now: Instant; first: Day | undefined },
): Reference | undefined {
  const today = dayOf(now, organisation)
  const contract = contractDays(grants, organisation, today)
  const { total } = creditTotals(grants, organisation, now)
  if (contract && total > 0 && range.from >= contract.from && range.to <= contract.to) {
    const months = wholeMonths(contract)
    const value = unit === 'month' && months ? total / months : (total / lengthOf(contract)) * DAYS[unit]
    return { kind: 'even-pace', value: Math.round(value) }
  }
  if (first === undefined || buckets.some(({ unknown }) => unknown)) return undefined
  const whole = buckets.filter(({ cut, from }) => !cut && from >= first)
  if (whole.length < 3) return undefined
  const value = Math.round(whole.reduce((sum, { credits }) => sum + credits, 0) / whole.length)
  return value > 0 ? { kind: 'mean', value } : undefined
}

/** From the contract's first day to the last on which any of its grants runs. */
function contractDays(
  grants: readonly CreditGrant[],
  organisation: Pick<Organisation, 'fiscalYearStart'>,
  today: Day,
): DayRange | undefined {
  const from = contractOf(organisation, grants, today)
  let to: Day | undefined
  for (const { kind, startsOn, endsOn } of grants)
    if (kind === 'contract' && startsOn === from && (to === undefined || endsOn > to)) to = endsOn
  return to === undefined ? undefined : { from, to }
}

/** How many months it has, where it begins and ends with them. */
function wholeMonths({ from, to }: DayRange): number | undefined {
  const [start, after] = [parseDate(from), parseDate(to).add({ days: 1 })]
  if (start.day !== after.day) return undefined
  return (after.year - start.year) * 12 + after.month - start.month
}
