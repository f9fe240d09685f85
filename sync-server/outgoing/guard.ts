// Judges where a request of the server may go, when somebody else has named the address. The name is looked up once, at the moment of
// connecting, and the connection goes to the very addresses that were judged: a name that changes in between gains nothing.
import { lookup as systemLookup, type LookupAddress } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { isNamed, type NamedHosts } from './named-hosts.ts'
import { isPublicAddress } from './public-address.ts'

export type Forbidden = 'scheme' | 'credentials' | 'private'

/** Where the server does not go. */
export class ForbiddenAddress extends Error {
  override readonly name = 'ForbiddenAddress'
  readonly why: Forbidden
  constructor(why: Forbidden) {
    super(`A request may not go there: ${why}.`)
    this.why = why
  }
}

export type Resolve = (host: string) => Promise<LookupAddress[]>

export interface GuardParts {
  named: NamedHosts
  resolve?: Resolve
  isPublic?: (address: string) => boolean
}

export interface Guard {
  /** Judges what can be told without asking anybody. @throws {ForbiddenAddress} */
  judge(url: URL): void
  /** For `lookup` of node's own requests. */
  lookupFor(url: URL): LookupFunction
}

export function createGuard({ named, resolve = ask, isPublic = isPublicAddress }: GuardParts): Guard {
  return {
    judge: (url) => {
      if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isNamed(named, url)))
        throw new ForbiddenAddress('scheme')
      if (url.username !== '' || url.password !== '') throw new ForbiddenAddress('credentials')
      const literal = url.hostname.replace(/^\[(.*)\]$/, '$1')
      // Node connects to an address without looking anything up.
      if (isIP(literal) !== 0 && !isNamed(named, url) && !isPublic(literal)) throw new ForbiddenAddress('private')
    },
    lookupFor: (url) => (host, options, done) => {
      const answer = async () => {
        const addresses = await resolve(host)
        // One private address among public ones is one too many: it might be the one that is taken.
        if (!isNamed(named, url) && !addresses.every(({ address }) => isPublic(address)))
          throw new ForbiddenAddress('private')
        return addresses
      }
      answer().then(
        (addresses) => {
          const [first] = addresses
          if (options.all) done(null, addresses)
          else if (first) done(null, first.address, first.family)
          else done(new Error(`${host} has no address.`), '')
        },
        (error: unknown) => done(error instanceof Error ? error : new Error(String(error)), ''),
      )
    },
  }
}

const ask: Resolve = (host) =>
  new Promise((resolve, reject) =>
    systemLookup(host, { all: true }, (error, addresses) => (error ? reject(error) : resolve(addresses))),
  )
