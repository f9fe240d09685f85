// Single sign-on as the app knows it: the way to the organisation's provider, what came of it, and the settings that an admin makes. The
// client's secret goes to the server and never comes back.
import * as v from 'valibot'
import { request, type ApiError } from '#lib/api.ts'
import type { SignOnRefusal, SignOnSettings } from '#shared/sign-on.ts'

/** Provider pages alone: what else an address can be, runs or shows something here. */
const Started = v.object({ location: v.pipe(v.string(), v.regex(/^https?:\/\//)) })

/**
 * The address of the provider's page, by the short name of the organisation.
 * @param again the person is to prove anew who it is @throws {ApiError} `sign-on-unknown`, `sign-on-unreachable`, `device-revoked`
 */
export async function startSignOn(name: string, next: string, again = false): Promise<string> {
  const json = { name, next, ...(again ? { again } : {}) }
  return v.parse(Started, await request('/api/auth/sign-on/start', { method: 'POST', json })).location
}

const BACK: Readonly<Record<SignOnRefusal, string>> = {
  unreachable:
    'Your organisation’s sign-in can’t be reached just now. Sign in with your password, or try again in a moment.',
  over: 'This sign-in took too long, or was begun in another browser. Begin again.',
  declined: 'Your organisation’s sign-in did not let you in. Try again, or ask your administrator.',
  failed:
    'What your organisation’s sign-in answered could not be trusted, so nobody was let in. Tell your administrator.',
  unverified:
    'Your organisation’s sign-in does not vouch for your e-mail address. Ask your administrator to have it verified there.',
  'unknown-user': 'Nobody with your e-mail address is a user here. Ask your administrator to invite you.',
  'other-identity':
    'Somebody else has come here with your e-mail address before. Ask your administrator to deactivate and reactivate your user.',
  deactivated: 'Your user was deactivated. Ask your administrator to reactivate it.',
  'no-console':
    'This console is for those who hand out seats, and you need nothing from here. Ask your administrator for a role if you do.',
  'device-revoked': 'This browser was revoked by an admin. Begin again: what it holds is erased first.',
}

/** What the provider's answer came to, as the server says it behind the `#`: `done`, or a sentence; undefined where nobody came back. */
export function cameBack(hash: string): 'done' | { refused: string } | undefined {
  const code = /^#sign-on=([a-z-]+)$/.exec(hash)?.[1]
  if (code === undefined || code === 'done') return code
  return { refused: BACK[code as SignOnRefusal] ?? BACK.failed }
}

const Told = v.object({
  /** Where the provider leads back to; null where the server does not know its own address. */
  redirectUri: v.nullable(v.string()),
  settings: v.nullable(
    v.object({
      issuer: v.string(),
      clientId: v.string(),
      name: v.string(),
      hasSecret: v.boolean(),
      enabled: v.boolean(),
    }),
  ),
})
export type SignOn = v.InferOutput<typeof Told>
export type KnownSettings = NonNullable<SignOn['settings']>

export const signOnSettings = async (): Promise<SignOn> => v.parse(Told, await request('/api/sign-on'))

/** @throws {ApiError} `confirm-first`, `malformed` with the path, `sign-on-name-taken` */
export const saveSignOn = async (json: SignOnSettings): Promise<{ saved: true }> => {
  await request('/api/sign-on', { method: 'POST', json })
  return { saved: true }
}

export const removeSignOn = async (): Promise<{ removed: true }> => {
  await request('/api/sign-on/remove', { method: 'POST', json: {} })
  return { removed: true }
}

const Trial = v.object({ works: v.boolean(), sentence: v.string() })
export type Trial = v.InferOutput<typeof Trial>

export const testSignOn = async (issuer: string): Promise<Trial> =>
  v.parse(Trial, await request('/api/sign-on/test', { method: 'POST', json: { issuer } }))

/** Whether the session came by single sign-on: its owner has no password to show. */
export async function cameBySignOn(): Promise<boolean> {
  const session = v.safeParse(v.object({ secondFactor: v.literal('sign-on') }), await request('/api/session'))
  return session.success
}

const Fault = v.object({ path: v.string(), message: v.optional(v.string()) })

/** Which field a refusal is about, and what is wrong with it; undefined where it is about none. */
export function fieldFault({ fact, message }: ApiError): { path: string; message: string } | undefined {
  const fault = v.safeParse(Fault, fact)
  return fault.success ? { path: fault.output.path, message: fault.output.message ?? message } : undefined
}
