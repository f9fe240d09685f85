// Single sign-on: each organisation's provider, whom of its users the provider knows by which subject, sign-ins that are on their way
// there, and the organisation that a session by sign-on is bound to.
import { sql, type Kysely } from 'kysely'

const statements = [
  `alter table auth_sessions add column "bound" text`,
  // name: by which people find it. clientSecret: sealed; null where there is none.
  `create table auth_sign_on ("orgId" text not null primary key, "name" text not null, "issuer" text not null, "clientId" text not null, "clientSecret" text, "enabled" integer not null, "updatedAt" bigint not null)`,
  `create unique index auth_sign_on_name on auth_sign_on ("name")`,
  // subject: SHA-256 of what the provider calls the user.
  `create table sign_on_identities ("orgId" text not null, "issuer" text not null, "subject" text not null, "userId" text not null, "createdAt" bigint not null, primary key ("orgId", "issuer", "subject"))`,
  `create unique index sign_on_identities_user on sign_on_identities ("orgId", "issuer", "userId")`,
  // hash: SHA-256 of the state; browser: SHA-256 of the browser's cookie; maxAge: how many seconds ago the person may have proved who it is.
  `create table auth_sign_ons ("hash" text not null primary key, "orgId" text not null, "browser" text not null, "issuer" text not null, "clientId" text not null, "nonce" text not null, "verifier" text not null, "next" text not null, "maxAge" integer, "expiresAt" bigint not null)`,
]

export async function signOn(db: Kysely<unknown>): Promise<void> {
  for (const text of statements) await sql.raw(text).execute(db)
}
