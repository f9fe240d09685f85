// How far the limits of all users go beyond the credits of the organisation: reckoned from the rows in memory, in slices; no counter
// is kept. Each spend is judged anyway, so that overcommitting is allowed and only told.
import type { Layer } from '#lib/replica/rows.ts'
import type { Breathe } from '#lib/replica/sort.ts'
import { effectiveLimit } from '#shared/limits.ts'
import type { Organisation, User } from '#shared/model.ts'

export interface Commitment {
  /** The limits of all who have a seat, each in its own term. */
  together: number
  /** Users whose limit is a number of credits. */
  limited: number
  /** Users whose limit is unlimited, or who have none: they are in no sum. */
  unlimited: number
}

/** What one user adds to it. */
function share(layer: Layer, organisation: Organisation, user: User | undefined): Commitment {
  if (!user || user.status === 'deactivated') return { together: 0, limited: 0, unlimited: 0 }
  const group = user.groupId ? layer.get('groups', user.groupId) : undefined
  const credits = effectiveLimit(user, group, organisation).limit?.credits ?? null
  return credits === null ? { together: 0, limited: 0, unlimited: 1 } : { together: credits, limited: 1, unlimited: 0 }
}

export async function commitmentOf(layer: Layer, organisation: Organisation, breathe: Breathe): Promise<Commitment> {
  const sum = { together: 0, limited: 0, unlimited: 0 }
  let count = 0
  for (const user of layer.values('users')) {
    const { together, limited, unlimited } = share(layer, organisation, user)
    sum.together += together
    sum.limited += limited
    sum.unlimited += unlimited
    if ((count += 1) % 1_000 === 0) await breathe()
  }
  return sum
}

/** How it moves where these users are as in `then` instead of as in `now`. */
export async function commitmentChange(
  ids: Iterable<string>,
  { now, then, organisation, breathe }: { now: Layer; then: Layer; organisation: Organisation; breathe: Breathe },
): Promise<Commitment> {
  const sum = { together: 0, limited: 0, unlimited: 0 }
  let count = 0
  for (const id of ids) {
    const before = share(now, organisation, now.get('users', id))
    const after = share(then, organisation, then.get('users', id))
    sum.together += after.together - before.together
    sum.limited += after.limited - before.limited
    sum.unlimited += after.unlimited - before.unlimited
    if ((count += 1) % 1_000 === 0) await breathe()
  }
  return sum
}
