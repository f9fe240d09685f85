// The provider's side: keys, the ledger of usage, spends and reservations, and what of the usage was published to the devices.
// Usage that a database has from before is put into the ledger day by day, so that a recount of the ledger gives what the rows say.
import { sql, type Kysely } from 'kysely'
import { fillLedger } from './0002-ledger.ts'

const columns = [
  `alter table grants add column "voided" bigint not null default 0`,
  `alter table grants add column "usedBy" text not null default '{}'`,
]

const tables = [
  // Synced: which days of a month were published at which version.
  `create table months ("orgId" text not null, "id" text not null, "version" bigint not null, "days" text not null, "entries" bigint not null, primary key ("orgId", "id"))`,
  `create index months_version on months ("orgId", "version")`,
  // Every use once, by source and id; "position" is the order of arrival.
  `create table usage_events ("orgId" text not null, "source" text not null, "eventId" text not null, "position" bigint not null, "at" bigint not null, "receivedAt" bigint not null, "day" text not null, "userId" text not null, "productId" text not null, "groupId" text not null, "credits" bigint not null, "contactViews" bigint not null, primary key ("orgId", "source", "eventId"))`,
  `create table usage_sources ("orgId" text not null, "source" text not null, "lastId" text not null, "lastAt" bigint not null, "events" bigint not null, primary key ("orgId", "source"))`,
  // What of a day's credits was burnt from which grant.
  `create table grant_days ("orgId" text not null, "day" text not null, "grantId" text not null, "credits" bigint not null, primary key ("orgId", "day", "grantId"))`,
  // The last position, and when devices were last let see.
  `create table usage_heads ("orgId" text not null primary key, "position" bigint not null, "publishedAt" bigint not null)`,
  // Grants as they are counted now, where that differs from what devices were let see.
  `create table burnt ("orgId" text not null, "grantId" text not null, "used" bigint not null, "usedBy" text not null, primary key ("orgId", "grantId"))`,
  // What else was counted and not published yet; kind: day or meter.
  `create table unpublished ("orgId" text not null, "kind" text not null, "id" text not null, primary key ("orgId", "kind", "id"))`,
  // The numbers that stand for ids in blocks: they only grow.
  `create table usage_ids ("orgId" text not null, "id" text not null, "number" bigint not null, primary key ("orgId", "id"))`,
  `create unique index usage_ids_number on usage_ids ("orgId", "number")`,
  `create table usage_blocks ("orgId" text not null, "day" text not null, "version" bigint not null, "entries" bigint not null, "bytes" blob not null, primary key ("orgId", "day"))`,
  `create table spends ("orgId" text not null, "key" text not null, "digest" text not null, "answer" text not null, "at" bigint not null, primary key ("orgId", "key"))`,
  `create table reservations ("orgId" text not null, "id" text not null, "userId" text not null, "productId" text not null, "groupId" text not null, "credits" bigint not null, "contactViews" bigint not null, "confirmed" bigint not null, "state" text not null, "createdAt" bigint not null, "expiresAt" bigint not null, primary key ("orgId", "id"))`,
  `create index reservations_state on reservations ("orgId", "state", "expiresAt")`,
  `create table provider_keys ("orgId" text not null, "id" text not null, "name" text not null, "scopes" text not null, "hash" text not null, "createdAt" bigint not null, "lastUsedAt" bigint, "revokedAt" bigint, primary key ("orgId", "id"))`,
]

export async function usage(db: Kysely<unknown>): Promise<void> {
  for (const text of [...columns, ...tables]) await sql.raw(text).execute(db)
  await fillLedger(db)
}
