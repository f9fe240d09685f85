// Taking back what somebody did on this device, whatever has become of it meanwhile.
import type { OperationId } from '#shared/model.ts'
import { undo } from '#shared/operations/undo.ts'
import type { Replica } from '#lib/replica/replica.ts'
import { rejectedOf } from '#lib/replica/storage.ts'

/** Takes back what has no outcome yet and undoes what has one, the latest first. */
export async function undoAll(replica: Replica, ids: readonly OperationId[]): Promise<void> {
  const records = replica.records.filter(({ id }) => ids.includes(id))
  const unsettled = records.filter(({ settlement }) => !settlement)
  if (unsettled.length > 0) await replica.takeBack(unsettled.map(({ id }) => id))
  const settled = records.filter(({ settlement }) => settlement).toReversed()
  if (settled.length > 0) await replica.perform(settled.map(({ id }) => undo.with({ operationId: id })))
  // Whoever takes the whole of it back no longer asks for what was rejected of it.
  for (const record of settled) {
    const rejected = rejectedOf(record).map(({ item }) => item)
    if (rejected.length > 0) await replica.dismiss(record.id, rejected)
  }
}
