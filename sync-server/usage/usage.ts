// What the provider may ask of usage and credits, and what it is answered. All that moves credits comes by here: reported usage, spends
// and reservations, under the organisation's lock, so that no two of them pass a limit together and no counter misses one.
import type { Bound } from '#shared/limits.ts'
import type { CreditTotals, GrantShare } from '#shared/credits.ts'
import type { CreditGrant, Day, GroupId, Instant, OrganisationId, ProductId, UserId } from '#shared/model.ts'
import type { UsageIds } from '#shared/usage.ts'

/** Something that was used, as its source reports it: known by source and id, however often it is sent. */
export interface UsageEvent {
  source: string
  id: string
  at: Instant
  /** An id, or an e-mail address. */
  user: string
  /** An id, or a name. */
  product: string
  credits: number
  contactViews: number
}

/** What became of an event. `over`: by how many credits the limit that binds is passed now; it was recorded all the same. */
export type Taken =
  | { result: 'taken'; day: Day; over: number }
  | { result: 'repeated' }
  | { result: 'refused'; code: EventRefusal; fact: Readonly<Record<string, unknown>> }
export type EventRefusal = 'user-unknown' | 'product-unknown' | 'not-yet' | 'source-reserved'

export interface SpendRequest {
  /** The provider's own key: the same key with the same content is answered as the first time and spends nothing again. */
  key: string
  user: string
  product: string
  credits: number
  contactViews: number
}

/** What bound a denial: a limit by its kind, or the user's status. */
export type DeniedBy = Bound['kind'] | 'deactivated'

export type SpendAnswer =
  | { allowed: true; userId: UserId; productId: ProductId; credits: number; left: number | null; binds: Bound['kind'] }
  | { allowed: false; deniedBy: DeniedBy; left: number; over: number }

export type ReservationState = 'open' | 'confirmed' | 'released' | 'expired'
export interface Reservation {
  id: string
  userId: UserId
  productId: ProductId
  credits: number
  /** What was confirmed of it. */
  confirmed: number
  state: ReservationState
  expiresAt: Instant
}

export interface Balance extends CreditTotals {
  /** Promised to jobs under way; not in `used`. */
  reserved: number
  grants: (GrantShare & { grant: CreditGrant })[]
}

export interface UserBalance {
  userId: UserId
  status: 'invited' | 'active' | 'deactivated'
  groupId: GroupId | null
  reserved: number
  /** Every ceiling, the one that binds first; `left` null where it is unlimited. */
  bounds: {
    kind: Bound['kind']
    credits: number | null
    term: string | null
    used: number
    left: number | null
    over: number
  }[]
}

export interface SourcePosition {
  source: string
  /** The event taken last, and how many in all: from there on the source sends again after a restore. */
  lastId: string
  lastAt: Instant
  events: number
}

/**
 * Whatever changes something may name the provider's key that it came in by, for the log.
 * @throws {Refusal} where the request as a whole can't be done: `user-unknown`, `product-unknown`, `key-reused`, `reservation-…`
 */
export interface Usage {
  /** Takes events in order, all in one transaction; one answer each. Asked again, what was taken is `repeated`. */
  ingest(organisation: OrganisationId, events: readonly UsageEvent[], key?: string): Promise<Taken[]>
  spend(organisation: OrganisationId, request: SpendRequest, key?: string): Promise<SpendAnswer>
  /** @param seconds after which it expires unless it is confirmed */
  reserve(
    organisation: OrganisationId,
    request: SpendRequest & { seconds: number },
    key?: string,
  ): Promise<{ answer: SpendAnswer; reservation: Reservation | null }>
  /** Turns a reservation, or as much of it as was used, into usage of now. Again: the same answer. */
  confirm(organisation: OrganisationId, id: string, credits?: number, key?: string): Promise<Reservation>
  release(organisation: OrganisationId, id: string, key?: string): Promise<Reservation>
  reservation(organisation: OrganisationId, id: string): Promise<Reservation>
  balance(organisation: OrganisationId): Promise<Balance>
  balanceOf(organisation: OrganisationId, user: string): Promise<UserBalance>
  sources(organisation: OrganisationId): Promise<SourcePosition[]>
  /** A published month, whole or the days that changed after a version; undefined where there is none. */
  month(
    organisation: OrganisationId,
    month: string,
    since?: number,
  ): Promise<{ version: number; bytes: Uint8Array<ArrayBuffer> } | undefined>
  /** What the numbers from `from` on stand for, in published months. */
  ids(organisation: OrganisationId, from: number): Promise<UsageIds>
  /** Lets devices see what was counted since the last time; true where there was something. */
  publish(organisation: OrganisationId): Promise<boolean>
  close(): void
}
