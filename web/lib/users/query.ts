// What the list of users is asked for, to and from the address of the page: filters and order as parameters, the search text behind
// the `#`, because what is typed is never sent to a server. Unknown values are left out, and named: an old link must not fail.
import { everyone, SORT_COLUMNS, type Query } from '#lib/replica/roster.ts'
import { GroupId, ProductId, ROLES, type Role, type Status } from '#shared/model.ts'
import * as v from 'valibot'
import { MOST_IDLE_DAYS } from './idle.ts'
import { parseDays, writeDays, type UsedIn } from './used-in.ts'

const STATUSES: readonly Status[] = ['active', 'invited', 'deactivated']
const LIMITS = ['own', 'group', 'default', 'none'] as const
export const USED_FROM = [0.5, 0.8, 0.9, 1] as const

/** The query of an address: what it says in days and periods becomes moments and ids when it is asked. */
export interface ListQuery extends Query {
  /** Only those who used credits then, or had contact views where it is asked with `views`. */
  usedIn: UsedIn | null
  /** Only those who hold a seat and used nothing for so many days. */
  idle: number | null
}
export const everybody: ListQuery = { ...everyone, usedIn: null, idle: null }

export interface Address {
  searchParams: Pick<URLSearchParams, 'get'>
  hash: string
}

/** Reads the query out of an address. */
export function readQuery({ searchParams, hash }: Address): ListQuery {
  const list = (name: string) => listOf(searchParams, name)
  const [shares, periods] = [list('used').flatMap(shareOf), list('used').flatMap((text) => parseDays(text) ?? [])]
  const [period] = periods
  const [productId] = parsedIds(ProductId, searchParams.get('usedProduct') ?? '')
  const [groupId] = parsedIds(GroupId, searchParams.get('usedGroup') ?? '')
  const views = searchParams.get('usedFor') === 'views' || undefined
  const idle = Number(searchParams.get('idle'))
  return {
    ...everybody,
    text: decoded(hash.slice(1)),
    products: new Set(list('product').flatMap((id) => parsedIds(ProductId, id))),
    groups: new Set(list('group').flatMap((id) => (id === 'none' ? [null] : parsedIds(GroupId, id)))),
    statuses: among(STATUSES, list('status')),
    roles: among<Role>(ROLES, list('role')),
    limits: among(LIMITS, list('limit')),
    usedFrom: shares[0] ?? null,
    usedIn: period
      ? { ...period, ...(productId && { productId }), ...(groupId && { groupId }), ...(views && { views }) }
      : null,
    idle: Number.isInteger(idle) && idle > 0 && idle <= MOST_IDLE_DAYS ? idle : null,
    sort: readSort(searchParams.get('sort') ?? ''),
  }
}

const listOf = (parameters: Pick<URLSearchParams, 'get'>, name: string) =>
  parameters.get(name)?.split(',').filter(Boolean) ?? []

const parsedIds = <Id>(schema: v.GenericSchema<unknown, Id>, text: string): Id[] => {
  const parsed = v.safeParse(schema, text)
  return parsed.success ? [parsed.output] : []
}

function shareOf(text: string): number[] {
  const percent = Number(text)
  return Number.isInteger(percent) && percent > 0 && percent <= 1000 ? [percent / 100] : []
}

function readSort(text: string): Query['sort'] {
  const name = text.replace(/^-/, '')
  const column = SORT_COLUMNS.find((known) => known === name)
  return column ? { column, descending: text.startsWith('-') } : everyone.sort
}

/** What an address asks for that is not understood and left out: "used=lots", for a note that says so. */
export function leftOut({ searchParams, hash }: Address): string[] {
  const understood = new URLSearchParams(writeQuery(readQuery({ searchParams, hash })).split('#')[0])
  const { column, descending } = everyone.sort
  if (!understood.has('sort')) understood.set('sort', `${descending ? '-' : ''}${column}`)
  return PARAMETERS.flatMap((name) => {
    const known = new Set(listOf(understood, name))
    return listOf(searchParams, name)
      .filter((value) => !known.has(value))
      .map((value) => `${name}=${value}`)
  })
}
const PARAMETERS = [
  'product',
  'group',
  'status',
  'limit',
  'role',
  'used',
  'usedProduct',
  'usedGroup',
  'usedFor',
  'idle',
  'sort',
] as const

/** The same as the end of an address: "?status=active&sort=-used#lefevre"; empty where all are asked for. */
export function writeQuery(query: ListQuery): string {
  const parts = new URLSearchParams()
  const list = (name: string, values: Iterable<string | null>) => {
    const text = [...values].map((value) => value ?? 'none').join(',')
    if (text) parts.set(name, text)
  }
  list('product', query.products)
  list('group', query.groups)
  list('status', query.statuses)
  list('limit', query.limits)
  list('role', query.roles)
  const { usedFrom, usedIn, idle } = query
  list('used', [
    ...(usedFrom === null ? [] : [String(Math.round(usedFrom * 100))]),
    ...(usedIn ? [writeDays(usedIn)] : []),
  ])
  if (usedIn?.productId) parts.set('usedProduct', usedIn.productId)
  if (usedIn?.groupId) parts.set('usedGroup', usedIn.groupId)
  if (usedIn?.views) parts.set('usedFor', 'views')
  if (idle !== null) parts.set('idle', String(idle))
  const { column, descending } = query.sort
  if (column !== everyone.sort.column || descending) parts.set('sort', `${descending ? '-' : ''}${column}`)
  // Commas stay readable; ids and names hold none.
  const search = parts.toString().replaceAll('%2C', ',')
  return `${search && `?${search}`}${query.text && `#${encodeURIComponent(query.text)}`}`
}

/** Whether nothing is filtered or searched for; the order does not matter. */
export const isUnfiltered = (query: ListQuery): boolean =>
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
