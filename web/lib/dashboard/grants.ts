// The credit grants as the Credits table lists them: those that its totals count, and the others apart. Pure.
import { formatMonth } from '#lib/format.ts'
import type { CreditGrant, Day } from '#shared/model.ts'
import { contractStart, runsOn } from '#shared/periods.ts'

export interface GrantRow {
  grant: CreditGrant
  name: string
  /** As the totals count it: a grant that ended within the contract counts with what was used of it. */
  total: number
  used: number
  available: number
  ended: boolean
}

/** Rows that add up to `creditTotals`, the soonest to end first; `others` have ended before or are to come. */
export function grantRows(grants: readonly CreditGrant[], today: Day): { rows: GrantRow[]; others: GrantRow[] } {
  const since = contractStart(grants, today)
  const rows: GrantRow[] = []
  const others: GrantRow[] = []
  for (const grant of grants) {
    const running = runsOn(grant, today)
    const counted = running || (since !== undefined && grant.endsOn >= since && grant.startsOn <= today)
    const row: GrantRow = {
      grant,
      name: nameOf(grant),
      total: running || !counted ? grant.credits : grant.used,
      used: grant.used,
      available: running ? grant.credits - grant.used : 0,
      ended: grant.endsOn < today,
    }
    ;(counted ? rows : others).push(row)
  }
  return { rows, others }
}

/** "Contract 2026/27", "Contract 2026" within one year, "Top-up November". */
function nameOf({ kind, startsOn, endsOn }: CreditGrant): string {
  const [from, to] = [startsOn.slice(0, 4), endsOn.slice(0, 4)]
  if (kind === 'top-up') return `Top-up ${formatMonth(startsOn.slice(0, 7)).replace(/ \d+$/, '')}`
  return from === to ? `Contract ${from}` : `Contract ${from}/${to.slice(2)}`
}
