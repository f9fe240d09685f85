// Passkeys as the browser has them: whether they work here, and asking for one. What goes wrong comes back as a sentence.
import {
  browserSupportsWebAuthn,
  browserSupportsWebAuthnAutofill,
  startAuthentication,
  startRegistration,
  WebAuthnAbortService,
  type AuthenticationResponseJSON,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  type RegistrationResponseJSON,
} from '@simplewebauthn/browser'
import * as v from 'valibot'

/** No passkey came of it: the message says what to do. `stopped`: we called it off ourselves, nobody needs to hear. */
export class PasskeyFault extends Error {
  override readonly name = 'PasskeyFault'
  readonly stopped: boolean

  constructor(message: string, { stopped = false, cause }: { stopped?: boolean; cause?: unknown } = {}) {
    super(message, { cause })
    this.stopped = stopped
  }
}

/** A passkey belongs to a name: at a bare address there can be none. */
export const isNamed = (host: string): boolean => !/^(\d{1,3}(\.\d{1,3}){3}|\[.*\])$/.test(host)

export const passkeysWork = (host: string = location.hostname): boolean => browserSupportsWebAuthn() && isNamed(host)

/** Whether the browser can offer passkeys in the e-mail field. */
export const offersPasskeys = async (): Promise<boolean> => passkeysWork() && (await browserSupportsWebAuthnAutofill())

const hasChallenge = (value: unknown): boolean => typeof value === 'object' && value !== null && 'challenge' in value
const ToUse = v.custom<PublicKeyCredentialRequestOptionsJSON>(hasChallenge)
const ToMake = v.custom<PublicKeyCredentialCreationOptionsJSON>(hasChallenge)

/**
 * Asks for a passkey that is there.
 * @param options as the server gave them
 * @param autofill offered in the e-mail field, for as long as the page is open, in place of a question at once
 * @throws {PasskeyFault}
 */
export const usePasskey = (
  options: unknown,
  { autofill = false }: { autofill?: boolean } = {},
): Promise<AuthenticationResponseJSON> =>
  startAuthentication({ optionsJSON: v.parse(ToUse, options), useBrowserAutofill: autofill }).catch(faulty)

/** Makes a new one. @throws {PasskeyFault} */
export const makePasskey = (options: unknown): Promise<RegistrationResponseJSON> =>
  startRegistration({ optionsJSON: v.parse(ToMake, options) }).catch(faulty)

/** Calls off whatever is being asked. */
export const stopAsking = (): void => WebAuthnAbortService.cancelCeremony()

function faulty(cause: unknown): never {
  const name = cause instanceof Error ? cause.name : ''
  throw new PasskeyFault(WORDS[name] ?? UNKNOWN, { stopped: name === 'AbortError', cause })
}

const WORDS: Readonly<Record<string, string>> = {
  NotAllowedError: 'No passkey was used: the question was closed, or took too long. Try again.',
  AbortError: 'The question was called off. Try again.',
  InvalidStateError: 'This device has a passkey for your account already.',
  SecurityError: 'Passkeys work at the console’s own address alone. Open it there, or take another way.',
  NotSupportedError: 'This device can’t make a passkey as it is needed here. Take another way.',
  ConstraintError: 'This device can’t tell that it is you: a passkey needs its PIN, finger or face. Take another way.',
}
const UNKNOWN = 'Your device could not use a passkey. Try again, or take another way.'
