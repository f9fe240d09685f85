// The first schema. Forward only: what is wrong here is mended by a later migration.
import { sql, type Kysely } from 'kysely'

const versioned = {
  organisations: `"name" text not null, "timeZone" text not null, "weekStart" integer not null, "fiscalYearStart" integer not null, "defaultLimit" text, "activeAdmins" integer not null`,
  products: `"name" text not null, "seatsPurchased" bigint not null, "seatsUsed" bigint not null, "lastSeat" text, "lastContract" text`,
  grants: `"kind" text not null, "credits" bigint not null, "startsOn" text not null, "endsOn" text not null, "used" bigint not null`,
  groups: `"name" text not null, "nameKey" text not null, "memberLimit" text, "poolLimit" text, "members" integer not null, "lastModified" bigint not null, "lastModifiedBy" text`,
  users: `"email" text not null, "emailKey" text not null, "firstName" text not null, "lastName" text not null, "title" text not null, "phone" text not null, "externalId" text not null, "productId" text, "groupId" text, "limit" text, "role" text not null, "status" text not null, "joinedAt" bigint, "createdAt" bigint not null, "updatedAt" bigint not null`,
  meters: `"of" text not null, "month" bigint not null, "quarter" bigint not null, "year" bigint not null, "contract" bigint not null, "monthSince" bigint not null, "quarterSince" bigint not null, "yearSince" bigint not null, "contractSince" bigint not null, "lastUsedAt" bigint, "markers" text not null`,
}

const others = [
  `create table heads ("orgId" text primary key, "version" bigint not null, "hash" text not null, "horizon" bigint not null)`,
  `create table tombstones ("orgId" text not null, "entity" text not null, "id" text not null, "version" bigint not null, "at" bigint not null, primary key ("orgId", "entity", "id"))`,
  `create index tombstones_version on tombstones ("orgId", "version")`,
  `create table log ("orgId" text not null, "version" bigint not null, "operationId" text not null, "clientId" text, "sequence" bigint, "actor" text, "type" text not null, "batch" text, "atomic" integer not null, "madeAt" bigint not null, "at" bigint not null, "total" integer not null, "args" text, "outcomes" text, "images" text, "salts" text not null, "digests" text not null, "hash" text not null, primary key ("orgId", "version"))`,
  `create unique index log_operation on log ("orgId", "operationId")`,
  `create table clients ("orgId" text not null, "clientId" text not null, "account" text not null, "lastSequence" bigint not null, "failing" text, "tries" integer not null, primary key ("orgId", "clientId"))`,
  `create table mails ("orgId" text not null, "id" text not null, "operationId" text not null, "userId" text not null, "template" text not null, "createdAt" bigint not null, "notBefore" bigint not null, "state" text not null, primary key ("orgId", "id"))`,
  `create index mails_operation on mails ("orgId", "operationId")`,
  `create table usage_days ("orgId" text not null, "day" text not null, "userId" text not null, "productId" text not null, "groupId" text not null, "credits" bigint not null, "contactViews" bigint not null, primary key ("orgId", "day", "userId", "productId", "groupId"))`,
  `create unique index users_email on users ("orgId", "emailKey")`,
  `create index users_group on users ("orgId", "groupId")`,
  `create unique index groups_name on groups ("orgId", "nameKey")`,
]

/** As the identity library makes them, so that its own migration finds nothing left to do. Its dates are ISO text. */
const identity = [
  `create table auth_users ("id" text not null primary key, "name" text not null, "email" text not null unique, "emailVerified" integer not null, "image" text, "createdAt" date not null, "updatedAt" date not null)`,
  `create table auth_sessions ("id" text not null primary key, "expiresAt" date not null, "token" text not null unique, "createdAt" date not null, "updatedAt" date not null, "ipAddress" text, "userAgent" text, "userId" text not null references auth_users ("id") on delete cascade)`,
  `create table auth_accounts ("id" text not null primary key, "accountId" text not null, "providerId" text not null, "userId" text not null references auth_users ("id") on delete cascade, "accessToken" text, "refreshToken" text, "idToken" text, "accessTokenExpiresAt" date, "refreshTokenExpiresAt" date, "scope" text, "password" text, "createdAt" date not null, "updatedAt" date not null)`,
  `create table auth_verifications ("id" text not null primary key, "identifier" text not null, "value" text not null, "expiresAt" date not null, "createdAt" date not null, "updatedAt" date not null)`,
  `create index "auth_sessions_userId_idx" on auth_sessions ("userId")`,
  `create index "auth_accounts_userId_idx" on auth_accounts ("userId")`,
  `create index auth_verifications_identifier_idx on auth_verifications ("identifier")`,
  `create table auth_memberships ("accountId" text not null, "orgId" text not null, "userId" text not null, primary key ("accountId", "orgId"))`,
  `create index auth_memberships_user on auth_memberships ("orgId", "userId")`,
]

export async function ground(db: Kysely<unknown>): Promise<void> {
  const run = (text: string) => sql.raw(text).execute(db)
  for (const [table, columns] of Object.entries(versioned)) {
    await run(
      `create table "${table}" ("orgId" text not null, "id" text not null, "version" bigint not null, ${columns}, primary key ("orgId", "id"))`,
    )
    await run(`create index "${table}_version" on "${table}" ("orgId", "version")`)
  }
  for (const text of [...others, ...identity]) await run(text)
}
