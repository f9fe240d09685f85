// Who is asking: accounts, passwords and sessions are the identity library's, on the same database; which user of which organisation
// an account is, and whether that user still has a console, is ours and looked up anew for each request.
// Never called inside a transaction of ours: the library would wait for the connection for ever.
import { betterAuth } from 'better-auth'
import * as v from 'valibot'
import { OrganisationId, UserId, type Role } from '#shared/model.ts'
import { Refusal } from './problem.ts'
import type { Store } from './store/index.ts'
import type { Device } from './sync.ts'
import { createTries } from './tries.ts'

/** Set by us from the socket and stripped from what comes in: else anybody could choose the address that tries are counted by. */
const ADDRESS_HEADER = 'x-quartermaster-address'
const DAY = 24 * 60 * 60
const MIN_PASSWORD = 12

export interface SignedIn extends Device {
  session: string
  email: string
  name: string
  organisationName: string
  role: Role
}

export interface Identity {
  /** Who the session's user is. @throws {Refusal} `sign-in-needed`, or `no-console`, which also ends the session */
  signedIn(headers: Headers): Promise<SignedIn>
  /** As `signedIn`, with the cookie anew so that a session in use never runs out. */
  session(headers: Headers): Promise<{ who: SignedIn; cookies: Headers }>
  signIn(request: Request, address: string | undefined): Promise<Response>
  /** Ends the session. @returns its id, undefined where there was none */
  signOut(request: Request): Promise<{ response: Response; session: string | undefined }>
  /** Makes the account of a user; the e-mail must be new. @returns the account's id */
  addAccount(account: {
    email: string
    password: string
    name: string
    organisation: OrganisationId
    userId: UserId
  }): Promise<string>
}

export interface IdentityParts {
  store: Store
  /** Signs the cookies; whoever knows it can make sessions. */
  secret: string
  /** Where browsers reach the app. */
  url: string
  clock?: () => number
}

export function createIdentity({ store, secret, url, clock = () => Date.now() }: IdentityParts): Identity {
  const secure = url.startsWith('https:')
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
    emailAndPassword: { enabled: true, disableSignUp: true, minPasswordLength: MIN_PASSWORD },
    rateLimit: {
      enabled: true,
      window: 60,
      max: 100,
      customRules: { '/sign-in/email': { window: 60, max: 30 } },
      customStorage: createTries(clock),
    },
    advanced: {
      // The library's own check knows one address only; ours, at every unsafe route, knows the request's as well.
      disableCSRFCheck: true,
      ipAddress: { ipAddressHeaders: [ADDRESS_HEADER] },
      useSecureCookies: false,
      cookiePrefix: secure ? '__Host-quartermaster' : 'quartermaster',
      defaultCookieAttributes: { httpOnly: true, sameSite: 'lax', secure, path: '/' },
    },
  })

  async function memberOf(
    account: { id: string; email: string; name: string },
    session: { id: string; token: string },
  ): Promise<SignedIn> {
    const row = await store.db
      .selectFrom('auth_memberships as m')
      .innerJoin('users as u', (join) => join.onRef('u.orgId', '=', 'm.orgId').onRef('u.id', '=', 'm.userId'))
      .innerJoin('organisations as o', 'o.orgId', 'm.orgId')
      .select(['m.orgId', 'm.userId', 'u.status', 'u.role', 'o.name'])
      .where('m.accountId', '=', account.id)
      .orderBy('m.orgId')
      .executeTakeFirst()
    if (row?.status !== 'active' || row.role === 'member') {
      // The one answer that an ended session still gets: the device must know that it has to erase what it holds.
      await (await auth.$context).internalAdapter.deleteSession(session.token)
      throw new Refusal(403, 'no-console')
    }
    return {
      account: account.id,
      organisation: v.parse(OrganisationId, row.orgId),
      userId: v.parse(UserId, row.userId),
      session: session.id,
      email: account.email,
      name: account.name,
      organisationName: row.name,
      role: row.role,
    }
  }

  async function session(headers: Headers): Promise<{ who: SignedIn; cookies: Headers }> {
    const { response, headers: cookies } = await auth.api.getSession({ headers, returnHeaders: true })
    if (!response) throw new Refusal(401, 'sign-in-needed')
    return { who: await memberOf(response.user, response.session), cookies }
  }

  return {
    session,
    signedIn: async (headers) => (await session(headers)).who,

    signIn: async (request, address) => {
      const response = await auth.handler(withAddress(request, address))
      if (response.status === 429) throw new Refusal(429, 'too-many-tries')
      if (response.status === 400)
        throw new Refusal(400, 'malformed', { path: 'email', message: 'E-mail and password are asked for.' })
      if (!response.ok) throw new Refusal(401, 'wrong-password')
      const { token, user } = v.parse(SignedInBody, await response.json())
      const found = await (await auth.$context).internalAdapter.findSession(token)
      if (!found) throw new Refusal(401, 'sign-in-needed')
      await memberOf(user, found.session)
      // Without the token: scripts of the page have no business with it.
      return withCookies(Response.json({ account: user }), response.headers)
    },

    signOut: async (request) => {
      const found = await auth.api.getSession({ headers: request.headers })
      const response = await auth.handler(request)
      return { response: withCookies(Response.json({ signedOut: true }), response.headers), session: found?.session.id }
    },

    addAccount: async ({ email, password, name, organisation, userId }) => {
      if (password.length < MIN_PASSWORD) throw new Error(`A password has at least ${MIN_PASSWORD} characters.`)
      const context = await auth.$context
      const user = await context.internalAdapter.createUser(
        { email: email.toLowerCase(), name, emailVerified: true },
        { method: 'email-password' },
      )
      await context.internalAdapter.linkAccount({
        userId: user.id,
        providerId: 'credential',
        accountId: user.id,
        password: await context.password.hash(password),
      })
      await store.transaction(async (tx) => {
        await tx.db.insertInto('auth_memberships').values({ accountId: user.id, orgId: organisation, userId }).execute()
      })
      return user.id
    },
  }
}

const SignedInBody = v.object({
  token: v.string(),
  user: v.object({ id: v.string(), email: v.string(), name: v.string() }),
})

function withAddress(request: Request, address: string | undefined): Request {
  const headers = new Headers(request.headers)
  headers.delete(ADDRESS_HEADER)
  if (address !== undefined) headers.set(ADDRESS_HEADER, address)
  return new Request(request, { headers })
}

/** Copies the cookies of one answer onto another. */
export function withCookies(response: Response, from: Headers): Response {
  for (const cookie of from.getSetCookie()) response.headers.append('set-cookie', cookie)
  return response
}
