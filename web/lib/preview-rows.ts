// From the outcomes of a forecast to the rows of a preview: one for those that change, one for those that need not, one for each
// reason why some can't. Only the first names of each are looked up: a preview may be about a hundred thousand.
import { device } from '#lib/device.svelte.ts'
import type { PreviewRow } from '#lib/components/Preview.svelte'
import { fullName } from '#lib/users/facts.ts'
import { outcomeWords } from '#shared/action-words.ts'
import type { User } from '#shared/model.ts'
import type { Names } from '#shared/operations/definition.ts'
import type { Code, Outcome } from '#shared/operations/outcome.ts'

/** What the rows say where the usual words don't do, for so many users. */
export type RowWords = Partial<Record<'applied' | 'unchanged' | Code, (n: number) => string>>

const NAMED = 51

export function previewRows(
  type: string,
  outcomes: readonly Outcome[],
  words: RowWords = {},
  person: (user: User, outcome: Outcome) => { name: string; detail?: string } = (user) => ({ name: fullName(user) }),
): PreviewRow[] {
  return kindsOf(outcomes).map(([key, found]) => ({
    kind: key === 'applied' || key === 'unchanged' ? key : 'rejected',
    count: found.length,
    text: words[key]?.(found.length) ?? outcomeWords(found, { type, number: () => '' }).trim(),
    people: found.slice(0, NAMED).flatMap((outcome) => {
      const user = device.layer.get('users', outcome.item)
      return user ? person(user, outcome) : []
    }),
  }))
}

type Kind = 'applied' | 'unchanged' | Code
const known = new WeakMap<readonly Outcome[], [Kind, Outcome[]][]>()

/** The outcomes by what they are, in the order of the rows; sorted out once for each forecast. */
function kindsOf(outcomes: readonly Outcome[]): [Kind, Outcome[]][] {
  const before = known.get(outcomes)
  if (before) return before
  const kinds = Map.groupBy(outcomes, (outcome) => (outcome.result === 'rejected' ? outcome.code : outcome.result))
  const order = [...kinds].sort(([a], [b]) => rank(a) - rank(b))
  known.set(outcomes, order)
  return order
}

const rank = (key: string) => ['applied', 'unchanged'].indexOf(key) + 1 || 3

/** The names that a preview's sentence may speak of. */
export const productNames = (): Names => ({
  users: {},
  groups: {},
  products: Object.fromEntries(device.products.map(({ id, name }) => [id, name])),
})
