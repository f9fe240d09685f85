// Where the database holds something of a person, table by table and column by column: what erasing a user deletes is read off this list,
// and a test holds it against the schema, so that a new table or column has to say what it holds.
import type { Schema } from '../store/schema.ts'

/**
 * What happens to a row of the erased user. `row`: it goes with the row of the user. `user`: it is deleted by the user's id. `account`: it
 * is deleted with the account, where that has no other organisation. `emptied`, `redacted`: it stays without what is personal.
 */
type Fate = 'row' | 'user' | 'account' | 'emptied' | 'redacted'

export interface Held {
  fate?: Fate
  /** The column by which it is known whose row it is. */
  by?: string
  /** Columns that may hold what is personal. */
  personal?: readonly string[]
  /** Columns with ids, numbers, moments, words of a closed list, digests of random values, and what is said of organisations. */
  plain: readonly string[]
}

type Table = keyof Schema | 'auth_verifications'

const STAMPS = ['orgId', 'id', 'version'] as const

export const TABLES: Readonly<Record<Table, Held>> = {
  users: {
    fate: 'row',
    by: 'id',
    personal: ['email', 'emailKey', 'firstName', 'lastName', 'title', 'phone', 'externalId'],
    plain: [...STAMPS, 'productId', 'groupId', 'limit', 'role', 'status', 'joinedAt', 'createdAt', 'updatedAt'],
  },
  meters: {
    fate: 'row',
    by: 'id',
    plain: [
      ...STAMPS,
      'of',
      ...['month', 'quarter', 'year', 'contract', 'monthSince', 'quarterSince', 'yearSince', 'contractSince'],
      'lastUsedAt',
      'markers',
    ],
  },
  organisations: {
    plain: [
      ...STAMPS,
      ...['name', 'timeZone', 'weekStart', 'fiscalYearStart', 'defaultLimit', 'activeAdmins'],
      ...['secondFactor', 'localData', 'leaseDays', 'lockMinutes'],
    ],
  },
  products: { plain: [...STAMPS, 'name', 'seatsPurchased', 'seatsUsed', 'lastSeat', 'lastContract'] },
  grants: { plain: [...STAMPS, 'kind', 'credits', 'startsOn', 'endsOn', 'used', 'voided', 'usedBy'] },
  groups: {
    plain: [...STAMPS, 'name', 'nameKey', 'memberLimit', 'poolLimit', 'members', 'lastModified', 'lastModifiedBy'],
  },
  months: { plain: [...STAMPS, 'days', 'entries'] },

  log: {
    fate: 'redacted',
    personal: ['args', 'outcomes', 'images'],
    plain: [
      ...[
        'orgId',
        'version',
        'operationId',
        'clientId',
        'sequence',
        'actor',
        'type',
        'batch',
        'atomic',
        'madeAt',
        'at',
      ],
      ...['total', 'salts', 'digests', 'hash'],
    ],
  },
  heads: { plain: ['orgId', 'version', 'hash', 'horizon'] },
  tombstones: { plain: ['orgId', 'entity', 'id', 'version', 'at'] },
  erasures: { plain: ['orgId', 'userId', 'version', 'at'] },
  clients: { plain: ['orgId', 'clientId', 'account', 'lastSequence', 'failing', 'tries', 'device'] },
  mails: {
    fate: 'user',
    by: 'userId',
    // A server that refuses a mail names its address in the error.
    personal: ['error'],
    plain: [
      ...['orgId', 'id', 'operationId', 'userId', 'template', 'createdAt', 'notBefore', 'state', 'tries', 'nextTry'],
      'sentAt',
    ],
  },

  usage_days: { plain: ['orgId', 'day', 'userId', 'productId', 'groupId', 'credits', 'contactViews'] },
  // Sources choose the ids of their events: the API's description asks for ids that say nothing of a person.
  usage_events: {
    plain: [
      ...['orgId', 'source', 'eventId', 'position', 'at', 'receivedAt', 'day', 'userId', 'productId', 'groupId'],
      ...['credits', 'contactViews'],
    ],
  },
  usage_sources: { plain: ['orgId', 'source', 'lastId', 'lastAt', 'events'] },
  grant_days: { plain: ['orgId', 'day', 'grantId', 'credits'] },
  usage_heads: { plain: ['orgId', 'position', 'publishedAt'] },
  burnt: { plain: ['orgId', 'grantId', 'used', 'usedBy'] },
  unpublished: { plain: ['orgId', 'kind', 'id'] },
  usage_ids: { plain: ['orgId', 'id', 'number'] },
  usage_blocks: { plain: ['orgId', 'day', 'version', 'entries', 'bytes'] },
  // digest: of the whole request, so that another one under the same key is found out; the answer names ids.
  spends: { plain: ['orgId', 'key', 'digest', 'answer', 'at'] },
  reservations: {
    plain: [
      ...['orgId', 'id', 'userId', 'productId', 'groupId', 'credits', 'contactViews', 'confirmed', 'state'],
      ...['createdAt', 'expiresAt'],
    ],
  },
  provider_calls: { plain: ['orgId', 'key', 'what', 'calls'] },
  provider_keys: { plain: ['orgId', 'id', 'name', 'scopes', 'hash', 'createdAt', 'lastUsedAt', 'revokedAt'] },

  auth_links: {
    fate: 'user',
    by: 'userId',
    personal: ['email'],
    plain: ['hash', 'purpose', 'orgId', 'userId', 'accountId', 'state', 'createdAt', 'expiresAt'],
  },
  // A device stays as revoked: by the digest of its cookie it learns at its next contact that it has to erase what it holds.
  auth_devices: {
    fate: 'emptied',
    by: 'userId',
    personal: ['name', 'lastSyncAt', 'unsent'],
    plain: ['id', 'orgId', 'accountId', 'userId', 'browser', 'createdAt', 'endedAt', 'revokedAt'],
  },
  auth_memberships: { fate: 'user', by: 'userId', plain: ['accountId', 'orgId', 'userId'] },
  auth_sign_on: { plain: ['orgId', 'name', 'issuer', 'clientId', 'clientSecret', 'enabled', 'updatedAt'] },
  sign_on_identities: {
    fate: 'user',
    by: 'userId',
    personal: ['subject'],
    plain: ['orgId', 'issuer', 'userId', 'createdAt'],
  },
  // Sign-ins that are on their way to a provider: nobody knows yet whose.
  auth_sign_ons: {
    plain: [...['hash', 'orgId', 'browser', 'issuer', 'clientId', 'nonce', 'verifier', 'next', 'maxAge', 'expiresAt']],
  },

  auth_factors: {
    fate: 'account',
    by: 'accountId',
    personal: ['name', 'secret', 'credential', 'publicKey'],
    plain: ['id', 'accountId', 'kind', 'createdAt', 'lastUsedAt', 'lastStep', 'counter', 'transports'],
  },
  auth_recovery_codes: { fate: 'account', by: 'accountId', personal: ['hash'], plain: ['accountId', 'usedAt'] },
  auth_halves: { fate: 'account', by: 'accountId', plain: ['hash', 'accountId', 'browser', 'expiresAt'] },
  auth_challenges: {
    fate: 'account',
    by: 'accountId',
    personal: ['secret'],
    plain: ['hash', 'purpose', 'boundTo', 'accountId', 'expiresAt'],
  },
  auth_sessions: {
    fate: 'account',
    by: 'userId',
    personal: ['userAgent', 'ipAddress'],
    plain: [
      ...['id', 'userId', 'token', 'expiresAt', 'createdAt', 'updatedAt', 'orgId', 'browser', 'factor', 'freshAt'],
      'bound',
    ],
  },
  auth_accounts: {
    fate: 'account',
    by: 'userId',
    personal: ['password', 'accessToken', 'refreshToken', 'idToken', 'scope'],
    plain: [
      ...['id', 'accountId', 'providerId', 'userId', 'accessTokenExpiresAt', 'refreshTokenExpiresAt'],
      ...['createdAt', 'updatedAt'],
    ],
  },
  // By a keyed digest, whose key is not in the database; forgotten after a while.
  auth_tries: { plain: ['key', 'tries', 'until', 'at'] },
  // The identity library's own links, which nothing here makes.
  auth_verifications: {
    fate: 'account',
    by: 'identifier',
    personal: ['identifier', 'value'],
    plain: ['id', 'expiresAt', 'createdAt', 'updatedAt'],
  },
  // The last, since others refer to it.
  auth_users: {
    fate: 'account',
    by: 'id',
    personal: ['name', 'email', 'image'],
    plain: ['id', 'emailVerified', 'createdAt', 'updatedAt'],
  },
  migrations: { plain: ['name', 'at'] },
}

/** Tables of which rows of the erased user have that fate, with the column that says whose they are. */
export const tablesOf = (fate: Fate): readonly { table: string; by: string }[] =>
  Object.entries(TABLES).flatMap(([table, held]) =>
    held.fate === fate && held.by !== undefined ? [{ table, by: held.by }] : [],
  )
