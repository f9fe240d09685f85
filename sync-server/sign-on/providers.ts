// The providers of organisations, found by discovery and remembered for a while. One that does not answer is asked again at the next
// sign-in, but not each time of many: a provider that is down gets no storm. All that the library asks for goes by the guarded fetch.
import {
  allowInsecureRequests,
  ClientSecretBasic,
  ClientSecretPost,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
  None,
  type ClientAuth,
  type Configuration,
} from 'openid-client'
import type { Seal } from '../accounts/seal.ts'
import type { GuardedFetch } from '../outgoing/guarded-fetch.ts'
import type { Settings } from './settings.ts'

const REMEMBERED = 15 * 60_000
const LEFT_ALONE = 10_000
/** In seconds: somebody is waiting before the browser. */
const PATIENCE = 10

export interface ProviderParts {
  fetch: GuardedFetch
  seal: Seal
  clock: () => number
}

export interface Providers {
  /** Ready for a sign-in. @throws what discovery failed by */
  of(settings: Settings): Promise<Configuration>
}

/** The provider names itself otherwise than it was set up: by its tokens it could be anybody. */
export class OtherIssuer extends Error {
  override readonly name = 'OtherIssuer'
  readonly issuer: string
  constructor(issuer: string) {
    super('The provider names another issuer.')
    this.issuer = issuer
  }
}

/** The provider names no page to sign in at. */
class NoPage extends Error {
  override readonly name = 'NoPage'
  readonly code = 'no-page'
}

export function createProviders({ fetch, seal, clock }: ProviderParts): Providers {
  const known = new Map<string, { of: string; until: number; found: Promise<Configuration> }>()
  return {
    of: (settings) => {
      const { organisation, issuer, clientId, sealed } = settings
      const now = clock()
      const of = JSON.stringify([issuer, clientId, sealed])
      const last = known.get(organisation)
      if (last && last.of === of && now < last.until) return last.found
      const secret = sealed === null ? undefined : seal.open(sealed, organisation)
      const entry = { of, until: now + REMEMBERED, found: discover(fetch, issuer, clientId, secret) }
      known.set(organisation, entry)
      entry.found.catch(() => (entry.until = clock() + LEFT_ALONE))
      return entry.found
    },
  }
}

export async function discover(
  fetch: GuardedFetch,
  issuer: string,
  clientId: string,
  secret: string | undefined,
): Promise<Configuration> {
  const provider = await discovery(new URL(issuer), clientId, undefined, shownBy(secret), {
    [customFetch]: (url, { method, headers, body, signal }) =>
      fetch(url, { method, headers, body: body?.toString(), signal }),
    timeout: PATIENCE,
    // The guard lets no request go without TLS but to hosts that the operator has named.
    execute: [enableNonRepudiationChecks, ...(issuer.startsWith('http:') ? [allowInsecureRequests] : [])],
  })
  const { issuer: named, authorization_endpoint: page = '' } = provider.serverMetadata()
  // Browsers are sent there: it must be a page, by TLS unless the issuer is one that needs none.
  if (!page.startsWith('https:') && !(page.startsWith('http:') && issuer.startsWith('http:'))) throw new NoPage()
  if (URL.parse(named)?.href !== new URL(issuer).href) throw new OtherIssuer(named)
  return provider
}

/** How the secret is shown: in a header as the standard would have it, in the body where the provider takes it only there. */
function shownBy(secret: string | undefined): ClientAuth {
  if (secret === undefined) return None()
  return (server, client, body, headers) => {
    const ways = server.token_endpoint_auth_methods_supported
    const show = !ways || ways.includes('client_secret_basic') ? ClientSecretBasic(secret) : ClientSecretPost(secret)
    show(server, client, body, headers)
  }
}
