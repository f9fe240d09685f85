// The columns of the users' table: which there are, which are shown, in which order. The choice is kept on this device; the name
// is always first.
import type { SortColumn } from '#lib/replica/roster.ts'
import { setOf } from './sets.ts'

export type ColumnId = SortColumn

export interface Column {
  id: ColumnId
  label: string
  /** Width in rem; it decides how far the table scrolls sideways when more is shown than usual. */
  width: number
  /** Classes of its cells. */
  cell: string
  /** Classes of its head. */
  head: string
}

const COLUMNS: readonly Column[] = [
  { id: 'name', label: 'Name', width: 9.75, cell: 'name cut a-name c-name', head: 'c-name' },
  { id: 'email', label: 'E-mail', width: 13, cell: 'cut soft out-2', head: 'out-2' },
  { id: 'product', label: 'Product', width: 5.25, cell: 'cut c-product', head: 'c-product' },
  { id: 'group', label: 'Group', width: 9, cell: 'cut c-group', head: 'c-group' },
  { id: 'limit', label: 'Limit', width: 7.25, cell: 'num c-limit', head: 'num c-limit' },
  { id: 'used', label: 'Used', width: 9, cell: 'a-used c-used', head: 'c-used' },
  { id: 'status', label: 'Status', width: 6.5, cell: 'a-status c-status', head: 'c-status' },
  { id: 'role', label: 'Role', width: 4.5, cell: 'out-3 c-role', head: 'out-3 c-role' },
  { id: 'lastActive', label: 'Last active', width: 8.25, cell: 'out-3 soft cut last c-last', head: 'out-3 c-last' },
  { id: 'title', label: 'Title', width: 10, cell: 'cut soft c-more', head: 'c-more' },
  { id: 'phone', label: 'Phone', width: 10, cell: 'cut soft c-more', head: 'c-more' },
  { id: 'externalId', label: 'External id', width: 10, cell: 'cut soft c-more', head: 'c-more' },
  { id: 'added', label: 'Added', width: 10, cell: 'cut soft c-more', head: 'c-more' },
]
const byId: ReadonlyMap<string, Column> = new Map(COLUMNS.map((column) => [column.id, column]))

export const USUAL_COLUMNS: readonly ColumnId[] = [
  'name',
  'email',
  'product',
  'group',
  'limit',
  'used',
  'status',
  'role',
  'lastActive',
]

const KEY = 'quartermaster.users.columns'

/** What is kept, as far as this version knows it; the name first, each once. */
export function parseColumns(text: string | null): readonly ColumnId[] {
  if (!text) return USUAL_COLUMNS
  const known = text.split(',').flatMap((id) => byId.get(id)?.id ?? [])
  return [...setOf<ColumnId>(['name', ...known])]
}

let shown = $state.raw(parseColumns(localStorage.getItem(KEY)))

export const columns = {
  get shown(): readonly Column[] {
    return shown.flatMap((id) => byId.get(id) ?? [])
  },
  get hidden(): readonly Column[] {
    return COLUMNS.filter(({ id }) => !shown.includes(id))
  },
  /** By how many rem the shown columns are wider than the usual ones. */
  get extra(): number {
    const width = (ids: readonly ColumnId[]) => ids.reduce((sum, id) => sum + (byId.get(id)?.width ?? 0), 0)
    return Math.max(0, width(shown) - width(USUAL_COLUMNS))
  },
  toggle(id: ColumnId): void {
    if (id === 'name') return
    keep(shown.includes(id) ? shown.filter((other) => other !== id) : [...shown, id])
  },
  /** Puts a column before or after its neighbours; the name stays first. */
  move(id: ColumnId, to: number): void {
    const rest = shown.filter((other) => other !== id)
    const at = Math.min(Math.max(1, to), rest.length)
    keep([...rest.slice(0, at), id, ...rest.slice(at)])
  },
  reset: () => keep(USUAL_COLUMNS),
}

function keep(ids: readonly ColumnId[]): void {
  shown = ids
  if (ids.join() === USUAL_COLUMNS.join()) localStorage.removeItem(KEY)
  else localStorage.setItem(KEY, ids.join())
}
