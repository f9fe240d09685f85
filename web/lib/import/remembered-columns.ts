// How somebody laid out the columns of a file by hand, for the next file with the same heads. Kept on this device; heads hold no data.
import { keepsHere } from '#lib/lock/known.ts'
import * as v from 'valibot'
import { COLUMN_FIELDS, type Columns } from './fields.ts'

const KEY = 'quartermaster.import.columns'
/** The latest first. */
const MOST = 20

const Layouts = v.array(v.object({ heads: v.string(), columns: v.array(v.nullable(v.picklist(COLUMN_FIELDS))) }))

const layouts = () => {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), Layouts), localStorage.getItem(KEY))
  return parsed.success ? parsed.output : []
}
const named = (heads: readonly string[]) => heads.join('\u001f')

export function recall(heads: readonly string[]): Columns | undefined {
  const found = layouts().find((layout) => layout.heads === named(heads))
  return found?.columns.length === heads.length ? found.columns : undefined
}

export function rememberColumns(heads: readonly string[], columns: Columns): void {
  // A file without a head has a person in its first line.
  if (!keepsHere()) return
  const others = layouts().filter((layout) => layout.heads !== named(heads))
  const next = [{ heads: named(heads), columns: [...columns] }, ...others]
  localStorage.setItem(KEY, JSON.stringify(next.slice(0, MOST)))
}

export const forgetColumns = (): void => localStorage.removeItem(KEY)
