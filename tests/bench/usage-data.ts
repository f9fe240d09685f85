// Thirteen months of daily usage of 10,000 users, each active on 40 % of the days: as blocks for the device, as plain columns for the
// recount. The same at each run.
import { encodeDay, encodeMonth, type UsageEntry } from '#shared/usage.ts'

export interface UsageData {
  ids: string[]
  /** Of all months, by day; `rows` of day d are those from `starts[d]` up to `starts[d + 1]`. */
  days: string[]
  starts: number[]
  rows: UsageEntry[]
  blocks: Map<string, Uint8Array<ArrayBuffer>>
}

const USERS = 10_000
const PRODUCTS = 8
const GROUPS = 50
const ACTIVE = 0.4

export function usageData(): UsageData {
  const random = mulberry(8)
  const nat = (below: number) => Math.floor(random() * below)
  const ids = ['', ...Array.from({ length: USERS + PRODUCTS + GROUPS }, (_, at) => uuid(at))]
  const productOf = Array.from({ length: USERS }, () => nat(PRODUCTS))
  const groupOf = Array.from({ length: USERS }, () => nat(GROUPS + 1))
  const data: UsageData = { ids, days: [], starts: [0], rows: [], blocks: new Map() }
  for (let month = 0; month < 13; month += 1) {
    const first = new Date(Date.UTC(2025, 10 + month, 1))
    const name = first.toISOString().slice(0, 7)
    const length = new Date(Date.UTC(2025, 11 + month, 0)).getUTCDate()
    const sections = []
    for (let day = 1; day <= length; day += 1) {
      const rows: UsageEntry[] = []
      for (let user = 0; user < USERS; user += 1) {
        // Some move on to another group, and few use a second product.
        if (random() < 0.001) groupOf[user] = nat(GROUPS + 1)
        if (random() >= ACTIVE) continue
        const group = groupOf[user] ?? 0
        const entry = {
          users: user + 1,
          products: USERS + 1 + (random() < 0.02 ? nat(PRODUCTS) : (productOf[user] ?? 0)),
          groups: group === 0 ? 0 : USERS + PRODUCTS + group,
          credits: nat(60),
          views: nat(20),
        }
        rows.push(entry.credits + entry.views > 0 ? entry : { ...entry, credits: 1 })
      }
      data.days.push(`${name}-${String(day).padStart(2, '0')}`)
      data.rows.push(...rows)
      data.starts.push(data.rows.length)
      sections.push({ day: String(day).padStart(2, '0'), version: 1, bytes: encodeDay(rows) })
    }
    data.blocks.set(name, encodeMonth(name, 1, sections))
  }
  return data
}

/** What a range comes to, from the plain rows. */
export function recount({ days, starts, rows, ids }: UsageData, { from, to }: { from: string; to: string }) {
  const users = new Map<number, number>()
  const products = new Map<number, number>()
  let [credits, contactViews] = [0, 0]
  for (const [at, day] of days.entries()) {
    if (day < from || day > to) continue
    for (const entry of rows.slice(starts[at], starts[at + 1])) {
      credits += entry.credits
      contactViews += entry.views
      users.set(entry.users, (users.get(entry.users) ?? 0) + entry.credits)
      products.set(entry.products, (products.get(entry.products) ?? 0) + entry.credits)
    }
  }
  const ranked = (sums: Map<number, number>) =>
    [...sums]
      .map(([number, sum]): [string, number] => [ids[number] ?? '', sum])
      .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
  const top = ranked(users).slice(0, 10)
  return { credits, contactViews, users: users.size, top, products: ranked(products) }
}

/** Of a user, product or group; in no order, as ids of different years are. */
const uuid = (at: number): string => {
  const mixed = Math.imul(at + 1, 0x9e3779b1) >>> 0
  return `019${mixed.toString(16).padStart(8, '0').slice(0, 5)}-${mixed.toString(16).padStart(8, '0').slice(4)}-7000-8000-${String(at).padStart(12, '0')}`
}

function mulberry(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
