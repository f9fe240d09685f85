// Where a request comes from. Forwarding headers are believed from proxies that the operator has named, and from nobody else; one
// household or company has one budget: a whole /64 of IPv6 counts as one address.
import ipaddr from 'ipaddr.js'

export type Proxies = readonly (readonly [ipaddr.IPv4 | ipaddr.IPv6, number])[]

/** @param text addresses and ranges, with commas between. @throws Error that names what is neither */
export const readProxies = (text: string): Proxies =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      if (ipaddr.isValidCIDR(part)) return ipaddr.parseCIDR(part)
      if (!ipaddr.isValid(part)) throw new Error(`TRUSTED_PROXIES: ${part} is neither an address nor a range.`)
      const address = ipaddr.process(part)
      return [address, address.kind() === 'ipv4' ? 32 : 128] as const
    })

const isTrusted = (address: ipaddr.IPv4 | ipaddr.IPv6, proxies: Proxies): boolean =>
  proxies.some(([range, bits]) => address.kind() === range.kind() && address.match(range, bits))

/**
 * The address of who asks: the socket's, or, behind trusted proxies, the last one in X-Forwarded-For that is none of theirs. What
 * stands before that anybody can have written.
 */
export function clientAddress(
  socket: string | undefined,
  forwarded: string | undefined,
  proxies: Proxies,
): string | undefined {
  let current = parse(socket)
  const hops = forwarded?.split(',') ?? []
  while (current && isTrusted(current, proxies)) {
    const next = parse(hops.pop()?.trim())
    if (!next) break
    current = next
  }
  return current?.toString()
}

function parse(text: string | undefined): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  const bare = text?.replace(/^\[(.*)\](?::\d+)?$/, '$1').replace(/%.*$/, '')
  return bare !== undefined && ipaddr.isValid(bare) ? ipaddr.process(bare) : undefined
}

/** What tries are counted by. */
export function bucketOf(address: string | undefined): string {
  const parsed = parse(address)
  if (!parsed) return 'unknown'
  if (parsed instanceof ipaddr.IPv4) return parsed.toString()
  return `${parsed
    .toByteArray()
    .slice(0, 8)
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('')}/64`
}
