// How the rows on the screen differ from the file that they came out of, by their numbers: kept beside the file, so that a reload can read it
// again and lose nothing.
import type { DraftRow } from './rows.ts'

export interface FileChanges {
  touched: readonly DraftRow[]
  gone: readonly number[]
}
export const NO_CHANGES: FileChanges = { touched: [], gone: [] }

/** What `now` has and `before` has not: a row that was changed is another object. */
export function lacking(before: FileChanges, now: FileChanges): FileChanges {
  const [touched, gone] = [new Set(before.touched), new Set(before.gone)]
  return {
    touched: now.touched.filter((row) => !touched.has(row)),
    gone: now.gone.filter((number) => !gone.has(number)),
  }
}

/** Both, where the later ones win. */
export const together = (before: FileChanges, later: FileChanges): FileChanges => ({
  touched: [...before.touched, ...later.touched],
  gone: [...before.gone, ...later.gone],
})

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
