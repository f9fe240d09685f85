// What a run has reached. A seed that fails nothing proves nothing unless something happened: so runs count, and tests ask.

export interface Reached {
  /** operation → outcome code → how often, as the server judged. */
  outcomes: Record<string, Record<string, number>>
  /** Faults and events that happened. */
  events: Record<string, number>
  operations: number
  rejections: number
  steps: number
}

export const nothingReached = (): Reached => ({ outcomes: {}, events: {}, operations: 0, rejections: 0, steps: 0 })

export function happened(reached: Reached, event: string): void {
  reached.events[event] = (reached.events[event] ?? 0) + 1
}

export function judged(reached: Reached, type: string, code: string): void {
  const codes = (reached.outcomes[type] ??= {})
  codes[code] = (codes[code] ?? 0) + 1
}

export function addReached(into: Reached, more: Reached): void {
  into.operations += more.operations
  into.rejections += more.rejections
  into.steps += more.steps
  for (const [event, count] of Object.entries(more.events)) into.events[event] = (into.events[event] ?? 0) + count
  for (const [type, codes] of Object.entries(more.outcomes))
    for (const [code, count] of Object.entries(codes)) {
      const all = (into.outcomes[type] ??= {})
      all[code] = (all[code] ?? 0) + count
    }
}

/** The table that a run prints. */
export function reachedText(reached: Reached): string {
  const lines = Object.entries(reached.outcomes)
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([type, codes]) => `  ${type.padEnd(18)} ${counts(codes)}`)
  return [
    `${reached.operations} operations judged, ${reached.rejections} items rejected, ${reached.steps} steps`,
    ...lines,
    `  events             ${counts(reached.events)}`,
  ].join('\n')
}

const counts = (by: Record<string, number>): string =>
  Object.entries(by)
    .toSorted(([, a], [, b]) => b - a)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ')
