// E-mail addresses: what is accepted, and the key under which two spellings are the same mailbox owner.
// Quoted local parts, comments and groups are refused: mailers disagree about them, and an admin never means them.

declare const emailKey: unique symbol
/** An address in its one comparable spelling; made by `toEmailKey` alone. */
export type EmailKey = string & { readonly [emailKey]: true }

const LOCAL = /^[^\s@"(),:;<>[\\\]\p{Cc}\p{Cf}]+$/u
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/

/**
 * The key of an address: trimmed, lower-cased without locale, NFC, IDN domain to ASCII. Plus- and dot-forms stay distinct.
 * Undefined where the text is not an address that can be mailed.
 */
export function toEmailKey(typed: string): EmailKey | undefined {
  // NFC comes last: the lower case of a composed letter need not be composed (J with caron has no capital of its own).
  const address = typed.trim().toLowerCase().normalize('NFC')
  const at = address.lastIndexOf('@')
  if (at < 1 || address.length > 254) return undefined
  const local = address.slice(0, at)
  if (local.length > 64 || !LOCAL.test(local) || local.startsWith('.') || local.endsWith('.') || local.includes('..'))
    return undefined
  const domain = asciiDomain(address.slice(at + 1))
  return domain === undefined ? undefined : (`${local}@${domain}` as EmailKey)
}

function asciiDomain(domain: string): string | undefined {
  if (domain === '' || /[\s/?#:@[\]\\%]/.test(domain)) return undefined
  // The platform's URL parser is the one IDNA implementation that browsers and Node share. The common case skips it.
  const ascii = /^[a-z0-9.-]+$/.test(domain) && !domain.includes('xn--') ? domain : idna(domain)
  if (ascii === undefined || ascii.length > 253) return undefined
  const labels = ascii.split('.')
  if (labels.length < 2 || !labels.every((label) => LABEL.test(label))) return undefined
  // An all-numeric last label would be an IP address.
  return /^\d+$/.test(labels.at(-1) ?? '') ? undefined : ascii
}

function idna(domain: string): string | undefined {
  return URL.canParse(`http://${domain}/`) ? new URL(`http://${domain}/`).hostname : undefined
}
