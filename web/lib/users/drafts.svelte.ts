// The rows of Add Multiple Users while they are typed and pasted. A module, so that looking something up elsewhere in the app does not
// lose them; nothing of it is stored or sent.
import { UserId, type GroupId, type ProductId } from '#shared/model.ts'
import * as v from 'valibot'
import { v7 as newId } from 'uuid'
import { DRAFT_FIELDS, rowsIn, type DraftCells, type DraftField } from './paste.ts'

export interface DraftRow extends Record<DraftField, string> {
  /** The id that the user will have. */
  id: UserId
}

const EMPTY = Object.fromEntries(DRAFT_FIELDS.map((field) => [field, ''])) as Record<DraftField, string>
/** More come as files, which is another way. */
export const MOST_ROWS = 10_000

const blank = (cells: DraftCells = {}): DraftRow => ({ ...EMPTY, ...cells, id: v.parse(UserId, newId()) })
export const isBlank = (row: DraftRow): boolean => DRAFT_FIELDS.every((field) => row[field].trim() === '')

let rows = $state.raw<readonly DraftRow[]>([blank(), blank(), blank()])
let product = $state<ProductId | ''>('')
let group = $state<GroupId | null>(null)

/** There is always an empty row to type into. */
function keep(next: readonly DraftRow[]): void {
  const last = next.at(-1)
  rows = !last || !isBlank(last) ? [...next, blank()] : next
}

export const drafts = {
  get rows(): readonly DraftRow[] {
    return rows
  },
  /** For rows that name none. */
  get product(): ProductId | '' {
    return product
  },
  set product(id: ProductId | '') {
    product = id
  },
  get group(): GroupId | null {
    return group
  },
  set group(id: GroupId | null) {
    group = id
  },
  set: (id: UserId, field: DraftField, text: string): void =>
    keep(rows.map((row) => (row.id === id ? { ...row, [field]: text } : row))),
  remove: (ids: ReadonlySet<UserId>): void => keep(rows.filter((row) => !ids.has(row.id))),
  clear: (): void => keep([blank(), blank(), blank()]),
  /** Fills from a cell on, row by row; answers how many rows it did not take because there are too many. */
  paste(id: UserId, field: DraftField, text: string): number {
    const found = rowsIn(text, field)
    const at = Math.max(
      0,
      rows.findIndex((row) => row.id === id),
    )
    const room = Math.max(0, MOST_ROWS - at)
    const next = [...rows]
    found.slice(0, room).forEach((cells, index) => {
      const old = next[at + index]
      next[at + index] = old ? { ...old, ...cells } : blank(cells)
    })
    keep(next)
    return Math.max(0, found.length - room)
  },
}
