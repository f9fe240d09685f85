// The tables. `orgId` leads every primary key and index, so that the schema distributes by it; the identity library's tables, which
// know accounts and not organisations, are kept apart under `auth_`. Integers and text alone: both databases know them alike.
import type { Entity, Rows } from '#shared/model.ts'
import type { AccountTables } from './schema-accounts.ts'
import type { SignOnTables } from './schema-sign-on.ts'

/** A row as it is stored: with its organisation, its nested values as JSON text. */
type Stored<Row, Json extends keyof Row> = { orgId: string } & {
  [Column in keyof Row]: Column extends Json ? string | null : Row[Column]
}

/** The columns of each entity that hold JSON text. */
export const JSON_COLUMNS = {
  organisations: ['defaultLimit'],
  products: ['lastSeat', 'lastContract'],
  grants: ['usedBy'],
  months: ['days'],
  groups: ['memberLimit', 'poolLimit'],
  users: ['limit'],
  meters: ['markers'],
} as const satisfies { [E in Entity]: readonly (keyof Rows[E])[] }

type EntityTables = { [E in Entity]: Stored<Rows[E], (typeof JSON_COLUMNS)[E][number] & keyof Rows[E]> }

export interface Schema extends EntityTables, AccountTables, SignOnTables {
  /** The last version of each organisation, the hash of its log entry, and the version up to which tombstones were forgotten. */
  heads: { orgId: string; version: number; hash: string; horizon: number }
  /** Rows that are gone. */
  tombstones: { orgId: string; entity: string; id: string; version: number; at: number }
  /** Who was erased, and by which entry of the log. */
  erasures: { orgId: string; userId: string; version: number; at: number }
  log: LogRow
  /** Who uses a client id, and how far its queue is settled; `failing` counts the tries of an operation that throws. */
  clients: {
    orgId: string
    clientId: string
    account: string
    lastSequence: number
    failing: string | null
    tries: number
    /** The browser that it is of, as far as that was noted. */
    device?: string | null
  }
  /** Usage per day; `groupId` is the empty text where the user was in none. */
  usage_days: {
    orgId: string
    day: string
    userId: string
    productId: string
    groupId: string
    credits: number
    contactViews: number
  }
  /** The ledger: every use once, in the order of arrival (`position`). `groupId` as above. */
  usage_events: {
    orgId: string
    source: string
    eventId: string
    position: number
    at: number
    receivedAt: number
    day: string
    userId: string
    productId: string
    groupId: string
    credits: number
    contactViews: number
  }
  usage_sources: { orgId: string; source: string; lastId: string; lastAt: number; events: number }
  /** What of a day's credits was burnt from which grant, `overage` included. */
  grant_days: { orgId: string; day: string; grantId: string; credits: number }
  usage_heads: { orgId: string; position: number; publishedAt: number }
  /** Grants as they are counted now, where that differs from what devices were let see; `usedBy` is JSON. */
  burnt: { orgId: string; grantId: string; used: number; usedBy: string }
  /** What else was counted since devices were last let see; `kind`: day or meter. */
  unpublished: { orgId: string; kind: string; id: string }
  usage_ids: { orgId: string; id: string; number: number }
  /** A day as it was published, encoded. */
  usage_blocks: { orgId: string; day: string; version: number; entries: number; bytes: Uint8Array }
  /** Calls of the provider that counted usage and are not in the log yet, by the name of their key. */
  provider_calls: { orgId: string; key: string; what: string; calls: number }
  /** What a spend or a reservation was answered, by the provider's key; `digest` of what was asked. */
  spends: { orgId: string; key: string; digest: string; answer: string; at: number }
  reservations: {
    orgId: string
    id: string
    userId: string
    productId: string
    groupId: string
    credits: number
    contactViews: number
    confirmed: number
    state: string
    createdAt: number
    expiresAt: number
  }
  /** Keys of the provider; `hash`: SHA-256 of the secret, `scopes`: JSON. */
  provider_keys: {
    orgId: string
    id: string
    name: string
    scopes: string
    hash: string
    createdAt: number
    lastUsedAt: number | null
    revokedAt: number | null
  }
  migrations: { name: string; at: number }
}

/** One entry of the log: who did what, what became of it, and the chain's hash. What may be erased is covered by salted digests. */
export interface LogRow {
  orgId: string
  version: number
  operationId: string
  clientId: string | null
  sequence: number | null
  actor: string | null
  type: string
  batch: string | null
  atomic: number
  madeAt: number
  at: number
  total: number
  /** JSON: { args, names }; null once erased, as the two below. */
  args: string | null
  /** JSON: { notApplied, applied?, redacted? }; `applied` only where it does not follow from the args, `redacted` where it erased somebody. */
  outcomes: string | null
  /** JSON: { images, rows }; `rows`: the version that each changed row had before, for who changed it last. */
  images: string | null
  /** JSON: the salt of each of the three; goes with its content. */
  salts: string
  /** JSON: the digest of each of the three; stays. */
  digests: string
  hash: string
}
