// A second factor: what each session was entered with and when its owner was last asked, the factors and recovery codes of accounts,
// sign-ins that wait for a second step, and challenges that wait for their answer.
import { sql, type Kysely } from 'kysely'

const statements = [
  `alter table auth_sessions add column "factor" text`,
  `alter table auth_sessions add column "freshAt" bigint`,
  // secret: of an authenticator app, sealed. credential, publicKey, counter, transports: of a passkey.
  `create table auth_factors ("id" text not null primary key, "accountId" text not null, "kind" text not null, "name" text not null, "createdAt" bigint not null, "lastUsedAt" bigint, "secret" text, "lastStep" bigint, "credential" text, "publicKey" text, "counter" bigint, "transports" text)`,
  `create index auth_factors_account on auth_factors ("accountId")`,
  `create unique index auth_factors_credential on auth_factors ("credential")`,
  // hash: SHA-256 of account and code.
  `create table auth_recovery_codes ("hash" text not null primary key, "accountId" text not null, "usedAt" bigint)`,
  `create index auth_recovery_codes_account on auth_recovery_codes ("accountId")`,
  // hash: SHA-256 of the cookie; browser: SHA-256 of the browser's.
  `create table auth_halves ("hash" text not null primary key, "accountId" text not null, "browser" text not null, "expiresAt" bigint not null)`,
  `create index auth_halves_account on auth_halves ("accountId")`,
  // hash: SHA-256 of the challenge; boundTo: of the session, the half or the cookie that it was given to.
  `create table auth_challenges ("hash" text not null primary key, "purpose" text not null, "boundTo" text not null, "accountId" text, "secret" text, "expiresAt" bigint not null)`,
  `create index auth_challenges_account on auth_challenges ("accountId")`,
]

export async function factors(db: Kysely<unknown>): Promise<void> {
  for (const text of statements) await sql.raw(text).execute(db)
}
