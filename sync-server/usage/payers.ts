// Who and what events and spends speak of: users by id or e-mail address, products by id or name. Only those named are loaded.
import { sql } from 'kysely'
import { toEmailKey } from '#shared/email.ts'
import { toNameKey, type Group, type OrganisationId, type ProductId, type Status, type User } from '#shared/model.ts'
import type { Tx } from '../store/index.ts'
import { fromJson, rowsBy } from '../store/rows.ts'

/** What counting and judging need to know of a user. */
export type Payer = Pick<User, 'id' | 'groupId' | 'limit' | 'status'>

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** The users that there are, by the names that were given. */
export async function findPayers(
  tx: Tx,
  organisation: OrganisationId,
  names: ReadonlySet<string>,
): Promise<Map<string, Payer>> {
  const ids: string[] = []
  const keys = new Map<string, string>()
  for (const name of names) {
    if (UUID.test(name)) ids.push(name)
    else {
      const key = toEmailKey(name)
      if (key) keys.set(name, key)
    }
  }
  const found = new Map<string, Payer>()
  for (const row of await payersBy(tx, organisation, 'id', ids)) found.set(row.id, row)
  const byKey = new Map<string, Payer>()
  for (const row of await payersBy(tx, organisation, 'emailKey', [...new Set(keys.values())]))
    byKey.set(row.emailKey, row)
  for (const [name, key] of keys) {
    const payer = byKey.get(key)
    if (payer) found.set(name, payer)
  }
  return found
}

async function payersBy(
  tx: Tx,
  organisation: OrganisationId,
  column: 'id' | 'emailKey',
  values: readonly string[],
): Promise<(Payer & { emailKey: string })[]> {
  if (values.length === 0) return []
  const { rows } = await sql<{
    id: User['id']
    groupId: User['groupId']
    limit: string | null
    status: Status
    emailKey: string
  }>`
    select "id", "groupId", "limit", "status", "emailKey" from users
    where "orgId" = ${organisation} and ${sql.ref(column)} in ${tx.forms.list(values)}`.execute(tx.db)
  return rows.map((row) => ({ ...row, limit: fromJson(row.limit) as User['limit'] }))
}

/** The products that there are, by the names that were given. */
export async function findProducts(
  tx: Tx,
  organisation: OrganisationId,
  names: ReadonlySet<string>,
): Promise<Map<string, ProductId>> {
  const { rows } = await sql<{ id: ProductId; name: string }>`
    select "id", "name" from products where "orgId" = ${organisation}`.execute(tx.db)
  const byId = new Map<string, ProductId>(rows.map(({ id }) => [id, id]))
  const byName = new Map(rows.map(({ id, name }) => [toNameKey(name), id]))
  const found = new Map<string, ProductId>()
  for (const name of names) {
    const id = byId.get(name) ?? byName.get(toNameKey(name))
    if (id) found.set(name, id)
  }
  return found
}

/** The groups that these users are in, by id. */
export async function groupsOf(
  tx: Tx,
  organisation: OrganisationId,
  payers: Iterable<Payer>,
): Promise<Map<string, Group>> {
  const ids = new Set<string>()
  for (const { groupId } of payers) if (groupId) ids.add(groupId)
  const rows = await rowsBy(tx, organisation, 'groups', 'id', [...ids])
  return new Map(rows.map((row) => [row.id, row]))
}
