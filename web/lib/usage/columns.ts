// Columns of a day as they came from the server, made into the kinds that the engine counts on.
import type { UsageColumns } from '#shared/usage.ts'
import type { Amounts } from './section.ts'

interface Rows {
  users: Uint32Array
  products: Uint32Array
  groups: Uint32Array
  credits: Float64Array
  views: Float64Array
}

/** The rows in which something was used, sorted by user: converted by the browser itself, which is faster than any loop. */
export function usedRows(columns: UsageColumns): Rows {
  const rows: Rows = {
    users: new Uint32Array(columns.users),
    products: new Uint32Array(columns.products),
    groups: new Uint32Array(columns.groups),
    credits: new Float64Array(columns.credits),
    views: new Float64Array(columns.views),
  }
  const { users, credits, views } = rows
  let whole = true
  for (let row = 0; row < users.length; row += 1)
    if ((credits[row] === 0 && views[row] === 0) || (row > 0 && (users[row - 1] ?? 0) > (users[row] ?? 0)))
      whole = false
  if (whole) return rows
  const order = [...users.keys()].filter((row) => credits[row] !== 0 || views[row] !== 0)
  order.sort((a, b) => (users[a] ?? 0) - (users[b] ?? 0))
  const pick = <Column extends Uint32Array | Float64Array>(from: Column, into: Column): Column => {
    for (const [at, row] of order.entries()) into[at] = from[row] ?? 0
    return into
  }
  return {
    users: pick(users, new Uint32Array(order.length)),
    products: pick(rows.products, new Uint32Array(order.length)),
    groups: pick(rows.groups, new Uint32Array(order.length)),
    credits: pick(credits, new Float64Array(order.length)),
    views: pick(views, new Float64Array(order.length)),
  }
}

const SMALL = 0xffff

export function amountsOf(values: Float64Array): Amounts {
  const small = new Uint16Array(values.length)
  const rows: number[] = []
  for (let row = 0; row < values.length; row += 1) {
    const value = values[row] ?? 0
    if (value <= SMALL) small[row] = value
    else rows.push(row)
  }
  return { small, largeRows: Uint32Array.from(rows), large: Float64Array.from(rows, (row) => values[row] ?? 0) }
}
