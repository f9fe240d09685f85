// Who comes in and who does not, for the log: signing in by whatever door, failing to, and devices that are refused. Written once the
// answer is on its way, so that no answer's time tells whether there is such an account. Never holds what was typed.
import { createMiddleware } from 'hono/factory'
import * as v from 'valibot'
import { toEmailKey } from '#shared/email.ts'
import { accountByEmail, membershipsOf } from '../accounts/credentials.ts'
import { createDeeds, type DeedParts } from './deeds.ts'
import { refusedDevice } from './refused.ts'

/** Of failed sign-ins as one user, one in so long is written: whoever guesses fills no log. */
const ONE_FAILURE_IN = 10 * 60_000
/** All organisations together, in the same time. */
const MOST_FAILURES = 1_000
const Typed = v.pipe(v.string(), v.parseJson(), v.object({ email: v.pipe(v.string(), v.maxLength(1_000)) }))

/** For all routes of the API: looks at what was answered, and changes nothing of it. */
export function recordAccounts(parts: DeedParts) {
  const { store, identity, clock } = parts
  const { record, later } = createDeeds(parts)
  const failures = new Map<string, number>()

  /** @param where the second step, where the password was right */
  async function failed(email: string, where: { step?: 'second-factor' } = {}): Promise<void> {
    const now = clock()
    for (const [key, at] of failures) if (now - at >= ONE_FAILURE_IN) failures.delete(key)
    const kind = `${email} ${where.step ?? ''}`
    if (failures.has(kind) || failures.size >= MOST_FAILURES) return
    failures.set(kind, now)
    const places = await store.read(async (tx) => {
      const account = await accountByEmail(tx, email)
      return account ? await membershipsOf(tx, account.id) : []
    })
    for (const { organisation, userId } of places)
      await record({ organisation, type: 'sign-in-failed', args: { userId, ...where } })
  }

  return createMiddleware(async (c, next) => {
    const { method, path, raw } = c.req
    const typed = method === 'POST' && path === '/api/auth/sign-in/email' ? raw.clone() : undefined
    await next()
    const { status, headers } = c.res
    if (status === 403) {
      const answer = c.res.clone()
      later(async () => {
        const refused = await refusedDevice(store, identity.browsers.of(raw.headers), raw.headers, answer)
        if (refused) await record(refused)
      })
    }
    if (typed && (status === 401 || status === 429)) {
      const body = v.safeParse(Typed, await typed.text())
      const email = body.success ? toEmailKey(body.output.email) : undefined
      if (email) later(() => failed(email))
    }
    if (method !== 'POST') return
    if (status === 401 || status === 429) {
      if (path === '/api/auth/second-factor')
        later(async () => failed((await identity.halves.of(raw.headers)).account.email, { step: 'second-factor' }))
      if (path === '/api/second-factor/confirm')
        later(async () => failed((await identity.enrolling(raw.headers)).email))
    }
    // Who adds a second factor has a new session as well, and was in before.
    if (status >= 300 || path.startsWith('/api/second-factor/')) return
    const cookies = headers.getSetCookie().map((cookie) => cookie.split(';')[0] ?? '')
    // Every door that hands out a session, whatever it asked for: a password, a link, a second factor.
    if (cookies.some((cookie) => /session_token=[^;]+/.test(cookie)))
      later(async () => {
        // Also one that must add a second factor before it does anything else.
        const who = await identity.enrolling(new Headers({ cookie: cookies.join('; ') }))
        const { organisation, factor } = who
        await record({ organisation, by: who, type: 'sign-in', args: factor === null ? {} : { factor } })
      })
  })
}
