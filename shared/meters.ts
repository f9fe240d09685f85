// How usage is counted into a meter: in each term that it falls into, from the start of that term or from a later marker. Late usage
// counts in the terms that it belongs to, whenever it arrives.
import { TERMS, type GroupId, type Instant, type Meter, type ResetMarker, type Term, type UserId } from './model.ts'

export interface Use {
  /** When it was used, not when it was reported. */
  at: Instant
  credits: number
}

export const newMeter = (id: UserId | GroupId, of: Meter['of'], starts: Readonly<Record<Term, Instant>>): Meter => ({
  id,
  version: 0,
  of,
  month: 0,
  quarter: 0,
  year: 0,
  contract: 0,
  monthSince: starts.month,
  quarterSince: starts.quarter,
  yearSince: starts.year,
  contractSince: starts.contract,
  lastUsedAt: null,
  markers: [],
})

/** The meter with a use counted in; `starts`: of the terms that run now. */
export function counted(meter: Meter, use: Use, starts: Readonly<Record<Term, Instant>>): Meter {
  const next: Meter = {
    ...meter,
    lastUsedAt: Math.max(meter.lastUsedAt ?? 0, use.at),
    markers: withLate(meter.markers, use),
  }
  for (const term of TERMS) {
    // A meter that still counts an older term begins the present one with nothing.
    const current = meter[`${term}Since`] >= starts[term]
    const since = current ? meter[`${term}Since`] : starts[term]
    next[`${term}Since`] = since
    next[term] = (current ? meter[term] : 0) + (use.at >= since ? use.credits : 0)
  }
  return next
}

/** What was used before the last reset but reported after it belongs to what that reset set aside, which an undo brings back. */
function withLate(markers: ResetMarker[], { at, credits }: Use): ResetMarker[] {
  const last = markers.at(-1)
  if (!last || at >= last.at) return markers
  const used = { ...last.used }
  for (const term of TERMS) if (at >= last.since[term]) used[term] += credits
  return [...markers.slice(0, -1), { ...last, used }]
}
