// What can be asked of usage and credits. Balances are as of this moment; months and ids as they were published.
import { shareOf, type CreditTotals } from '#shared/credits.ts'
import type { Instant, OrganisationId } from '#shared/model.ts'
import { contractOf, dayOf } from '#shared/periods.ts'
import { encodeMonth, type UsageIds } from '#shared/usage.ts'
import { Refusal } from '../problem.ts'
import type { Tx } from '../store/index.ts'
import { rowsBy } from '../store/rows.ts'
import { openBooks } from './books.ts'
import { RESERVED_SOURCES } from './events.ts'
import { grantsNow } from './grants-now.ts'
import { findPayers, groupsOf } from './payers.ts'
import { reservedFor } from './reserved.ts'
import type { By } from '../sync/record.ts'
import type { Balance, SourcePosition, UserBalance } from './usage.ts'

/** @throws {Refusal} `not-found` where there is no such organisation */
export async function balance(tx: Tx, organisationId: OrganisationId, now: Instant): Promise<Balance> {
  const [organisation] = await rowsBy(tx, organisationId, 'organisations', 'id', [organisationId])
  if (!organisation) throw new Refusal(404, 'not-found')
  const all = await grantsNow(tx, organisationId)
  const today = dayOf(now, organisation)
  const contract = contractOf(organisation, all, today)
  const grants = all.map((grant) => ({ ...shareOf(grant, contract, today), grant }))
  const sum = (of: keyof CreditTotals) => grants.reduce((so, share) => so + share[of], 0)
  const everybody = await tx.db
    .selectFrom('reservations')
    .select(({ fn }) => fn.sum<number | null>('credits').as('credits'))
    .where('orgId', '=', organisationId)
    .where('state', '=', 'open')
    .where('expiresAt', '>', now)
    .executeTakeFirst()
  const reserved = Number(everybody?.credits ?? 0)
  return { total: sum('total'), used: sum('used'), available: sum('available'), reserved, grants }
}

/** @param user an id, or an e-mail address @throws {Refusal} `user-unknown` */
export async function balanceOf(tx: Tx, organisation: OrganisationId, user: string, by: By): Promise<UserBalance> {
  const payer = (await findPayers(tx, organisation, new Set([user]))).get(user)
  if (!payer) throw new Refusal(404, 'user-unknown', { user })
  const books = await openBooks(tx, organisation, by)
  await books.load([payer], await groupsOf(tx, organisation, [payer]))
  const reserved = await reservedFor(tx, organisation, payer, by.now)
  const at = Math.max(by.now, books.countsFrom(payer))
  return {
    userId: payer.id,
    status: payer.status,
    groupId: payer.groupId,
    reserved: reserved.user,
    bounds: books.boundsOf(payer, at, reserved).map(({ kind, limit, used, left, over }) => ({
      kind,
      credits: limit?.credits ?? null,
      term: limit?.term ?? null,
      used,
      left: Number.isFinite(left) ? left : null,
      over,
    })),
  }
}

export async function sources(tx: Tx, organisation: OrganisationId): Promise<SourcePosition[]> {
  const rows = await tx.db
    .selectFrom('usage_sources')
    .select(['source', 'lastId', 'lastAt', 'events'])
    .where('orgId', '=', organisation)
    .orderBy('source')
    .execute()
  return rows.filter(({ source }) => !RESERVED_SOURCES.has(source))
}

/** A published month, or its days that were published after `since`; undefined where it has none at all. */
export async function month(
  tx: Tx,
  organisation: OrganisationId,
  id: string,
  since: number,
): Promise<{ version: number; bytes: Uint8Array<ArrayBuffer> } | undefined> {
  const [row] = await rowsBy(tx, organisation, 'months', 'id', [id])
  if (!row) return undefined
  const days = await tx.db
    .selectFrom('usage_blocks')
    .select(['day', 'version', 'bytes'])
    .where('orgId', '=', organisation)
    .where('day', '>=', `${id}-01`)
    .where('day', '<=', `${id}-31`)
    .where('version', '>', since)
    .orderBy('day')
    .execute()
  const sections = days.map(({ day, version, bytes }) => ({ day: day.slice(8), version, bytes }))
  return { version: row.version, bytes: encodeMonth(id, row.version, sections) }
}

/** The ids from a number on; the first of all, 0, is the empty text. */
export async function ids(tx: Tx, organisation: OrganisationId, from: number): Promise<UsageIds> {
  const rows = await tx.db
    .selectFrom('usage_ids')
    .select('id')
    .where('orgId', '=', organisation)
    .where('number', '>=', from)
    .orderBy('number')
    .execute()
  const found = rows.map(({ id }) => id)
  return { from, ids: from === 0 ? ['', ...found] : found }
}
