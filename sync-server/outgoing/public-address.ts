// Which addresses lie in the public internet. Everything is refused that is not known to: private networks, this machine, neighbours on
// the wire, clouds' own services, and the forms of IPv6 that carry an address of IPv4 inside.
import ipaddr from 'ipaddr.js'

/** What is handed out to the public internet so far. */
const GLOBAL_IPV6 = ipaddr.IPv6.parseCIDR('2000::/3')

/** @param text an address as the resolver or the platform's URL parser writes it, without brackets */
export function isPublicAddress(text: string): boolean {
  // A zone is a neighbour's.
  if (text.includes('%') || !ipaddr.isValid(text)) return false
  const address = ipaddr.parse(text)
  if (address.range() !== 'unicast') return false
  return address instanceof ipaddr.IPv4 || address.match(GLOBAL_IPV6)
}
