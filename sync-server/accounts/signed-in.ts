// Who asks: an admin with an account, in one organisation, with this browser.
import type { OrganisationId, Role } from '#shared/model.ts'
import type { Device } from '../sync.ts'
import type { Membership } from './membership.ts'
import type { Factor } from './sessions.ts'

export interface SignedIn extends Device {
  session: string
  /** This browser, as this account uses it in this organisation. */
  device: string
  email: string
  name: string
  organisationName: string
  role: Role
  /** What the session was entered with beside the password. */
  factor: Factor | null
  /** When its owner last proved who it is. */
  freshAt: number | null
  /** By single sign-on: the session is in this organisation for good, and changes nothing of the account beyond it. */
  bound: OrganisationId | null
  /** All whose console the account may enter. */
  organisations: readonly Membership[]
}
