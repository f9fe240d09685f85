// What the rows of Add Multiple Users came to, with how many there are of each and how many seats they take: counted along with each verdict,
// since nobody goes over a hundred thousand of them several times a second.
import { toNameKey, type ProductId, type UserId } from '#shared/model.ts'
import type { State, Verdict } from './verdict.ts'

export type Counts = Readonly<Record<State, number>>
const NO_COUNTS: Counts = { checking: 0, ready: 0, changed: 0, same: 0, ask: 0, left: 0, mend: 0, 'no-seat': 0 }

export interface Summary {
  counts: Counts
  /** Seats that the rows take, by product. */
  seats: ReadonlyMap<ProductId, number>
  /** Names of groups that are not there. */
  missingGroups: readonly string[]
}

export interface Verdicts {
  /** What the rows were understood by: products, groups, settings. */
  readonly ground: string
  get(id: UserId): Verdict | undefined
  /** As it stands now; later verdicts leave it as it is. */
  summary(): Summary
}
export type Tally = ReturnType<typeof createTally>

/** Verdicts by row, to be added to. */
export function createTally(ground = '') {
  const byRow = new Map<UserId, Verdict>()
  const counts = { ...NO_COUNTS }
  const seats = new Map<ProductId, number>()
  const missing = new Map<string, { name: string; rows: number }>()

  function count({ state, understood }: Verdict, by: 1 | -1): void {
    counts[state] += by
    const name = understood.kind === 'fault' ? understood.fault.newGroup : undefined
    if (name !== undefined) {
      const key = toNameKey(name)
      const known = missing.get(key)
      missing.set(key, { name: known?.name ?? name, rows: (known?.rows ?? 0) + by })
    }
    const productId = productOf({ state, understood })
    if (productId) seats.set(productId, (seats.get(productId) ?? 0) + by)
  }

  return {
    ground,
    get: (id: UserId): Verdict | undefined => byRow.get(id),
    put(id: UserId, verdict: Verdict): void {
      const old = byRow.get(id)
      if (old) count(old, -1)
      byRow.set(id, verdict)
      count(verdict, 1)
    },
    summary: (): Summary => ({
      counts: { ...counts },
      seats: new Map(seats),
      missingGroups: [...missing.values()].flatMap(({ name, rows }) => (rows > 0 ? [name] : [])),
    }),
  } satisfies Verdicts & { put: unknown }
}

/** The product of which the row takes a seat. */
function productOf({ state, understood }: Pick<Verdict, 'state' | 'understood'>): ProductId | undefined {
  if (state === 'mend' || state === 'ask' || state === 'left') return undefined
  if (understood.kind === 'new') return understood.user.productId
  return understood.kind === 'change' ? understood.wanted.productId : undefined
}
