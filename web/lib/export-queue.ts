// The queue as a file: what waits and what was settled, as this device keeps it. Operations hold no secrets.
import { download } from '#lib/download.ts'
import type { OutboxRecord } from '#lib/replica/storage.ts'

/** Downloads the outbox as JSON. */
export function exportQueue(records: readonly OutboxRecord[], now: number): void {
  const exportedAt = new Date(now).toISOString()
  const text = JSON.stringify({ exportedAt, operations: records }, null, 2)
  download(`quartermaster-queue-${exportedAt.slice(0, 10)}.json`, text, 'application/json')
}
