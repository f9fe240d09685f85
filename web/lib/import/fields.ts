// What a row of new or changed users consists of as text, before anything is read out of it. A file has more kinds of columns than the
// grid: a whole name, a limit's term, our own id.

export const DRAFT_FIELDS = [
  'firstName',
  'lastName',
  'email',
  'product',
  'group',
  'limit',
  'role',
  'title',
  'phone',
  'externalId',
] as const
export type DraftField = (typeof DRAFT_FIELDS)[number]
export type DraftCells = Partial<Record<DraftField, string>>

/** What a column of a file can be taken for. `name` is split, `term` goes with the limit, `id` names a user whom we have. */
export const COLUMN_FIELDS = [...DRAFT_FIELDS, 'name', 'term', 'id'] as const
export type ColumnField = (typeof COLUMN_FIELDS)[number]
/** One per column of the file; null is not taken. */
export type Columns = readonly (ColumnField | null)[]

/** As the heads of our own export have them. */
export const FIELD_LABELS: Readonly<Record<ColumnField, string>> = {
  firstName: 'First name',
  lastName: 'Last name',
  email: 'E-mail',
  product: 'Product',
  group: 'Group',
  limit: 'Limit',
  role: 'Role',
  title: 'Title',
  phone: 'Phone',
  externalId: 'External id',
  name: 'Whole name',
  term: 'Limit term',
  id: 'Id',
}

/** A record of a file as cells of the grid; what no column names is left out. */
export function cellsOf(record: readonly string[], columns: Columns): DraftCells & { userId?: string } {
  const cells: DraftCells & { userId?: string } = {}
  let term = ''
  columns.forEach((column, index) => {
    const value = (record[index] ?? '').trim()
    if (!column || value === '') return
    if (column === 'name') Object.assign(cells, { ...splitName(value), ...cells })
    else if (column === 'term') term = value.toLowerCase()
    else if (column === 'id') cells.userId = value.toLowerCase()
    else cells[column] = value
  })
  // A month goes without saying; a limit that says its own term keeps it.
  if (cells.limit && term && term !== 'month' && !/[a-z]\s+(month|quarter|year|contract)$/i.test(cells.limit))
    cells.limit += ` a ${term}`
  return cells
}

/** The last word is the last name; one word alone is a first name. "Lovelace, Ada" is turned round. */
export function splitName(name: string): { firstName?: string; lastName?: string } {
  const [family, given] = name.split(/\s*,\s*/)
  if (family && given) return { firstName: given, lastName: family }
  const words = name.trim().split(/\s+/).filter(Boolean)
  if (words.length === 0) return {}
  return words.length === 1
    ? { firstName: words[0] ?? '' }
    : { firstName: words.slice(0, -1).join(' '), lastName: words.at(-1) ?? '' }
}
