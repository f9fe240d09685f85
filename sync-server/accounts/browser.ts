// A browser is known by a cookie of its own, which outlives sessions: a random value that we keep as a digest. By it a browser that
// somebody has signed in with before is not slowed down by strangers, and a revoked one is told so even after its session has ended.
import { parse, serialize } from 'hono/utils/cookie'
import { digestOf, newToken } from './links.ts'

/** Browsers keep a cookie no longer. */
const KEPT = 400 * 24 * 60 * 60

export interface Browser {
  digest: string
  /** To be set where the browser has none yet. */
  cookie: string | undefined
}

export interface Browsers {
  /** @returns the digest of the browser's cookie; undefined where it has none */
  of(headers: Headers): string | undefined
  /** The browser's, or a new one. */
  orNew(headers: Headers): Browser
  /** Has the browser forget it: it comes back as another one. */
  forget: string
}

/** @param secure behind TLS the cookie is the host's alone */
export function createBrowsers(secure: boolean): Browsers {
  const name = `${secure ? '__Host-' : ''}quartermaster.browser`
  const options = { path: '/', httpOnly: true, sameSite: 'lax', secure } as const
  const of = (headers: Headers) => {
    const value = parse(headers.get('cookie') ?? '', name)[name]
    return value !== undefined && /^[\w-]{43}$/.test(value) ? digestOf(value) : undefined
  }
  return {
    of,
    orNew: (headers) => {
      const known = of(headers)
      if (known !== undefined) return { digest: known, cookie: undefined }
      const token = newToken()
      return { digest: digestOf(token), cookie: serialize(name, token, { ...options, maxAge: KEPT }) }
    },
    forget: serialize(name, '', { ...options, maxAge: 0 }),
  }
}

const SYSTEMS: readonly [RegExp, string][] = [
  [/iPhone/, 'iPhone'],
  [/iPad/, 'iPad'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/Mac OS X|Macintosh/, 'macOS'],
  [/CrOS/, 'ChromeOS'],
  [/Linux/, 'Linux'],
]
const BROWSERS: readonly [RegExp, string][] = [
  [/Edg(?:e|A|iOS)?\//, 'Edge'],
  [/OPR\//, 'Opera'],
  [/Firefox\/|FxiOS\//, 'Firefox'],
  [/Chrome\/|CriOS\//, 'Chrome'],
  [/Safari\//, 'Safari'],
]

/** "Firefox on Windows": a closed list of words, whatever the header says. */
export function deviceName(userAgent: string | null): string {
  const first = (list: readonly [RegExp, string][]) => list.find(([mark]) => mark.test(userAgent ?? ''))?.[1]
  const [browser, system] = [first(BROWSERS), first(SYSTEMS)]
  if (browser && system) return `${browser} on ${system}`
  return browser ?? system ?? 'Another browser'
}
