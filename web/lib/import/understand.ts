// What a row means: a new user, a change of one who is there, or what keeps it from being either. Looks at the row alone; the operations
// judge seats, addresses and limits of all rows together. Pure.
import { emailProblem } from '#lib/users/emails.ts'
import type { Fault, NewUserField } from '#lib/users/new-user.ts'
import { limitWords } from '#shared/limit-words.ts'
import { sameLimit } from '#shared/limits.ts'
import { toEmailKey, type EmailKey } from '#shared/email.ts'
import {
  NewUser,
  ROLES,
  toNameKey,
  USER_FIELDS,
  type GroupId,
  type LimitChoice,
  type ProductId,
  type Role,
  type User,
} from '#shared/model.ts'
import type { UserEdit } from '#shared/operations/update-users.ts'
import * as v from 'valibot'
import type { DraftField } from './fields.ts'
import { readLimit } from './limit.ts'
import type { DraftRow } from './rows.ts'

export interface Ground {
  /** By name key; groups that are to be made are among them. */
  products: ReadonlyMap<string, ProductId>
  groups: ReadonlyMap<string, GroupId>
  user: (id: string) => User | undefined
  userByEmail: (key: EmailKey) => User | undefined
  productName: (id: ProductId | null) => string
  groupName: (id: GroupId | null) => string
  /** For new users whose row names none. */
  fallback: { productId: ProductId | ''; groupId: GroupId | null }
  /** The fields whose empty cells empty them in a user who is there. */
  clears: ReadonlySet<DraftField>
}

export type DraftFault = Omit<Fault, 'field'> & {
  field: DraftField
  /** The name of a group that is not there: it can be made. */
  newGroup?: string
}
export interface Difference {
  field: DraftField
  from: string
  to: string
}
/** What a row changes of a user who is there, by the operation that does it. */
export interface Wanted {
  details: UserEdit['changes']
  productId?: ProductId
  groupId?: GroupId | null
  limit?: LimitChoice | null
  role?: Role
}
export type Understood =
  | { kind: 'fault'; fault: DraftFault }
  | { kind: 'new'; user: NewUser }
  | { kind: 'change'; of: User; wanted: Wanted; differences: readonly Difference[] }
  | { kind: 'same'; of: User }

const fault = (field: DraftField, text: string, more: Partial<DraftFault> = {}): Understood => ({
  kind: 'fault',
  fault: { field, text, ...more },
})

/** Reads one row. */
export function understand(row: DraftRow, ground: Ground): Understood {
  if (row.tooMany)
    return fault('email', `${row.tooMany} cells too many for the header. Is a quotation mark missing in this row?`)
  const of = existing(row, ground)
  const typed = row.email.trim()
  if (typed === '' && !of) return fault('email', 'Needs an e-mail address.')
  if (typed !== '' && !toEmailKey(typed) && typed.isWellFormed() && !typed.includes('\0'))
    return fault('email', emailProblem(typed) ?? 'This e-mail address can’t be mailed.')
  const named = namesOf(row, ground)
  if ('fault' in named) return { kind: 'fault', fault: named.fault }
  return of ? change(row, of, named, ground) : newUser(row, named, ground)
}

/** By our own id, else by the address. */
function existing({ userId, email }: DraftRow, ground: Ground): User | undefined {
  const own = userId ? ground.user(userId) : undefined
  if (own) return own
  const key = toEmailKey(email)
  return key && ground.userByEmail(key)
}

interface Named {
  /** Undefined where the cell is empty. */
  productId: ProductId | undefined
  groupId: GroupId | undefined
  limit: LimitChoice | null
  role: Role | undefined
}

/** What the row names by words: a product, a group, a limit, a role. */
function namesOf(row: DraftRow, { products, groups }: Ground): Named | { fault: DraftFault } {
  const [product, group, role] = [row.product.trim(), row.group.trim(), row.role.trim().toLowerCase()]
  const productId = products.get(toNameKey(product))
  if (product !== '' && !productId) return { fault: { field: 'product', text: `There is no product “${product}”.` } }
  const groupId = groups.get(toNameKey(group))
  if (group !== '' && !groupId)
    return { fault: { field: 'group', text: `There is no group “${group}”.`, newGroup: group } }
  const limit = readLimit(row.limit)
  if (limit === undefined)
    return { fault: { field: 'limit', text: 'A limit is a number of credits, “unlimited” or “blocked”.' } }
  const known = ROLES.find((each) => each === role)
  if (role !== '' && !known) return { fault: { field: 'role', text: 'A role is member, viewer or admin.' } }
  return { productId, groupId, limit, role: known }
}

function newUser(row: DraftRow, named: Named, { fallback }: Ground): Understood {
  if (row.firstName.trim() === '' && row.lastName.trim() === '')
    return fault('firstName', 'Needs a first or a last name.')
  const productId = named.productId ?? fallback.productId
  if (productId === '') return fault('product', 'Needs a product: choose one here, or above for all rows.')
  const { id, firstName, lastName, email, title, phone, externalId } = row
  const { limit, role = 'member', groupId = fallback.groupId } = named
  const user = { id, firstName, lastName, email, title, phone, externalId, productId, groupId, limit, role }
  const parsed = v.safeParse(NewUser, user)
  if (parsed.success) return { kind: 'new', user: parsed.output }
  const [issue] = parsed.issues
  return fault(columnOf(v.getDotPath(issue)), issue.message)
}

/** The grid's column for a field of the model. */
export const FIELD_OF: Readonly<Record<NewUserField, DraftField>> = {
  firstName: 'firstName',
  lastName: 'lastName',
  email: 'email',
  title: 'title',
  phone: 'phone',
  externalId: 'externalId',
  productId: 'product',
  groupId: 'group',
  limit: 'limit',
  role: 'role',
}
const columnOf = (path: string | null): DraftField => (path && FIELD_OF[path as NewUserField]) || 'email'

function change(row: DraftRow, of: User, named: Named, ground: Ground): Understood {
  const differences: Difference[] = []
  const wanted: Wanted = { details: {} }
  const isCleared = (field: DraftField) => row[field].trim() === '' && !row.short && ground.clears.has(field)
  for (const field of USER_FIELDS) {
    const to = row[field].trim()
    if (to === of[field] || (to === '' && (field === 'email' || !isCleared(field)))) continue
    // Another spelling of the same address is none of the file's business.
    if (field === 'email' && toEmailKey(to) === of.emailKey) continue
    const checked = v.safeParse(NewUser.entries[field], to)
    if (!checked.success) return fault(field, checked.issues[0].message)
    wanted.details[field] = { from: of[field], to }
    differences.push({ field, from: of[field], to })
  }
  const named2 = { ...of, ...Object.fromEntries(differences.map(({ field, to }) => [field, to])) }
  if (differences.length > 0 && named2.firstName === '' && named2.lastName === '')
    return fault('firstName', 'Needs a first or a last name.')
  if (named.productId && named.productId !== of.productId) {
    wanted.productId = named.productId
    differences.push({
      field: 'product',
      from: ground.productName(of.productId),
      to: ground.productName(named.productId),
    })
  }
  const groupId = named.groupId ?? (isCleared('group') ? null : of.groupId)
  if (groupId !== of.groupId) {
    wanted.groupId = groupId
    differences.push({ field: 'group', from: ground.groupName(of.groupId), to: groupId ? row.group.trim() : '' })
  }
  if ((row.limit.trim() !== '' || isCleared('limit')) && !sameLimit(of.limit, named.limit)) {
    wanted.limit = named.limit
    const words = (limit: LimitChoice | null) => (limit ? limitWords(limit) : 'inherits')
    differences.push({ field: 'limit', from: words(of.limit), to: words(named.limit) })
  }
  if (named.role && named.role !== of.role) {
    wanted.role = named.role
    differences.push({ field: 'role', from: of.role, to: named.role })
  }
  return differences.length > 0 ? { kind: 'change', of, wanted, differences } : { kind: 'same', of }
}
