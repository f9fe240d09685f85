// The credit grants as the Credits table lists them: those that its totals count, and the others apart. Pure.
import { formatMonth } from '#lib/format.ts'
import { shareOf, type GrantShare } from '#shared/credits.ts'
import type { CreditGrant, Day, Organisation } from '#shared/model.ts'
import { contractOf } from '#shared/periods.ts'

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
  const rows: GrantRow[] = []
  const others: GrantRow[] = []
  for (const grant of grants) {
    const row: GrantRow = { grant, name: nameOf(grant), ...shareOf(grant, contract, today) }
    if (row.used > 0 || (row.state === 'running' && row.total > 0)) rows.push(row)
    else if (row.state !== 'overage') others.push(row)
  }
  return { rows, others }
}

/** "Contract 2026/27", "Contract 2026" within one year, "Top-up November". */
function nameOf({ kind, startsOn, endsOn }: CreditGrant): string {
  if (kind === 'overage') return 'Past the credits'
  const [from, to] = [startsOn.slice(0, 4), endsOn.slice(0, 4)]
  if (kind === 'top-up') return `Top-up ${formatMonth(startsOn.slice(0, 7)).replace(/ \d+$/, '')}`
  return from === to ? `Contract ${from}` : `Contract ${from}/${to.slice(2)}`
}
