// The usage of a period as a CSV file: by day, product and group, and the users with most of it, in one table that a spreadsheet can filter.
import { device } from '#lib/device.svelte.ts'
import type { UsageSums } from '#lib/usage/types.ts'
import { fullName } from '#lib/users/facts.ts'
import type { DayRange } from '#shared/periods.ts'
import { saveCsv } from './file.ts'
import { noteExport } from './record.ts'

const HEADS = ['By', 'Name', 'Credits', 'Contact views'] as const

/** Writes the file and has it recorded. `period`: its first and last day. */
export async function exportUsage({ from, to }: DayRange, sums: UsageSums): Promise<void> {
  const amounts = (each: { credits: number; contactViews: number }) => [String(each.credits), String(each.contactViews)]
  const rows: string[][] = [
    ...sums.days.map((each) => ['day', each.day, ...amounts(each)]),
    ...sums.products.map((each) => [
      'product',
      device.product(each.productId)?.name ?? each.productId,
      ...amounts(each),
    ]),
    ...sums.groups.map((each) => ['group', device.group(each.groupId)?.name ?? 'No group', ...amounts(each)]),
    ...sums.top.map(({ userId, credits }) => ['user', nameOf(userId), String(credits), '']),
  ]
  const written = await saveCsv({
    name: `usage-${from}-${to}.csv`,
    heads: HEADS,
    count: rows.length,
    row: (at) => rows[at],
    bom: true,
    onprogress: () => true,
  })
  if (written === undefined) return
  await noteExport({ what: 'usage', rows: written, scope: 'period', filter: `${from} to ${to}`, columns: [...HEADS] })
}

function nameOf(id: UsageSums['top'][number]['userId']): string {
  const user = device.user(id)
  return user ? fullName(user) : id
}
