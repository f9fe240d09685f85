// What pages ask of the usage on this device, and what they are answered.
import type { Day, GroupId, Instant, ProductId, UserId } from '#shared/model.ts'
import type { DayRange } from '#shared/periods.ts'

/** Whole days, both included; of everybody, or of one user, group (as it was then) or product. */
export interface UsageQuery extends DayRange {
  userId?: UserId
  groupId?: GroupId
  productId?: ProductId
  /** Where users are asked for: also those who had contact views and used no credits. */
  views?: true
}

export interface Amounts {
  credits: number
  contactViews: number
}

export interface UsageSums extends Amounts {
  /** Every day of the range in order, days without use included. */
  days: readonly (Amounts & { day: Day })[]
  /** The users with most credits, most first, at most `top`; users of equal credits by id. */
  top: readonly { userId: UserId; credits: number }[]
  /** How many users used credits; contact views alone are no credits. */
  users: number
  /** Most credits first; those without use left out. */
  products: readonly (Amounts & { productId: ProductId })[]
  groups: readonly (Amounts & { groupId: GroupId | null })[]
}

export interface UsageAnswer {
  sums: UsageSums
  /** Months of the range that should be here and are not yet: named, and fetched when there is a network. */
  missing: readonly string[]
  /** Up to when the usage here was published, on the server's clock; undefined where nothing has come yet. */
  upTo: Instant | undefined
  /** The organisation's version of the newest block: the credits of the same version add up with these sums. */
  version: number
}
