// The text of a file to records of cells: which delimiter, which line ends, header or none, and papaparse for the cells themselves. Runs
// in a worker, and in tests without one. Knows nothing of users.
import { original } from '#shared/csv.ts'
import Papa, { type Parser, type ParseResult } from 'papaparse'
import { DELIMITERS, type Delimiter } from './delimiters.ts'
import { Unreadable } from './fault.ts'

export const MAX_COLUMNS = 1_000
/** Nothing that a user has is longer; a cell like that comes from a quotation mark that is missing. */
export const MAX_CELL = 100_000
const CHUNK = 128 * 1024

/** Records of a file with the row of the first one, as a spreadsheet counts; empty lines are among them as one empty cell. */
export type OnRecords = (records: string[][], row: number, progress: { done: number; total: number }) => void

export interface Layout {
  text: string
  delimiter: Delimiter
  newline: '\n' | '\r\n' | '\r'
  /** Lines before the first record that are no part of the table. */
  skipped: number
}

/** Finds out how the text is laid out; its line ends are one kind afterwards. */
export function layoutOf(text: string, as?: Delimiter): Layout {
  // Some spreadsheets write the delimiter on a line of its own; a directory's template its version.
  const [preamble = '', named] = /^(?:sep=(.)|"?version:v[\d.]+"?,*)(?:\r\n|\r|\n)/i.exec(text) ?? []
  const table = text.slice(preamble.length)
  const delimiter = as ?? DELIMITERS.find((mark) => mark === named) ?? delimiterIn(table)
  return { ...withOneNewline(table, delimiter), delimiter, skipped: preamble === '' ? 0 : 1 }
}

/**
 * Reads all records, a part at a time.
 * @throws {Unreadable} for a quotation mark that is not closed, with its row and column
 */
export function parse({ text, delimiter, newline, skipped }: Layout, onrecords: OnRecords): void {
  let row = skipped + 1
  let done = 0
  let failed: unknown
  Papa.parse<string[]>(text, {
    delimiter,
    newline,
    // Its own worker is a blob, which the content security policy blocks; this runs in ours.
    worker: false,
    complete: () => undefined,
    chunkSize: CHUNK,
    chunk: ({ data, errors, meta }: ParseResult<string[]>, parser: Parser) => {
      try {
        const bad = errors.find(({ type }) => type === 'Quotes')
        if (bad) throw quoteFault(bad.code, row + (bad.row ?? 0), data[bad.row ?? 0]?.length)
        data.forEach((record, index) => judge(record, row + index))
        done = Math.max(done, Math.min(meta.cursor, text.length))
        onrecords(
          data.map((record) => record.map(original)),
          row,
          { done, total: text.length },
        )
        row += data.length
      } catch (error) {
        failed = error
        parser.abort()
      }
    },
  })
  if (failed !== undefined) throw failed
}

const quoteFault = (code: string, row: number, column: number | undefined): Unreadable =>
  new Unreadable(
    code === 'MissingQuotes'
      ? 'The quotation mark that begins this cell is never closed.'
      : 'Text follows the closing quotation mark of this cell; a quotation mark inside a cell is written twice.',
    { row, column },
  )

function judge(record: readonly string[], row: number): void {
  if (record.length > MAX_COLUMNS)
    throw new Unreadable(`There are ${record.length} cells; at most ${MAX_COLUMNS} can be read. Is this a CSV file?`, {
      row,
    })
  const long = record.findIndex((cell) => cell.length > MAX_CELL)
  if (long >= 0)
    throw new Unreadable(`The cell holds ${record[long]?.length} characters. Is a quotation mark missing?`, {
      row,
      column: long + 1,
    })
}

/** The mark that cuts the first records into equally many cells, more than one; of several the one that makes most cells. */
export function delimiterIn(text: string): Delimiter {
  const sample = withOneNewline(text.slice(0, 64 * 1024), ',')
  let best: { mark: Delimiter; alike: number; cells: number } = { mark: ',', alike: 0, cells: 1 }
  for (const mark of DELIMITERS) {
    const { data } = Papa.parse<string[]>(sample.text, { delimiter: mark, newline: sample.newline, preview: 20 })
    const [first, ...rest] = data.filter((record) => record.length > 1 || record[0] !== '')
    const cells = first?.length ?? 1
    if (cells < 2) continue
    const alike = 1 + rest.filter((record) => record.length === cells).length
    if (alike > best.alike || (alike === best.alike && cells > best.cells)) best = { mark, alike, cells }
  }
  return best.mark
}

/** Files that were edited on several systems have line ends of several kinds; inside a quoted cell they stay as they are. */
function withOneNewline(text: string, delimiter: string): Pick<Layout, 'text' | 'newline'> {
  // Most files have one kind everywhere: then nobody has to know which of them stand in cells.
  if (!text.includes('\r')) return { text, newline: '\n' }
  if (!/\r(?!\n)|(?<!\r)\n/.test(text)) return { text, newline: '\r\n' }
  const kinds = new Set<Layout['newline']>()
  const ends = lineEnds(text, delimiter, kinds)
  const [only = '\n', ...others] = kinds
  if (others.length === 0) return { text, newline: only }
  let joined = ''
  let from = 0
  for (const [at, length] of ends) {
    joined += `${text.slice(from, at)}\n`
    from = at + length
  }
  return { text: joined + text.slice(from), newline: '\n' }
}

function lineEnds(text: string, delimiter: string, kinds: Set<Layout['newline']>): [at: number, length: number][] {
  const ends: [number, number][] = []
  const mark = /["\r\n]/g
  let quoted = false
  for (let found = mark.exec(text); found; found = mark.exec(text)) {
    const { index: at } = found
    if (found[0] === '"') {
      const before = text[at - 1]
      if (!quoted) quoted = before === undefined || before === delimiter || before === '\n' || before === '\r'
      else if (text[at + 1] === '"') mark.lastIndex = at + 2
      else quoted = false
    } else if (!quoted) {
      const kind = found[0] === '\n' ? '\n' : text[at + 1] === '\n' ? '\r\n' : '\r'
      kinds.add(kind)
      ends.push([at, kind.length])
      mark.lastIndex = at + kind.length
    }
  }
  return ends
}
