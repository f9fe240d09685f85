// The credit grants as the Credits table lists them: those that its totals count, the others apart, and what of each the totals leave
// out. Pure.
import { formatFullDays, formatMonth, formatMonthName } from '#lib/format.ts'
import { capacity, shareOf, type GrantShare } from '#shared/credits.ts'
import type { CreditGrant, Day, Organisation } from '#shared/model.ts'
import { contractOf } from '#shared/periods.ts'
import { parseDate } from '@internationalized/date'

export interface GrantRow extends GrantShare {
  grant: CreditGrant
  name: string
}

/** Rows that add up to `creditTotals`, the soonest to end first; `others` have ended before or are to come. */
export function grantRows(
  grants: readonly CreditGrant[],
  today: Day,
  organisation: Pick<Organisation, 'fiscalYearStart'>,
): { rows: GrantRow[]; others: GrantRow[] } {
  const contract = contractOf(organisation, grants, today)
  const name = namesOf(grants, contract)
  const rows: GrantRow[] = []
  const others: GrantRow[] = []
  for (const grant of grants) {
    const row: GrantRow = { grant, name: name(grant), ...shareOf(grant, contract, today) }
    if (row.used > 0 || (row.state === 'running' && row.total > 0)) rows.push(row)
    else if (row.state !== 'overage') others.push(row)
  }
  return { rows, others }
}

/** Why credits of a grant are in no total. */
export type LeftOut = 'taken-back' | 'ended-unused' | 'used-before' | 'to-come'

export interface LeftOutRow {
  grant: CreditGrant
  name: string
  why: LeftOut
  credits: number
}

/** What was sold and is not in the totals; with what the rows of the table have available, used and ended it comes to all that was sold. */
export function leftOut(
  grants: readonly CreditGrant[],
  today: Day,
  organisation: Pick<Organisation, 'fiscalYearStart'>,
): LeftOutRow[] {
  const contract = contractOf(organisation, grants, today)
  const name = namesOf(grants, contract)
  return grants.flatMap((grant) => {
    if (grant.kind === 'overage') return []
    const left = capacity(grant) - grant.used
    const parts: [LeftOut, number][] = [
      ['taken-back', grant.voided],
      ['used-before', grant.used - (grant.usedBy[contract] ?? 0)],
      ['ended-unused', grant.endsOn < today ? left : 0],
      ['to-come', grant.startsOn > today ? left : 0],
    ]
    return parts
      .filter(([, credits]) => credits > 0)
      .map(([why, credits]) => ({ grant, name: name(grant), why, credits }))
  })
}

/**
 * "Contract 2026/27", "Contract 2026" within one year, "Top-up November" of the present contract. With its year, or its day, where it is
 * another contract's or where two would have one name.
 */
function namesOf(grants: readonly CreditGrant[], contract: Day): (grant: CreditGrant) => string {
  const topUps = grants.filter(({ kind }) => kind === 'top-up')
  const next = parseDate(contract).add({ years: 1 }).toString()
  const month = ({ startsOn }: CreditGrant) => formatMonthName(startsOn)
  const year = ({ startsOn }: CreditGrant) => formatMonth(startsOn.slice(0, 7))
  const alone = (grant: CreditGrant, name: (other: CreditGrant) => string) =>
    topUps.every((other) => other.id === grant.id || name(other) !== name(grant))
  return (grant) => {
    const { kind, startsOn, endsOn } = grant
    if (kind === 'overage') return 'Past the credits'
    if (kind === 'top-up') {
      const own = startsOn >= contract && startsOn < next
      if (own && alone(grant, month)) return `Top-up ${month(grant)}`
      return `Top-up ${alone(grant, year) ? year(grant) : formatFullDays({ from: startsOn, to: startsOn })}`
    }
    const [from, to] = [startsOn.slice(0, 4), endsOn.slice(0, 4)]
    return from === to ? `Contract ${from}` : `Contract ${from}/${to.slice(2)}`
  }
}
