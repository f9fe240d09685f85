// The users as a CSV file: which columns there are and what stands in them, written in slices.
import { device } from '#lib/device.svelte.ts'
import { download } from '#lib/download.ts'
import { limitUse } from '#lib/facets.ts'
import { createBreathe } from '#lib/replica/breathe.ts'
import { csvRow } from '#shared/csv.ts'
import type { User, UserId } from '#shared/model.ts'
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
  {
    id: 'limit',
    label: 'Limit',
    usual: true,
    value: (user) => {
      const limit = use(user)?.limit
      return limit ? (limit.credits === null ? 'unlimited' : String(limit.credits)) : ''
    },
  },
  { id: 'term', label: 'Limit term', usual: true, value: (user) => use(user)?.limit?.term ?? '' },
  { id: 'from', label: 'Limit from', usual: false, value: (user) => use(user)?.from ?? '' },
  { id: 'used', label: 'Used', usual: true, value: (user) => String(use(user)?.used ?? 0) },
  { id: 'status', label: 'Status', usual: true, value: (user) => STATUS[user.status] },
  { id: 'role', label: 'Role', usual: true, value: (user) => ROLE_WORDS[user.role] },
  { id: 'lastActive', label: 'Last active', usual: true, value: (user) => day(device.meter(user.id)?.lastUsedAt) },
  { id: 'added', label: 'Added', usual: false, value: (user) => day(user.createdAt) },
  { id: 'id', label: 'Id', usual: false, value: (user) => user.id },
]

export interface ExportOptions {
  columns: readonly ExportColumn[]
  delimiter: ',' | ';' | '\t'
  bom: boolean
  /** Hears of the rows that are done; false stops it, and no file is made. */
  onprogress: (done: number, total: number) => boolean
}

/** Writes and offers the file for download. */
export async function exportUsers(ids: readonly UserId[], options: ExportOptions): Promise<void> {
  const { columns, delimiter, bom, onprogress } = options
  const breathe = createBreathe(() => performance.now())
  const parts = [
    (bom ? '\uFEFF' : '') +
      csvRow(
        columns.map(({ label }) => label),
        { delimiter },
      ),
  ]
  for (const [index, id] of ids.entries()) {
    const user = device.layer.get('users', id)
    if (user)
      parts.push(
        csvRow(
          columns.map(({ value }) => value(user)),
          { delimiter },
        ),
      )
    if (index % 200 === 0) {
      if (index % 2_000 === 0 && !onprogress(index, ids.length)) return
      await breathe()
    }
  }
  download(`users-${day(device.now())}.csv`, new Blob(parts), 'text/csv;charset=utf-8')
}
