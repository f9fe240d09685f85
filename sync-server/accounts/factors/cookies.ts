// Cookies of a sign-in that is under way: a random value that no script reads, kept here as a digest, gone after five minutes.
import { parse, serialize } from 'hono/utils/cookie'
import { digestOf, newToken } from '../links.ts'
import { CHALLENGE_LIFE } from './challenges.ts'

export interface ShortCookie {
  /** The digest of the request's; undefined where it has none. */
  of(headers: Headers): string | undefined
  /** A new one. */
  make(): { digest: string; cookie: string }
  /** The request's, or a new one, for five minutes from now. */
  keep(headers: Headers): { digest: string; cookie: string }
  forget: string
}

/** @param secure behind TLS the cookie is the host's alone */
export function shortCookie(what: 'half' | 'passkey', secure: boolean): ShortCookie {
  const name = `${secure ? '__Host-' : ''}quartermaster.${what}`
  const options = { path: '/', httpOnly: true, sameSite: 'strict', secure } as const
  const valueIn = (headers: Headers) => {
    const value = parse(headers.get('cookie') ?? '', name)[name]
    return value !== undefined && /^[\w-]{43}$/.test(value) ? value : undefined
  }
  const cookieOf = (value: string) => ({
    digest: digestOf(value),
    cookie: serialize(name, value, { ...options, maxAge: CHALLENGE_LIFE / 1000 }),
  })
  return {
    of: (headers) => {
      const value = valueIn(headers)
      return value === undefined ? undefined : digestOf(value)
    },
    make: () => cookieOf(newToken()),
    keep: (headers) => cookieOf(valueIn(headers) ?? newToken()),
    forget: serialize(name, '', { ...options, maxAge: 0 }),
  }
}
