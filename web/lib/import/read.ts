// A file to rows of users, as the worker does it: bytes to text to records to cells, with what was found out on the way. Pure but for the
// callbacks, so that tests run it without a worker.
import {
  columnsByHeads,
  columnsByValues,
  isHeader,
  isSetByApp,
  sourceOf,
  type FileSource,
  type Known,
} from './columns.ts'
import { decode, type Encoding } from './decode.ts'
import { Unreadable } from './fault.ts'
import { cellsOf, type Columns, type DraftCells } from './fields.ts'
import type { Delimiter } from './delimiters.ts'
import { layoutOf, parse } from './parse.ts'

/** A spreadsheet's worth; more is a job for several files. */
export const MAX_FILE_ROWS = 100_000
const SAMPLES = 50

/** What the person chose instead of the guess. */
export interface Chosen {
  encoding?: Encoding | undefined
  delimiter?: Delimiter | undefined
  header?: boolean | undefined
  columns?: Columns | undefined
}

/** What a file was taken for. */
export interface Shape {
  encoding: Encoding
  delimiter: Delimiter
  header: boolean
  /** The header, or "Column 1" and so on. */
  heads: readonly string[]
  columns: Columns
  /** The heads of columns that only the app sets. */
  setByApp: readonly string[]
  source: FileSource | undefined
  /** The first records below the header, for whoever chooses the columns. */
  samples: readonly (readonly string[])[]
}

export interface FileRow {
  /** As a spreadsheet counts, from 1, the header included. */
  number: number
  cells: DraftCells & { userId?: string }
  /** Has fewer cells than the header: what is missing is not taken for empty. */
  short: boolean
  /** How many cells there are more than heads, and something in them. */
  tooMany: number
}

export interface OnRead {
  shape: (shape: Shape) => void
  rows: (rows: FileRow[], progress: { done: number; total: number }) => void
}

/** @throws {Unreadable} where no user can be read out of it */
export function readFile(bytes: Uint8Array, chosen: Chosen, known: Known, on: OnRead): void {
  const { text, encoding } = decode(bytes, chosen.encoding)
  const layout = layoutOf(text, chosen.delimiter)
  let shape: Shape | undefined
  let count = 0
  // The first part holds enough records to look at.
  parse(layout, (records, firstRow, progress) => {
    const filled = records
      .map((record, index) => ({ record, number: firstRow + index }))
      .filter(({ record }) => !isEmpty(record))
    if (!shape) {
      if (filled.length === 0) return
      shape = {
        ...shapeOf(
          filled.map(({ record }) => record),
          chosen,
          known,
        ),
        encoding,
        delimiter: layout.delimiter,
      }
      on.shape(shape)
      if (shape.header) filled.shift()
    }
    const { columns, heads } = shape
    const rows = filled.map(({ record, number }) => rowOf(record, number, columns, heads.length))
    count += rows.length
    if (count > MAX_FILE_ROWS)
      throw new Unreadable(`The file has more than ${MAX_FILE_ROWS.toLocaleString('en')} rows. Split it into several.`)
    on.rows(rows, progress)
  })
  if (!shape) throw new Unreadable('The file is empty.')
  if (count === 0) throw new Unreadable('There are no rows below the header.')
}

/** Spreadsheets keep lines of nothing but delimiters below a table. */
const isEmpty = (record: readonly string[]): boolean => record.every((cell) => cell.trim() === '')

function shapeOf(
  records: readonly (readonly string[])[],
  chosen: Chosen,
  known: Known,
): Omit<Shape, 'encoding' | 'delimiter'> {
  const [first = [], second] = records
  const header = chosen.header ?? isHeader(first, second)
  const samples = records.slice(header ? 1 : 0, SAMPLES)
  const width = header ? first.length : Math.max(...samples.map(({ length }) => length))
  const heads = Array.from({ length: width }, (_, at) => (header && first[at]?.trim()) || `Column ${at + 1}`)
  const guess = () => (header ? columnsByHeads(heads, samples, known) : columnsByValues(samples, known))
  const columns = chosen.columns?.length === width ? chosen.columns : guess()
  return {
    header,
    heads,
    columns,
    setByApp: heads.filter((head, at) => header && columns[at] === null && isSetByApp(head)),
    source: header ? sourceOf(heads) : undefined,
    samples: samples.slice(0, 3),
  }
}

function rowOf(record: readonly string[], number: number, columns: Columns, width: number): FileRow {
  const beyond = record.slice(width)
  return {
    number,
    cells: cellsOf(record, columns),
    short: record.length < width,
    tooMany: isEmpty(beyond) ? 0 : beyond.length,
  }
}
