// Who is asking: sessions are the identity library's, on the same database; which user of which organisation an account is, on which
// device, and whether that user still has a console, is ours and looked up anew for each request.
// Never called inside a transaction of ours: the library would wait for the connection for ever.
import { betterAuth } from 'better-auth'
import * as v from 'valibot'
import type { OrganisationId, UserId } from '#shared/model.ts'
import { createBrowsers, type Browsers } from './accounts/browser.ts'
import { accountByEmail, addAccount, hashOf, join, setHash } from './accounts/credentials.ts'
import { leave } from './accounts/devices.ts'
import { enter, placeOf } from './accounts/membership.ts'
import { hashPassword, isOutdated, isPassword } from './accounts/passwords.ts'
import { createGate, credentialsIn, type Gate } from './accounts/sign-in.ts'
import type { SignedIn } from './accounts/signed-in.ts'
import { warnOwner } from './accounts/warn.ts'
import { problemResponse, Refusal } from './problem.ts'
import type { Store } from './store/index.ts'

const DAY = 24 * 60 * 60
const MIN_PASSWORD = 12

export type { SignedIn }

export interface Identity {
  /** Who the session's user is. @throws {Refusal} `sign-in-needed`; `no-console` and `device-revoked` also end the session */
  signedIn(headers: Headers): Promise<SignedIn>
  /** As `signedIn`, with the cookie anew so that a session in use never runs out. */
  session(headers: Headers): Promise<{ who: SignedIn; cookies: Headers }>
  signIn(request: Request, address: string | undefined): Promise<Response>
  /** Signs in who has just proved by a link that the address is theirs; counted nowhere. */
  admit(email: string, password: string, headers: Headers): Promise<Response>
  /** Ends the session. `kept`: the device still holds the account's queue. @returns its id, undefined where there was none */
  signOut(request: Request): Promise<{ response: Response; session: string | undefined }>
  /** Has the session act in another organisation of the account. @throws {Refusal} 404 where it is none of the account's */
  enter(who: SignedIn, organisation: string): Promise<void>
  /** Lets an account that is there already in to another organisation. @returns false where there is none with this e-mail */
  join(emailKey: string, organisation: OrganisationId, userId: UserId): Promise<boolean>
  /** Makes the account of a user; the e-mail must be new. @returns the account's id */
  addAccount(account: {
    email: string
    password: string
    name: string
    organisation: OrganisationId
    userId: UserId
  }): Promise<string>
  readonly gate: Gate
  readonly browsers: Browsers
}

export interface IdentityParts {
  store: Store
  /** Signs the cookies; whoever knows it can make sessions. */
  secret: string
  /** Where browsers reach the app. */
  url: string
  clock?: () => number
  /** Told of what failed beside an answer. */
  report?: (error: unknown) => void
}

export function createIdentity({
  store,
  secret,
  url,
  clock = () => Date.now(),
  report = () => undefined,
}: IdentityParts): Identity {
  const secure = url.startsWith('https:')
  const browsers = createBrowsers(secure)
  const gate = createGate({
    store,
    browsers,
    clock,
    // Beside the answer, whose time must not tell that there is somebody to be told.
    warn: (email) => void warnOwner(store, email, clock()).catch(report),
  })
  const auth = betterAuth({
    baseURL: url,
    basePath: '/api/auth',
    secret,
    database: { db: store.db, type: 'sqlite' },
    telemetry: { enabled: false },
    logger: { disabled: true },
    user: { modelName: 'auth_users' },
    session: { modelName: 'auth_sessions', expiresIn: 30 * DAY, updateAge: DAY, cookieCache: { enabled: false } },
    account: { modelName: 'auth_accounts' },
    verification: { modelName: 'auth_verifications' },
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: MIN_PASSWORD,
      password: { hash: hashPassword, verify: ({ hash, password }) => isPassword(hash, password) },
    },
    // The gate counts tries: the library knows addresses alone, and no accounts.
    rateLimit: { enabled: false },
    advanced: {
      // The library's own check knows one address only; ours, at every unsafe route, knows the request's as well.
      disableCSRFCheck: true,
      // No address is kept.
      ipAddress: { disableIpTracking: true },
      useSecureCookies: false,
      cookiePrefix: secure ? '__Host-quartermaster' : 'quartermaster',
      defaultCookieAttributes: { httpOnly: true, sameSite: 'lax', secure, path: '/' },
    },
  })

  const endSession = async (token: string) => (await auth.$context).internalAdapter.deleteSession(token)

  async function memberOf(
    account: { id: string; email: string; name: string },
    session: { id: string; token: string },
  ): Promise<SignedIn> {
    const place = await placeOf(store, { account: account.id, session: session.id }, clock())
    if (!place || place.revoked || !place.membership.console) {
      // The one answer that an ended session still gets: the device must know that it has to erase what it holds.
      await endSession(session.token)
      if (!place?.revoked) throw new Refusal(403, 'no-console')
      throw new Refusal(403, 'device-revoked', { account: account.id, organisation: place.membership.organisation })
    }
    const { organisation, organisationName, userId, role } = place.membership
    return {
      account: account.id,
      organisation,
      userId,
      session: session.id,
      device: place.device,
      email: account.email,
      name: account.name,
      organisationName,
      role,
      organisations: place.organisations,
    }
  }

  async function session(headers: Headers): Promise<{ who: SignedIn; cookies: Headers }> {
    const { response, headers: cookies } = await auth.api.getSession({ headers, returnHeaders: true })
    if (!response) throw await nobody(headers)
    return { who: await memberOf(response.user, response.session), cookies }
  }

  /** A browser that is revoked wherever it was signed in hears so also after its session has ended: what it holds must go. */
  async function nobody(headers: Headers): Promise<Refusal> {
    const browser = browsers.of(headers)
    const devices =
      browser === undefined
        ? []
        : await store.db.selectFrom('auth_devices').select('revokedAt').where('browser', '=', browser).execute()
    const revoked = devices.length > 0 && devices.every(({ revokedAt }) => revokedAt !== null)
    return revoked ? new Refusal(403, 'device-revoked') : new Refusal(401, 'sign-in-needed')
  }

  async function admit(email: string, password: string, headers: Headers): Promise<Response> {
    const response = await auth.api.signInEmail({ body: { email, password }, headers, asResponse: true })
    if (!response.ok) throw new Refusal(401, 'wrong-password')
    const { token, user } = v.parse(SignedInBody, await response.json())
    const found = await (await auth.$context).internalAdapter.findSession(token)
    if (!found) throw new Refusal(401, 'sign-in-needed')
    const { digest, cookie } = browsers.orNew(headers)
    await store.transaction(async (tx) => {
      await tx.db.updateTable('auth_sessions').set({ browser: digest }).where('id', '=', found.session.id).execute()
    })
    try {
      await memberOf(user, found.session)
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'device-revoked') throw error
      // Told once, with the browser forgotten: the next sign-in is another device's, which begins empty.
      const told = problemResponse(error)
      told.headers.append('set-cookie', browsers.forget)
      return told
    }
    await renewHash(user.id, password)
    // Without the token: scripts of the page have no business with it.
    const answer = withCookies(Response.json({ account: user }), response.headers)
    if (cookie !== undefined) answer.headers.append('set-cookie', cookie)
    return answer
  }

  async function renewHash(account: string, password: string): Promise<void> {
    const stored = await store.read((tx) => hashOf(tx, account))
    if (stored === undefined || !isOutdated(stored)) return
    const hash = await hashPassword(password)
    await store.transaction((tx) => setHash(tx, account, hash, clock()))
  }

  return {
    session,
    signedIn: async (headers) => (await session(headers)).who,
    gate,
    browsers,
    admit,

    signIn: async (request, address) => {
      await gate.address(address)
      const { email, password } = await credentialsIn(request)
      const { passed } = await gate.account(email, request.headers)
      const response = await admit(email, password, request.headers).catch((error: unknown) => {
        // The password was right, though it leads nowhere.
        if (error instanceof Refusal && error.status === 403) passed()
        throw error
      })
      passed()
      return response
    },

    signOut: async (request) => {
      const found = await auth.api.getSession({ headers: request.headers })
      const kept = v.safeParse(
        v.pipe(v.string(), v.parseJson(), v.object({ keep: v.literal(true) })),
        await request.clone().text(),
      )
      if (found) await leave(store, found.session.id, kept.success, clock())
      const response = await auth.handler(request)
      return { response: withCookies(Response.json({ signedOut: true }), response.headers), session: found?.session.id }
    },

    enter: async (who, organisation) => {
      if (!who.organisations.some((one) => one.organisation === organisation)) throw new Refusal(404, 'not-found')
      await enter(store, who.session, organisation)
    },

    join: (emailKey, organisation, userId) =>
      store.transaction(async (tx) => {
        const account = await accountByEmail(tx, emailKey)
        if (account) await join(tx, account.id, organisation, userId)
        return account !== undefined
      }),

    addAccount: async ({ email, password, name, organisation, userId }) => {
      if (password.length < MIN_PASSWORD) throw new Error(`A password has at least ${MIN_PASSWORD} characters.`)
      const hash = await hashPassword(password)
      return await store.transaction(async (tx) => {
        const { id } = await addAccount(tx, { email: email.toLowerCase(), name, hash }, clock())
        await join(tx, id, organisation, userId)
        return id
      })
    },
  }
}

const SignedInBody = v.object({
  token: v.string(),
  user: v.object({ id: v.string(), email: v.string(), name: v.string() }),
})

/** Copies the cookies of one answer onto another. */
export function withCookies(response: Response, from: Headers): Response {
  for (const cookie of from.getSetCookie()) response.headers.append('set-cookie', cookie)
  return response
}
