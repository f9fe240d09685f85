// The users as a CSV file: which columns there are and what stands in them.
import { device } from '#lib/device.svelte.ts'
import { saveCsv, type CsvFile } from '#lib/export/file.ts'
import { noteExport } from '#lib/export/record.ts'
import { limitUse } from '#lib/facets.ts'
import type { LimitChoice, User, UserId } from '#shared/model.ts'
import { ROLE_WORDS } from './facts.ts'

export interface ExportColumn {
  id: string
  /** The head of the column, as the import knows it again. */
  label: string
  usual: boolean
  value: (user: User) => string
}

const day = (moment: number | null | undefined) => (moment ? new Date(moment).toISOString().slice(0, 10) : '')
const use = (user: User) => {
  const { layer, organisation, starts } = device
  return organisation && starts ? limitUse(layer, organisation, user, starts) : undefined
}
const amount = (limit: LimitChoice | null) => (limit ? String(limit.credits ?? 'unlimited') : '')
const STATUS = { active: 'Active', invited: 'Invited', deactivated: 'Deactivated' }

export const EXPORT_COLUMNS: readonly ExportColumn[] = [
  { id: 'firstName', label: 'First name', usual: true, value: (user) => user.firstName },
  { id: 'lastName', label: 'Last name', usual: true, value: (user) => user.lastName },
  { id: 'email', label: 'E-mail', usual: true, value: (user) => user.email },
  { id: 'title', label: 'Title', usual: true, value: (user) => user.title },
  { id: 'phone', label: 'Phone', usual: false, value: (user) => user.phone },
  { id: 'externalId', label: 'External id', usual: true, value: (user) => user.externalId },
  { id: 'product', label: 'Product', usual: true, value: (user) => device.product(user.productId)?.name ?? '' },
  { id: 'group', label: 'Group', usual: true, value: (user) => device.group(user.groupId)?.name ?? '' },
  // The own limit: an import of the file must not turn what is inherited into a limit of one's own.
  { id: 'limit', label: 'Limit', usual: true, value: ({ limit }) => amount(limit) },
  { id: 'term', label: 'Limit term', usual: true, value: ({ limit }) => limit?.term ?? '' },
  { id: 'inEffect', label: 'Limit in effect', usual: false, value: (user) => amount(use(user)?.limit ?? null) },
  { id: 'from', label: 'Limit from', usual: false, value: (user) => use(user)?.from ?? '' },
  { id: 'used', label: 'Used', usual: true, value: (user) => String(use(user)?.used ?? 0) },
  { id: 'status', label: 'Status', usual: true, value: (user) => STATUS[user.status] },
  { id: 'role', label: 'Role', usual: true, value: (user) => ROLE_WORDS[user.role] },
  { id: 'lastActive', label: 'Last active', usual: true, value: (user) => day(device.meter(user.id)?.lastUsedAt) },
  { id: 'added', label: 'Added', usual: false, value: (user) => day(user.createdAt) },
  { id: 'id', label: 'Id', usual: false, value: (user) => user.id },
]

export interface ExportOptions extends Pick<CsvFile, 'delimiter' | 'bom' | 'onprogress'> {
  columns: readonly ExportColumn[]
  scope: 'selection' | 'filter' | 'all'
  /** As the list's address has it, without what was typed into the search. */
  filter: string
}

/** Writes the file and has it recorded. @returns how many users; undefined if it was stopped */
export async function exportUsers(ids: readonly UserId[], options: ExportOptions): Promise<number | undefined> {
  const { columns, scope, filter, ...how } = options
  const heads = columns.map(({ label }) => label)
  const written = await saveCsv({
    ...how,
    name: `users-${day(device.now())}.csv`,
    heads,
    count: ids.length,
    row: (at) => {
      const user = device.user(ids[at])
      return user && columns.map(({ value }) => value(user))
    },
  })
  if (written !== undefined) await noteExport({ what: 'users', rows: written, scope, filter, columns: heads })
  return written
}
