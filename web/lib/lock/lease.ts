// How long this device has been without contact. Time is the server's, by the offset measured at the last contact; a clock that is set
// back doesn't lengthen the lease: what was seen of the time stays seen, and time goes on from there. Pure, but for reading and keeping it.
import type { Instant } from '#shared/model.ts'
import * as v from 'valibot'

const DAY = 24 * 60 * 60_000
const KEY = 'quartermaster.lease'

const Lease = v.object({
  /** The server's time at the last contact. */
  contact: v.number(),
  /** The latest moment that was seen since, by the server's time. */
  seen: v.number(),
  /** The device's clock when it was seen. */
  clock: v.number(),
  /** Server's clock − device's clock. */
  offset: v.number(),
})
export type Lease = v.InferOutput<typeof Lease>

/** @param clock the device's at that moment */
export const contactAt = (clock: Instant, offset: number): Lease => ({
  contact: clock + offset,
  seen: clock + offset,
  clock,
  offset,
})

/** The lease with what the clock says now. A clock behind what was seen counts by how far it moved since it was looked at last. */
export function lookedAt(lease: Lease, clock: Instant): Lease {
  const told = clock + lease.offset
  const gone = Math.max(0, clock - lease.clock)
  return { ...lease, clock, seen: told >= lease.seen ? told : lease.seen + gone }
}

export const sinceContact = ({ seen, contact }: Lease): number => seen - contact

export const isOver = (lease: Lease, days: number | null): boolean => days !== null && sinceContact(lease) >= days * DAY

export function keptLease(): Lease | undefined {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), Lease), localStorage.getItem(KEY))
  return parsed.success ? parsed.output : undefined
}

export const keepLease = (lease: Lease): void => localStorage.setItem(KEY, JSON.stringify(lease))

export const forgetLease = (): void => localStorage.removeItem(KEY)
