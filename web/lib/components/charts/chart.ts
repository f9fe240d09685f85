// What the parts of a chart hand to each other.

/** One bar over its name. */
export interface BarOf {
  key: string
  /** Under the bar: "Nov", "9", "9 Nov". */
  label: string
  /** A second line under it, where something begins: "2026", "Nov". */
  second?: string
  /** For those who hear it: "November 2026". */
  name: string
  value: number
  /** What it heads for: drawn dashed above what it is. */
  heads?: number | undefined
  /** The users behind it. */
  href?: string
  /** What it stands for is not on this device yet: no number is claimed. */
  unknown?: boolean
}

/** Something that happened at a moment: a thin line through the chart. */
export interface MarkOf {
  /** The place of the bar in whose time it lies, from 0. */
  bar: number
  /** How far into that time, 0 to 1. */
  within: number
  label: string
}

/** A row of a ranked list. */
export interface RankOf {
  key: string
  name: string
  value: number
  href?: string
  /** `chart-1` to `chart-8`. */
  colour?: string
  /** 0 to 1, written beside the value. */
  share?: number
}

export type TwinCell = string | number | null

export interface TwinColumn {
  label: string
  /** Figures stand right. */
  number?: boolean
  /** Leaves a narrow card: `out-s` or `out-xs`. */
  class?: string
  /** How a figure is written; whole numbers by default. */
  format?: (value: number) => string
}

export interface TwinRow {
  key: string
  href?: string
  cells: readonly TwinCell[]
}

/** The same numbers as the chart, as a table. */
export interface Twin {
  columns: readonly TwinColumn[]
  rows: readonly TwinRow[]
  /** The same once more in larger parts, under a line of their own: "By month". */
  more?: { title: string; rows: readonly TwinRow[] }
  total?: readonly TwinCell[]
}

/** What is downloaded: the name without its ending, and the rows of the table with their head. */
export interface ChartFile {
  name: string
  rows: () => readonly (readonly TwinCell[])[]
}

/** "usage-2026-04-01-to-2026-11-24": letters, figures and hyphens alone. */
export const fileName = (title: string, { from, to }: { from: string; to: string }): string =>
  `${title
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '')}-${from}-to-${to}`
