// Looks at the rows of Add Multiple Users: what each means, what is wrong with it here and now. The very operation judges those that can
// be read, seats included; nothing is queued.
import { device } from '#lib/device.svelte.ts'
import { formatNumber } from '#lib/format.ts'
import { MAX_CREDITS, ROLES, toNameKey, type LimitChoice, type NewUser, type Term } from '#shared/model.ts'
import type { Outcome } from '#shared/operations/outcome.ts'
import { readAmount } from './amount.ts'
import { isBlank, type DraftRow } from './drafts.svelte.ts'
import { faultOf, shapeFaults, type Fault, type NewUserField } from './new-user.ts'
import type { DraftField } from '#lib/import/fields.ts'

export type DraftFault = Omit<Fault, 'field'> & { field: DraftField }
export interface ReadRow {
  row: DraftRow
  /** From 1, as the grid counts. */
  number: number
  user?: NewUser
  fault?: DraftFault
}

/** Reads all rows that hold something. */
export function readRows(
  rows: readonly DraftRow[],
  fallback: { productId: NewUser['productId'] | ''; groupId: NewUser['groupId'] },
): ReadRow[] {
  const products = new Map(device.products.map(({ name, id }) => [toNameKey(name), id]))
  const groups = new Map(device.groups.map(({ nameKey, id }) => [nameKey, id]))
  return rows.flatMap((row, index): ReadRow[] => {
    if (isBlank(row)) return []
    const number = index + 1
    const fail = (field: DraftField, text: string) => [{ row, number, fault: { field, text } }]
    if (row.email.trim() === '') return fail('email', 'Needs an e-mail address.')
    if (row.firstName.trim() === '' && row.lastName.trim() === '')
      return fail('firstName', 'Needs a first or a last name.')
    const productId = row.product.trim() ? products.get(toNameKey(row.product)) : fallback.productId
    if (productId === undefined) return fail('product', `There is no product “${row.product.trim()}”.`)
    if (productId === '') return fail('product', 'Needs a product: choose one here, or above for all rows.')
    const groupId = row.group.trim() ? groups.get(toNameKey(row.group)) : fallback.groupId
    if (groupId === undefined) return fail('group', `There is no group “${row.group.trim()}”.`)
    const limit = readLimit(row.limit)
    if (limit === undefined) return fail('limit', 'A limit is a number of credits, “unlimited” or “blocked”.')
    const typed = row.role.trim().toLowerCase()
    const role = typed === '' ? 'member' : ROLES.find((known) => known === typed)
    if (!role) return fail('role', 'A role is member, viewer or admin.')
    const { id, firstName, lastName, email, title, phone, externalId } = row
    const user = { id, firstName, lastName, email, title, phone, externalId, productId, groupId, limit, role }
    const { id: _id, ...shape } = user
    const [shapeFault] = shapeFaults(shape)
    if (shapeFault) return fail(FIELD_OF[shapeFault.field], shapeFault.text)
    return [{ row, number, user }]
  })
}

/** The grid's column for a field of the model. */
const FIELD_OF: Readonly<Record<NewUserField, DraftField>> = {
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

/** "1,000", "6,000 a quarter", "unlimited", "blocked"; nothing inherits; undefined where it is none of these. */
export function readLimit(text: string): LimitChoice | null | undefined {
  const typed = text.trim().toLowerCase()
  if (typed === '' || typed === 'inherit' || typed === 'group' || typed === 'default') return null
  if (typed === 'unlimited' || typed === 'no limit') return { credits: null, term: 'month' }
  if (typed === 'blocked') return { credits: 0, term: 'month' }
  const [, amount = '', term = 'month'] =
    /^([\d.,\s'’]+?)\s*(?:(?:a|per|for the|\/)\s*(month|quarter|year|contract))?$/.exec(typed) ?? []
  const { credits } = readAmount(amount)
  return credits === undefined || credits > MAX_CREDITS ? undefined : { credits, term: term as Term }
}

export type CheckedRow = ReadRow & { state: 'ready' | 'mend' | 'no-seat' }

/** Brings the operation's outcomes to the rows; without one a row that can be read counts as ready. */
export function checkRows(read: readonly ReadRow[], outcomes: readonly Outcome[]): CheckedRow[] {
  const byId = new Map(outcomes.map((outcome) => [outcome.item, outcome]))
  const numbers = new Map<string, number>(read.map(({ row, number }) => [row.id, number]))
  const firstOf = new Map<string, number>()
  return read.map((each) => {
    if (each.fault) return { ...each, state: 'mend' }
    const outcome = byId.get(each.row.id)
    if (outcome?.result !== 'rejected') return { ...each, state: 'ready' }
    const { field, ...fault } = faultOf(outcome, (id) => numbers.get(id))
    if (outcome.code !== 'no-seat-left') return { ...each, state: 'mend', fault: { ...fault, field: FIELD_OF[field] } }
    const { productId } = outcome.fact
    const first = firstOf.get(productId)
    if (first === undefined) firstOf.set(productId, each.number)
    const name = device.product(productId)?.name ?? 'the product'
    const text = first === undefined ? fault.text : `No seat left in ${name}, as in row ${formatNumber(first)}.`
    return { ...each, state: 'no-seat', fault: { ...fault, text, field: 'product' } }
  })
}
