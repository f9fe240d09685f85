// Makes sessions for accounts that have proved who they are, by whatever door: in the identity library's own table and cookie, with the
// browser, the second factor and the moment beside them. A session counts from the transaction that also uses up what proved it.
import { serializeSigned } from 'hono/utils/cookie'
import type { Store, Tx } from '../store/index.ts'
import type { Schema } from '../store/schema.ts'
import type { Browsers } from './browser.ts'

/** What a session was entered with beside the password; a passkey needs none. `sign-on`: the organisation's provider answers for it. */
export const FACTORS = ['passkey', 'totp', 'recovery', 'sign-on'] as const
export type Factor = (typeof FACTORS)[number]

export interface Opening {
  headers: Headers
  factor: Factor | null
  /** Uses up what was proved with, in the transaction from which on the session counts. Where it throws there is none. */
  claim?: (tx: Tx, session: string) => Promise<void>
}

export interface OpenedSession {
  id: string
  token: string
  /** To be set: the session's, and the browser's where it is new. */
  cookies: string[]
}

/** The part of the identity library that this needs. */
export interface Library {
  internalAdapter: {
    createSession(
      account: string,
      dontRemember?: boolean,
      override?: { userAgent: string },
    ): Promise<{ id: string; token: string }>
    deleteSession(token: string): Promise<void>
  }
  authCookies: { sessionToken: { name: string; attributes: { secure?: boolean | undefined } } }
  secret: string
  sessionConfig: { expiresIn: number }
}

export interface SessionParts {
  store: Store
  library: () => Promise<Library>
  browsers: Browsers
  clock: () => number
}

type Columns = Partial<Pick<Schema['auth_sessions'], 'browser' | 'factor' | 'freshAt' | 'orgId'>>

export function createSessions({ store, library, browsers, clock }: SessionParts) {
  return {
    open: async (account: string, { headers, factor, claim }: Opening): Promise<OpenedSession> => {
      const { internalAdapter, authCookies, secret, sessionConfig } = await library()
      const userAgent = headers.get('user-agent') ?? ''
      const { id, token } = await internalAdapter.createSession(account, false, { userAgent })
      const browser = browsers.orNew(headers)
      const columns: Columns = { browser: browser.digest, factor, freshAt: clock() }
      try {
        await store.transaction(async (tx) => {
          await tx.db.updateTable('auth_sessions').set(columns).where('id', '=', id).execute()
          await claim?.(tx, id)
        })
      } catch (error) {
        await internalAdapter.deleteSession(token)
        throw error
      }
      const { name, attributes } = authCookies.sessionToken
      const cookie = await serializeSigned(name, token, secret, {
        path: '/',
        httpOnly: true,
        sameSite: 'lax',
        secure: attributes.secure === true,
        maxAge: sessionConfig.expiresIn,
      })
      return { id, token, cookies: [cookie, ...(browser.cookie === undefined ? [] : [browser.cookie])] }
    },
    end: async (token: string): Promise<void> => (await library()).internalAdapter.deleteSession(token),
  }
}
