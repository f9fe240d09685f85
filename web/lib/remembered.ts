// Who signed in last on this device: enough to open its data without a network. Never a secret; the cookie is the browser's. Where the
// device keeps nothing it isn't kept either. What the organisation asks of devices stands beside it: lock/known.ts.
import { OrganisationId, UserId } from '#shared/model.ts'
import { ToldPolicies } from '#shared/policies.ts'
import * as v from 'valibot'

/** Under which key: other tabs see it change. */
export const REMEMBERED_IN = 'quartermaster.account'

/** What GET /api/session answers. */
export const SignedIn = v.object({
  account: v.object({ id: v.string(), email: v.string(), name: v.string() }),
  organisation: v.object({ id: OrganisationId, name: v.string() }),
  userId: UserId,
  role: v.picklist(['viewer', 'admin']),
  /** What the organisation asks of devices; a server from before policies tells none. */
  policies: v.optional(ToldPolicies),
  /** All whose console the account may enter; each has a database of its own on this device. */
  organisations: v.optional(v.array(v.object({ id: OrganisationId, name: v.string() })), []),
})
export type SignedIn = v.InferOutput<typeof SignedIn>

const Remembered = v.object({
  ...SignedIn.entries,
  /** Operations that wait, so that another who signs in here can be told. */
  waiting: v.number(),
})
export type Remembered = v.InferOutput<typeof Remembered>

/** The last signed-in admin; null on a fresh device, after signing out, or where what is stored can't be read. */
export function remembered(): Remembered | null {
  const text = localStorage.getItem(REMEMBERED_IN)
  if (text === null) return null
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), Remembered), text)
  return parsed.success ? parsed.output : null
}

export const remember = (who: Remembered): void => localStorage.setItem(REMEMBERED_IN, JSON.stringify(who))

export const forget = (): void => localStorage.removeItem(REMEMBERED_IN)

const LEFT = 'quartermaster.left'

const Left = v.object({ account: v.string(), name: v.string(), count: v.number() })
/** What somebody who signed out left on this device: only its author can send it, so only a name and a number are told. */
export type Left = v.InferOutput<typeof Left>

export function leftBehind(): Left | null {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), Left), localStorage.getItem(LEFT))
  return parsed.success ? parsed.output : null
}

/** Keeps it, or forgets it once its author is back. */
export function leaveBehind(left: Left | null): void {
  if (left) localStorage.setItem(LEFT, JSON.stringify(left))
  else localStorage.removeItem(LEFT)
}
