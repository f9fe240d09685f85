// What an account does beside operations, for the log: signing in, by whatever door, failing to, and ending other devices. Written once
// the answer is on its way, so that no answer's time tells whether there is such an account. Never holds what was typed.
import { createMiddleware } from 'hono/factory'
import * as v from 'valibot'
import { toEmailKey } from '#shared/email.ts'
import { OrganisationId, type UserId } from '#shared/model.ts'
import { accountByEmail } from '../accounts/credentials.ts'
import type { Identity } from '../identity.ts'
import type { Logger } from '../logger.ts'
import { Refusal } from '../problem.ts'
import type { Store } from '../store/index.ts'
import type { Commit } from '../sync.ts'
import type { Random } from '../sync/log.ts'
import { recordChange } from '../sync/record.ts'

export interface DeedParts {
  store: Store
  identity: Identity
  clock: () => number
  random: Random
  log: Logger
  committed: (commit: Commit) => void
  /** Does something once the answer is on its way. */
  later: (work: () => Promise<void>) => void
}

interface Deed {
  organisation: OrganisationId
  actor?: UserId
  type: string
  args: object
}

/** Of failed sign-ins as one user, one in so long is written: whoever guesses fills no log. */
const ONE_FAILURE_IN = 10 * 60_000
/** All organisations together, in the same time. */
const MOST_FAILURES = 1_000
const Typed = v.pipe(v.string(), v.parseJson(), v.object({ email: v.pipe(v.string(), v.maxLength(1_000)) }))

/** @returns writes an entry of its own into the log, and tells the organisation's devices */
export function createDeeds({ store, clock, random, committed }: DeedParts) {
  return async ({ organisation, actor, type, args }: Deed): Promise<void> => {
    const by = { now: clock(), random, ...(actor === undefined ? {} : { actor }) }
    const version = await store.transaction(async (tx) => {
      await recordChange(tx, organisation, { type, args }, by, [], () => undefined)
      const { version: head } = await tx.db
        .selectFrom('heads')
        .select('version')
        .where('orgId', '=', organisation)
        .executeTakeFirstOrThrow()
      return head
    })
    committed({ organisation, version, ended: [] })
  }
}

/** For all routes of the API: looks at what was answered, and changes nothing of it. */
export function recordAccounts(parts: DeedParts) {
  const { store, identity, clock, log } = parts
  const record = createDeeds(parts)
  const later = (work: () => Promise<void>) =>
    parts.later(() =>
      work().catch((error: unknown) => {
        // Whose session has ended again by now.
        if (!(error instanceof Refusal)) log.error({ err: error }, 'an entry of the log failed')
      }),
    )
  const failures = new Map<string, number>()

  async function failed(email: string): Promise<void> {
    const now = clock()
    for (const [key, at] of failures) if (now - at >= ONE_FAILURE_IN) failures.delete(key)
    if (failures.has(email) || failures.size >= MOST_FAILURES) return
    failures.set(email, now)
    const rows = await store.read(async (tx) => {
      const account = await accountByEmail(tx, email)
      return account
        ? await tx.db
            .selectFrom('auth_memberships')
            .select(['orgId', 'userId'])
            .where('accountId', '=', account.id)
            .execute()
        : []
    })
    for (const { orgId, userId } of rows)
      await record({ organisation: v.parse(OrganisationId, orgId), type: 'sign-in-failed', args: { userId } })
  }

  return createMiddleware(async (c, next) => {
    if (c.req.method !== 'POST') return await next()
    const path = c.req.path
    const typed = path === '/api/auth/sign-in/email' ? c.req.raw.clone() : undefined
    // Who revokes the own device is nobody afterwards.
    const revoked = /^\/api\/devices\/([0-9a-f-]{36})\/revoke$/.exec(path)?.[1]
    const ends = revoked !== undefined || path === '/api/devices/sign-out-others'
    const before = ends ? await identity.signedIn(c.req.raw.headers) : undefined
    await next()
    const { status, headers } = c.res
    if (typed && (status === 401 || status === 429)) {
      const body = v.safeParse(Typed, await typed.text())
      const email = body.success ? toEmailKey(body.output.email) : undefined
      if (email) later(() => failed(email))
    }
    if (status >= 300) return
    if (before) {
      const { organisation, userId: actor } = before
      later(async () => {
        const device = revoked && (await deviceName(store, organisation, revoked))
        await record(
          device
            ? { organisation, actor, type: 'revoke-device', args: { name: device } }
            : { organisation, actor, type: 'sign-out-others', args: {} },
        )
      })
    }
    const cookies = headers.getSetCookie().map((cookie) => cookie.split(';')[0] ?? '')
    // Every door that hands out a session, whatever it asked for: a password, a link, a second factor.
    if (cookies.some((cookie) => /session_token=[^;]+/.test(cookie)))
      later(async () => {
        const who = await identity.signedIn(new Headers({ cookie: cookies.join('; ') }))
        const name = await deviceName(store, who.organisation, who.device)
        await record({ organisation: who.organisation, actor: who.userId, type: 'sign-in', args: name ? { name } : {} })
      })
  })
}

async function deviceName(store: Store, organisation: OrganisationId, id: string): Promise<string | undefined> {
  const row = await store.db
    .selectFrom('auth_devices')
    .select('name')
    .where('orgId', '=', organisation)
    .where('id', '=', id)
    .executeTakeFirst()
  return row?.name
}
