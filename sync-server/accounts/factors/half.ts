// Half signed in: the password was right, the second factor is still asked for. A cookie of its own, good for five minutes, for one
// account, in one browser, and for the second step alone: no other route knows it.
import type { Store, Tx } from '../../store/index.ts'
import type { Browsers } from '../browser.ts'
import type { Account } from '../credentials.ts'
import { Refusal } from '../../problem.ts'
import { CHALLENGE_LIFE } from './challenges.ts'
import { shortCookie, type ShortCookie } from './cookies.ts'
import type { Way } from './rows.ts'

export interface Half {
  hash: string
  account: Account
}

export interface Halves {
  /** Answers that a second factor is asked for. @param claim as for a session */
  begin(account: string, headers: Headers, ways: readonly Way[], claim: (tx: Tx) => Promise<void>): Promise<Response>
  /** @throws {Refusal} 401 `half-over`: too old, used, of another browser, or ended by a new password */
  of(headers: Headers): Promise<Half>
  /** Uses it up; of many who try at once one does. @throws {Refusal} 401 `half-over` */
  use(tx: Tx, half: Half): Promise<void>
  /** Has the browser forget it. */
  forget: string
  /** What the challenge of a passkey is bound to where nobody is known yet. */
  passkeys: ShortCookie
}

export interface HalfParts {
  store: Store
  secure: boolean
  browsers: Browsers
  clock: () => number
}

export function createHalves({ store, secure, browsers, clock }: HalfParts): Halves {
  const cookies = shortCookie('half', secure)
  const over = () => new Refusal(401, 'half-over')

  return {
    begin: async (account, headers, ways, claim) => {
      const { digest, cookie } = cookies.make()
      const browser = browsers.orNew(headers)
      const now = clock()
      await store.transaction(async (tx) => {
        await claim(tx)
        await tx.db.deleteFrom('auth_halves').where('expiresAt', '<=', now).execute()
        await tx.db
          .insertInto('auth_halves')
          .values({ hash: digest, accountId: account, browser: browser.digest, expiresAt: now + CHALLENGE_LIFE })
          .execute()
      })
      const answer = Response.json({ secondFactor: { ways } })
      answer.headers.append('set-cookie', cookie)
      if (browser.cookie !== undefined) answer.headers.append('set-cookie', browser.cookie)
      return answer
    },

    of: async (headers) => {
      const [hash, browser] = [cookies.of(headers), browsers.of(headers)]
      if (hash === undefined || browser === undefined) throw over()
      const account = await store.db
        .selectFrom('auth_halves as h')
        .innerJoin('auth_users as a', 'a.id', 'h.accountId')
        .select(['a.id', 'a.email', 'a.name'])
        .where('h.hash', '=', hash)
        .where('h.browser', '=', browser)
        .where('h.expiresAt', '>', clock())
        .executeTakeFirst()
      if (!account) throw over()
      return { hash, account }
    },

    use: async (tx, { hash }) => {
      const { numDeletedRows } = await tx.db.deleteFrom('auth_halves').where('hash', '=', hash).executeTakeFirst()
      if (numDeletedRows !== 1n) throw over()
    },

    forget: cookies.forget,
    passkeys: shortCookie('passkey', secure),
  }
}
