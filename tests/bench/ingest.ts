// The ledger under load: 1,000,000 reported events into an organisation of 2,500 users, in batches as requests carry them. Runs in a process
// of its own, so that its memory is nobody else's; beside it the same rows by plain SQL, batch by batch in turn.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import * as v from 'valibot'
import type { Bench } from './workload.ts'

const Measured = v.object({
  events: v.number(),
  ours: v.number(),
  raw: v.number(),
  before: v.number(),
  afterTenth: v.number(),
  peak: v.number(),
})

export async function ingest({ report }: Bench): Promise<void> {
  const script = join(import.meta.dirname, 'ingest-run.ts')
  const running = promisify(execFile)(process.execPath, ['--expose-gc', script], { maxBuffer: 1e6 })
  running.child.stderr?.pipe(process.stderr)
  const { stdout } = await running
  const { events, ours, raw, before, afterTenth, peak } = v.parse(Measured, JSON.parse(stdout))
  const kept = (ms: number) => [(ms / events) * 1000]
  report.compare('INGEST', `a thousand of ${events.toLocaleString('en')} events`, '≤ 3.3', kept(ours), kept(raw))
  report.absolute('INGEST', 'events a second', '', '/s', [(events / ours) * 1000])
  report.absolute('INGEST', 'events a second by plain SQL', '', '/s', [(events / raw) * 1000])
  report.absolute('INGEST', 'memory of the process before', '', 'MB', [before])
  report.absolute('INGEST', 'at most, first tenth', '', 'MB', [afterTenth])
  report.absolute('INGEST', 'at most, all of it', 'no more than the first tenth + 100', 'MB', [peak])
}
