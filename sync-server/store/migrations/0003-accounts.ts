// Accounts: how far each mail has come, links that were mailed, the browsers that an account signed in with, and which of its
// organisations a session is in.
import { sql, type Kysely } from 'kysely'

const statements = [
  // nextTry: when it is sent, or tried again; null once it was sent or given up.
  `alter table mails add column "tries" integer not null default 0`,
  `alter table mails add column "nextTry" bigint`,
  `alter table mails add column "sentAt" bigint`,
  `alter table mails add column "error" text`,
  `create index mails_waiting on mails ("orgId", "state", "notBefore")`,
  `create index mails_next on mails ("orgId", "nextTry")`,
  `alter table auth_sessions add column "orgId" text`,
  `alter table auth_sessions add column "browser" text`,
  // hash: SHA-256 of the token, which is in the mail alone.
  `create table auth_links ("hash" text not null primary key, "purpose" text not null, "orgId" text not null, "userId" text not null, "accountId" text, "email" text not null, "state" text not null, "createdAt" bigint not null, "expiresAt" bigint not null)`,
  `create index auth_links_user on auth_links ("orgId", "userId")`,
  `create index auth_links_account on auth_links ("accountId")`,
  // One browser as one account uses it in one organisation; browser: SHA-256 of its cookie.
  `create table auth_devices ("id" text not null primary key, "orgId" text not null, "accountId" text not null, "userId" text not null, "browser" text not null, "name" text not null, "createdAt" bigint not null, "lastSyncAt" bigint, "unsent" integer not null default 0, "endedAt" bigint, "revokedAt" bigint)`,
  `create unique index auth_devices_browser on auth_devices ("browser", "accountId", "orgId")`,
  `create index auth_devices_org on auth_devices ("orgId", "userId")`,
]

export async function accounts(db: Kysely<unknown>): Promise<void> {
  for (const text of statements) await sql.raw(text).execute(db)
}
