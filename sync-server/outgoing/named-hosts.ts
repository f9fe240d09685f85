// The hosts in private networks that the operator has named: those alone, on the named port where one is named, may be asked although
// their addresses are private, and without TLS.

/** `host`, or `host:port`. */
export type NamedHosts = ReadonlySet<string>

/** @param text hosts, or `host:port`, with commas between. @throws Error that names what is neither */
export const readNamedHosts = (text: string): NamedHosts =>
  new Set(text.split(',').flatMap((part) => (part.trim() === '' ? [] : [nameOf(part.trim())])))

/** Whether the operator has named the host of this address. */
export const isNamed = (named: NamedHosts, { hostname, port, protocol }: URL): boolean =>
  named.has(hostname) || named.has(`${hostname}:${port || DEFAULT_PORTS[protocol]}`)

const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' }

/** In the one spelling that the platform's parser gives a host, so that it is compared with what a request asks for. */
function nameOf(part: string): string {
  const [, host = '', port] = /^(\[[^\]]+\]|[^\s:/?#@[\]]+)(?::(\d{1,5}))?$/.exec(part) ?? []
  const url = URL.parse(`http://${host}/`)
  if (!url || host === '' || Number(port ?? 1) > 65_535)
    throw new Error(`ALLOWED_PRIVATE_HOSTS: ${part} is neither a host nor host:port.`)
  return port === undefined ? url.hostname : `${url.hostname}:${Number(port)}`
}
