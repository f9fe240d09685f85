// How long nobody has touched this device: the last input of any tab, by the clock that they share, and by this tab's own time, which
// nobody can set back. What follows from it is pure.
import type { Instant } from '#shared/model.ts'

/** So long before it locks a warning is shown. */
export const WARNED = 30_000
/** A clock further behind the last input than this was set back: for how long nobody was here is not known any more. */
const LEAP = 60_000

export interface LastInput {
  /** By the device's clock. */
  at: Instant
  /** By the time of this tab: when it heard of it. */
  heard: number
}

export interface Now {
  clock: Instant
  /** Milliseconds since the page was opened. */
  tab: number
}

/** Milliseconds until it locks; 0 or less: it is time. */
export function timeLeft(last: LastInput, minutes: number, now: Now): number {
  if (now.clock < last.at - LEAP) return 0
  const idle = Math.max(now.clock - last.at, now.tab - last.heard)
  return minutes * 60_000 - idle
}

const KEY = 'quartermaster.input'

export const keptInput = (): Instant | undefined => {
  const text = localStorage.getItem(KEY)
  return text !== null && /^\d+$/.test(text) ? Number(text) : undefined
}
export const keepInput = (at: Instant): void => localStorage.setItem(KEY, String(at))
export const forgetInput = (): void => localStorage.removeItem(KEY)
export const isOfInput = ({ key }: Pick<StorageEvent, 'key'>): boolean => key === KEY
