// Undoes reset-usage: takes the last marker back and adds what was used before it, in each term that still runs.
// No route accepts it: it exists inside an undo alone, which has checked that the last marker is the one of that reset.
import * as v from 'valibot'
import { TERMS, type Instant, type Meter, type Term } from '../../model.ts'
import { termStarts } from '../../periods.ts'
import { defineOperation } from '../definition.ts'
import { count, eachUser, UserIds } from '../each.ts'
import { applied, unchanged } from '../outcome.ts'

export const takeBackReset = defineOperation({
  type: 'take-back-reset',
  title: 'Take the reset back',
  args: v.strictObject({ userIds: UserIds }),
  itemsAre: 'users',
  items: ({ userIds }) => userIds,
  reads: ({ userIds }) => ({ users: userIds, meters: userIds }),

  apply: (view, { userIds }, { now }) => {
    const starts = termStarts(view.organisation, view.grants.all(), now)
    return eachUser(view, userIds, (user) => {
      const restored = takenBack(view.meters.get(user.id), starts)
      if (!restored) return unchanged()
      view.meters.put(restored)
      return applied()
    })
  },

  inverse: () => null,
  describe: ({ userIds }) => `Take the reset of ${count(userIds.length, 'user')} back`,
})

function takenBack(meter: Meter | undefined, starts: Record<Term, Instant>): Meter | undefined {
  const marker = meter?.markers.at(-1)
  if (!meter || !marker) return undefined
  const restored: Meter = { ...meter, markers: meter.markers.slice(0, -1) }
  for (const term of TERMS) {
    // A term that began after the reset has nothing to get back.
    if (starts[term] > marker.at) continue
    restored[term] += marker.used[term]
    restored[`${term}Since`] = Math.max(marker.since[term], starts[term])
  }
  return restored
}
