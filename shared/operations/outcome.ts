// What became of one item of an operation. Expected refusals are values, each with a code and the fact behind it;
// the sentence for a person is made from both in words.ts.
import type { GroupId, Instant, LimitChoice, OperationId, Product, ProductId, Status, UserId } from '../model.ts'

/** The facts behind each rejection code. */
export interface Facts {
  forbidden: object
  'user-unknown': object
  'group-unknown': { groupId: GroupId }
  'product-unknown': { productId: ProductId }
  'id-taken': object
  'email-invalid': { email: string }
  'email-taken': { email: string; userId: UserId; status: Status; since: Instant }
  'group-name-taken': { groupId: GroupId; members: number }
  'no-seat-left': { productId: ProductId; free: 0; needed: number; purchased: number; used: number } & Pick<
    Product,
    'lastSeat' | 'lastContract'
  >
  'limit-exceeds-credits': { credits: number; available: number }
  'user-deactivated': { since: Instant }
  'last-admin': object
  /** What can't be undone, nobody does to oneself. */
  'own-row': object
  'group-not-empty': { members: number }
  /** `row` and `field` say what to look up in the log; the server fills in `by` and `at` from it. */
  'changed-meanwhile': { row: string; field: string | null; theirs: FieldValue; by: UserId | null; at: Instant | null }
  /** All or nothing was asked for, and `rejected` of the items could not be done. */
  'all-or-nothing': { rejected: number }
  'operation-unknown': { operationId: OperationId }
  'cannot-undo': { why: 'undo' | 'not-reversible' }
  'has-joined': object
  'has-usage': object
  'mail-left': object
  /** Known on the device alone: the create that this item needs was rejected or taken back. */
  'dependency-rejected': { operationId: OperationId; code: Code | 'withdrawn' }
  /** Set aside by the server: the operation could not be parsed; `path` leads to the fault. */
  malformed: { path: string; message: string }
  /** Set aside by the server after three tries. */
  failed: object
}
export type Code = keyof Facts
export type FieldValue = string | number | LimitChoice | null

export type Applied = { result: 'applied' }
export type Unchanged = { result: 'unchanged' }
export type Rejected<C extends Code = Code> = { [K in C]: { result: 'rejected'; code: K; fact: Facts[K] } }[C]
export type Result = Applied | Unchanged | Rejected

/** `item` is the id of a user or group, or the name of a field where the items of an operation are fields. */
export type Outcome = { item: string } & Result

export const applied = (): Applied => ({ result: 'applied' })
export const unchanged = (): Unchanged => ({ result: 'unchanged' })
export const rejected = <C extends Code>(code: C, fact: Facts[C]): Rejected<C> =>
  // TypeScript can't see that the object is the member of the union that C names.
  ({ result: 'rejected', code, fact }) as Rejected<C>

export const withItem = (item: string, result: Result): Outcome => ({ item, ...result })

/** The items that were applied, in order. */
export const appliedItems = (outcomes: readonly Outcome[]): string[] =>
  outcomes.filter(({ result }) => result === 'applied').map(({ item }) => item)
