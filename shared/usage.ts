// Usage as it travels and as the device keeps it: a block per month, in it a section per day, in it a column per field. A column is a typed
// array of the narrowest kind that holds its values, so a month is read without parsing and summed in one pass.
// Users, groups and products are numbers here: the place of their id in the organisation's list of ids, which only grows; 0 is none.

export type Column = Uint8Array | Uint16Array | Uint32Array | Float64Array

/** Row j of a day: what a user used of a product while in a group. Sorted by user, then product, then group. */
export interface UsageColumns {
  users: Column
  products: Column
  groups: Column
  credits: Column
  views: Column
}
export const USAGE_FIELDS = ['users', 'products', 'groups', 'credits', 'views'] as const
export type UsageEntry = Readonly<Record<(typeof USAGE_FIELDS)[number], number>>

export interface UsageSection {
  /** Two digits: the day of the month. */
  day: string
  /** The organisation's version at which the day was published. */
  version: number
  columns: UsageColumns
  /** The section as it came, for a month that is put together anew. */
  bytes: Uint8Array
}

/** Days of one month: all of them, or those that changed since an older version; each replaces the day as it was. */
export interface UsageBlock {
  /** `2026-11`. */
  month: string
  version: number
  days: UsageSection[]
}

/** The answer to which ids the numbers stand for: number `from` is the first of them. Number 0 is the empty text. */
export interface UsageIds {
  from: number
  ids: string[]
}

/** The bytes are no usage block, or one of a newer server. */
export class UnreadableUsage extends Error {
  override readonly name = 'UnreadableUsage'
}

const KINDS = [Uint8Array, Uint16Array, Uint32Array, Float64Array] as const
const MAGIC = 0x31554d51 // "QMU1", little-endian as all of it
const ALIGN = 8

/** A day's section: the number of entries, the kind of each column, then the columns. */
export function encodeDay(entries: readonly UsageEntry[]): Uint8Array<ArrayBuffer> {
  const kinds = USAGE_FIELDS.map((field) => kindFor(entries.reduce((most, entry) => Math.max(most, entry[field]), 0)))
  const sizes = kinds.map((kind) => aligned(KINDS[kind].BYTES_PER_ELEMENT * entries.length))
  const bytes = new Uint8Array(SECTION_HEAD + sizes.reduce((sum, size) => sum + size, 0))
  new DataView(bytes.buffer).setUint32(0, entries.length, true)
  let at = SECTION_HEAD
  for (const [index, field] of USAGE_FIELDS.entries()) {
    const kind = kinds[index] ?? WIDEST
    bytes[4 + index] = kind
    const column = new KINDS[kind](bytes.buffer, at, entries.length)
    for (const [row, entry] of entries.entries()) column[row] = entry[field]
    at += sizes[index] ?? 0
  }
  return bytes
}

const SECTION_HEAD = 16

/** Puts days that are encoded already together. */
export function encodeMonth(
  month: string,
  version: number,
  days: readonly { day: string; version: number; bytes: Uint8Array }[],
): Uint8Array<ArrayBuffer> {
  const head = new TextEncoder().encode(
    JSON.stringify({ month, version, days: days.map(({ day, version }) => [day, version]) }),
  )
  const start = aligned(8 + head.length)
  const bytes = new Uint8Array(start + days.reduce((sum, day) => sum + day.bytes.length, 0))
  const view = new DataView(bytes.buffer)
  view.setUint32(0, MAGIC, true)
  view.setUint32(4, head.length, true)
  bytes.set(head, 8)
  let at = start
  for (const day of days) {
    bytes.set(day.bytes, at)
    at += day.bytes.length
  }
  return bytes
}

/** Reads a month in place: the columns are views of the buffer. @throws {UnreadableUsage} */
export function decodeMonth(buffer: ArrayBuffer): UsageBlock {
  const view = new DataView(buffer)
  if (buffer.byteLength < 8 || view.getUint32(0, true) !== MAGIC) throw new UnreadableUsage('Is no usage block.')
  const length = view.getUint32(4, true)
  if (8 + length > buffer.byteLength) throw new UnreadableUsage('Ends within its head.')
  const head = headOf(new TextDecoder().decode(new Uint8Array(buffer, 8, length)))
  let at = aligned(8 + length)
  const days: UsageSection[] = []
  for (const [day, version] of head.days) {
    const section = decodeDay(buffer, at)
    days.push({ day, version, columns: section.columns, bytes: new Uint8Array(buffer, at, section.end - at) })
    at = section.end
  }
  return { month: head.month, version: head.version, days }
}

function decodeDay(buffer: ArrayBuffer, start: number): { columns: UsageColumns; end: number } {
  if (start + SECTION_HEAD > buffer.byteLength) throw new UnreadableUsage('Ends before its last day.')
  const view = new DataView(buffer, start)
  const rows = view.getUint32(0, true)
  let at = start + SECTION_HEAD
  const columns = USAGE_FIELDS.map((_, index) => {
    const Kind = KINDS[view.getUint8(4 + index)]
    if (!Kind || at + Kind.BYTES_PER_ELEMENT * rows > buffer.byteLength)
      throw new UnreadableUsage('A column is cut short.')
    const column = new Kind(buffer, at, rows)
    at += aligned(Kind.BYTES_PER_ELEMENT * rows)
    return column
  })
  const [users, products, groups, credits, views] = columns as [Column, Column, Column, Column, Column]
  return { columns: { users, products, groups, credits, views }, end: at }
}

function headOf(text: string): { month: string; version: number; days: [day: string, version: number][] } {
  try {
    return JSON.parse(text) as ReturnType<typeof headOf>
  } catch (cause) {
    throw new UnreadableUsage('Its head is no JSON.', { cause })
  }
}

const WIDEST = 3
const kindFor = (most: number) => (most < 0x100 ? 0 : most < 0x10000 ? 1 : most < 0x100000000 ? 2 : WIDEST)
const aligned = (size: number): number => Math.ceil(size / ALIGN) * ALIGN
