// What the rows that an entry speaks of are called: as they are now, else as they were when the entry was written.
import { sql } from 'kysely'
import { ERASED_USER } from '#shared/activity.ts'
import type { OrganisationId } from '#shared/model.ts'
import type { Names } from '#shared/operations/definition.ts'
import type { Tx } from '../store/index.ts'

/** Names of those of these ids that the organisation has or has erased; users by first and last name, else by e-mail. */
export async function namesOf(tx: Tx, organisation: OrganisationId, ids: ReadonlySet<string>): Promise<Names> {
  if (ids.size === 0) return { users: {}, groups: {}, products: {} }
  const list = tx.forms.list([...ids])
  const { rows } = await sql<{ kind: keyof Names; id: string; name: string }>`
    select 'users' as "kind", "id", coalesce(nullif(trim("firstName" || ' ' || "lastName"), ''), "email") as "name"
      from users where "orgId" = ${organisation} and "id" in ${list}
    union all select 'users', "userId", ${ERASED_USER} from erasures
      where "orgId" = ${organisation} and "userId" in ${list}
    union all select 'groups', "id", "name" from groups where "orgId" = ${organisation} and "id" in ${list}
    union all select 'products', "id", "name" from products where "orgId" = ${organisation} and "id" in ${list}`.execute(
    tx.db,
  )
  const names: { [Kind in keyof Names]: Record<string, string> } = { users: {}, groups: {}, products: {} }
  for (const { kind, id, name } of rows) names[kind][id] = name
  return names
}

/** Of two tellings the later counts, where it has a name. */
export const together = (kept: Names, now: Names): Names => ({
  users: { ...kept.users, ...now.users },
  groups: { ...kept.groups, ...now.groups },
  products: { ...kept.products, ...now.products },
})
