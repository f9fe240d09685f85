// The usage of a period as a CSV file: by day, product, group and user, in one table that a spreadsheet can filter by its first column.
import { device } from '#lib/device.svelte.ts'
import type { Amounts, UsageSums } from '#lib/usage/types.ts'
import { fullName } from '#lib/users/facts.ts'
import type { DayRange } from '#shared/periods.ts'
import { saveCsv } from './file.ts'
import { noteExport } from './record.ts'

const HEADS = ['By', 'Name', 'E-mail', 'Credits', 'Contact views'] as const

/**
 * Writes the file and has it recorded. Of users those are in it that `sums.top` names: ask for all of them.
 * @param period its first and last day
 * @returns how many rows; undefined if it was stopped
 */
export async function exportUsage({ from, to }: DayRange, sums: UsageSums): Promise<number | undefined> {
  const rows = usageRows(sums)
  const written = await saveCsv({
    name: `usage-${from}-${to}.csv`,
    heads: HEADS,
    count: rows.count,
    row: rows.at,
    bom: true,
    onprogress: () => true,
  })
  if (written !== undefined)
    await noteExport({ what: 'usage', rows: written, scope: 'period', filter: `${from} to ${to}`, columns: [...HEADS] })
  return written
}

/** Made one by one: a hundred thousand users may have used something. */
export function usageRows({ days, products, groups, top }: UsageSums) {
  const amounts = (each: Amounts) => [String(each.credits), String(each.contactViews)]
  const few = [
    ...days.map((each) => ['day', each.day, '', ...amounts(each)]),
    ...products.map((each) => [
      'product',
      device.product(each.productId)?.name ?? each.productId,
      '',
      ...amounts(each),
    ]),
    ...groups.map((each) => ['group', groupName(each), '', ...amounts(each)]),
  ]
  return {
    count: few.length + top.length,
    at: (index: number): readonly string[] | undefined => few[index] ?? userRow(top[index - few.length]),
  }
}

const groupName = ({ groupId }: UsageSums['groups'][number]): string =>
  groupId === null ? 'No group' : (device.group(groupId)?.name ?? 'Deleted group')

/** Contact views are not counted by user. */
function userRow(used: UsageSums['top'][number] | undefined): readonly string[] | undefined {
  if (!used) return undefined
  const user = device.user(used.userId)
  return ['user', user ? fullName(user) : used.userId, user?.email ?? '', String(used.credits), '']
}
