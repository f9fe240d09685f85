// The own second factors, as the server lists and changes them. Asked for each time and never kept on the device; keys and codes that
// are shown once live as long as their dialog.
import * as v from 'valibot'
import { request } from '#lib/api.ts'

const Factor = v.object({
  id: v.string(),
  kind: v.picklist(['passkey', 'totp']),
  name: v.string(),
  createdAt: v.number(),
  lastUsedAt: v.nullable(v.number()),
})
export type Factor = v.InferOutput<typeof Factor>

const Factors = v.object({
  /** Whether the organisation asks this account for a second factor. */
  required: v.boolean(),
  /** Whether this session has shown what is asked for. */
  whole: v.boolean(),
  /** Whether the password was shown a short while ago: only then anything can be changed. */
  fresh: v.boolean(),
  factors: v.array(Factor),
  recoveryLeft: v.number(),
})
export type Factors = v.InferOutput<typeof Factors>

const post = (path: `/${string}`, json: object): Promise<unknown> =>
  request(`/api/second-factor${path}`, { method: 'POST', json })

export const ownFactors = async (): Promise<Factors> => v.parse(Factors, await request('/api/second-factor'))

/** @throws {ApiError} `wrong-password`, `too-many-tries` */
export const confirmPassword = (password: string): Promise<unknown> => post('/confirm', { password })

const Begun = v.object({ id: v.string(), secret: v.string(), uri: v.string() })
/** An authenticator app that has not shown a code yet. */
export type Begun = v.InferOutput<typeof Begun>

/** @throws {ApiError} `confirm-first`, as all that follow */
export const beginTotp = async (): Promise<Begun> => v.parse(Begun, await post('/totp/begin', {}))

const Added = v.object({ recoveryCodes: v.optional(v.array(v.string())) })
/** Recovery codes come with the first factor alone. */
export type Added = v.InferOutput<typeof Added>

/** @throws {ApiError} `wrong-code` */
export const addTotp = async (added: { id: string; code: string; name: string }): Promise<Added> =>
  v.parse(Added, await post('/totp', added))

export const beginPasskey = (): Promise<unknown> => post('/passkey/begin', {})

export const addPasskey = async (added: { response: unknown; name: string }): Promise<Added> =>
  v.parse(Added, await post('/passkey', added))

/** Ten new ones; the old ones stop working. */
export const newRecoveryCodes = async (): Promise<readonly string[]> =>
  v.parse(v.object({ recoveryCodes: v.array(v.string()) }), await post('/recovery', {})).recoveryCodes

/** @throws {ApiError} `last-factor` where the organisation asks for one */
export const removeFactor = (id: string): Promise<unknown> => post(`/${encodeURIComponent(id)}/remove`, {})
