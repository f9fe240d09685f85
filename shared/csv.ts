// CSV as it is written and read (RFC 4180): text to text, nothing of users or files. A cell that a spreadsheet would run as a
// formula is made harmless on the way out and comes back as it was on the way in.

export interface CsvOptions {
  delimiter?: ',' | ';' | '\t'
  /** Spreadsheets know UTF-8 by it. */
  bom?: boolean
}

const BOM = '\uFEFF'
/** What a spreadsheet may run, also behind apostrophes that were there before: so the way back is unambiguous. */
const RISKY = /^'*[=+\-@\t\r]/

/** A cell that no spreadsheet runs: an apostrophe stands before what could be a formula. */
export const harmless = (cell: string): string => (RISKY.test(cell) ? `'${cell}` : cell)

/** The cell as it was before `harmless`. */
export const original = (cell: string): string => (/^'+[=+\-@\t\r]/.test(cell) ? cell.slice(1) : cell)

/** Whole numbers that a spreadsheet shows and saves as they are written. */
const PLAIN_NUMBER = /^(?:0|[1-9]\d{0,14})$/

/**
 * What a spreadsheet would take for a date, a share or another number than it is ("00012", "1-2", "1e5"). It is quoted: "quoted fields as
 * text" then keeps it as it is.
 */
const isMisread = (cell: string): boolean =>
  (/\d/.test(cell) && !PLAIN_NUMBER.test(cell)) || /^(?:true|false)$/i.test(cell)

/** One row with its line end. */
export function csvRow(cells: readonly string[], { delimiter = ',' }: CsvOptions = {}): string {
  const quoted = new RegExp(`["\r\n${delimiter}]|^\\s|\\s$`)
  const written = cells.map((cell) => {
    const safe = harmless(cell)
    return quoted.test(safe) || isMisread(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
  })
  // A row of one empty cell would be read back as no row at all.
  return `${written.length === 1 && written[0] === '' ? '""' : written.join(delimiter)}\r\n`
}

/** A whole file. */
export const toCsv = (rows: Iterable<readonly string[]>, options: CsvOptions = {}): string =>
  (options.bom ? BOM : '') + Array.from(rows, (row) => csvRow(row, options)).join('')

/**
 * The rows of a file or of what was copied from a spreadsheet; the delimiter is the one that the first line has most of. Quotes may hold line
 * breaks; a quote that never ends takes the rest. Empty lines are left out.
 */
export function parseCsv(text: string, delimiter = delimiterOf(text)): string[][] {
  const source = text.startsWith(BOM) ? text.slice(1) : text
  const rows: string[][] = []
  let row: string[] = []
  let cell = ''
  let quoted = false
  /** A quote opens a cell only at its start. */
  let fresh = true
  let filled = false

  const endCell = () => {
    row.push(original(cell))
    cell = ''
    fresh = true
  }
  const endRow = () => {
    endCell()
    if (filled) rows.push(row)
    row = []
    filled = false
  }
  for (let at = 0; at < source.length; at += 1) {
    const letter = source[at] ?? ''
    if (quoted) {
      if (letter !== '"') cell += letter
      else if (source[at + 1] === '"') {
        cell += '"'
        at += 1
      } else quoted = false
    } else if (letter === '"' && fresh) {
      quoted = filled = true
      fresh = false
    } else if (letter === delimiter) {
      filled = true
      endCell()
    } else if (letter === '\n' || letter === '\r') {
      if (letter === '\r' && source[at + 1] === '\n') at += 1
      endRow()
    } else {
      cell += letter
      filled = true
      fresh = false
    }
  }
  if (filled) endRow()
  return rows
}

/** Tabs are what spreadsheets copy; else semicolons or commas, whichever the first line has more of. */
export function delimiterOf(text: string): ',' | ';' | '\t' {
  const line = /^[^\r\n]*/.exec(text)?.[0] ?? ''
  const count = (mark: string) => line.split(mark).length
  if (line.includes('\t')) return '\t'
  return count(';') > count(',') ? ';' : ','
}
