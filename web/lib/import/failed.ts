// Rows that could not be taken as a file of their own, with the reason in a column: to be mended in a spreadsheet and dropped in again.
// The reason's column is not read back.
import { toCsv } from '#shared/csv.ts'
import { DRAFT_FIELDS, FIELD_LABELS } from './fields.ts'
import type { DraftRow } from './rows.ts'

const HEADS = DRAFT_FIELDS.map((field) => FIELD_LABELS[field])
const withId = (rows: readonly { row: DraftRow }[]) => rows.some(({ row }) => row.userId)

export function failedRows(rows: readonly { row: DraftRow; reason: string }[]): string {
  const ids = withId(rows)
  const cells = rows.map(({ row, reason }) => [
    ...DRAFT_FIELDS.map((field) => row[field]),
    ...(ids ? [row.userId ?? ''] : []),
    reason,
  ])
  return toCsv([[...HEADS, ...(ids ? [FIELD_LABELS.id] : []), 'Reason'], ...cells], { bom: true })
}

/** The heads that are understood, and nothing below them. */
export const template = (): string => toCsv([HEADS], { bom: true })
