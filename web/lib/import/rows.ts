// A row of Add Multiple Users: the cells as they were typed, pasted or read, and where they come from.
import { UserId } from '#shared/model.ts'
import { v7 as newId } from 'uuid'
import * as v from 'valibot'
import { DRAFT_FIELDS, type DraftCells, type DraftField } from './fields.ts'
import type { FileRow } from './read.ts'

export interface DraftRow extends Record<DraftField, string> {
  /** The id that the user will have, if it is a new one. */
  id: UserId
  /** The row of the file, as a spreadsheet counts. */
  number?: number | undefined
  /** The user whom our own export names by id. */
  userId?: string | undefined
  /** Had fewer cells than the header: what is missing there is not empty. */
  short?: boolean | undefined
  /** Cells beyond the header. */
  tooMany?: number | undefined
  /** That the user who is there already is to be changed by it. */
  agreed?: boolean | undefined
}

const EMPTY = Object.fromEntries(DRAFT_FIELDS.map((field) => [field, ''])) as Record<DraftField, string>
// Made as v.parse would give it; a hundred thousand of them are not parsed.
const nextId = () => newId() as UserId

export const blank = (cells: DraftCells = {}): DraftRow => ({ ...EMPTY, ...cells, id: nextId() })

export const isBlank = (row: DraftRow): boolean => DRAFT_FIELDS.every((field) => row[field].trim() === '')

export function rowOfFile({ number, cells, short, tooMany }: FileRow): DraftRow {
  const row: DraftRow = { ...blank(cells), number }
  if (short) row.short = true
  if (tooMany > 0) row.tooMany = tooMany
  return row
}

/** What is kept of rows over a reload. */
export const KeptRow = v.object({
  ...v.entriesFromList(DRAFT_FIELDS, v.string()),
  id: UserId,
  number: v.optional(v.number()),
  userId: v.optional(v.string()),
  short: v.optional(v.boolean()),
  tooMany: v.optional(v.number()),
  agreed: v.optional(v.boolean()),
})
