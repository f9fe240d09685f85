// Signing in with e-mail and password: who tries too often is slowed down, and nothing of an answer, nor of its time, tells whether
// there is such an account. The session itself is the identity library's.
import * as v from 'valibot'
import { toEmailKey } from '#shared/email.ts'
import { bucketOf } from '../address.ts'
import { Refusal } from '../problem.ts'
import type { Store } from '../store/index.ts'
import { createTries } from '../tries.ts'
import type { Browsers } from './browser.ts'
import { createKeptTries } from './kept-tries.ts'
import { createSlowdown } from './slowdown.ts'

/** Per address, whoever is tried. */
const PER_ADDRESS = { window: 60, max: 30 }

const Body = v.object({
  email: v.pipe(v.string(), v.nonEmpty(), v.maxLength(1_000)),
  password: v.pipe(v.string(), v.nonEmpty(), v.maxLength(1_000)),
})

export interface Gate {
  /** One try from an address. @throws {Refusal} 429 `too-many-tries` */
  address(address: string | undefined): Promise<void>
  /** One question that is asked before a try, what a passkey is to sign say: counted apart. @throws {Refusal} 429 `too-many-tries` */
  question(address: string | undefined): Promise<void>
  /** One try on an account. @returns what to do once the password was right @throws {Refusal} 429 `too-many-tries` */
  account(email: string, headers: Headers): Promise<{ passed: () => void }>
  /** One try on its second factor: a budget of its own, which no right password fills again. @throws {Refusal} as `account` */
  factor(email: string, headers: Headers): Promise<{ passed: () => void }>
}

export interface GateParts {
  store: Store
  browsers: Browsers
  clock: () => number
  /** The free tries on an account's password, or on its second factor, are used up: its owner is told by mail. */
  warn: (email: string, of: 'password' | 'factor') => void
  /** The server's own, by which what is kept of tries tells nobody whose they are. */
  secret: string
  /** Told of what failed beside an answer. */
  report: (error: unknown) => void
}

export function createGate({ store, browsers, clock, warn, secret, report }: GateParts): Gate {
  const kept = createKeptTries({ store, secret, clock })
  const tries = createTries(clock, kept)
  const slowdown = createSlowdown(clock, kept)

  /** A browser that has signed in to the account before has a budget of its own: no stranger can use that up. */
  async function budgetOf(email: string, headers: Headers): Promise<string> {
    const browser = browsers.of(headers)
    if (browser === undefined) return email
    const known = await store.db
      .selectFrom('auth_devices as d')
      .innerJoin('auth_users as a', 'a.id', 'd.accountId')
      .select('d.id')
      .where('d.browser', '=', browser)
      .where('a.email', '=', email)
      .where('d.revokedAt', 'is', null)
      .limit(1)
      .executeTakeFirst()
    return known ? `${email} ${browser}` : email
  }

  async function fromAddress(key: string): Promise<void> {
    const { allowed, retryAfter } = await tries.consume(`address ${key}`, PER_ADDRESS)
    if (!allowed) throw new Refusal(429, 'too-many-tries', { seconds: retryAfter })
  }

  async function on(of: 'password' | 'factor', email: string, headers: Headers): Promise<{ passed: () => void }> {
    const budget = `${await budgetOf(email, headers)}${of === 'factor' ? ' factor' : ''}`
    const { wait, first } = await slowdown.take(budget)
    if (wait > 0) throw new Refusal(429, 'too-many-tries', { seconds: wait })
    if (first) warn(email, of)
    return { passed: () => void slowdown.clear(budget).catch(report) }
  }

  return {
    address: (address) => fromAddress(bucketOf(address)),
    question: (address) => fromAddress(`${bucketOf(address)} question`),
    account: (email, headers) => on('password', email, headers),
    factor: (email, headers) => on('factor', email, headers),
  }
}

/** E-mail and password of a request, the e-mail in its one spelling. @throws {Refusal} 400 `malformed` */
export async function credentialsIn(request: Request): Promise<{ email: string; password: string }> {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), Body), await request.text())
  if (!parsed.success)
    throw new Refusal(400, 'malformed', { path: 'email', message: 'E-mail and password are asked for.' })
  const { email, password } = parsed.output
  return { email: toEmailKey(email) ?? email.trim().toLowerCase(), password }
}
