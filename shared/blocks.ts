// Rows in columns: how they travel and how the device stores them, as they came. A block holds up to 500 rows of one entity, or
// tombstones. IndexedDB charges per record and not per byte, and columns repeat no key: so 100,000 users sync in a second.
import * as v from 'valibot'
import { COLUMNS, ENTITIES, type Entity, type ResetMarker, type Rows } from './model.ts'
import { NO_POLICIES } from './policies.ts'

export const BLOCK_ROWS = 500

/** `columns[i][j]` is row j's value of the i-th column in COLUMNS[entity]. */
export interface RowsBlock {
  entity: Entity
  columns: unknown[][]
}
/** Rows that are gone, with the version that removed each. */
export interface TombstonesBlock {
  entity: Entity
  gone: string[]
  versions: number[]
}
export type Block = RowsBlock | TombstonesBlock

// Looked at as a whole: a schema of unknown values would visit, and copy, each of a page's 100,000.
const ColumnValues = v.custom<unknown[][]>((value) => Array.isArray(value) && value.every(Array.isArray))

export const Block = v.union([
  v.object({ entity: v.picklist(ENTITIES), columns: ColumnValues }),
  v.object({ entity: v.picklist(ENTITIES), gone: v.array(v.string()), versions: v.array(v.number()) }),
])

export const isTombstones = (block: Block): block is TombstonesBlock => 'gone' in block

/** Cuts rows into blocks of at most 500. */
export function toBlocks<E extends Entity>(entity: E, rows: readonly Rows[E][]): RowsBlock[] {
  const blocks: RowsBlock[] = []
  for (let from = 0; from < rows.length; from += BLOCK_ROWS) {
    const part = rows.slice(from, from + BLOCK_ROWS)
    blocks.push({ entity, columns: COLUMNS[entity].map((column) => part.map((row) => row[column as keyof Rows[E]])) })
  }
  return blocks
}

/** How many rows or tombstones a block holds. */
export const blockSize = (block: Block): number =>
  isTombstones(block) ? block.gone.length : (block.columns[0]?.length ?? 0)

/** The ids in a block, rows or tombstones. */
export const blockIds = (block: Block): readonly string[] =>
  isTombstones(block) ? block.gone : ((block.columns[0] ?? []) as string[])

/** Makes the rows of a block. */
export function rowsOf(block: RowsBlock): Rows[Entity][] {
  // Each entity is made by a literal of its own, so that all its rows share one hidden class: a loop over column names takes three
  // times as long and a third more memory. What the server sends was parsed when it was written; checking 100,000 rows again field
  // by field would cost more than the sync.
  const make = makers[block.entity](block.columns as never) as (at: number) => Rows[Entity]
  const rows: Rows[Entity][] = []
  for (let at = 0, size = blockSize(block); at < size; at += 1) rows.push(make(at))
  return rows
}

/** The columns of an entity in the order of COLUMNS, typed. */
type Columns<E extends Entity> = ColumnsNamed<Rows[E], (typeof COLUMNS)[E]>
type ColumnsNamed<Row, Names extends readonly unknown[]> = { -readonly [I in keyof Names]: Row[Names[I] & keyof Row][] }

/** A row whose columns may be too short. */
type Made<Row> = { [Field in keyof Row]: Row[Field] | undefined }

const makers: { [E in Entity]: (columns: Columns<E>) => (at: number) => Made<Rows[E]> } = {
  organisations: (columns) => {
    const [id, version, name, timeZone, weekStart, fiscalYearStart, defaultLimit, activeAdmins, ...policies] = columns
    // A server or a store from before policies sends none of them: there were none.
    const [secondFactor, localData, leaseDays, lockMinutes]: Partial<typeof policies> = policies
    return (at) => ({
      id: id[at],
      version: version[at],
      name: name[at],
      timeZone: timeZone[at],
      weekStart: weekStart[at],
      fiscalYearStart: fiscalYearStart[at],
      defaultLimit: defaultLimit[at],
      activeAdmins: activeAdmins[at],
      secondFactor: secondFactor?.[at] ?? NO_POLICIES.secondFactor,
      localData: localData?.[at] ?? NO_POLICIES.localData,
      leaseDays: leaseDays?.[at] ?? NO_POLICIES.leaseDays,
      lockMinutes: lockMinutes?.[at] ?? NO_POLICIES.lockMinutes,
    })
  },
  products:
    ([id, version, name, seatsPurchased, seatsUsed, lastSeat, lastContract]) =>
    (at) => ({
      id: id[at],
      version: version[at],
      name: name[at],
      seatsPurchased: seatsPurchased[at],
      seatsUsed: seatsUsed[at],
      lastSeat: lastSeat[at],
      lastContract: lastContract[at],
    }),
  grants:
    ([id, version, kind, credits, startsOn, endsOn, used, voided, usedBy]) =>
    (at) => ({
      id: id[at],
      version: version[at],
      kind: kind[at],
      credits: credits[at],
      voided: voided[at],
      startsOn: startsOn[at],
      endsOn: endsOn[at],
      used: used[at],
      usedBy: usedBy[at],
    }),
  months:
    ([id, version, days, entries]) =>
    (at) => ({ id: id[at], version: version[at], days: days[at], entries: entries[at] }),
  groups:
    ([id, version, name, nameKey, memberLimit, poolLimit, members, lastModified, lastModifiedBy]) =>
    (at) => ({
      id: id[at],
      version: version[at],
      name: name[at],
      nameKey: nameKey[at],
      memberLimit: memberLimit[at],
      poolLimit: poolLimit[at],
      members: members[at],
      lastModified: lastModified[at],
      lastModifiedBy: lastModifiedBy[at],
    }),
  users: (columns) => {
    const [id, version, email, emailKey, firstName, lastName, title, phone, externalId, ...rest] = columns
    const [productId, groupId, limit, role, status, joinedAt, createdAt, updatedAt] = rest
    const [product, group, roleOf, statusOf] = [once(productId), once(groupId), once(role), once(status)]
    return (at) => ({
      id: id[at],
      version: version[at],
      email: email[at],
      // Mostly the same text: kept once.
      emailKey: emailKey[at] === email[at] ? (email[at] as (typeof emailKey)[number] | undefined) : emailKey[at],
      firstName: firstName[at],
      lastName: lastName[at],
      title: title[at],
      phone: phone[at],
      externalId: externalId[at],
      productId: product(at),
      groupId: group(at),
      limit: limit[at],
      role: roleOf(at),
      status: statusOf(at),
      joinedAt: joinedAt[at],
      createdAt: createdAt[at],
      updatedAt: updatedAt[at],
    })
  },
  meters: (columns) => {
    const [id, version, of, month, quarter, year, contract, monthSince, quarterSince, ...rest] = columns
    const [yearSince, contractSince, lastUsedAt, markers] = rest
    const kind = once(of)
    return (at) => ({
      id: id[at],
      version: version[at],
      of: kind(at),
      month: month[at],
      quarter: quarter[at],
      year: year[at],
      contract: contract[at],
      monthSince: monthSince[at],
      quarterSince: quarterSince[at],
      yearSince: yearSince[at],
      contractSince: contractSince[at],
      lastUsedAt: lastUsedAt[at],
      markers: markers[at]?.length === 0 ? noMarkers : markers[at],
    })
  },
}

const noMarkers: ResetMarker[] = []

/** A column of few different texts, each of them kept once: as they come out of the store each is a copy of its own. */
function once<Value>(column: readonly Value[]): (at: number) => Value | undefined {
  const known = new Map<Value, Value>()
  return (at) => {
    const value = column[at]
    if (value === undefined) return undefined
    const same = known.get(value)
    if (same !== undefined) return same
    known.set(value, value)
    return value
  }
}
