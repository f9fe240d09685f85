// Pages of an organisation's log as its console shows them: each entry with who did it, on which device, what came of it, and its first
// items. Knows no other organisation than the one that it is asked for.
import { sql } from 'kysely'
import { FIRST_ITEMS, ITEMS_PAGE, type ActivityEntry, type ActivityItem, type ActivityPage } from '#shared/activity.ts'
import { activitySentence } from '#shared/activity-words.ts'
import type { OperationId, OrganisationId } from '#shared/model.ts'
import type { Names } from '#shared/operations/definition.ts'
import { Refusal } from '../problem.ts'
import type { Store, Tx } from '../store/index.ts'
import { contentsOf, readHead } from '../sync/log.ts'
import { firstItems, idsIn, idsOfArgs, takeApart, type Contents, type EntryRow } from './contents.ts'
import { namesOf, together } from './names.ts'
import { scan, type Filter } from './scan.ts'

/** So many undos are looked at for what they undid. */
const UNDOS = 500

export async function readActivity(
  store: Store,
  organisation: OrganisationId,
  filter: Filter,
  { before, limit, now }: { before: number | undefined; limit: number; now: number },
): Promise<ActivityPage> {
  const head = await store.read((tx) => readHead(tx, organisation))
  const version = head?.version ?? 0
  const { rows, next } = await scan(store, organisation, filter, { before: before ?? version + 1, limit })
  return { entries: await told(store, organisation, rows), next, head: version, now }
}

/** The entries of these rows, in their order. */
export async function told(
  store: Store,
  organisation: OrganisationId,
  rows: readonly EntryRow[],
): Promise<ActivityEntry[]> {
  const lowest = rows.at(-1)?.version ?? 0
  return await store.read(async (tx) => {
    const undone = await undonesSince(tx, organisation, lowest)
    const devices = await devicesOf(tx, organisation, rows)
    const entries: ActivityEntry[] = []
    for (const row of rows) {
      const contents = takeApart(row)
      const items = firstItems(contents.items)
      const ids = idsIn(items)
      if (row.actor !== null) ids.add(row.actor)
      const args = contents.args as { operationId?: unknown } | null
      idsOfArgs(args, ids)
      const names = together(contents.names, await namesOf(tx, organisation, ids))
      const what = row.type === 'undo' ? await undoneBy(tx, organisation, args?.operationId) : undefined
      entries.push({
        ...facts(row, contents),
        sentence: activitySentence({ type: row.type, args: contents.args, names }, what?.sentence),
        device: row.clientId === null ? contents.device : (devices.get(row.clientId) ?? null),
        undoneBy: undone.get(row.operationId) ?? null,
        undoes: what?.version ?? null,
        items,
        more: Math.max(0, contents.items.length - FIRST_ITEMS),
        names: shortened(names, ids),
      })
    }
    return entries
  })
}

const facts = (row: EntryRow, { key, erased, counts }: Contents) => ({
  version: row.version,
  id: row.operationId,
  type: row.type,
  actor: row.actor,
  key,
  clientId: row.clientId,
  madeAt: row.madeAt,
  at: row.at,
  batch: row.batch,
  ...counts,
  erased,
})

/** Only what the items that come along speak of. */
function shortened({ users, groups, products }: Names, ids: ReadonlySet<string>): Names {
  const known = (names: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(names).filter(([id]) => ids.has(id)))
  return { users: known(users), groups: known(groups), products: known(products) }
}

/** By the operation that was undone, the version of its undo. */
async function undonesSince(tx: Tx, organisation: OrganisationId, version: number): Promise<Map<string, number>> {
  const rows = await tx.db
    .selectFrom('log')
    .select(['version', 'type', 'args', 'outcomes', 'images'])
    .where('orgId', '=', organisation)
    .where('type', '=', 'undo')
    .where('version', '>', version)
    .orderBy('version', 'desc')
    .limit(UNDOS)
    .execute()
  const found = new Map<string, number>()
  for (const { version: at, args: text, ...row } of rows) {
    const { args, applied } = contentsOf({ ...row, args: text })
    const id = (args as { operationId?: unknown } | null)?.operationId
    if (typeof id === 'string' && applied.length > 0 && !found.has(id)) found.set(id, at)
  }
  return found
}

/** What an undo took back. */
async function undoneBy(
  tx: Tx,
  organisation: OrganisationId,
  id: unknown,
): Promise<{ sentence: string; version: number } | undefined> {
  if (typeof id !== 'string') return undefined
  const row = await tx.db
    .selectFrom('log')
    .select(['version', 'type', 'args', 'outcomes', 'images'])
    .where('orgId', '=', organisation)
    .where('operationId', '=', id as OperationId)
    .executeTakeFirst()
  if (!row) return undefined
  const { args, names: kept } = contentsOf(row)
  const names = together(kept, await namesOf(tx, organisation, idsOfArgs(args)))
  return { sentence: activitySentence({ type: row.type, args, names }), version: row.version }
}

/** What the devices behind client ids are called; of those that were in touch before devices were noted nothing is known. */
async function devicesOf(
  tx: Tx,
  organisation: OrganisationId,
  rows: readonly EntryRow[],
): Promise<Map<string, string>> {
  const clients = [...new Set(rows.flatMap(({ clientId }) => (clientId === null ? [] : [clientId])))]
  if (clients.length === 0) return new Map()
  const { rows: found } = await sql<{ clientId: string; name: string }>`
    select c."clientId", d."name" from clients c
    join auth_devices d on d."id" = c."device" and d."orgId" = c."orgId"
    where c."orgId" = ${organisation} and c."clientId" in ${tx.forms.list(clients)}`.execute(tx.db)
  return new Map(found.map(({ clientId, name }) => [clientId, name]))
}

/** Further items of one entry. @throws {Refusal} 404 where the organisation has no such entry */
export async function readItems(
  store: Store,
  organisation: OrganisationId,
  version: number,
  after: number,
): Promise<{ items: ActivityItem[]; next: number | null; names: Names }> {
  return await store.read(async (tx) => {
    const row = await tx.db
      .selectFrom('log')
      .selectAll()
      .where('orgId', '=', organisation)
      .where('version', '=', version)
      .executeTakeFirst()
    if (!row) throw new Refusal(404, 'not-found')
    const { items: all, names: kept } = takeApart(row)
    const items = all.slice(after, after + ITEMS_PAGE)
    const ids = idsIn(items)
    const names = shortened(together(kept, await namesOf(tx, organisation, ids)), ids)
    return { items, next: after + ITEMS_PAGE < all.length ? after + ITEMS_PAGE : null, names }
  })
}
