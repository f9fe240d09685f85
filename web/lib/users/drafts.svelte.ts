// The rows of Add Multiple Users while they are typed, pasted and read from a file. What is typed is kept for this tab and account, so that
// neither looking something up elsewhere in the app nor a reload loses it; of a file its changed rows are kept with it. Nothing is sent.
import type { DraftField } from '#lib/import/fields.ts'
import { createFileChanges, type FileChanges } from '#lib/import/file-changes.ts'
import { keptForTab } from '#lib/kept-for-tab.ts'
import { blank, isBlank, KeptRow, type DraftRow } from '#lib/import/rows.ts'
import { Settings, UNSET } from '#lib/import/settings.ts'
import type { UserId } from '#shared/model.ts'
import * as v from 'valibot'
import { rowsIn } from './paste.ts'

/** Of a paste; more come as files. */
export const MOST_ROWS = 10_000
const Kept = v.object({ rows: v.array(KeptRow), settings: Settings, removed: v.optional(v.boolean(), false) })

const empty = () => [blank(), blank(), blank()]

let key: string | undefined
let timer: ReturnType<typeof setTimeout> | undefined
let rows = $state.raw<readonly DraftRow[]>(empty())
let settings = $state.raw<Settings>(UNSET)
/** Rises with what was changed by hand, not with rows that come out of a file. */
let edits = $state(0)
/** Some row has the address of a user who was removed while it was typed. */
let holdsRemoved = $state(false)
let fileChanges = createFileChanges()
let onFileChange: (() => void) | undefined

const isOfFile = ({ number }: DraftRow) => number !== undefined

/** There is always an empty row to type into. */
function withBlank(next: readonly DraftRow[]): readonly DraftRow[] {
  const last = next.at(-1)
  return !last || !isBlank(last) || isOfFile(last) ? [...next, blank()] : next
}

function keep(next: readonly DraftRow[]): void {
  rows = withBlank(next)
  edits += 1
  writeSoon()
}

function writeSoon(): void {
  clearTimeout(timer)
  timer = setTimeout(write, 300)
}

function write(): void {
  clearTimeout(timer)
  if (onFileChange) onFileChange()
  if (key === undefined) return
  const typed = typedRows()
  if (typed.length === 0) keptForTab.remove(key)
  else keptForTab.setIfRoom(key, JSON.stringify({ rows: typed, settings, removed: holdsRemoved }))
}

const typedRows = () => rows.filter((row) => !isOfFile(row) && !isBlank(row))

function replace(at: number, row: DraftRow): void {
  fileChanges.touch(row)
  keep(rows.with(at, row))
}

export const drafts = {
  get rows(): readonly DraftRow[] {
    return rows
  },
  get edits(): number {
    return edits
  },
  get settings(): Settings {
    return settings
  },
  choose(some: Partial<Settings>): void {
    settings = { ...settings, ...some }
    edits += 1
    writeSoon()
  },
  /** Reads what this tab had typed for the account; a second call for the same account changes nothing. */
  open(account: string): void {
    const name = `quartermaster.drafts.${account}`
    if (key === name) return
    // Somebody else signed in here since: what was typed was not his.
    if (key !== undefined) {
      rows = empty()
      settings = UNSET
      holdsRemoved = false
      fileChanges = createFileChanges()
    }
    key = name
    const kept = v.safeParse(v.pipe(v.string(), v.parseJson(), Kept), keptForTab.get(name))
    if (!kept.success) return
    settings = kept.output.settings
    holdsRemoved = kept.output.removed
    keep(kept.output.rows)
  },
  get holdsRemoved(): boolean {
    return holdsRemoved && typedRows().length > 0
  },
  /** Notes that typed rows hold what is asked for; answers whether that is new. */
  markRemoved(isHeld: (text: string) => boolean): boolean {
    if (holdsRemoved || !typedRows().some(({ email }) => isHeld(email))) return false
    holdsRemoved = true
    write()
    return true
  },
  /** Writes now what waits to be written: before the page goes. */
  flush: write,
  set(id: UserId, field: DraftField, text: string): void {
    const at = rows.findIndex((row) => row.id === id)
    const row = rows[at]
    if (row) replace(at, { ...row, [field]: text })
  },
  /** The users who are there already are to be changed by these rows. */
  agree(ids: ReadonlySet<UserId>): void {
    const next = rows.map((row) => (ids.has(row.id) ? { ...row, agreed: true } : row))
    for (const row of next) if (ids.has(row.id)) fileChanges.touch(row)
    keep(next)
  },
  remove(ids: ReadonlySet<UserId>): void {
    for (const row of rows) if (ids.has(row.id)) fileChanges.remove(row)
    keep(rows.filter((row) => !ids.has(row.id)))
  },
  /** As `remove` for rows of any number: `breathe` lets the page answer. */
  async removeMany(ids: ReadonlySet<UserId>, breathe: () => Promise<void> | void): Promise<void> {
    const changes = fileChanges
    for (const [at, row] of rows.entries()) {
      if (ids.has(row.id)) changes.remove(row)
      if (at % 500 === 499) await breathe()
    }
    keep(rows.filter((row) => !ids.has(row.id)))
  },
  clear(): void {
    settings = UNSET
    holdsRemoved = false
    fileChanges = createFileChanges()
    keep(empty())
  },
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
      const row = old ? { ...old, ...cells } : blank(cells)
      fileChanges.touch(row)
      next[at + index] = row
    })
    keep(next)
    return Math.max(0, found.length - room)
  },

  /** The rows of a file come; those of an earlier file leave, what was typed stays before them. */
  beginFile(onchange: () => void, changes: FileChanges): void {
    fileChanges = createFileChanges(changes)
    rows = typedRows()
    edits += 1
    onFileChange = onchange
  },
  /** Rows as they were read; what was mended before a reload stays mended. */
  addFromFile(more: readonly DraftRow[]): void {
    rows = [...rows, ...fileChanges.apply(more)]
  },
  /** No edit: a check that followed the rows as they came goes on. */
  endFile(): void {
    rows = withBlank(rows)
  },
  /** The file is left: its rows go with it. */
  dropFile(): void {
    onFileChange = undefined
    fileChanges = createFileChanges()
    keep(rows.filter((row) => !isOfFile(row)))
  },
  /** What is kept of a file beside itself. */
  get fileChanges(): FileChanges {
    return fileChanges.all()
  },
}
