// Whether what is here is as the replica's rows say: then sums and the credits of the grants add up.
import type { HeldState, Told } from './messages.ts'

/** A month that could not be fetched holds nothing up: answers name it as missing. */
export function isSettled(told: Pick<Told, 'months' | 'keepFrom'>, { months }: Pick<HeldState, 'months'>): boolean {
  const held = new Map(months.map((month) => [month.month, month]))
  return Object.entries(told.months).every(([month, { version }]) => {
    const own = held.get(month)
    // An older one is here only where it was asked for; a new one has not been looked for yet.
    if (!own) return month < told.keepFrom
    return own.version === version || own.state === 'missing'
  })
}
