// Who holds a seat and has not used it for a while. One rule for the number on the dashboard and for the list behind it.
import type { Day, Instant, Organisation, User } from '#shared/model.ts'
import { addDays, dayOf, startOfDay } from '#shared/periods.ts'

/** The choices that are offered, in days. */
export const IDLE_DAYS = [30, 60, 90] as const
/** More than this asks for nobody. */
export const MOST_IDLE_DAYS = 3_650

/** The moment that lies so many whole days back, in the organisation's time zone: the answer is the same all day. */
export function idleSince(days: number, organisation: Pick<Organisation, 'timeZone'>, now: Instant): Instant {
  const first: Day = addDays(dayOf(now, organisation), -days)
  return startOfDay(first, organisation)
}

/**
 * Whether the user holds a seat, has had it since before `since`, and has used nothing since then.
 * @param lastUsedAt of the user's meter; 0 where nothing was ever used
 */
export const isIdle = (
  { status, productId, joinedAt, createdAt }: Pick<User, 'status' | 'productId' | 'joinedAt' | 'createdAt'>,
  lastUsedAt: Instant,
  since: Instant,
): boolean => status !== 'deactivated' && productId !== null && (joinedAt ?? createdAt) < since && lastUsedAt < since
