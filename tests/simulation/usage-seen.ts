// What the server's tables of usage hold within a transaction that is about to commit, read by queries of the run's own.
import { sql } from 'kysely'
import type { CreditGrant, Day, Meter } from '#shared/model.ts'
import type { Tx } from '../../sync-server/store/index.ts'
import type { Event, Held } from './books.ts'
import { ORGANISATION } from './world.ts'

export interface Block {
  day: Day
  version: number
  /** By user, product, group: credits and views. */
  rows: Map<string, [credits: number, views: number]>
}

export interface UsageSeen {
  /** In the ledger behind the position that is known. */
  events: Event[]
  /** Given since the moment that is known, in order. */
  answers: { key: string; answer: string; at: number }[]
  held: Held[]
  meters: Meter[]
  /** As they are counted now. */
  grants: CreditGrant[]
  /** Grants whose counts devices have not seen. */
  burnt: Set<string>
  days: Map<string, [credits: number, views: number]>
  /** By day and grant. */
  grantDays: Map<string, number>
  unpublished: { kind: string; id: string }[]
  sources: { source: string; lastId: string; lastAt: number; events: number }[]
  position: number
}

type Row = Record<string, unknown>

/** @param known position in the ledger, and time of the last answer, that are known already */
export async function readUsage(tx: Tx, known: { position: number; answeredAt: number }): Promise<UsageSeen> {
  const all = async (table: string, more = sql``) =>
    (await sql<Row>`select * from ${sql.table(table)} where "orgId" = ${ORGANISATION} ${more}`.execute(tx.db)).rows.map(
      withoutOrganisation,
    )
  const rows = {
    events: await all('usage_events', sql`and "position" > ${known.position} order by "position"`),
    answers: await all('spends', sql`and "at" > ${known.answeredAt} order by "at"`),
    held: await all('reservations', sql`order by "createdAt"`),
    meters: await all('meters'),
    grants: await all('grants'),
    burnt: await all('burnt'),
    days: await all('usage_days'),
    grantDays: await all('grant_days'),
    unpublished: await all('unpublished'),
    sources: await all('usage_sources'),
    heads: await all('usage_heads'),
  }
  const burnt = new Map(rows.burnt.map((row) => [String(row['grantId']), row]))
  return {
    events: rows.events as unknown as Event[],
    answers: rows.answers as unknown as UsageSeen['answers'],
    held: rows.held as unknown as Held[],
    meters: rows.meters.map((row) => ({ ...row, markers: JSON.parse(String(row['markers'])) as unknown })) as Meter[],
    grants: rows.grants.map((row) => {
      const { used, usedBy } = burnt.get(String(row['id'])) ?? row
      return { ...row, used, usedBy: JSON.parse(String(usedBy)) as unknown }
    }) as CreditGrant[],
    burnt: new Set(burnt.keys()),
    days: new Map(
      rows.days.map((row) => [
        `${row['day']} ${row['userId']} ${row['productId']} ${row['groupId']}`,
        [Number(row['credits']), Number(row['contactViews'])],
      ]),
    ),
    grantDays: new Map(
      rows.grantDays
        .filter((row) => row['credits'] !== 0)
        .map((row) => [`${row['day']} ${row['grantId']}`, Number(row['credits'])]),
    ),
    unpublished: rows.unpublished as unknown as UsageSeen['unpublished'],
    sources: rows.sources as unknown as UsageSeen['sources'],
    position: Number(rows.heads[0]?.['position'] ?? 0),
  }
}

function withoutOrganisation({ orgId: _, ...row }: Row): Row {
  return row
}

/** All days that were published, decoded apart from the code that encoded them. */
export async function readBlocks(tx: Tx): Promise<Block[]> {
  const ids = await sql<{ number: number; id: string }>`
    select "number", "id" from usage_ids where "orgId" = ${ORGANISATION}`.execute(tx.db)
  const names = new Map([[0, ''], ...ids.rows.map(({ number, id }): [number, string] => [number, id])])
  const blocks = await sql<{ day: Day; version: number; bytes: Uint8Array }>`
    select "day", "version", "bytes" from usage_blocks
    where "orgId" = ${ORGANISATION}`.execute(tx.db)
  return blocks.rows.map(({ day, version, bytes }) => ({ day, version, rows: decoded(bytes, names) }))
}

/** How many bytes a value takes, by the kind of its column. */
const WIDTHS = [1, 2, 4, 8]

function decoded(bytes: Uint8Array, names: ReadonlyMap<number, string>): Block['rows'] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const count = view.getUint32(0, true)
  let at = 16
  const columns = [0, 1, 2, 3, 4].map((column) => {
    const width = WIDTHS[view.getUint8(4 + column)] ?? 8
    const values = Array.from({ length: count }, (_, row) => {
      const place = at + row * width
      if (width === 8) return view.getFloat64(place, true)
      if (width === 4) return view.getUint32(place, true)
      return width === 2 ? view.getUint16(place, true) : view.getUint8(place)
    })
    at += Math.ceil((width * count) / 8) * 8
    return values
  })
  const [users = [], products = [], groups = [], credits = [], views = []] = columns
  const name = (number: number | undefined) => names.get(number ?? 0) ?? `number ${number}`
  return new Map(
    users.map((user, row) => [
      `${name(user)} ${name(products[row])} ${name(groups[row])}`,
      [credits[row] ?? 0, views[row] ?? 0],
    ]),
  )
}
