// What the organisation asks of a device, told with the session: a device that may keep nothing must know it before it stores the first row.
import type { OrganisationId } from '#shared/model.ts'
import type { ToldPolicies } from '#shared/policies.ts'
import type { Store } from '../store/index.ts'

export const devicePolicies = (store: Store, organisation: OrganisationId): Promise<ToldPolicies> =>
  store.db
    .selectFrom('organisations')
    .select(['localData', 'leaseDays', 'lockMinutes', 'version'])
    .where('orgId', '=', organisation)
    .executeTakeFirstOrThrow()
