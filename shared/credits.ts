// Credits: what each grant gives, what is used of it, and in which order grants are burnt. All sums are functions of the rows and a day,
// so that nothing has to run when a grant ends; total − used = available holds on each day, and used is what the contract's days used.
import type { CreditGrant, Day, GrantId, Instant, Organisation } from './model.ts'
import { contractOf, dayOf, runsOn } from './periods.ts'

export interface CreditTotals {
  total: number
  used: number
  /** Below 0 where more was used than there is. */
  available: number
}

export interface GrantShare extends CreditTotals {
  state: 'running' | 'ended' | 'to-come' | 'overage'
}

/** What can be burnt of a grant in all. */
export const capacity = ({ credits, voided }: Pick<CreditGrant, 'credits' | 'voided'>): number => credits - voided

/**
 * What a grant adds to the totals of `contract` (its first day) on `today`. Of a grant that ran before, what that time used of it is
 * left out on both sides; one that has ended counts with what was used of it, one to come not at all.
 */
export function shareOf(grant: CreditGrant, contract: Day, today: Day): GrantShare {
  const used = grant.usedBy[contract] ?? 0
  if (grant.kind === 'overage') return { state: 'overage', total: 0, used, available: used === 0 ? 0 : -used }
  if (runsOn(grant, today)) {
    const available = capacity(grant) - grant.used
    return { state: 'running', total: used + available, used, available }
  }
  return { state: grant.endsOn < today ? 'ended' : 'to-come', total: used, used, available: 0 }
}

/** The organisation's credits in the contract that runs at `now`. */
export function creditTotals(
  grants: Iterable<CreditGrant>,
  organisation: Pick<Organisation, 'timeZone' | 'fiscalYearStart'>,
  now: Instant,
): CreditTotals {
  const all = [...grants]
  const today = dayOf(now, organisation)
  const contract = contractOf(organisation, all, today)
  const totals = { total: 0, used: 0, available: 0 }
  for (const grant of all) {
    const share = shareOf(grant, contract, today)
    totals.total += share.total
    totals.used += share.used
    totals.available += share.available
  }
  return totals
}

/** The grants that credits used on `day` are burnt from, in order: the soonest to end first. */
export const burningOrder = (grants: Iterable<CreditGrant>, day: Day): CreditGrant[] =>
  [...grants].filter((grant) => grant.kind !== 'overage' && runsOn(grant, day)).sort(soonestToEnd)

const soonestToEnd = (a: CreditGrant, b: CreditGrant): number =>
  compare(a.endsOn, b.endsOn) || compare(a.startsOn, b.startsOn) || compare(a.id, b.id)
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/**
 * How `credits` used on `day` are burnt: a part from each grant, and as `overage` what no grant had left. Nothing is changed.
 * The parts add up to `credits`.
 */
export function burn(
  grants: Iterable<CreditGrant>,
  day: Day,
  credits: number,
): { parts: { id: GrantId; credits: number }[]; overage: number } {
  const parts: { id: GrantId; credits: number }[] = []
  let left = credits
  for (const grant of burningOrder(grants, day)) {
    const part = Math.min(left, capacity(grant) - grant.used)
    if (part <= 0) continue
    parts.push({ id: grant.id, credits: part })
    left -= part
  }
  return { parts, overage: left }
}
