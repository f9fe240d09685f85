// What may stand between the columns of an export.

export const COLUMN_DELIMITERS = [',', ';', '\t'] as const
export type ColumnDelimiter = (typeof COLUMN_DELIMITERS)[number]
