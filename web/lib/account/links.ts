// Links that were mailed, as their pages follow them: the token stands behind the `#` and goes to the server in a body alone.
import * as v from 'valibot'
import { request, type ApiError } from '#lib/api.ts'
import { waysIn, type Way } from './entry.ts'

const Purpose = v.picklist(['invitation', 'reset-password', 'confirm-email', 'first-admin'])

const Seen = v.object({
  purpose: Purpose,
  organisation: v.string(),
  name: v.string(),
  email: v.string(),
  signInEmail: v.string(),
  password: v.picklist(['new', 'current', 'none']),
})
/** What a link is for. `password`: a new one is chosen, the known one is asked for, or none is needed. */
export type Seen = v.InferOutput<typeof Seen>

const Used = v.object({ console: v.optional(v.boolean(), false), signedIn: v.optional(v.boolean(), false) })
/** What following a link came to. `ways`: a second factor is asked for first. */
export type Used = v.InferOutput<typeof Used> & { ways: readonly Way[] | undefined }

/** @throws {ApiError} `link-dead` and others */
export const lookAt = async (token: string): Promise<Seen> =>
  v.parse(Seen, await request('/api/links/look', { method: 'POST', json: { token } }))

/** @throws {ApiError} `link-dead`, `password-weak`, `wrong-password` and others */
export async function useLink(token: string, password: string | undefined): Promise<Used> {
  const answer = await request('/api/links/use', { method: 'POST', json: { token, password } })
  return { ...v.parse(Used, answer), ways: waysIn(answer) }
}

/** The answer does not tell whether there is such an account. */
export const forgot = (email: string): Promise<unknown> => request('/api/forgot', { method: 'POST', json: { email } })

const Why = v.object({ why: v.string() })
const whyOf = (fact: unknown): string => {
  const parsed = v.safeParse(Why, fact)
  return parsed.success ? parsed.output.why : ''
}

const DEAD: Readonly<Record<string, string>> = {
  used: 'This link was used already. If it was you, sign in with the password that you chose.',
  replaced: 'A newer link was sent after this one. Look for the latest mail.',
  expired: 'This link is too old.',
  ended: 'What this link was for has changed meanwhile.',
  unknown: 'This link is not complete, or was not made here. Copy the whole of it from the mail.',
}
const WEAK: Readonly<Record<string, string>> = {
  short: 'Use at least 12 characters. A few words that don’t belong together are good.',
  long: 'Use at most 200 characters.',
  'well-known': 'This is a well-known password, which is tried first. Choose another one.',
  guessable: 'This is easy to guess: it repeats itself, or holds your name or address. Choose another one.',
}

/** A refusal in a sentence for who follows a link, or signs in. */
export function told({ status, code, message, fact }: ApiError): string {
  switch (code) {
    case 'unreachable':
      return 'There is no network. Try again when you are back online.'
    case 'link-dead':
      return DEAD[whyOf(fact)] ?? message
    case 'password-weak':
      return WEAK[whyOf(fact)] ?? message
    case 'wrong-password':
      return 'E-mail and password don’t match. Try again.'
    case 'wrong-code':
      return 'This code is not right. Take the one that is shown now; each works once.'
    case 'wrong-passkey':
      return 'This passkey opens no account here. Take another one, or your password.'
    case 'half-over':
      return 'That took too long, so it begins anew: enter your password once more.'
    case 'confirm-first':
      return 'Confirm with your password first.'
    case 'last-factor':
      return 'Your organisation asks for a second factor. Add another one first, then remove this one.'
    case 'too-many-tries':
      return `Too many tries. Wait ${secondsIn(fact)}, then try again.`
    case 'device-revoked':
      return 'This browser was revoked by an admin, and what it held has been erased. Sign in once more.'
    default:
      return status === 0 ? 'There is no network. Try again when you are back online.' : message
  }
}

function secondsIn(fact: unknown): string {
  const parsed = v.safeParse(v.object({ seconds: v.number() }), fact)
  if (!parsed.success) return 'a minute'
  const { seconds } = parsed.output
  return seconds < 90 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`
}
