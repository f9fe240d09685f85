// Says in the log that data left as a file; sent with the next sync, also by a viewer.
import { device } from '#lib/device.svelte.ts'
import { recordExport, type RecordedExport } from '#shared/operations/record-export.ts'

const MOST = 2_000

/** @throws what keeps it from being queued; the file has been made by then */
export async function noteExport(what: RecordedExport): Promise<void> {
  await device.perform(recordExport.with({ ...what, filter: what.filter.slice(0, MOST) }))
}
