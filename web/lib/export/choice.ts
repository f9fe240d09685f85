// How somebody wants exports written, for the next time: kept on this device.
import { COLUMN_DELIMITERS, type ColumnDelimiter } from './delimiters.ts'
import * as v from 'valibot'

const Choice = v.object({
  columns: v.array(v.string()),
  delimiter: v.picklist(COLUMN_DELIMITERS),
  bom: v.boolean(),
})
export interface ExportChoice {
  columns: readonly string[]
  delimiter: ColumnDelimiter
  bom: boolean
}

const keyOf = (what: string) => `quartermaster.export.${what}`

/** What was chosen last, or the usual columns with commas. */
export function lastChoice(what: string, columns: readonly { id: string; usual: boolean }[]): ExportChoice {
  const kept = v.safeParse(v.pipe(v.string(), v.parseJson(), Choice), localStorage.getItem(keyOf(what)))
  if (kept.success) return kept.output
  return { columns: columns.flatMap(({ id, usual }) => (usual ? [id] : [])), delimiter: ',', bom: true }
}

export const rememberChoice = (what: string, choice: ExportChoice): void =>
  localStorage.setItem(keyOf(what), JSON.stringify(choice))
