// Carries out what an operation decided: its rows with their new version, its tombstones, its mails and ended sessions.
// It decides nothing itself.
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
import type { Tx } from '../store/index.ts'
import { deleteRows, putRows } from '../store/rows.ts'
import type { PreviousVersions, Random } from './log.ts'

/** How long a mail waits, so that a quick undo still stops it. */
export const MAIL_DELAY = 60_000

/** Writes the changed rows, each with `version`; removed ones leave a tombstone, and a row that comes back takes its own away. */
export async function writeChanges(
  tx: Tx,
  organisation: OrganisationId,
  changes: Changes,
  version: number,
  at: Instant,
): Promise<void> {
  // Removals first: what they free (an e-mail, a name) may be taken in the same operation.
  for (const entity of ENTITIES)
    await remove(
      tx,
      organisation,
      entity,
      [...changes[entity]].filter(gone).map(([id]) => id),
      version,
      at,
    )
  for (const entity of ENTITIES) await put(tx, organisation, entity, changes[entity], version)
}

const gone = ([, { before, after }]: [string, Change<unknown>]): boolean => before !== undefined && after === undefined

async function remove(
  tx: Tx,
  orgId: OrganisationId,
  entity: Entity,
  ids: readonly string[],
  version: number,
  at: Instant,
): Promise<void> {
  if (ids.length === 0) return
  await deleteRows(tx, orgId, entity, ids)
  const rows = ids.map((id) => [orgId, entity, id, version, at])
  await tx.forms
    .upsert('tombstones', ['orgId', 'entity', 'id', 'version', 'at'], ['orgId', 'entity', 'id'], rows)
    .execute(tx.db)
}

async function put<E extends Entity>(
  tx: Tx,
  orgId: OrganisationId,
  entity: E,
  changes: ReadonlyMap<string, Change<Rows[E]>>,
  version: number,
): Promise<void> {
  const rows: Rows[E][] = []
  const back: string[] = []
  for (const [id, { before, after }] of changes) {
    if (!after) continue
    rows.push({ ...after, version })
    if (!before) back.push(id)
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
  return { users: of(changes.users), groups: of(changes.groups), meters: of(changes.meters) }
}

/**
 * Carries out what was caused beside rows.
 * @returns the users whose sessions ended
 */
export async function carryOut(
  tx: Tx,
  organisation: OrganisationId,
  effects: readonly Effect[],
  { id, at, random }: { id: OperationId; at: Instant; random: Random },
): Promise<UserId[]> {
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
  return ended
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
}
