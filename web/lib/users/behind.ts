// Who stands behind a bar of a chart: what the list is asked in days and periods, made into ids and moments that its rows can be held
// against. In slices, because they may be everybody.
import { device } from '#lib/device.svelte.ts'
import { createBreathe } from '#lib/replica/breathe.ts'
import type { Query } from '#lib/replica/roster.ts'
import type { UsageAnswer } from '#lib/usage/types.ts'
import { usage } from '#lib/usage/usage.svelte.ts'
import type { UserId } from '#shared/model.ts'
import { idleSince } from './idle.ts'
import type { ListQuery } from './query.ts'
import type { UsedIn } from './used-in.ts'

/** Months that are not here yet, so that some are not in the list. */
export interface Behind extends Pick<UsageAnswer, 'missing'> {
  /** Why nobody is known to have used anything. */
  fault?: string
}

/** Remembers who used what was asked last: the list is looked through again at every change of a row. */
export function createResolve() {
  let known: { usedIn: UsedIn; version: number; ids: ReadonlySet<UserId>; behind: Behind } | undefined

  async function usersOf(usedIn: UsedIn) {
    const { version } = usage
    if (known?.usedIn === usedIn && known.version === version) return known
    try {
      const [users, { missing }] = await Promise.all([usage.usersOf(usedIn), usage.ask(usedIn, 0)])
      known = { usedIn, version, ids: await setInSlices(users), behind: { missing } }
      return known
    } catch (cause) {
      // Asked again with the next change; until then it is said above the list.
      const fault = cause instanceof Error ? cause.message : 'Usage could not be read.'
      return { ids: new Set<UserId>(), behind: { missing: [], fault } }
    }
  }

  return async ({ usedIn, idle, ...query }: ListQuery): Promise<{ query: Query; behind: Behind | undefined }> => {
    const { organisation } = device
    const since = idle !== null && organisation ? idleSince(idle, organisation, device.now()) : null
    if (!usedIn) {
      known = undefined
      return { query: { ...query, idleSince: since }, behind: undefined }
    }
    const { ids, behind } = await usersOf(usedIn)
    return { query: { ...query, idleSince: since, ids }, behind }
  }
}

async function setInSlices(users: readonly UserId[]): Promise<ReadonlySet<UserId>> {
  const breathe = createBreathe(() => performance.now())
  const ids = new Set<UserId>()
  for (const [index, id] of users.entries()) {
    ids.add(id)
    if (index % 2_000 === 0) await breathe()
  }
  return ids
}
