// The groups as a CSV file: which columns there are and what stands in them.
import { device } from '#lib/device.svelte.ts'
import { modifiedBy, usedThisMonth } from '#lib/groups/cells.ts'
import type { Group, GroupId, LimitChoice } from '#shared/model.ts'
import type { ExportChoice } from './choice.ts'
import { saveCsv } from './file.ts'
import { noteExport } from './record.ts'

interface Column {
  id: string
  label: string
  usual: boolean
  value: (group: Group) => string
}

const amount = (limit: LimitChoice | null) => (limit ? String(limit.credits ?? 'unlimited') : '')
const day = (moment: number) => new Date(moment).toISOString().slice(0, 10)

export const GROUP_COLUMNS: readonly Column[] = [
  { id: 'name', label: 'Group', usual: true, value: ({ name }) => name },
  { id: 'members', label: 'Members', usual: true, value: ({ members }) => String(members) },
  { id: 'memberLimit', label: 'Limit for each member', usual: true, value: (group) => amount(group.memberLimit) },
  { id: 'memberTerm', label: 'Its term', usual: true, value: (group) => group.memberLimit?.term ?? '' },
  { id: 'poolLimit', label: 'Shared limit', usual: true, value: (group) => amount(group.poolLimit) },
  { id: 'poolTerm', label: 'Term of the shared limit', usual: true, value: (group) => group.poolLimit?.term ?? '' },
  { id: 'used', label: 'Used this month', usual: true, value: (group) => String(usedThisMonth(group)) },
  { id: 'modified', label: 'Last modified', usual: true, value: (group) => day(group.lastModified) },
  { id: 'by', label: 'Modified by', usual: false, value: modifiedBy },
  { id: 'id', label: 'Id', usual: false, value: ({ id }) => id },
]

/** Writes the file and has it recorded. @returns how many; undefined if it was stopped */
export async function exportGroups(
  ids: readonly GroupId[],
  { columns, delimiter, bom }: ExportChoice,
  scope: 'selection' | 'all' | 'filter',
): Promise<number | undefined> {
  const taken = GROUP_COLUMNS.filter(({ id }) => columns.includes(id))
  const written = await saveCsv({
    name: `groups-${day(device.now())}.csv`,
    heads: taken.map(({ label }) => label),
    count: ids.length,
    row: (at) => {
      const group = device.group(ids[at])
      return group && taken.map(({ value }) => value(group))
    },
    delimiter,
    bom,
    onprogress: () => true,
  })
  if (written !== undefined)
    await noteExport({ what: 'groups', rows: written, scope, filter: '', columns: taken.map(({ label }) => label) })
  return written
}
