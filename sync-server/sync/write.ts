// Carries out what operations decided: rows with their new version, tombstones, mails and ended sessions.
// It decides nothing.
import { sql } from 'kysely'
import { v7 } from 'uuid'
import {
  ENTITIES,
  type Entity,
  type Instant,
  type OperationId,
  type OrganisationId,
  type Rows,
  type UserId,
} from '#shared/model.ts'
import type { Change, Changes, Effect } from '#shared/view.ts'
import { endLinks } from '../accounts/links.ts'
import { forgetIdentities } from '../sign-on/accounts.ts'
import type { Tx } from '../store/index.ts'
import { deleteRows, putRows } from '../store/rows.ts'
import { recount } from '../usage/recount.ts'
import type { PreviousVersions, Random } from './log.ts'

/** How long a mail waits, so that a quick undo still stops it. */
export const MAIL_DELAY = 60_000

/** What became of rows since they were last written; `existed`: whether SQL has them. */
export type Changed<E extends Entity> = Map<
  string,
  { existed: boolean; after: Rows[E] | undefined; version: number; at: Instant }
>

/** Writes changed rows as they are now; removed ones leave a tombstone, and a row that comes back takes its own away. */
export async function writeChanged(
  tx: Tx,
  organisation: OrganisationId,
  changed: { readonly [E in Entity]: Changed<E> },
): Promise<void> {
  // Removals first: what they free (an e-mail, a name) may have been taken since.
  for (const entity of ENTITIES) await remove(tx, organisation, entity, changed[entity])
  for (const entity of ENTITIES) await put(tx, organisation, entity, changed[entity])
}

async function remove<E extends Entity>(tx: Tx, orgId: OrganisationId, entity: E, changed: Changed<E>): Promise<void> {
  const gone = [...changed].filter(([, { after }]) => !after)
  if (gone.length === 0) return
  await deleteRows(
    tx,
    orgId,
    entity,
    gone.map(([id]) => id),
  )
  const rows = gone.map(([id, { version, at }]) => [orgId, entity, id, version, at])
  await tx.forms
    .upsert('tombstones', ['orgId', 'entity', 'id', 'version', 'at'], ['orgId', 'entity', 'id'], rows)
    .execute(tx.db)
}

async function put<E extends Entity>(tx: Tx, orgId: OrganisationId, entity: E, changed: Changed<E>): Promise<void> {
  const rows: Rows[E][] = []
  const back: string[] = []
  for (const [id, { existed, after }] of changed) {
    if (!after) continue
    rows.push(after)
    if (!existed) back.push(id)
  }
  await putRows(tx, orgId, entity, rows)
  if (back.length > 0)
    await tx.db
      .deleteFrom('tombstones')
      .where('orgId', '=', orgId)
      .where('entity', '=', entity)
      .where(sql<boolean>`"id" in ${tx.forms.list(back)}`)
      .execute()
}

/** The version that each changed row had before. */
export function previousVersions(changes: Changes): PreviousVersions {
  const of = (rows: ReadonlyMap<string, Change<{ version: number }>>) =>
    Object.fromEntries([...rows].flatMap(([id, { before }]) => (before ? [[id, before.version]] : [])))
  return {
    users: of(changes.users),
    groups: of(changes.groups),
    meters: of(changes.meters),
    organisations: of(changes.organisations),
  }
}

/** Carries out what was caused beside rows; these are written already. */
export async function carryOut(
  tx: Tx,
  organisation: OrganisationId,
  effects: readonly Effect[],
  { id, at, random, version }: { id: OperationId; at: Instant; random: Random; version: number },
): Promise<void> {
  const mails: unknown[][] = []
  const stopped = new Map<OperationId, UserId[]>()
  const ended: UserId[] = []
  for (const effect of effects)
    switch (effect.kind) {
      case 'mail': {
        const mail = v7({ msecs: at, random: random(16) })
        mails.push([organisation, mail, id, effect.userId, effect.template, at, at + MAIL_DELAY, 'waiting'])
        break
      }
      case 'stop-mail':
        stopped.getOrInsertComputed(effect.operationId, () => []).push(effect.userId)
        break
      case 'end-sessions':
        ended.push(effect.userId)
        break
      case 'recount':
        await recount(tx, organisation, at, version)
        break
    }
  if (mails.length > 0)
    await tx.forms
      .upsert(
        'mails',
        ['orgId', 'id', 'operationId', 'userId', 'template', 'createdAt', 'notBefore', 'state'],
        ['orgId', 'id'],
        mails,
      )
      .execute(tx.db)
  for (const [operationId, users] of stopped)
    await tx.db
      .updateTable('mails')
      .set({ state: 'stopped' })
      .where('orgId', '=', organisation)
      .where('operationId', '=', operationId)
      .where('state', '=', 'waiting')
      .where(sql<boolean>`"userId" in ${tx.forms.list(users)}`)
      .execute()
  if (ended.length > 0) await endSessions(tx, organisation, ended)
  // Who is invited anew, or has another address, follows no older link.
  const anew = effects.flatMap((effect) =>
    effect.kind === 'mail' && effect.template !== 'reset-password' ? [effect.userId] : [],
  )
  await endLinks(tx, organisation, [...ended, ...anew])
  await forgetIdentities(tx, organisation, ended)
}

/**
 * Ends the sessions of users who keep a console. Those of one who lost it are told so once, by the refusal that their next request
 * meets: the device must know that it has to erase what it holds.
 */
async function endSessions(tx: Tx, organisation: OrganisationId, users: readonly UserId[]): Promise<void> {
  await sql`delete from auth_sessions where "userId" in (
    select m."accountId" from auth_memberships m
    join users u on u."orgId" = m."orgId" and u."id" = m."userId"
    where m."orgId" = ${organisation} and m."userId" in ${tx.forms.list(users)} and u."status" = 'active' and u."role" <> 'member'
  )`.execute(tx.db)
  // What the password of before has begun leads nowhere any more.
  await sql`delete from auth_halves where "accountId" in (
    select m."accountId" from auth_memberships m
    where m."orgId" = ${organisation} and m."userId" in ${tx.forms.list(users)}
  )`.execute(tx.db)
}
