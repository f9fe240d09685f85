// Writes many rows at once: a new organisation, the demo, a seed. Like every writer of versioned rows it comes by the organisation's
// lock and takes versions, one for each 5,000 rows, so that a device that pages through them is never asked to take more.
import {
  ENTITIES,
  type CreditGrant,
  type Entity,
  type Group,
  type Meter,
  type Organisation,
  type OrganisationId,
  type Product,
  type Rows,
  type User,
} from '#shared/model.ts'
import { PAGE_ROWS } from '#shared/protocol.ts'
import type { Store, Tx } from './store/index.ts'
import { putRows } from './store/rows.ts'
import { seal, writeEntries, type Head } from './sync/log.ts'
import { entryOf, locked, type By } from './sync/record.ts'
import type { Use } from './usage/books.ts'
import { loadUsage } from './usage/load.ts'

export interface Load {
  organisation: Organisation
  products: readonly Product[]
  grants: readonly CreditGrant[]
  groups: readonly Group[]
  users: readonly User[]
  meters: readonly Meter[]
  /** In the order of days. What it burns of the grants takes the place of what they say. */
  usage?: readonly Use[]
}

/** Makes an organisation with all its rows; their `version` is given here. The counters must be right already. */
export async function loadOrganisation(store: Store, load: Load, by: By): Promise<void> {
  const { organisation } = load
  await store.transaction(async (tx) => {
    await tx.db.insertInto('heads').values({ orgId: organisation.id, version: 0, hash: '', horizon: 0 }).execute()
    await record(tx, organisation.id, 'create-organisation', { name: organisation.name }, by, {
      organisations: [organisation],
    })
  })
  for (const entity of ['products', 'grants', 'groups', 'users', 'meters'] as const)
    for (let from = 0; from < load[entity].length; from += PAGE_ROWS) {
      const rows = load[entity].slice(from, from + PAGE_ROWS)
      await store.transaction((tx) =>
        record(tx, organisation.id, 'load', { entity, rows: rows.length }, by, { [entity]: rows }),
      )
    }
  if (load.usage && load.usage.length > 0) await loadUsage(store, load.organisation, load.grants, load.usage, by)
}

/** Writes rows as they are, as one version, with an entry in the log that says what was done. @returns the new head */
export async function record(
  tx: Tx,
  organisation: OrganisationId,
  type: string,
  args: unknown,
  by: By,
  rows: { readonly [E in Entity]?: readonly Rows[E][] },
): Promise<Head> {
  const head = await locked(tx, organisation)
  for (const entity of ENTITIES) await putVersioned(tx, organisation, entity, rows[entity] ?? [], head.version + 1)
  const sealed = seal(organisation, head, entryOf({ type, args }, by), by.random)
  await writeEntries(tx, organisation, [sealed.row], sealed.head)
  return sealed.head
}

const putVersioned = <E extends Entity>(
  tx: Tx,
  organisation: OrganisationId,
  entity: E,
  rows: readonly Rows[E][],
  version: number,
) =>
  putRows(
    tx,
    organisation,
    entity,
    rows.map((row) => ({ ...row, version })),
  )
