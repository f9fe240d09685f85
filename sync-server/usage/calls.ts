// Which key of the provider has counted usage, and how often: noted with what was counted, and put into the log with the next publication.
// A program may report a thousand events a second; an entry for each would have every device fetch as many versions.
import type { OrganisationId } from '#shared/model.ts'
import type { Tx } from '../store/index.ts'
import type { By } from '../sync/by.ts'

/** What a call did: reported usage, asked for a spend (allowed or denied), or made, confirmed or released a reservation. */
export type CallKind = 'report' | 'spend' | 'reserve' | 'confirm' | 'release'

export interface Calls {
  /** The key by its name. */
  key: string
  what: string
  calls: number
}

/** Notes a call that changed something; nothing where no key is behind it. */
export async function noteCall(tx: Tx, orgId: OrganisationId, { key }: Pick<By, 'key'>, what: CallKind): Promise<void> {
  if (key === undefined) return
  await tx.db
    .insertInto('provider_calls')
    .values({ orgId, key, what, calls: 1 })
    .onConflict((conflict) =>
      conflict.columns(['orgId', 'key', 'what']).doUpdateSet(({ ref, eb }) => ({
        calls: eb(ref('provider_calls.calls'), '+', 1),
      })),
    )
    .execute()
}

/** Takes what was noted, for the log. */
export async function takeCalls(tx: Tx, organisation: OrganisationId): Promise<Calls[]> {
  const rows = await tx.db
    .deleteFrom('provider_calls')
    .where('orgId', '=', organisation)
    .returning(['key', 'what', 'calls'])
    .execute()
  return rows
    .map(({ calls, ...row }) => ({ ...row, calls: Number(calls) }))
    .toSorted((a, b) => (`${a.key} ${a.what}` < `${b.key} ${b.what}` ? -1 : 1))
}

export const hasCalls = async (tx: Tx, organisation: OrganisationId): Promise<boolean> =>
  (await tx.db.selectFrom('provider_calls').select('what').where('orgId', '=', organisation).limit(1).execute())
    .length > 0
