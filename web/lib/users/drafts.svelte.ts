// The rows of Add Multiple Users while they are typed and pasted: kept for this tab and account, so that neither looking something up
// elsewhere in the app nor a reload loses them. Nothing of it is sent.
import { GroupId, ProductId, UserId } from '#shared/model.ts'
import * as v from 'valibot'
import { v7 as newId } from 'uuid'
import { DRAFT_FIELDS, type DraftCells, type DraftField } from '#lib/import/fields.ts'
import { rowsIn } from './paste.ts'

export interface DraftRow extends Record<DraftField, string> {
  /** The id that the user will have. */
  id: UserId
}

const EMPTY = Object.fromEntries(DRAFT_FIELDS.map((field) => [field, ''])) as Record<DraftField, string>
/** More come as files, which is another way. */
export const MOST_ROWS = 10_000

const blank = (cells: DraftCells = {}): DraftRow => ({ ...EMPTY, ...cells, id: v.parse(UserId, newId()) })
export const isBlank = (row: DraftRow): boolean => DRAFT_FIELDS.every((field) => row[field].trim() === '')

const Kept = v.object({
  rows: v.array(v.object({ ...v.entriesFromList(DRAFT_FIELDS, v.string()), id: UserId })),
  product: v.union([ProductId, v.literal('')]),
  group: v.nullable(GroupId),
})

let key: string | undefined
let timer: ReturnType<typeof setTimeout> | undefined
let rows = $state.raw<readonly DraftRow[]>([blank(), blank(), blank()])
let product = $state<ProductId | ''>('')
let group = $state<GroupId | null>(null)

/** There is always an empty row to type into. */
function keep(next: readonly DraftRow[]): void {
  const last = next.at(-1)
  rows = !last || !isBlank(last) ? [...next, blank()] : next
  writeSoon()
}

function writeSoon(): void {
  clearTimeout(timer)
  timer = setTimeout(write, 300)
}

function write(): void {
  clearTimeout(timer)
  if (key === undefined) return
  const typed = rows.filter((row) => !isBlank(row))
  try {
    if (typed.length === 0) sessionStorage.removeItem(key)
    else sessionStorage.setItem(key, JSON.stringify({ rows: typed, product, group }))
  } catch (error) {
    // More than a tab may keep: the rows hold until the page is reloaded, as before.
    if (!(error instanceof DOMException && error.name === 'QuotaExceededError')) throw error
    sessionStorage.removeItem(key)
  }
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
    writeSoon()
  },
  get group(): GroupId | null {
    return group
  },
  set group(id: GroupId | null) {
    group = id
    writeSoon()
  },
  /** Reads what this tab had typed for the account; a second call for the same account changes nothing. */
  open(account: string): void {
    const name = `quartermaster.drafts.${account}`
    if (key === name) return
    // Somebody else signed in here since: what was typed was not his.
    if (key !== undefined) {
      rows = [blank(), blank(), blank()]
      product = ''
      group = null
    }
    key = name
    const kept = v.safeParse(v.pipe(v.string(), v.parseJson(), Kept), sessionStorage.getItem(name))
    if (!kept.success) return
    product = kept.output.product
    group = kept.output.group
    keep(kept.output.rows)
  },
  /** Writes now what waits to be written: before the page goes. */
  flush: write,
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
