// What a row of Add Multiple Users has come to: what it means, and what the operations said. Words for the grid.
import { device } from '#lib/device.svelte.ts'
import { formatNumber } from '#lib/format.ts'
import type { Existing } from './settings.ts'
import { fullName } from '#lib/users/facts.ts'
import { faultOf } from '#lib/users/new-user.ts'
import type { ProductId, UserId } from '#shared/model.ts'
import type { Outcome } from '#shared/operations/outcome.ts'
import type { DraftRow } from './rows.ts'
import { FIELD_OF, type DraftFault, type Understood } from './understand.ts'
import { isolated } from '#shared/bidi.ts'

/**
 * `ready` is a new user, `changed` one who is there and gets other values, `same` one who has them already; `ask` waits for a word about
 * one who is there, `left` is one who is not to be changed.
 */
export type State = 'checking' | 'ready' | 'changed' | 'same' | 'ask' | 'left' | 'mend' | 'no-seat'

export interface Verdict {
  row: DraftRow
  number: number
  state: State
  understood: Understood
  fault?: DraftFault
}

/** Before the operations are asked. `firstOf` holds the users whom earlier rows are about. */
export function judge(
  row: DraftRow,
  number: number,
  understood: Understood,
  existing: Existing,
  firstOf: Map<UserId, number>,
): Verdict {
  const verdict = { row, number, understood }
  if (understood.kind === 'fault') return { ...verdict, state: 'mend', fault: understood.fault }
  if (understood.kind === 'new') return { ...verdict, state: 'checking' }
  const { of } = understood
  const first = firstOf.get(of.id)
  if (first !== undefined)
    return { ...verdict, state: 'mend', fault: { field: 'email', text: `Same user as row ${formatNumber(first)}.` } }
  firstOf.set(of.id, number)
  if (understood.kind === 'same') return { ...verdict, state: 'same' }
  if (existing === 'leave' && !row.agreed) return { ...verdict, state: 'left' }
  if (existing === 'change' || row.agreed) return { ...verdict, state: 'checking' }
  const text =
    of.status === 'deactivated'
      ? `${isolated(fullName(of))} is here already, deactivated.`
      : `${isolated(fullName(of))} is here already, ${of.status}.`
  const fault: DraftFault = { field: 'email', text }
  if (of.status === 'deactivated') fault.reactivate = of.id
  return { ...verdict, state: 'ask', fault }
}

interface Among {
  numberOf: (id: string) => number | undefined
  /** The first row that found no seat of a product. */
  firstWithout: Map<ProductId, number>
}

/** With the answer of the operation that would carry the row out. */
export function stateOf(before: Verdict, outcome: Outcome, { numberOf, firstWithout }: Among): Verdict {
  const { row, number, understood } = before
  if (outcome.result !== 'rejected')
    return { row, number, understood, state: understood.kind === 'change' ? 'changed' : 'ready' }
  const { field, ...fault } = faultOf(outcome, numberOf)
  if (outcome.code !== 'no-seat-left')
    return { row, number, understood, state: 'mend', fault: { ...fault, field: FIELD_OF[field] } }
  const { productId } = outcome.fact
  const first = firstWithout.get(productId)
  if (first === undefined) firstWithout.set(productId, number)
  const name = device.product(productId)?.name ?? 'the product'
  const text = first === undefined ? fault.text : `No seat left in ${isolated(name)}, as in row ${formatNumber(first)}.`
  return { row, number, understood, state: 'no-seat', fault: { ...fault, text, field: 'product' } }
}
