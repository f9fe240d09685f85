// All routes on one screen. A handler parses, asks who is calling and hands on; it neither reads nor writes a row.
import { Hono, type Context } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { secureHeaders } from 'hono/secure-headers'
import type { MiddlewareHandler } from 'hono/types'
import type { OrganisationId } from '#shared/model.ts'
import { KnownRequest, MAX_REQUEST_BYTES, SyncRequest } from '#shared/protocol.ts'
import { recordAccounts } from './activity/accounts.ts'
import { createClientDevices } from './activity/clients.ts'
import { createDeeds } from './activity/deeds.ts'
import { unsentIn } from './activity/refused.ts'
import { activityRoutes } from './activity/routes.ts'
import { devicePolicies } from './accounts/device-policies.ts'
import { factorRoutes } from './accounts/factors/routes.ts'
import { accountRoutes, type AccountParts } from './accounts/routes.ts'
import { createContacts } from './accounts/devices.ts'
import { userDataRoutes } from './erasure/routes.ts'
import type { Events } from './events.ts'
import { withCookies, type Identity, type SignedIn } from './identity.ts'
import type { Logger } from './logger.ts'
import { sameOrigin } from './origin.ts'
import { hasIt } from './none-match.ts'
import { packedBytes, packedJson } from './packed.ts'
import { parsed, spokenProtocol } from './parsed.ts'
import { strictest } from './policy.ts'
import { problem, problemResponse, Refusal } from './problem.ts'
import { apiDocs } from './provider/docs.ts'
import { keyHolder, listKeys } from './provider/keys.ts'
import type { ProviderParts } from './provider/route.ts'
import { PROVIDER_API, providerApi } from './provider/routes.ts'
import { signOnRoutes, type SignOnParts } from './sign-on/routes.ts'
import type { Sync } from './sync.ts'
import { judgeOwner } from './sync/judge.ts'
import { unknown } from './unknown.ts'
import type { Usage } from './usage/usage.ts'
import { VERSION } from './version.ts'

export interface AppParts {
  identity: Identity
  sync: Sync
  usage: Usage
  events: Events
  provider: Omit<ProviderParts, 'usage'>
  /** Whether the API's document and page are open to everybody: for the demo, or where the operator says so. */
  openDocs?: boolean
  log: Logger
  /** Whether the store answers. */
  ready: () => Promise<unknown>
  publicUrl?: string | undefined
  /** The address of who is asking; undefined where there is no socket. */
  address?: (c: Context) => string | undefined
  accounts: Pick<AccountParts, 'store' | 'clock' | 'random' | 'later' | 'demoMails'>
  signOn: SignOnParts
  /** Serves the app's files; without it there is an API alone. */
  files?: MiddlewareHandler
}

export function createApp({
  identity,
  sync,
  usage,
  events,
  provider,
  openDocs = false,
  log,
  ready,
  publicUrl,
  address = () => undefined,
  accounts,
  signOn,
  files,
}: AppParts): Hono {
  const app = new Hono()
  app.onError(problem(log))
  app.notFound(() => problemResponse(new Refusal(404, 'not-found')))
  app.use(strictest)
  app.use(
    secureHeaders({
      xFrameOptions: 'DENY',
      strictTransportSecurity: publicUrl?.startsWith('https:') === true && STAY_BEHIND_TLS,
      permissionsPolicy: NOTHING_OF_THE_DEVICE,
    }),
  )
  app.use(
    '/api/*',
    sameOrigin(publicUrl),
    bodyLimit({
      maxSize: MAX_REQUEST_BYTES,
      onError: () => problemResponse(new Refusal(413, 'too-large', { most: MAX_REQUEST_BYTES })),
    }),
  )

  const deeds = {
    ...accounts,
    identity,
    log,
    committed: events.committed,
  }
  app.use('/api/*', recordAccounts(deeds))
  const written = createDeeds(deeds)
  const { note } = written
  events.watch(identity.lackFactor, (error) =>
    log.error({ err: error }, 'streams without a second factor could not be ended'),
  )

  app.get('/health/live', (c) => c.json({ live: true }))
  app.get('/health/ready', async (c) => c.json({ ready: Boolean(await ready()) }))

  app.post('/api/auth/sign-in/email', (c) => identity.signIn(c.req.raw, address(c)))
  app.post('/api/auth/sign-out', async (c) => {
    const { response, session, left } = await identity.signOut(c.req.raw)
    if (session) events.endSession(session)
    if (left) note({ organisation: left.organisation, by: left, type: 'sign-out', args: { kept: left.kept } })
    return response
  })
  app.get('/api/session', async (c) => {
    const { who, cookies } = await identity.session(c.req.raw.headers)
    const answer = { ...sessionOf(who), policies: await devicePolicies(accounts.store, who.organisation) }
    return withCookies(Response.json(answer, { headers: { 'cache-control': 'no-store' } }), cookies)
  })

  app.route('/api', accountRoutes({ ...accounts, identity, events, log, address }))
  app.route('/api', factorRoutes({ ...accounts, identity, events, deeds: written, address }))

  app.route('/api', signOnRoutes({ ...deeds, ...signOn, events, address }))
  app.route('/api', activityRoutes(deeds))
  app.route('/api', userDataRoutes(deeds))

  const contact = createContacts(accounts.store, accounts.clock)
  const noteClient = createClientDevices(accounts.store)
  app.post('/api/sync', async (c) => {
    // Who asks comes first: a stranger learns nothing of what a request must look like.
    const who = await identity.signedIn(c.req.raw.headers)
    const request = await parsed(c, SyncRequest, spokenProtocol)
    const answer = await sync.sync(who, request)
    if (request.operations.length > 0) await noteClient(who.organisation, request.clientId, who.device)
    await contact(who.device, Math.max(0, (unsentIn(c.req.raw.headers) ?? 0) - answer.outcomes.length))
    return packedJson(c, answer)
  })
  app.post('/api/sync/known', async (c) => {
    const who = await identity.signedIn(c.req.raw.headers)
    const request = await parsed(c, KnownRequest)
    judgeOwner(who, request)
    return c.json(await sync.unknown(who, request.ids, request.versions))
  })
  app.get('/api/events', async (c) => {
    const { headers } = c.req.raw
    return events.stream(c, await identity.signedIn(headers), () => identity.signedIn(headers))
  })

  /** The session's; a device that asks for another one's keeps a store of that, and must not fill it with this one's usage. */
  const namedOrganisation = async (c: Context) => {
    const { organisation } = await identity.signedIn(c.req.raw.headers)
    if ((c.req.query('organisation') ?? organisation) !== organisation)
      throw new Refusal(403, 'other-account', { what: 'organisation' })
    return organisation
  }
  /** Where devices keep nothing, their browsers don't either. */
  const keptBy = async (organisation: OrganisationId) =>
    (await devicePolicies(accounts.store, organisation)).localData === 'none' ? 'no-store' : REVALIDATED
  app.get('/api/usage/ids', async (c) => {
    const organisation = await namedOrganisation(c)
    const ids = await usage.ids(organisation, queriedNumber(c, 'from'))
    return packedJson(c, ids, { 'cache-control': await keptBy(organisation) })
  })
  app.get('/api/usage/:month{[0-9]{4}-[0-9]{2}}', async (c) => {
    const organisation = await namedOrganisation(c)
    const month = await usage.month(organisation, c.req.param('month'), queriedNumber(c, 'since'))
    if (!month) throw new Refusal(404, 'not-found')
    const headers = { etag: `"${month.version}"`, 'cache-control': await keptBy(organisation) }
    if (hasIt(c.req.header('if-none-match'), headers.etag))
      return c.body(null, 304, { ...headers, vary: 'accept-encoding' })
    return packedBytes(c, month.bytes, headers)
  })

  app.get('/api/provider-keys', async (c) => {
    const { organisation } = await identity.signedIn(c.req.raw.headers)
    return c.json({ keys: await listKeys(provider.store, organisation) }, 200, { 'cache-control': 'no-store' })
  })
  app.route(PROVIDER_API, providerApi({ ...provider, usage }))
  app.route(
    '/api',
    apiDocs(async (headers) => {
      if (openDocs) return
      if (headers.has('authorization')) await keyHolder(provider.store, headers, 'any', provider.clock())
      else await identity.signedIn(headers)
    }),
  )

  app.all('/api/*', unknown(app))
  if (files) app.get('*', files)
  return app
}

/** Kept by the browser of this user alone, and asked for again each time. */
const REVALIDATED = 'private, no-cache'

/** A whole number of the address; 0 where it is not given. @throws {Refusal} 400 `malformed` */
function queriedNumber(c: Context, name: string): number {
  const text = c.req.query(name) ?? '0'
  const number = Number(text)
  if (/^\d{1,15}$/.test(text)) return number
  throw new Refusal(400, 'malformed', { path: name, message: 'Is no whole number.' })
}

/** Two years, its subdomains as well. */
const STAY_BEHIND_TLS = 'max-age=63072000; includeSubDomains'

/** The app asks for none of these, and nothing that got into its page may. */
const NOTHING_OF_THE_DEVICE = {
  camera: [],
  microphone: [],
  geolocation: [],
  payment: [],
  usb: [],
  displayCapture: [],
}

const sessionOf = (who: SignedIn) => ({
  account: { id: who.account, email: who.email, name: who.name },
  organisation: { id: who.organisation, name: who.organisationName },
  userId: who.userId,
  role: who.role,
  /** What the session was entered with beside the password. */
  secondFactor: who.factor ?? 'none',
  organisations: who.organisations.map(({ organisation, organisationName }) => ({
    id: organisation,
    name: organisationName,
  })),
  /** Of the server, for Settings. */
  version: VERSION,
})
