// The provider's keys: made, listed and revoked on the server's host alone, since an admin who could make one could sell himself seats.
// Of a key only a hash is kept, so it is shown once and never again; nothing here logs or returns the secret of a key that exists.
import { createHash, timingSafeEqual } from 'node:crypto'
import * as v from 'valibot'
import { OrganisationId, type Instant } from '#shared/model.ts'
import { filledText } from '#shared/text.ts'
import { Refusal } from '../problem.ts'
import type { Store } from '../store/index.ts'
import { recordChange, type By } from '../sync/record.ts'

export const SCOPES = ['contract', 'usage', 'spend'] as const
export type Scope = (typeof SCOPES)[number]

export interface KeyInfo {
  id: string
  name: string
  scopes: Scope[]
  createdAt: Instant
  /** To the minute. */
  lastUsedAt: Instant | null
  revokedAt: Instant | null
}

export interface KeyHolder {
  organisation: OrganisationId
  keyId: string
  name: string
  scopes: readonly Scope[]
}

const KEY = /^qmk_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/
const Scopes = v.pipe(v.array(v.picklist(SCOPES)), v.minLength(1))
/** How old the noted last use may be: one write a minute at most, however many requests come. */
const LAST_USE = 60_000

/** Makes a key. @returns the key itself, which is kept nowhere @throws Error that says what is wrong with name or scopes */
export async function addKey(
  store: Store,
  organisation: OrganisationId,
  wanted: { name: string; scopes: readonly string[] },
  by: By,
): Promise<{ id: string; key: string }> {
  const { now, random } = by
  const name = v.safeParse(filledText(), wanted.name)
  if (!name.success) throw new Error(`--name: ${name.issues[0].message}`)
  const scopes = v.safeParse(Scopes, [...new Set(wanted.scopes)])
  if (!scopes.success) throw new Error(`--scopes is one or more of ${SCOPES.join(', ')}, with commas between.`)
  const id = Buffer.from(random(8)).toString('hex')
  const secret = Buffer.from(random(32)).toString('base64url')
  await store.transaction(async (tx) => {
    const call = { type: 'add-provider-key', args: { keyId: id, name: name.output, scopes: scopes.output } }
    await recordChange(tx, organisation, call, by, [], () => undefined)
    await tx.db
      .insertInto('provider_keys')
      .values({
        orgId: organisation,
        id,
        name: name.output,
        scopes: JSON.stringify(scopes.output),
        hash: hashOf(secret).toString('hex'),
        createdAt: now,
        lastUsedAt: null,
        revokedAt: null,
      })
      .execute()
  })
  return { id, key: `qmk_${id}_${secret}` }
}

/** The organisation's keys, the newest first, revoked ones included. */
export async function listKeys(store: Store, organisation: OrganisationId): Promise<KeyInfo[]> {
  const rows = await store.db
    .selectFrom('provider_keys')
    .select(['id', 'name', 'scopes', 'createdAt', 'lastUsedAt', 'revokedAt'])
    .where('orgId', '=', organisation)
    .orderBy('createdAt', 'desc')
    .orderBy('id')
    .execute()
  return rows.map((row) => ({ ...row, scopes: scopesIn(row.scopes) }))
}

/** From now on the key opens nothing. Revoking it again changes nothing. @throws Error where there is no such key */
export async function revokeKey(store: Store, organisation: OrganisationId, id: string, by: By): Promise<void> {
  await store.transaction(async (tx) => {
    const row = await tx.db
      .selectFrom('provider_keys')
      .select(['name', 'revokedAt'])
      .where('orgId', '=', organisation)
      .where('id', '=', id)
      .executeTakeFirst()
    if (!row) throw new Error(`There is no key ${id}. provider-keys lists them.`)
    if (row.revokedAt !== null) return
    const call = { type: 'revoke-provider-key', args: { keyId: id, name: row.name } }
    await recordChange(tx, organisation, call, by, [], () => undefined)
    await tx.db
      .updateTable('provider_keys')
      .set({ revokedAt: by.now })
      .where('orgId', '=', organisation)
      .where('id', '=', id)
      .execute()
  })
}

/**
 * Whose key a request carries, and that it may do what `scope` allows; 'any' takes a key of any scope. Notes the use.
 * @throws {Refusal} 401 `key-needed`, 401 `key-unknown` (revoked ones too), 403 `scope-needed`
 */
export async function keyHolder(
  store: Store,
  headers: Headers,
  scope: Scope | 'any',
  now: Instant,
): Promise<KeyHolder> {
  const authorization = headers.get('authorization')
  if (authorization === null) throw new Refusal(401, 'key-needed')
  const [, id, secret] = KEY.exec(/^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? '') ?? []
  if (id === undefined || secret === undefined) throw new Refusal(401, 'key-unknown')
  const row = await store.db.selectFrom('provider_keys').selectAll().where('id', '=', id).executeTakeFirst()
  // Compared also where there is no such key, so that the answer takes as long.
  const same = timingSafeEqual(hashOf(secret), row ? Buffer.from(row.hash, 'hex') : NO_HASH)
  if (!row || !same || row.revokedAt !== null) throw new Refusal(401, 'key-unknown')
  const scopes = scopesIn(row.scopes)
  if (scope !== 'any' && !scopes.includes(scope)) throw new Refusal(403, 'scope-needed', { scope })
  if (row.lastUsedAt === null || now - row.lastUsedAt >= LAST_USE) await noteUse(store, row, now)
  return { organisation: v.parse(OrganisationId, row.orgId), keyId: id, name: row.name, scopes }
}

const noteUse = (store: Store, { orgId, id }: { orgId: string; id: string }, now: Instant) =>
  store.transaction(async (tx) => {
    await tx.db
      .updateTable('provider_keys')
      .set({ lastUsedAt: now })
      .where('orgId', '=', orgId)
      .where('id', '=', id)
      .execute()
  })

const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest()
const NO_HASH = Buffer.alloc(32)
const scopesIn = (text: string): Scope[] => v.parse(Scopes, JSON.parse(text))
