// Lets users start anew within their terms: appends a marker to the meter, which counts from there on.
// Never touches history, charts or the pool's used credits: what was used stays used.
import * as v from 'valibot'
import { usedIn } from '../limits.ts'
import { TERMS, type Instant, type Meter, type ResetMarker, type Term } from '../model.ts'
import { termStarts } from '../periods.ts'
import { defineOperation } from './definition.ts'
import { eachUser, UserIds, usersNamed } from './each.ts'
import { applied, unchanged } from './outcome.ts'

/** As many of the latest resets as charts show; a meter must not grow without end. */
const MAX_MARKERS = 24

export const resetUsage = defineOperation({
  type: 'reset-usage',
  title: 'Reset Usage',
  args: v.strictObject({ userIds: UserIds }),
  itemsAre: 'users',
  items: ({ userIds }) => userIds,
  reads: ({ userIds }) => ({ users: userIds, meters: userIds }),

  apply: (view, { userIds }, { now }) => {
    const starts = termStarts(view.organisation, view.grants.all(), now)
    return eachUser(view, userIds, (user) => {
      const meter = view.meters.get(user.id)
      if (!meter || TERMS.every((term) => usedIn(meter, term, starts) === 0)) return unchanged()
      view.meters.put(reset(meter, starts, now))
      return applied()
    })
  },

  inverse: (_past, _args, items) => [{ type: 'take-back-reset', args: { userIds: [...items] } }],
  describe: ({ userIds }, names) => `Reset the usage of ${usersNamed(userIds, names)}`,
  slice: ({ userIds }, from, to) => ({ userIds: userIds.slice(from, to) }),
  risky: true,
})

function reset(meter: Meter, starts: Record<Term, Instant>, now: Instant): Meter {
  const last = meter.markers.at(-1)
  // Each marker is later than the one before, whatever the clock says: an undo knows its own by this moment.
  const at = last ? Math.max(now, last.at + 1) : now
  const marker: ResetMarker = {
    at,
    used: perTerm((term) => usedIn(meter, term, starts)),
    since: perTerm((term) => Math.max(meter[`${term}Since`], starts[term])),
  }
  return {
    ...meter,
    month: 0,
    quarter: 0,
    year: 0,
    contract: 0,
    monthSince: at,
    quarterSince: at,
    yearSince: at,
    contractSince: at,
    markers: [...meter.markers, marker].slice(-MAX_MARKERS),
  }
}

const perTerm = (value: (term: Term) => number): Record<Term, number> => ({
  month: value('month'),
  quarter: value('quarter'),
  year: value('year'),
  contract: value('contract'),
})
