// Rows of new users out of what somebody pastes: cells of a spreadsheet, a CSV, or a list of addresses. Text to text; what the cells
// mean is looked at elsewhere.
import { columnsByHeads, isHeader } from '#lib/import/columns.ts'
import { cellsOf, DRAFT_FIELDS, splitName, type DraftCells, type DraftField } from '#lib/import/fields.ts'
import { parseCsv } from '#shared/csv.ts'

/** The rows in a text. `at` is the cell that it was pasted into: without heads the columns go on from there. */
export function rowsIn(text: string, at: DraftField): DraftCells[] {
  const people = peopleIn(text)
  if (people) return people
  const [first, ...rest] = parseCsv(text)
  if (!first) return []
  if (isHeader(first, rest[0])) {
    const columns = columnsByHeads(first, rest, { products: new Set(), groups: new Set() })
    return rest.map((row) => cellsOf(row, columns))
  }
  const from = DRAFT_FIELDS.indexOf(at)
  return [first, ...rest].map((row) =>
    Object.fromEntries(
      row.flatMap((cell, index) => {
        const field = DRAFT_FIELDS[from + index]
        return field ? [[field, cell.trim()]] : []
      }),
    ),
  )
}

/** "Ada Lovelace <ada@tern.example>; bo@tern.example", as a mail has it; undefined where the text is something else. */
function peopleIn(text: string): DraftCells[] | undefined {
  if (text.includes('\t') || text.includes('"')) return undefined
  const parts = text.split(/[\n\r;,]+/).flatMap((part) => part.trim() || [])
  const people = parts.map((part) => {
    const [, name = '', email = part] = /^(.*?)\s*<([^<>\s]+@[^<>\s]+)>$/.exec(part) ?? []
    return /^\S+@\S+$/.test(email) ? { ...splitName(name), email } : undefined
  })
  const found = people.filter((person) => person !== undefined)
  return parts.length > 0 && found.length === parts.length ? found : undefined
}

/** Whether a paste is more than one cell, and so fills the grid instead of the cell. */
export const isManyCells = (text: string): boolean => /[\t\n\r]/.test(text.trim()) || (peopleIn(text)?.length ?? 0) > 1
