// The ways in: by e-mail and password, which lead to a second step where the account has a second factor; by what has been proved
// elsewhere; and into a session of its own for who adds a factor. A revoked browser is told so once, and forgotten.
import { problemResponse, Refusal } from '../problem.ts'
import type { Store, Tx } from '../store/index.ts'
import type { Browsers } from './browser.ts'
import { accountByEmail, hashOf, setHash, type Account } from './credentials.ts'
import type { Enrolment } from './factors/enrol.ts'
import type { Halves } from './factors/half.ts'
import { waysOf } from './factors/rows.ts'
import { hashPassword, isOutdated, isPassword } from './passwords.ts'
import type { createSessions, Opening } from './sessions.ts'
import type { SignedIn } from './signed-in.ts'

export interface EntryParts {
  store: Store
  sessions: ReturnType<typeof createSessions>
  browsers: Browsers
  halves: Halves
  clock: () => number
  /** Whether the account may be where the session is. @throws {Refusal} `no-console`, `device-revoked` */
  judge: (account: Account, session: { id: string; token: string }) => Promise<unknown>
}

export interface Enrolled {
  /** With the first factor of an account. */
  recoveryCodes: string[] | undefined
  cookies: readonly string[]
  /** The ids of the sessions that ended, the one of before among them. */
  ended: readonly string[]
}

export function createEntry({ store, sessions, browsers, halves, clock, judge }: EntryParts) {
  async function open(account: Account, opening: Opening): Promise<Response> {
    const opened = await sessions.open(account.id, opening)
    try {
      await judge(account, opened)
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'device-revoked') throw error
      // The next sign-in is another device's, which begins empty.
      const told = problemResponse(error)
      told.headers.append('set-cookie', browsers.forget)
      return told
    }
    // Without the token: scripts of the page have no business with it.
    const { id, email, name } = account
    return withEach(Response.json({ account: { id, email, name } }), opened.cookies)
  }

  async function admit(email: string, password: string, headers: Headers): Promise<Response> {
    const { account, hash } = await accountWith(email, password)
    const ways = await store.read((tx) => waysOf(tx, account.id))
    const claim = async (tx: Tx) => {
      // A reset that came between has ended what the password of before was good for, a new factor what no factor was.
      const same = (await hashOf(tx, account.id)) === hash && (await waysOf(tx, account.id)).join() === ways.join()
      if (!same) throw new Refusal(401, 'half-over')
    }
    const answer =
      ways.length > 0
        ? await halves.begin(account.id, headers, ways, claim)
        : await open(account, { headers, factor: null, claim })
    await renewHash(account.id, hash, password)
    return answer
  }

  /** Costs one hash whether or not there is such an account. @throws {Refusal} 401 `wrong-password` */
  async function accountWith(email: string, password: string): Promise<{ account: Account; hash: string }> {
    const { account, hash } = await store.read(async (tx) => {
      const found = await accountByEmail(tx, email)
      return { account: found, hash: found && (await hashOf(tx, found.id)) }
    })
    if (hash === undefined) await hashPassword(password)
    if (!account || hash === undefined || !(await isPassword(hash, password))) throw new Refusal(401, 'wrong-password')
    return { account, hash }
  }

  async function renewHash(account: string, stored: string, password: string): Promise<void> {
    if (!isOutdated(stored)) return
    const hash = await hashPassword(password)
    await store.transaction(async (tx) => {
      if ((await hashOf(tx, account)) === stored) await setHash(tx, account, hash, clock())
    })
  }

  async function enrol(who: SignedIn, headers: Headers, { kind, add }: Enrolment): Promise<Enrolled> {
    const done: { codes: string[] | undefined; ended: string[] } = { codes: undefined, ended: [] }
    const claim = async (tx: Tx, session: string) => {
      done.codes = await add(tx)
      const gone = await tx.db
        .deleteFrom('auth_sessions')
        .where('userId', '=', who.account)
        .where('id', '<>', session)
        .where((is) => is.or([is('id', '=', who.session), is('factor', 'is', null)]))
        .returning('id')
        .execute()
      // A session that was ended meanwhile adds nothing.
      if (!gone.some(({ id }) => id === who.session)) throw new Refusal(401, 'sign-in-needed')
      done.ended = gone.map(({ id }) => id)
      await tx.db.updateTable('auth_sessions').set({ orgId: who.organisation }).where('id', '=', session).execute()
    }
    const { cookies } = await sessions.open(who.account, { headers, factor: kind, claim })
    return { recoveryCodes: done.codes, cookies, ended: done.ended }
  }

  return { open, admit, enrol, accountWith }
}

/** Sets cookies on an answer. */
export function withEach(answer: Response, cookies: readonly string[]): Response {
  for (const cookie of cookies) answer.headers.append('set-cookie', cookie)
  return answer
}
