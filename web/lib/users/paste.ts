// Rows of new users out of what somebody pastes: cells of a spreadsheet, a CSV, or a list of addresses. Text to text; what the cells
// mean is looked at elsewhere.
import { parseCsv } from '#shared/csv.ts'

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

/** How lists call the columns, folded to bare letters; our own export comes first. */
const HEADS: Readonly<Record<string, DraftField | 'name' | 'term'>> = {
  firstname: 'firstName',
  givenname: 'firstName',
  forename: 'firstName',
  first: 'firstName',
  lastname: 'lastName',
  surname: 'lastName',
  familyname: 'lastName',
  last: 'lastName',
  name: 'name',
  fullname: 'name',
  displayname: 'name',
  email: 'email',
  emailaddress: 'email',
  mail: 'email',
  primaryemail: 'email',
  userprincipalname: 'email',
  login: 'email',
  title: 'title',
  jobtitle: 'title',
  phone: 'phone',
  phonenumber: 'phone',
  telephone: 'phone',
  mobile: 'phone',
  mobilephone: 'phone',
  workphone: 'phone',
  externalid: 'externalId',
  employeeid: 'externalId',
  employeenumber: 'externalId',
  product: 'product',
  license: 'product',
  licence: 'product',
  group: 'group',
  department: 'group',
  team: 'group',
  limit: 'limit',
  creditlimit: 'limit',
  limitterm: 'term',
  role: 'role',
}

/** The rows in a text. `at` is the cell that it was pasted into: without heads the columns go on from there. */
export function rowsIn(text: string, at: DraftField): DraftCells[] {
  const people = peopleIn(text)
  if (people) return people
  const [first, ...rest] = parseCsv(text)
  if (!first) return []
  const heads = first.map((cell) => HEADS[cell.toLowerCase().replace(/[^a-z]/g, '')])
  // One word that happens to be a head is no head line.
  const isHead = heads.filter(Boolean).length >= Math.min(2, first.length) && !first.some((cell) => cell.includes('@'))
  if (isHead) return rest.map((row) => byHeads(row, heads))
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

function byHeads(row: readonly string[], heads: readonly (DraftField | 'name' | 'term' | undefined)[]): DraftCells {
  const cells: DraftCells = {}
  let term = ''
  row.forEach((cell, index) => {
    const [head, value] = [heads[index], cell.trim()]
    if (!head || value === '') return
    if (head === 'name') Object.assign(cells, { ...splitName(value), ...cells })
    else if (head === 'term') term = value
    else cells[head] = value
  })
  if (cells.limit && term && /^\d/.test(cells.limit) && term !== 'month') cells.limit += ` a ${term}`
  return cells
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

/** Whether a paste is more than one cell, and so fills the grid instead of the cell. */
export const isManyCells = (text: string): boolean => /[\t\n\r]/.test(text.trim()) || (peopleIn(text)?.length ?? 0) > 1
