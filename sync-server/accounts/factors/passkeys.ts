// Passkeys (WebAuthn): what a browser is asked, and whether what it answers is right. Its user must have been verified (by finger, face or
// PIN), so that a passkey is two factors by itself. Challenges are kept by who asks; here each answer is held against the one it names.
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
  type AuthenticationResponseJSON,
  type RegistrationResponseJSON,
} from '@simplewebauthn/server'
import * as v from 'valibot'
import type { Tx } from '../../store/index.ts'
import type { Account } from '../credentials.ts'
import { CHALLENGE_LIFE } from './challenges.ts'
import type { RelyingParty } from './relying.ts'
import type { FactorRow } from './rows.ts'

/** ES256, EdDSA, RS256: what authenticators of all makers have. */
const ALGORITHMS = [-7, -8, -257]
const TRANSPORTS = ['ble', 'cable', 'hybrid', 'internal', 'nfc', 'smart-card', 'usb'] as const
const Transports = v.pipe(v.array(v.string()), v.maxLength(20))

const bytes = (most: number) => v.pipe(v.string(), v.regex(/^[\w-]+$/, 'Is no base64url.'), v.maxLength(most))
const extensions = v.optional(v.looseObject({}), {})
const common = {
  id: bytes(1_400),
  rawId: bytes(1_400),
  type: v.literal('public-key'),
  clientExtensionResults: extensions,
  authenticatorAttachment: v.optional(v.nullable(v.string())),
}
/** What a browser answers, as far as we read it. */
export const Assertion = v.object({
  ...common,
  response: v.object({
    clientDataJSON: bytes(8_000),
    authenticatorData: bytes(8_000),
    signature: bytes(8_000),
    userHandle: v.optional(v.nullable(bytes(200))),
  }),
})
export type Assertion = v.InferOutput<typeof Assertion>
export const Attestation = v.object({
  ...common,
  response: v.object({
    clientDataJSON: bytes(8_000),
    attestationObject: bytes(100_000),
    transports: v.optional(Transports),
  }),
})
export type Attestation = v.InferOutput<typeof Attestation>

const ClientData = v.pipe(v.string(), v.parseJson(), v.object({ challenge: v.pipe(v.string(), v.maxLength(100)) }))

/** The challenge that an answer says it is for. */
export function challengeIn({ response }: Assertion | Attestation): string | undefined {
  const parsed = v.safeParse(ClientData, Buffer.from(response.clientDataJSON, 'base64url').toString('utf8'))
  return parsed.success ? parsed.output.challenge : undefined
}

/** The account's name among passkeys: bytes that tell nothing of a person. */
const handleOf = (account: string) => new Uint8Array(Buffer.from(account))

type Named = Pick<FactorRow, 'credential' | 'transports'>
const named = (passkeys: readonly Named[]) =>
  passkeys.flatMap(({ credential, transports }) =>
    credential === null ? [] : [{ id: credential, transports: transportsIn(transports) }],
  )

function transportsIn(json: string | null): (typeof TRANSPORTS)[number][] {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), Transports), json)
  return parsed.success ? TRANSPORTS.filter((one) => parsed.output.includes(one)) : []
}

/** Asks for a passkey; for any of the site where none are named. */
export const requestOptions = ({ id }: RelyingParty, challenge: Uint8Array<ArrayBuffer>, passkeys?: readonly Named[]) =>
  generateAuthenticationOptions({
    rpID: id,
    challenge,
    userVerification: 'required',
    timeout: CHALLENGE_LIFE,
    ...(passkeys ? { allowCredentials: named(passkeys) } : {}),
  })

/** Asks for a new one; not of an authenticator that has one of the account already. */
export const creationOptions = (
  { id }: RelyingParty,
  challenge: Uint8Array<ArrayBuffer>,
  account: Account,
  passkeys: readonly Named[],
) =>
  generateRegistrationOptions({
    rpName: 'Quartermaster',
    rpID: id,
    userID: handleOf(account.id),
    userName: account.email,
    userDisplayName: account.name,
    challenge,
    timeout: CHALLENGE_LIFE,
    attestationType: 'none',
    supportedAlgorithmIDs: ALGORITHMS,
    excludeCredentials: named(passkeys),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  })

/** A new passkey as it is stored; undefined where the answer is not right. */
export async function madePasskey(
  { id, origins }: RelyingParty,
  attestation: Attestation,
  challenge: string,
): Promise<Pick<FactorRow, 'credential' | 'publicKey' | 'counter' | 'transports'> | undefined> {
  const made = await rightOrNot(() =>
    verifyRegistrationResponse({
      response: attestation as unknown as RegistrationResponseJSON,
      expectedChallenge: challenge,
      expectedOrigin: origins,
      expectedRPID: id,
      requireUserVerification: true,
      supportedAlgorithmIDs: ALGORITHMS,
    }),
  )
  if (!made?.verified) return undefined
  const { credential } = made.registrationInfo
  return {
    credential: credential.id,
    publicKey: Buffer.from(credential.publicKey).toString('base64url'),
    counter: credential.counter,
    transports: JSON.stringify(transportsIn(JSON.stringify(attestation.response.transports ?? []))),
  }
}

/** How often the authenticator says that it was used, by an answer that is right; undefined where it isn't. */
export async function counterIn(
  { id, origins }: RelyingParty,
  assertion: Assertion,
  challenge: string,
  { accountId, credential, publicKey, counter }: FactorRow,
): Promise<number | undefined> {
  if (credential === null || publicKey === null || credential !== assertion.id) return undefined
  // Where the authenticator says whose passkey it is, it must be that account's.
  const { userHandle } = assertion.response
  if (typeof userHandle === 'string' && Buffer.from(userHandle, 'base64url').toString() !== accountId) return undefined
  const seen = await rightOrNot(() =>
    verifyAuthenticationResponse({
      response: assertion as unknown as AuthenticationResponseJSON,
      expectedChallenge: challenge,
      expectedOrigin: origins,
      expectedRPID: id,
      requireUserVerification: true,
      credential: {
        id: credential,
        publicKey: new Uint8Array(Buffer.from(publicKey, 'base64url')),
        counter: counter ?? 0,
      },
    }),
  )
  return seen?.verified ? seen.authenticationInfo.newCounter : undefined
}

/** Notes a use. @returns false where another use came between: the authenticator was copied, or the answer is used twice */
export async function usePasskey(tx: Tx, factor: FactorRow, counter: number, now: number): Promise<boolean> {
  const { numUpdatedRows } = await tx.db
    .updateTable('auth_factors')
    .set({ counter, lastUsedAt: now })
    .where('id', '=', factor.id)
    .where('counter', '=', factor.counter ?? 0)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/** The library throws at whatever is not as it should be in an answer that anybody can have written: none of it is a fault of ours. */
async function rightOrNot<Result>(verify: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await verify()
  } catch {
    return undefined
  }
}
