// Which column of a file is what: by its head, as the exports of the common directories and our own call it, else by what stands in it.
// A guess, which the person who imports can change.
import { toEmailKey } from '#shared/email.ts'
import { ROLES, toNameKey } from '#shared/model.ts'
import { COLUMN_FIELDS, type ColumnField, type Columns } from './fields.ts'

/** How lists call the columns, folded to bare letters; where a file has several for a field, the one that stands first here is taken. */
const HEADS: Readonly<Record<ColumnField, readonly string[]>> = {
  firstName: ['firstname', 'givenname', 'forename', 'first', 'vorname', 'prenom', 'nombre', 'fornavn'],
  lastName: ['lastname', 'surname', 'familyname', 'last', 'nachname', 'nomdefamille', 'apellidos', 'etternavn'],
  email: [
    'email',
    'emailaddress',
    'primaryemail',
    'workemail',
    'mail',
    'userprincipalname',
    'username',
    'login',
    'epost',
    'emailadresse',
  ],
  product: ['product', 'license', 'licence', 'licenses', 'licences', 'newlicenses'],
  group: ['group', 'groupname', 'department', 'team', 'abteilung', 'service', 'departamento', 'avdeling'],
  limit: ['limit', 'creditlimit'],
  role: ['role'],
  title: ['title', 'jobtitle', 'employeetitle', 'position'],
  phone: [
    'phone',
    'phonenumber',
    'workphone',
    'officephone',
    'primaryphone',
    'telephonenumber',
    'telephone',
    'mobilephone',
    'mobile',
    'telefon',
  ],
  externalId: ['externalid', 'employeeid', 'employeenumber', 'personnelnumber', 'objectid', 'userid', 'id'],
  name: ['name', 'fullname', 'displayname'],
  term: ['limitterm'],
  id: ['id'],
}

/** Columns of our own export, and of the directories, that only the app or the directory sets. */
const NOT_OURS_TO_TAKE: ReadonlySet<string> = new Set([
  'status',
  'used',
  'lastactive',
  'added',
  'limitineffect',
  'limitfrom',
  'lastsignin',
  'lastlogin',
  'accountenabled',
  'emailusage',
])

/** Whose export it is, by heads that nobody else has. */
const SOURCES = {
  own: ['limitterm', 'externalid'],
  google: ['orgunitpath'],
  microsoft: ['userprincipalname'],
  okta: ['login', 'secondemail'],
} as const
export type FileSource = keyof typeof SOURCES

export interface Known {
  /** Name keys. */
  products: ReadonlySet<string>
  groups: ReadonlySet<string>
}

const folded = (text: string) =>
  text
    .toLowerCase()
    .normalize('NFD')
    .replace(/[^a-z]/g, '')

/** The names that a head goes by: a directory's template has its own in brackets, "User name [userPrincipalName] Required". */
function namesOf(head: string): string[] {
  const inside = /\[([^\]]+)\]/.exec(head)?.[1] ?? ''
  return [folded(inside), folded(head.replace(/\[[^\]]*\]?.*$/s, ''))].filter(Boolean)
}
const rankIn = (field: ColumnField, head: string): number =>
  Math.min(
    ...namesOf(head).flatMap((name) => (HEADS[field].includes(name) ? [HEADS[field].indexOf(name)] : [Infinity])),
  )
const isKnown = (head: string): boolean =>
  namesOf(head).some((name) => NOT_OURS_TO_TAKE.has(name) || COLUMN_FIELDS.some((field) => HEADS[field].includes(name)))

/** Whether the first record says what the columns are; one word that happens to be a head is no header. */
export function isHeader(first: readonly string[], second: readonly string[] | undefined): boolean {
  if (first.some((cell) => cell.includes('@'))) return false
  const known = first.filter(isKnown).length
  const filled = first.filter((cell) => cell.trim() !== '').length
  if (known >= Math.min(2, filled)) return known > 0
  return known > 0 && first.some((cell, at) => rankIn('email', cell) < Infinity && Boolean(second?.[at]?.includes('@')))
}

export const isSetByApp = (head: string): boolean => namesOf(head).some((name) => NOT_OURS_TO_TAKE.has(name))

export function sourceOf(heads: readonly string[]): FileSource | undefined {
  const names = new Set(heads.flatMap(namesOf))
  const sources: FileSource[] = ['own', 'google', 'microsoft', 'okta']
  return sources.find((source) => SOURCES[source].every((name) => names.has(name)))
}

/** Guesses from the heads; `samples` are records below them. */
export function columnsByHeads(
  heads: readonly string[],
  samples: readonly (readonly string[])[],
  known: Known,
): Columns {
  const columns: (ColumnField | null)[] = heads.map(() => null)
  const column = (at: number) => samples.map((record) => record[at]?.trim() ?? '').filter(Boolean)
  for (const field of COLUMN_FIELDS) {
    const ranked = heads
      .map((head, at) => ({ at, rank: rankIn(field, head) }))
      .filter(({ at, rank }) => rank < Infinity && columns[at] === null && fits(field, rank, column(at), known))
      .sort((a, b) => a.rank - b.rank)
    const [best] = ranked
    if (best) columns[best.at] = field
  }
  return settled(columns)
}

/** Heads that other programs use for other things are believed where the values fit. */
function fits(field: ColumnField, rank: number, values: readonly string[], { products }: Known): boolean {
  if (field === 'product' && rank > 0) return values.some((value) => products.has(toNameKey(value)))
  if (field === 'id') return values.every((value) => OWN_ID.test(value))
  // A bare "id" is theirs unless it looks like ours.
  if (field === 'externalId' && HEADS.externalId[rank] === 'id') return !values.every((value) => OWN_ID.test(value))
  return true
}
const OWN_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i

/** Guesses from what stands in the columns, for a file without a header. */
export function columnsByValues(records: readonly (readonly string[])[], known: Known): Columns {
  const width = Math.max(0, ...records.map(({ length }) => length))
  const columns: (ColumnField | null)[] = Array.from({ length: width }, () => null)
  const most = (test: (value: string) => boolean) => (at: number) => {
    const values = records.map((record) => record[at]?.trim() ?? '').filter(Boolean)
    return values.length > 0 && values.filter(test).length > values.length / 2
  }
  const kinds: [ColumnField, (at: number) => boolean][] = [
    ['email', most((value) => toEmailKey(value) !== undefined)],
    ['product', most((value) => known.products.has(toNameKey(value)))],
    ['group', most((value) => known.groups.has(toNameKey(value)))],
    ['role', most((value) => ROLES.some((role) => role === value.toLowerCase()))],
    ['phone', most((value) => /^\+?[\d\s().-]{7,}$/.test(value))],
  ]
  for (const [field, looks] of kinds) {
    const at = columns.findIndex((column, index) => column === null && looks(index))
    if (at >= 0) columns[at] = field
  }
  const words = columns.flatMap((column, at) =>
    column === null && most((value) => /\p{L}/u.test(value))(at) ? [at] : [],
  )
  const [first, second] = words
  if (first !== undefined) columns[first] = second === undefined ? 'name' : 'firstName'
  if (second !== undefined) columns[second] = 'lastName'
  return columns
}

/** A whole name is taken only where its parts are not there, a term only with its limit. */
const settled = (columns: Columns): Columns => {
  const parts = columns.includes('firstName') || columns.includes('lastName')
  return columns.map((column) =>
    (column === 'name' && parts) || (column === 'term' && !columns.includes('limit')) ? null : column,
  )
}
