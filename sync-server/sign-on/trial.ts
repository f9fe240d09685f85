// "Test the connection": asks a provider as a sign-in would, and says in a sentence what came of it. Of where nothing may be asked it says
// only that, whatever is there.
import { ClientError, type Configuration } from 'openid-client'
import { ForbiddenAddress, type Forbidden } from '../outgoing/guard.ts'
import type { GuardedFetch } from '../outgoing/guarded-fetch.ts'
import { discover, OtherIssuer } from './providers.ts'

export interface Trial {
  works: boolean
  sentence: string
}

/** Why an address is not asked at all. */
export const FORBIDDEN: Readonly<Record<Forbidden, string>> = {
  scheme: 'The address must begin with https://.',
  credentials: 'The address must hold no name and no password.',
  private:
    'The address leads into a private network. The operator of this server can allow the host in ALLOWED_PRIVATE_HOSTS.',
}
const FAULTS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'No host has this name. Check the issuer.',
  EAI_AGAIN: 'The name of the host can’t be looked up just now. Try again in a moment.',
  ECONNREFUSED: 'The host refuses the connection. Check the port, or try again in a moment.',
  ABORT_ERR: 'The host does not answer. Check the issuer, or try again in a moment.',
}

export async function tryOut(fetch: GuardedFetch, issuer: string): Promise<Trial> {
  try {
    const provider = await discover(fetch, issuer, 'test', undefined)
    return (
      (await whatLacks(fetch, provider)) ?? {
        works: true,
        sentence: 'The provider answers, and has what a sign-in needs.',
      }
    )
  } catch (error) {
    return { works: false, sentence: sentenceFor(error) }
  }
}

async function whatLacks(fetch: GuardedFetch, provider: Configuration): Promise<Trial | undefined> {
  const server = provider.serverMetadata()
  const { token_endpoint: tokens, jwks_uri: keys } = server
  const lacks = (what: string) => ({ works: false, sentence: `The provider answers, but ${what}.` })
  if (!tokens || !keys) return lacks('names no place for codes and keys')
  const ways = server.code_challenge_methods_supported
  if (ways && !ways.includes('S256')) return lacks('does not know PKCE with S256')
  if (!server.response_types_supported?.includes('code')) return lacks('does not offer the authorization code flow')
  return (await fetch(keys)).ok ? undefined : lacks('its keys can’t be fetched')
}

function sentenceFor(error: unknown): string {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof ForbiddenAddress) return FORBIDDEN[cause.why]
    if (cause instanceof OtherIssuer) return `The provider names itself ${cause.issuer}. Enter that as the issuer.`
    const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : ''
    if (code === 'no-page') return 'The provider answers, but does not say where to sign in.'
    const fault = FAULTS[code]
    if (fault) return fault
    if (/CERT|SELF_SIGNED|ERR_TLS/.test(code)) return 'The certificate of the host is not trusted here.'
  }
  return error instanceof ClientError && error.code !== undefined
    ? 'The host answers, but not as an OpenID provider does. Check the issuer.'
    : 'The provider can’t be reached. Check the issuer, or try again in a moment.'
}
