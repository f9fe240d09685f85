// How the rows on the screen differ from the file that they came out of, by their numbers: kept beside the file, so that a reload can read it
// again and lose nothing.
import type { DraftRow } from './rows.ts'

export interface FileChanges {
  touched: readonly DraftRow[]
  gone: readonly number[]
}
export const NO_CHANGES: FileChanges = { touched: [], gone: [] }

export function createFileChanges(from: FileChanges = NO_CHANGES) {
  const touched = new Map(from.touched.flatMap((row) => (row.number === undefined ? [] : [[row.number, row]])))
  const gone = new Set(from.gone)
  return {
    touch(row: DraftRow): void {
      if (row.number !== undefined) touched.set(row.number, row)
    },
    remove({ number }: DraftRow): void {
      if (number === undefined) return
      gone.add(number)
      touched.delete(number)
    },
    /** The rows of the file as they stand now. */
    apply: (rows: readonly DraftRow[]): DraftRow[] =>
      rows.flatMap((row) => {
        if (row.number === undefined) return [row]
        return gone.has(row.number) ? [] : [touched.get(row.number) ?? row]
      }),
    all: (): FileChanges => ({ touched: [...touched.values()], gone: [...gone] }),
  }
}
