// What the list of users is asked for, to and from the address of the page: filters and order as parameters, the search text behind
// the `#`, because what is typed is never sent to a server. Unknown values are left out: an old link must not fail.
import { everyone, SORT_COLUMNS, type Query } from '#lib/replica/roster.ts'
import { GroupId, ProductId, ROLES, type Role, type Status } from '#shared/model.ts'
import * as v from 'valibot'

const STATUSES: readonly Status[] = ['active', 'invited', 'deactivated']
const LIMITS = ['own', 'group', 'default', 'none'] as const
export const USED_FROM = [0.5, 0.8, 0.9, 1] as const

/** Reads the query out of an address. */
export function readQuery({ searchParams, hash }: { searchParams: Pick<URLSearchParams, 'get'>; hash: string }): Query {
  const list = (name: string) => searchParams.get(name)?.split(',').filter(Boolean) ?? []
  const percent = Number(searchParams.get('used'))
  return {
    ...everyone,
    text: decoded(hash.slice(1)),
    products: new Set(list('product').flatMap((id) => parsedIds(ProductId, id))),
    groups: new Set(list('group').flatMap((id) => (id === 'none' ? [null] : parsedIds(GroupId, id)))),
    statuses: among(STATUSES, list('status')),
    roles: among<Role>(ROLES, list('role')),
    limits: among(LIMITS, list('limit')),
    usedFrom: percent > 0 && percent <= 1000 ? percent / 100 : null,
    sort: readSort(searchParams.get('sort') ?? ''),
  }
}

const parsedIds = <Id>(schema: v.GenericSchema<unknown, Id>, text: string): Id[] => {
  const parsed = v.safeParse(schema, text)
  return parsed.success ? [parsed.output] : []
}

function readSort(text: string): Query['sort'] {
  const name = text.replace(/^-/, '')
  const column = SORT_COLUMNS.find((known) => known === name)
  return column ? { column, descending: text.startsWith('-') } : everyone.sort
}

/** The same as the end of an address: "?status=active&sort=-used#lefevre"; empty where all are asked for. */
export function writeQuery(query: Query): string {
  const parts = new URLSearchParams()
  const list = (name: string, values: ReadonlySet<string | null>) => {
    if (values.size > 0) parts.set(name, [...values].map((value) => value ?? 'none').join(','))
  }
  list('product', query.products)
  list('group', query.groups)
  list('status', query.statuses)
  list('limit', query.limits)
  list('role', query.roles)
  if (query.usedFrom !== null) parts.set('used', String(Math.round(query.usedFrom * 100)))
  const { column, descending } = query.sort
  if (column !== everyone.sort.column || descending) parts.set('sort', `${descending ? '-' : ''}${column}`)
  // Commas stay readable; ids and names hold none.
  const search = parts.toString().replaceAll('%2C', ',')
  return `${search && `?${search}`}${query.text && `#${encodeURIComponent(query.text)}`}`
}

/** Whether nothing is filtered or searched for; the order does not matter. */
export const isUnfiltered = (query: Query): boolean =>
  writeQuery({ ...query, sort: everyone.sort }) === '' && query.ids === null

const among = <const Value extends string>(known: readonly Value[], given: readonly string[]): Set<Value> =>
  new Set(known.filter((value) => given.includes(value)))

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // A lone % in a link that somebody wrote by hand: taken as it is.
    return text
  }
}
