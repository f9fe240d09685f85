// A worker that sums periods by the app's engine and, in the same thread and over the same data, by one pass over flat typed arrays.
import { createEngine } from '#lib/usage/engine.ts'
import { usageStore } from '#lib/usage/store.ts'
import { decodeMonth } from '#shared/usage.ts'

export interface Range {
  from: string
  to: string
}
export interface SumsAsked {
  name: string
  ranges: readonly Range[]
  /** How often each is summed in a measurement: the clock of a worker is coarse. */
  times: number
}
export interface Summed {
  credits: number
  contactViews: number
  users: number
  top: [string, number][]
  products: [string, number][]
}
export interface SumsMeasured {
  /** Milliseconds for all ranges once. */
  ours: number
  raw: number
  /** Credits by user alone. */
  lean: number
  answers: Summed[]
  rawAnswers: Summed[]
}

async function load(name: string) {
  const store = usageStore({ name })
  const found = await store.read()
  const engine = createEngine()
  const ids = await store.ids()
  engine.putIds(0, ids)
  const blocks = []
  for (const month of Object.keys(found?.index.months ?? {}).sort()) {
    const stored = await store.block(month)
    if (!stored) throw new Error(`${month} is not stored.`)
    const block = decodeMonth(stored.buffer)
    engine.put(engine.makeMonth(block))
    blocks.push(block)
  }
  store.close()
  return { engine, flat: flatOf(blocks, ids) }
}

/** All rows one behind the other, by day: the least that the sums need. */
function flatOf(blocks: readonly ReturnType<typeof decodeMonth>[], ids: string[]) {
  const sections = blocks.flatMap(({ month, days }) =>
    days.map(({ day, columns }) => ({ day: `${month}-${day}`, columns })),
  )
  const length = sections.reduce((sum, { columns }) => sum + columns.users.length, 0)
  const flat = {
    ids,
    days: sections.map(({ day }) => day),
    starts: new Uint32Array(sections.length + 1),
    users: new Uint16Array(length),
    products: new Uint16Array(length),
    groups: new Uint16Array(length),
    credits: new Uint16Array(length),
    views: new Uint16Array(length),
  }
  let at = 0
  for (const [index, { columns }] of sections.entries()) {
    flat.starts[index] = at
    for (const field of ['users', 'products', 'groups', 'credits', 'views'] as const)
      flat[field].set(columns[field], at)
    at += columns.users.length
  }
  flat.starts[sections.length] = at
  return flat
}
type Flat = ReturnType<typeof flatOf>

const rowsOf = ({ days, starts }: Flat, { from, to }: Range) => {
  const first = days.findIndex((day) => day >= from)
  const last = days.findLastIndex((day) => day <= to)
  return { first, last, begin: starts[first] ?? 0, end: starts[last + 1] ?? 0 }
}

function rawSums(flat: Flat, range: Range) {
  const { ids, starts, users, products, groups, credits, views } = flat
  const { first, last } = rowsOf(flat, range)
  const byUser = new Float64Array(ids.length)
  const uses = new Int32Array(ids.length)
  const [productCredits, productViews] = [new Float64Array(ids.length), new Float64Array(ids.length)]
  const [groupCredits, groupViews] = [new Float64Array(ids.length), new Float64Array(ids.length)]
  const [dayCredits, dayViews] = [new Float64Array(last - first + 1), new Float64Array(last - first + 1)]
  for (let day = first; day <= last; day += 1) {
    let [ofCredits, ofViews] = [0, 0]
    for (let row = starts[day] ?? 0; row < (starts[day + 1] ?? 0); row += 1) {
      const [user, product, group] = [users[row] ?? 0, products[row] ?? 0, groups[row] ?? 0]
      const [c, v] = [credits[row] ?? 0, views[row] ?? 0]
      byUser[user] = (byUser[user] ?? 0) + c
      uses[user] = (uses[user] ?? 0) + 1
      productCredits[product] = (productCredits[product] ?? 0) + c
      productViews[product] = (productViews[product] ?? 0) + v
      groupCredits[group] = (groupCredits[group] ?? 0) + c
      groupViews[group] = (groupViews[group] ?? 0) + v
      ofCredits += c
      ofViews += v
    }
    dayCredits[day - first] = ofCredits
    dayViews[day - first] = ofViews
  }
  return { byUser, uses, productCredits, productViews, groupCredits, groupViews, dayCredits, dayViews }
}

function leanSums(flat: Flat, range: Range): Float64Array {
  const { ids, users, credits } = flat
  const { begin, end } = rowsOf(flat, range)
  const byUser = new Float64Array(ids.length)
  for (let row = begin; row < end; row += 1) {
    const user = users[row] ?? 0
    byUser[user] = (byUser[user] ?? 0) + (credits[row] ?? 0)
  }
  return byUser
}

function answerOf(
  { byUser, uses, productCredits, dayCredits, dayViews }: ReturnType<typeof rawSums>,
  ids: string[],
): Summed {
  const ranked = (sums: Float64Array) =>
    [...sums.entries()]
      .filter(([, sum]) => sum > 0)
      .map(([number, sum]): [string, number] => [ids[number] ?? '', sum])
      .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
  return {
    credits: dayCredits.reduce((sum, of) => sum + of, 0),
    contactViews: dayViews.reduce((sum, of) => sum + of, 0),
    users: uses.reduce((sum, of) => sum + Number(of > 0), 0),
    top: ranked(byUser).slice(0, 10),
    products: ranked(productCredits),
  }
}

let loaded: ReturnType<typeof load> | undefined

onmessage = async ({ data }: MessageEvent<SumsAsked>) => {
  loaded ??= load(data.name)
  const { engine, flat } = await loaded
  const timed = (work: (range: Range) => unknown): number => {
    const start = performance.now()
    for (let time = 0; time < data.times; time += 1) for (const range of data.ranges) work(range)
    return (performance.now() - start) / data.times
  }
  const kinds = {
    ours: (range: Range) => engine.sums(range, 10),
    raw: (range: Range) => rawSums(flat, range),
    lean: (range: Range) => leanSums(flat, range),
  }
  const answers = data.ranges.map((range): Summed => {
    const { credits, contactViews, users, top, products } = engine.sums(range, 10)
    return {
      credits,
      contactViews,
      users,
      top: top.map(({ userId, credits: of }) => [userId, of]),
      products: products.map(({ productId, credits: of }) => [productId, of]),
    }
  })
  const rawAnswers = data.ranges.map((range) => answerOf(rawSums(flat, range), flat.ids))
  const measured: SumsMeasured = {
    raw: timed(kinds.raw),
    ours: timed(kinds.ours),
    lean: timed(kinds.lean),
    answers,
    rawAnswers,
  }
  postMessage(measured)
}
