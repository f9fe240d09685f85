// The ways into the console: e-mail and password, what is asked for after them, or a passkey, which is both at once. What was typed or
// signed goes to the server and is kept nowhere.
import * as v from 'valibot'
import { request } from '#lib/api.ts'

const Way = v.picklist(['passkey', 'totp', 'recovery'])
/** What can be shown as a second factor: a passkey, a code of an authenticator app, or a recovery code. */
export type Way = v.InferOutput<typeof Way>

const Entered = v.object({
  secondFactor: v.optional(v.object({ ways: v.pipe(v.array(Way), v.minLength(1)) })),
})

/** What is still asked for after an answer; undefined where the session has begun. */
export const waysIn = (answer: unknown): readonly Way[] | undefined => v.parse(Entered, answer).secondFactor?.ways

/** @throws {ApiError} `wrong-password` and others */
export const signIn = async (email: string, password: string): Promise<readonly Way[] | undefined> =>
  waysIn(await request('/api/auth/sign-in/email', { method: 'POST', json: { email, password } }))

/** What the browser's passkey is to sign, for who has shown the password. @throws {ApiError} `half-over` */
export const secondPasskeyOptions = (): Promise<unknown> =>
  request('/api/auth/second-factor/passkey/options', { method: 'POST', json: {} })

export type Shown = { way: 'totp' | 'recovery'; code: string } | { way: 'passkey'; response: unknown }

/** Shows the second factor. @throws {ApiError} `wrong-code`, `half-over` and others */
export const showFactor = (shown: Shown): Promise<unknown> =>
  request('/api/auth/second-factor', { method: 'POST', json: shown })

/** What any passkey of this place may sign, whoever's it is. */
export const passkeyOptions = (): Promise<unknown> => request('/api/auth/passkey/options', { method: 'POST', json: {} })

/** Signs in by a passkey alone. @throws {ApiError} `wrong-passkey` and others */
export const signInByPasskey = (response: unknown): Promise<unknown> =>
  request('/api/auth/passkey', { method: 'POST', json: { response } })
