// When something is done to an organisation that no operation asked for, and by whom.
import type { UserId } from '#shared/model.ts'
import type { Random } from './log.ts'

export interface By {
  now: number
  random: Random
  /** The provider's key that it came in by, by its name. */
  key?: string | undefined
  /** Who did it, where an account did and no operation says so. */
  actor?: UserId | null
}
