// The tables of single sign-on.

export interface SignOnTables {
  /** The provider of an organisation; `clientSecret` is sealed, null where there is none. */
  auth_sign_on: {
    orgId: string
    name: string
    issuer: string
    clientId: string
    clientSecret: string | null
    enabled: number
    updatedAt: number
  }
  /** Whom a provider means; `subject` is SHA-256 of what it calls the user. */
  sign_on_identities: { orgId: string; issuer: string; subject: string; userId: string; createdAt: number }
  /** Sign-ins that are on their way to a provider and back; `hash`: SHA-256 of the state, `browser` of the browser's cookie. */
  auth_sign_ons: {
    hash: string
    orgId: string
    browser: string
    issuer: string
    clientId: string
    nonce: string
    verifier: string
    next: string
    /** How many seconds ago the person may have proved to the provider who it is; null: the provider's own business. */
    maxAge: number | null
    expiresAt: number
  }
}
