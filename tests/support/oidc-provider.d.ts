// The little that tests ask of the package oidc-provider, which brings no types.
declare module 'oidc-provider' {
  import type { RequestListener } from 'node:http'

  interface Account {
    accountId: string
    claims(): Promise<{ sub: string } & Record<string, unknown>>
  }
  export class Provider {
    constructor(
      issuer: string,
      setup: {
        clients: readonly Record<string, unknown>[]
        claims: Readonly<Record<string, readonly string[]>>
        findAccount: (context: unknown, id: string) => Promise<Account | undefined>
        cookies: { keys: readonly string[] }
        features?: Readonly<Record<string, { enabled: boolean }>>
        ttl?: Readonly<Record<string, number>>
      },
    )
    callback(): RequestListener
  }
}
