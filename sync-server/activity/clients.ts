// Which device a client id is of, so that the activity can name it. Noted once for each, and again where another process has it noted anew.
import type { OrganisationId } from '#shared/model.ts'
import type { Store } from '../store/index.ts'

/** @returns notes it; does nothing for a client that has not sent an operation yet */
export function createClientDevices(store: Store) {
  const noted = new Map<string, string>()
  return async (organisation: OrganisationId, clientId: string, device: string): Promise<void> => {
    const key = `${organisation} ${clientId}`
    if (noted.get(key) === device) return
    const { numUpdatedRows } = await store.transaction((tx) =>
      tx.db
        .updateTable('clients')
        .set({ device })
        .where('orgId', '=', organisation)
        .where('clientId', '=', clientId)
        .executeTakeFirst(),
    )
    if (numUpdatedRows === 0n) return
    if (noted.size > 10_000) noted.clear()
    noted.set(key, device)
  }
}
