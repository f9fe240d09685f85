// What is wrong with a user that somebody is about to add, in words that stand beside the field. The very operation decides, on a copy.
import { device } from '#lib/device.svelte.ts'
import { formatCredits, formatFullDate, formatNumber } from '#lib/format.ts'
import { seatsLeft, seatsOver } from '#shared/seats.ts'
import { NewUser, type ProductId, type UserId } from '#shared/model.ts'
import type { Code, Rejected } from '#shared/operations/outcome.ts'
import * as v from 'valibot'
import { emailProblem } from './emails.ts'
import { fullName } from './facts.ts'
import { isolated } from '#shared/bidi.ts'

export type NewUserField = keyof Omit<NewUser, 'id'>
export interface Fault {
  field: NewUserField
  text: string
  /** Why the operation refused it. */
  code?: Code
  /** A deactivated user holds the e-mail: bring him back instead. */
  reactivate?: UserId
}

/** What the shape alone says, before the operation is asked: too long, a character that can't be stored. */
export function shapeFaults(user: Record<NewUserField, unknown>): Fault[] {
  const faults: Fault[] = []
  for (const field of Object.keys(user) as NewUserField[]) {
    const checked = v.safeParse(NewUser.entries[field], user[field])
    if (!checked.success) faults.push({ field, text: checked.issues[0].message })
  }
  return faults
}

/** Why the operation refused it, beside the field that can mend it. `rowOf` names another new user of the same list by its id. */
export const faultOf = (outcome: Rejected, rowOf?: (id: string) => number | undefined): Fault => ({
  ...reasonOf(outcome, rowOf),
  code: outcome.code,
})

function reasonOf(outcome: Rejected, rowOf?: (id: string) => number | undefined): Fault {
  if (outcome.code === 'email-invalid')
    return { field: 'email', text: emailProblem(outcome.fact.email) ?? 'This e-mail address can’t be mailed.' }
  if (outcome.code === 'email-taken') {
    const { userId, status, since } = outcome.fact
    const row = rowOf?.(userId)
    if (row !== undefined) return { field: 'email', text: `Same e-mail as row ${formatNumber(row)}.` }
    const holder = device.user(userId)
    const name = holder ? fullName(holder) : 'another user'
    return status === 'deactivated'
      ? {
          field: 'email',
          text: `Taken by ${isolated(name)}, deactivated on ${formatFullDate(since)}.`,
          reactivate: userId,
        }
      : { field: 'email', text: `Taken by ${isolated(name)}, who is ${status}.` }
  }
  if (outcome.code === 'no-seat-left') return { field: 'productId', text: noSeatText(outcome.fact.productId) }
  if (outcome.code === 'product-unknown') return { field: 'productId', text: 'There is no such product any more.' }
  if (outcome.code === 'group-unknown') return { field: 'groupId', text: 'There is no such group any more.' }
  if (outcome.code === 'limit-exceeds-credits') {
    const { credits, available } = outcome.fact
    const [more, have] = [formatCredits(credits), formatCredits(available)]
    return { field: 'limit', text: `${more} is more than the ${have} credits your organisation has.` }
  }
  if (outcome.code === 'user-deactivated')
    return { field: 'email', text: 'Is deactivated: reactivate first, or leave product and role as they are.' }
  if (outcome.code === 'last-admin') return { field: 'role', text: 'The last active admin can’t get another role.' }
  if (outcome.code === 'changed-meanwhile') return { field: 'email', text: 'Was changed meanwhile.' }
  if (outcome.code === 'forbidden') return { field: 'role', text: 'You are no longer an admin.' }
  return { field: 'email', text: 'This user can’t be added.' }
}

/** "No seat left in Data API: 0 of 25, over by 3." */
export function noSeatText(productId: ProductId): string {
  const product = device.product(productId)
  if (!product) return 'No seat left.'
  const over = seatsOver(product)
  const [left, of] = [formatNumber(seatsLeft(product)), formatNumber(product.seatsPurchased)]
  return `No seat left in ${isolated(product.name)}: ${left} of ${of}${over > 0 ? `, over by ${formatNumber(over)}` : ''}.`
}
