// The tables of accounts, links, devices and mails. What the identity library keeps is named as far as our own code looks at it.
import type { UserId } from '#shared/model.ts'
import type { Factor } from '../accounts/sessions.ts'

export type Purpose = 'invitation' | 'reset-password' | 'confirm-email' | 'first-admin'

export interface AccountTables {
  /** Mails that are due to somebody, until they are sent. `waiting` can still be stopped; `taken` has left or is about to. */
  mails: {
    orgId: string
    id: string
    /** Empty where no operation caused it. */
    operationId: string
    userId: string
    template: string
    createdAt: number
    notBefore: number
    state: string
    tries: number
    /** When it is sent or tried again; null before it was taken, and once it was sent or given up. */
    nextTry: number | null
    sentAt: number | null
    /** Why it has not been sent, in a sentence. */
    error: string | null
  }
  /** Dates are ISO text. */
  auth_users: { id: string; name: string; email: string; emailVerified: number; createdAt: string; updatedAt: string }
  auth_sessions: {
    id: string
    userId: string
    token: string
    expiresAt: string
    userAgent: string | null
    /** Which of the account's organisations it is in; null until its first request. */
    orgId: string | null
    browser: string | null
    /** What it was entered with beside the password; null: with the password alone. */
    factor: Factor | null
    /** When its owner last proved who it is. */
    freshAt: number | null
    /** By single sign-on: the one organisation that it may ever be in. */
    bound: string | null
  }
  /** Second factors of accounts; the columns of the other kind are null. */
  auth_factors: {
    id: string
    accountId: string
    kind: 'passkey' | 'totp'
    name: string
    createdAt: number
    lastUsedAt: number | null
    /** Of an authenticator app, sealed; and the last step of time whose code was used. */
    secret: string | null
    lastStep: number | null
    /** Of a passkey: its id and public key in base64url, how often its authenticator was used, how it is reached (JSON). */
    credential: string | null
    publicKey: string | null
    counter: number | null
    transports: string | null
  }
  /** `hash`: SHA-256 of account and code. */
  auth_recovery_codes: { hash: string; accountId: string; usedAt: number | null }
  /** Sign-ins whose password was right and whose second factor is still asked for; `hash`: SHA-256 of the cookie. */
  auth_halves: { hash: string; accountId: string; browser: string; expiresAt: number }
  /** What was asked of a passkey or an app and waits for the answer; `hash`: SHA-256 of the challenge. */
  auth_challenges: {
    hash: string
    purpose: 'sign-in' | 'second-step' | 'new-passkey' | 'new-totp'
    /** What it was given to: a session, a half sign-in, a cookie. */
    boundTo: string
    accountId: string | null
    secret: string | null
    expiresAt: number
  }
  auth_accounts: {
    id: string
    accountId: string
    providerId: string
    userId: string
    password: string | null
    createdAt: string
    updatedAt: string
  }
  /** Tries to sign in, by a keyed digest of whose; `until`: when the next may come, or when a window ends. */
  auth_tries: { key: string; tries: number; until: number; at: number }
  /** Which user of which organisation an account is. */
  auth_memberships: { accountId: string; orgId: string; userId: UserId }
  /** Links that were mailed: `hash` is SHA-256 of the token. `state`: open, used, replaced or ended. */
  auth_links: {
    hash: string
    purpose: Purpose
    orgId: string
    userId: string
    /** Null for an invitation, and for the first admin. */
    accountId: string | null
    /** Where it was sent, as a key. */
    email: string
    state: string
    createdAt: number
    expiresAt: number
  }
  /** A browser as one account uses it in one organisation; `browser` is SHA-256 of its cookie. */
  auth_devices: {
    id: string
    orgId: string
    accountId: string
    userId: string
    browser: string
    name: string
    createdAt: number
    lastSyncAt: number | null
    /** Operations that it still held when it was last in touch. */
    unsent: number
    /** Signed out: it holds nothing any more. */
    endedAt: number | null
    revokedAt: number | null
  }
}
