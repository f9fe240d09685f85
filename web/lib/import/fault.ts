// Why a file can't be read, in a sentence for the person who opened it, with the row and the column as a spreadsheet counts them.

export interface FileFault {
  text: string
  /** From 1, the header counted. */
  row?: number | undefined
  /** From 1. */
  column?: number | undefined
}

export class Unreadable extends Error {
  override name = 'Unreadable'
  readonly fault: FileFault
  constructor(text: string, place: Pick<FileFault, 'row' | 'column'> = {}) {
    super(text)
    this.fault = { text, ...place }
  }
}

/** "Row 7, column 3: the quotation mark is never closed." */
export function faultWords({ text, row, column }: FileFault): string {
  if (row === undefined) return text
  const place = column === undefined ? `Row ${row}` : `Row ${row}, column ${column}`
  return `${place}: ${text.charAt(0).toLowerCase()}${text.slice(1)}`
}
