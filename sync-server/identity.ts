// Who is asking: sessions are the identity library's, on the same database; which user of which organisation an account is, on which
// device, and whether that user still has a console, is ours and looked up anew for each request.
// Never called inside a transaction of ours: the library would wait for the connection for ever.
import { betterAuth } from 'better-auth'
import * as v from 'valibot'
import type { OrganisationId, UserId } from '#shared/model.ts'
import { createBrowsers, type Browsers } from './accounts/browser.ts'
import { addAccount, join, type Account } from './accounts/credentials.ts'
import { leave, type Left } from './accounts/devices.ts'
import { createEntry, type Enrolled } from './accounts/entry.ts'
import { createEnrolments, type Enrolment, type Enrolments } from './accounts/factors/enrol.ts'
import { createHalves, type Halves } from './accounts/factors/half.ts'
import { relyingParty } from './accounts/factors/relying.ts'
import { createProofs, type Proofs } from './accounts/factors/second-step.ts'
import { enter, lackFactor, placeOf, type Place } from './accounts/membership.ts'
import { hashPassword } from './accounts/passwords.ts'
import { createSeal, type Seal } from './accounts/seal.ts'
import { createSessions, type Opening } from './accounts/sessions.ts'
import { createGate, credentialsIn, type Gate } from './accounts/sign-in.ts'
import type { SignedIn } from './accounts/signed-in.ts'
import { SHORTEST } from './accounts/strength.ts'
import { warnOwner } from './accounts/warn.ts'
import { Refusal } from './problem.ts'
import type { Store } from './store/index.ts'

const DAY = 24 * 60 * 60
/** A session in use goes on for so long after its owner last proved who it is, and no longer. */
const LONGEST_SESSION = 90 * DAY * 1000

export type { SignedIn }

export interface Identity {
  /**
   * Who the session's user is.
   * @throws {Refusal} `sign-in-needed`, `second-factor-needed`; `no-console` and `device-revoked` also end the session
   */
  signedIn(headers: Headers): Promise<SignedIn>
  /** As `signedIn`, also for a session that lacks the second factor which its organisation asks for: it may add one. */
  enrolling(headers: Headers): Promise<SignedIn>
  /** As `signedIn`, with the cookie anew so that a session in use never runs out. */
  session(headers: Headers): Promise<{ who: SignedIn; cookies: Headers }>
  signIn(request: Request, address: string | undefined): Promise<Response>
  /**
   * Makes a session for an account that has proved who it is, and answers with it.
   * @throws {Refusal} 403 `no-console`; what `claim` throws. A revoked browser is answered 403 `device-revoked`, and forgotten.
   */
  open(account: Account, opening: Opening): Promise<Response>
  /** Gives the session of who adds a second factor a new id, with the factor; other sessions of the account that have none end. */
  enrol(who: SignedIn, headers: Headers, enrolment: Enrolment): Promise<Enrolled>
  /** Those sessions in an organisation that lack the second factor which it asks for. */
  lackFactor(organisation: OrganisationId): Promise<ReadonlySet<string>>
  /** @throws {Refusal} 401 `wrong-password`; counted nowhere */
  confirm(email: string, password: string): Promise<void>
  /** Signs in who has just proved by a link that the address is theirs, or asks for the second factor; counted nowhere. */
  admit(email: string, password: string, headers: Headers): Promise<Response>
  /** Ends the session. @returns its id and whose device it was; undefined where there was none */
  signOut(request: Request): Promise<{ response: Response; session: string | undefined; left: Left | undefined }>
  /** Has the session act in another organisation of the account. @throws {Refusal} 404 where it is none of the account's */
  enter(who: SignedIn, organisation: string): Promise<void>
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
  readonly halves: Halves
  readonly proofs: Proofs
  readonly enrolments: Enrolments
  /** Keeps secrets that the server must read again. */
  seal(purpose: string): Seal
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
    warn: (email, of) =>
      void warnOwner(store, email, of === 'password' ? 'tries' : 'factor-tries', clock()).catch(report),
    secret,
    report,
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
    // None of its ways in is open: who may have a session is decided here, and tries are counted by the gate.
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

  const sessions = createSessions({ store, library: () => auth.$context, browsers, clock })
  const halves = createHalves({ store, secure, browsers, clock })
  const seal = (purpose: string) => createSeal(secret, purpose)
  const steps = { store, seal: seal('authenticator apps'), relying: relyingParty(url), clock }
  const { open, admit, enrol, accountWith } = createEntry({ store, sessions, browsers, halves, clock, judge: memberOf })

  async function memberOf(account: Account, session: { id: string; token: string }): Promise<Member> {
    const place = await placeOf(store, { account: account.id, session: session.id }, clock())
    if (!place || place.revoked || !place.membership.console) {
      // The one answer that an ended session still gets: the device must know that it has to erase what it holds.
      await sessions.end(session.token)
      const fact = place && { account: account.id, organisation: place.membership.organisation }
      throw new Refusal(403, place?.revoked ? 'device-revoked' : 'no-console', fact)
    }
    return { who: whoIs(account, session.id, place), factorMissing: place.factorMissing }
  }

  async function member(headers: Headers): Promise<Member & { cookies: Headers }> {
    const { response, headers: cookies } = await auth.api.getSession({ headers, returnHeaders: true })
    if (!response) throw await nobody(headers)
    const member = await memberOf(response.user, response.session)
    const { freshAt } = member.who
    if (freshAt !== null && clock() - freshAt > LONGEST_SESSION) {
      await sessions.end(response.session.token)
      throw new Refusal(401, 'sign-in-needed')
    }
    return { ...member, cookies }
  }

  async function session(headers: Headers): Promise<{ who: SignedIn; cookies: Headers }> {
    const { who, factorMissing, cookies } = await member(headers)
    if (factorMissing) throw new Refusal(403, 'second-factor-needed')
    return { who, cookies }
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

  return {
    session,
    signedIn: async (headers) => (await session(headers)).who,
    enrolling: async (headers) => (await member(headers)).who,
    open,
    enrol,
    confirm: async (email, password) => void (await accountWith(email, password)),
    lackFactor: (organisation) => store.read((tx) => lackFactor(tx, organisation)),
    halves,
    proofs: createProofs(steps),
    enrolments: createEnrolments(steps),
    seal,
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
      const left = found ? await leave(store, found.session.id, kept.success, clock()) : undefined
      const response = await auth.handler(request)
      const answer = withCookies(Response.json({ signedOut: true }), response.headers)
      return { response: answer, session: found?.session.id, left }
    },

    enter: async (who, organisation) => {
      if (!who.organisations.some((one) => one.organisation === organisation)) throw new Refusal(404, 'not-found')
      await enter(store, who.session, organisation)
    },

    addAccount: async ({ email, password, name, organisation, userId }) => {
      if (password.length < SHORTEST) throw new Error(`A password has at least ${SHORTEST} characters.`)
      const hash = await hashPassword(password)
      return await store.transaction(async (tx) => {
        const { id } = await addAccount(tx, { email: email.toLowerCase(), name, hash }, clock())
        await join(tx, id, organisation, userId)
        return id
      })
    },
  }
}

interface Member {
  who: SignedIn
  factorMissing: boolean
}

function whoIs(account: Account, session: string, { membership, ...place }: Place): SignedIn {
  const { organisation, organisationName, userId, role } = membership
  return {
    account: account.id,
    organisation,
    userId,
    session,
    device: place.device,
    email: place.bound?.email ?? account.email,
    name: place.bound?.name ?? account.name,
    organisationName,
    role,
    factor: place.factor,
    freshAt: place.freshAt,
    bound: place.bound?.organisation ?? null,
    organisations: place.organisations,
  }
}

/** Copies the cookies of one answer onto another. */
export function withCookies(response: Response, from: Headers): Response {
  for (const cookie of from.getSetCookie()) response.headers.append('set-cookie', cookie)
  return response
}
