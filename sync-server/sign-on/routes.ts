// The routes of single sign-on: an organisation's settings, for its admins alone, and the way of a browser to the provider and back.
import { Hono, type Context } from 'hono'
import * as v from 'valibot'
import { Issuer, SignOnName, SignOnSettings, type SignOnRefusal } from '#shared/sign-on.ts'
import { withEach } from '../accounts/entry.ts'
import { mustBeFresh, staleAt } from '../accounts/fresh.ts'
import { createDeeds, type DeedParts } from '../activity/deeds.ts'
import type { Events } from '../events.ts'
import type { SignedIn } from '../identity.ts'
import { createGuard, ForbiddenAddress } from '../outgoing/guard.ts'
import { createGuardedFetch } from '../outgoing/guarded-fetch.ts'
import type { NamedHosts } from '../outgoing/named-hosts.ts'
import { parsed } from '../parsed.ts'
import { problemResponse, Refusal } from '../problem.ts'
import { arrive } from './arrivals.ts'
import { comeBack, depart, whyNot } from './journey.ts'
import { begin, takeUp, type Pending } from './pending.ts'
import { createProviders } from './providers.ts'
import {
  removeSettings,
  saveSettings,
  settingsNamed,
  settingsOf,
  settingsStill,
  type Changed,
  type Settings,
} from './settings.ts'
import { FORBIDDEN, tryOut } from './trial.ts'

export interface SignOnParts {
  /** Which hosts in private networks a provider may be at. */
  privateHosts: NamedHosts
  /** The origin that browsers reach the app at: configured, never a request's. Undefined where none is. */
  base: () => string | undefined
}

interface RouteParts extends DeedParts, SignOnParts {
  events: Events
  address: (c: Context) => string | undefined
}

const RETURN = '/api/auth/sign-on/return'
/** Who must prove anew who it is may have done so to the provider so many seconds ago. */
const AGAIN = 5 * 60
const NO_STORE = { 'cache-control': 'no-store' }

const Start = v.strictObject({
  name: SignOnName,
  /** Where to go on afterwards; the sign-in page goes nowhere but on its own origin. */
  next: v.optional(v.pipe(v.string(), v.maxLength(2_000), v.regex(/^\/(?![/\\])/, 'Is no path of this app.')), '/'),
  /** The person is to prove anew who it is. */
  again: v.optional(v.boolean(), false),
})
const Try = v.strictObject({ issuer: Issuer })
const Back = v.object({ state: v.pipe(v.string(), v.regex(/^[\w-]{20,200}$/)) })

export function signOnRoutes(parts: RouteParts): Hono {
  const { store, identity, events, log, clock, random, privateHosts, base, address } = parts
  const app = new Hono()
  const seal = identity.seal('the secret of a client at a provider of single sign-on')
  const { note, later, record } = createDeeds(parts)
  const fetch = createGuardedFetch({ named: privateHosts })
  const guard = createGuard({ named: privateHosts })
  const providers = createProviders({ fetch, seal, clock })
  const admin = async (c: Context): Promise<SignedIn> => {
    const who = await identity.signedIn(c.req.raw.headers)
    if (who.role !== 'admin') throw new Refusal(403, 'admins-only')
    return who
  }
  const redirectUri = () => {
    const origin = base()
    return origin === undefined ? null : origin + RETURN
  }
  const done = ({ organisation }: SignedIn, { version, ended }: Changed) => {
    events.committed({ organisation, version, ended: [] })
    events.end((listener) => ended.has(listener.session))
  }

  app.get('/sign-on', async (c) => {
    const { organisation } = await admin(c)
    const settings = await store.read((tx) => settingsOf(tx, organisation))
    return c.json({ redirectUri: redirectUri(), settings: settings ? shown(settings) : null }, 200, NO_STORE)
  })
  app.post('/sign-on', async (c) => {
    const who = await admin(c)
    mustBeFresh(who, clock())
    const wanted = await parsed(c, SignOnSettings)
    refuseForbidden(() => guard.judge(new URL(wanted.issuer)))
    done(who, await saveSettings(who, wanted, { store, seal, now: clock(), random }))
    return c.json({ saved: true }, 200, NO_STORE)
  })
  app.post('/sign-on/remove', async (c) => {
    const who = await admin(c)
    mustBeFresh(who, clock())
    done(who, await removeSettings(who, { store, seal, now: clock(), random }))
    return c.json({ removed: true }, 200, NO_STORE)
  })
  app.post('/sign-on/test', async (c) => {
    await admin(c)
    await identity.gate.address(address(c))
    return c.json(await tryOut(fetch, (await parsed(c, Try)).issuer), 200, NO_STORE)
  })

  app.post('/auth/sign-on/start', async (c) => {
    await identity.gate.address(address(c))
    const { name, next, again } = await parsed(c, Start)
    const { headers } = c.req.raw
    const settings = await store.read((tx) => settingsNamed(tx, name))
    if (!settings?.enabled) throw new Refusal(404, 'sign-on-unknown')
    const revoked = await revokedHere(settings, headers)
    if (revoked) return revoked
    const to = redirectUri()
    if (to === null) throw new Refusal(503, 'sign-on-unreachable', { why: 'PUBLIC_URL is not set.' })
    const provider = await providers.of(settings).catch((error: unknown) => {
      const { word } = whyNot(error)
      log.info({ organisation: settings.organisation, word }, 'a provider of single sign-on can’t be reached')
      throw new Refusal(503, 'sign-on-unreachable')
    })
    const { state, nonce, verifier, location } = await depart(provider, to, again ? AGAIN : undefined)
    const browser = identity.browsers.orNew(headers)
    const { organisation: orgId, issuer, clientId } = settings
    const maxAge = again ? AGAIN : null
    await begin(store, state, browser.digest, { orgId, issuer, clientId, nonce, verifier, next, maxAge }, clock())
    const answer = c.json({ location }, 200, NO_STORE)
    if (browser.cookie !== undefined) answer.headers.append('set-cookie', browser.cookie)
    return answer
  })

  app.get('/auth/sign-on/return', async (c) => {
    const asked = v.safeParse(Back, c.req.query())
    const browser = identity.browsers.of(c.req.raw.headers)
    const pending =
      asked.success && browser !== undefined ? await takeUp(store, asked.output.state, browser, clock()) : undefined
    if (!asked.success || !pending) return back('over')
    const arrived = await arriveBy(c, asked.output.state, pending)
    return typeof arrived === 'string' ? back(arrived, pending.next) : arrived
  })

  /** The session, with the way into the app; or why there is none. */
  async function arriveBy(c: Context, state: string, pending: Pending): Promise<Response | SignOnRefusal> {
    const settings = await store.read((tx) => settingsStill(tx, pending))
    const origin = base()
    if (!settings || origin === undefined) return 'over'
    const { organisation } = settings
    const refuse = (refused: SignOnRefusal, word: string = refused): SignOnRefusal => {
      log.info({ organisation, refused, word }, 'nobody was let in by single sign-on')
      return refused
    }
    try {
      const answer = new URL(RETURN + new URL(c.req.url).search, origin)
      const said = await comeBack(await providers.of(settings), answer, state, pending)
      const arrival = await arrive(store, settings, said, { now: clock(), random })
      if ('refused' in arrival) {
        const { refused, userId } = arrival
        if (userId) note({ organisation, type: 'sign-in-failed', args: { userId, step: 'sign-on' } })
        return refuse(refused)
      }
      const { account, version } = arrival
      events.committed({ organisation, version, ended: [] })
      const freshAt = Math.min(said.provedAt ?? staleAt(clock()), clock())
      const opened = await identity.open(account, {
        headers: c.req.raw.headers,
        factor: 'sign-on',
        claim: async (tx, session) => {
          const columns = { bound: organisation, orgId: organisation, freshAt }
          await tx.db.updateTable('auth_sessions').set(columns).where('id', '=', session).execute()
        },
      })
      if (!opened.ok) return refuse('device-revoked')
      const cookies = opened.headers.getSetCookie()
      later(async () => {
        const cookie = cookies.map((text) => text.split(';')[0]).join('; ')
        const by = await identity.signedIn(new Headers({ cookie }))
        await record({ organisation, by, type: 'sign-in', args: { factor: by.factor } })
      })
      return withEach(back('done', pending.next), cookies)
    } catch (error) {
      if (error instanceof Refusal && error.code === 'no-console') return refuse('no-console')
      if (error instanceof Refusal || store.isFault(error)) throw error
      const { refused, word } = whyNot(error)
      return refuse(refused, word)
    }
  }

  /** A browser that was revoked in this organisation gives up what it holds before anybody signs in by it again. */
  async function revokedHere({ organisation }: Settings, headers: Headers): Promise<Response | undefined> {
    const device = await store.db
      .selectFrom('auth_devices')
      .select('accountId')
      .where('browser', '=', identity.browsers.of(headers) ?? '')
      .where('orgId', '=', organisation)
      .where('revokedAt', 'is not', null)
      .limit(1)
      .executeTakeFirst()
    if (!device) return undefined
    const told = problemResponse(new Refusal(403, 'device-revoked', { account: device.accountId, organisation }))
    told.headers.append('set-cookie', identity.browsers.forget)
    return told
  }
  return app
}

const shown = ({ issuer, clientId, name, sealed, enabled }: Settings) => ({
  issuer,
  clientId,
  name,
  hasSecret: sealed !== null,
  enabled,
})

/** What stands behind the `#` no server's log holds. */
const back = (code: SignOnRefusal | 'done', next = '/'): Response =>
  new Response(null, {
    status: 302,
    headers: { location: `/sign-in?next=${encodeURIComponent(next)}#sign-on=${code}`, ...NO_STORE },
  })

function refuseForbidden(judge: () => void): void {
  try {
    judge()
  } catch (error) {
    if (!(error instanceof ForbiddenAddress)) throw error
    throw new Refusal(400, 'malformed', { path: 'issuer', message: FORBIDDEN[error.why] })
  }
}
