// For which site passkeys are made: the configured public address, and nothing that a request says. Browsers take no bare IP address for
// this, so a server that has no other address than the machine's own is asked as `localhost`.
import ipaddr from 'ipaddr.js'

export interface RelyingParty {
  /** The domain that passkeys are bound to. */
  id: string
  /** The origins whose pages may ask for them. */
  origins: string[]
}

/** @param url where browsers reach the app */
export function relyingParty(url: string): RelyingParty {
  const { hostname, origin, protocol, port } = new URL(url)
  if (!ipaddr.isValid(hostname.replace(/^\[(.*)\]$/, '$1'))) return { id: hostname, origins: [origin] }
  return { id: 'localhost', origins: [`${protocol}//localhost${port === '' ? '' : `:${port}`}`] }
}
