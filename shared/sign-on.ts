// Single sign-on of an organisation as its admins set it up: what each field may be, and why the sign-in page may have to send somebody
// back. The same rules for the form and for the server.
import * as v from 'valibot'

/** By which people find their organisation's sign-in: "northern-terns". */
export const SignOnName = v.pipe(
  v.string(),
  v.regex(
    /^[a-z0-9][a-z0-9-]{1,38}[a-z0-9]$/,
    'Use 3 to 40 small letters, digits and hyphens, none of these at an end.',
  ),
)

/** What OpenID calls the issuer: the address that the provider names itself by. */
export const Issuer = v.pipe(
  v.string(),
  v.maxLength(500, 'Is too long: 500 characters at most.'),
  v.check(
    isIssuer,
    'Enter the issuer as the provider names it: an address that begins with https://, without ? and #.',
  ),
)

function isIssuer(text: string): boolean {
  const url = URL.parse(text)
  if (!url || !/^https?:$/.test(url.protocol)) return false
  return url.username === '' && url.password === '' && !/[?#\s]/.test(text)
}

const word = (most: number, message: string) =>
  v.pipe(
    v.string(),
    v.regex(/^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/, message),
    v.maxLength(most, `Is too long: ${most} characters at most.`),
  )

export const SignOnSettings = v.strictObject({
  issuer: Issuer,
  clientId: word(300, 'Enter the client ID as the provider shows it.'),
  /** Absent: the one that stands. Empty: the provider knows this server without one. */
  clientSecret: v.optional(v.union([v.literal(''), word(1_000, 'Enter the secret as the provider shows it.')])),
  name: SignOnName,
  enabled: v.boolean(),
})
export type SignOnSettings = v.InferOutput<typeof SignOnSettings>

/** Why somebody who came back from the provider was not let in; stands behind the `#` of the sign-in page. */
export const SIGN_ON_REFUSALS = [
  'unreachable',
  'over',
  'declined',
  'failed',
  'unverified',
  'unknown-user',
  'other-identity',
  'deactivated',
  'no-console',
  'device-revoked',
] as const
export type SignOnRefusal = (typeof SIGN_ON_REFUSALS)[number]
