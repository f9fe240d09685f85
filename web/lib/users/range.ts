// Whole numbers in a row.

/** From `from` up to, not including, `to`; empty where `to` is not greater. */
export const range = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index)
