// The way to a provider and back, by the authorization code flow with PKCE. The library holds every answer against what was asked: state,
// issuer, audience, nonce, times, and the signature of the ID token against the provider's own keys.
import {
  AuthorizationResponseError,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  ClientError,
  fetchUserInfo,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
  ResponseBodyError,
  type Configuration,
} from 'openid-client'
import type { SignOnRefusal } from '#shared/sign-on.ts'
import type { Said } from './arrivals.ts'
import type { Pending } from './pending.ts'

export interface Departure {
  state: string
  nonce: string
  verifier: string
  location: string
}

/** @param maxAge how many seconds ago the person may have proved who it is; undefined: the provider's own business */
export async function depart(
  provider: Configuration,
  redirectUri: string,
  maxAge: number | undefined,
): Promise<Departure> {
  const [state, nonce, verifier] = [randomState(), randomNonce(), randomPKCECodeVerifier()]
  const location = buildAuthorizationUrl(provider, {
    redirect_uri: redirectUri,
    scope: 'openid email',
    state,
    nonce,
    code_challenge: await calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...(maxAge === undefined ? {} : { max_age: String(maxAge) }),
  })
  return { state, nonce, verifier, location: location.href }
}

/** @param provedAt when the person last proved to the provider who it is, as far as it says so */
export type Returned = Said & { provedAt: number | undefined }

/** @param answer the address that the browser came back by, on our own origin @throws whatever does not hold */
export async function comeBack(
  provider: Configuration,
  answer: URL,
  state: string,
  { nonce, verifier, maxAge }: Pick<Pending, 'nonce' | 'verifier' | 'maxAge'>,
): Promise<Returned> {
  const tokens = await authorizationCodeGrant(provider, answer, {
    expectedState: state,
    expectedNonce: nonce,
    pkceCodeVerifier: verifier,
    idTokenExpected: true,
    ...(maxAge === null ? {} : { maxAge }),
  })
  const claims = tokens.claims()
  if (!claims) throw new Error('The provider sent no ID token.')
  const { sub: subject, auth_time: at } = claims
  const said = 'email' in claims ? claims : await fetchUserInfo(provider, tokens.access_token, subject)
  return {
    subject,
    email: typeof said['email'] === 'string' ? said['email'] : undefined,
    emailVerified: said['email_verified'] === true,
    provedAt: typeof at === 'number' ? at * 1000 : undefined,
  }
}

/** What the person is told of a failed way, and a word for the log. */
export function whyNot(error: unknown): { refused: SignOnRefusal; word: string } {
  if (error instanceof AuthorizationResponseError) return { refused: 'declined', word: plain(error.error) }
  if (error instanceof ResponseBodyError) return { refused: 'failed', word: plain(error.error) }
  if (!(error instanceof ClientError))
    return { refused: 'failed', word: error instanceof Error ? error.name : 'unknown' }
  const silent = error.code === undefined || error.code === 'OAUTH_TIMEOUT' || error.code === 'OAUTH_ABORT'
  return { refused: silent ? 'unreachable' : 'failed', word: error.code ?? 'no-answer' }
}

/** Anybody can have written what comes back with a browser. */
const plain = (code: string): string => (/^[a-z_]{1,40}$/.test(code) ? code : 'other')
