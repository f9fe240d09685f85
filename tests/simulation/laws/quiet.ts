// What must hold once all is quiet: faults are over, everybody has synced twice, and what waits, waits for a person.
import { isDeepStrictEqual } from 'node:util'
import type { Outcome } from '#shared/operations/outcome.ts'
import { differences } from '../model.ts'
import { epochOf, hasConsole, headOf, type Law, type Run } from '../state.ts'
import { tablesOf, withCounts } from './own-writes.ts'

export const sameRows: Law = {
  promise: 'When all is quiet, every device has the server’s rows, each of them, and guesses nothing.',
  *whenQuiet(run) {
    for (const tab of tabsWithConsole(run)) {
      const { replica, owner } = tab
      if (replica.phase !== 'ready') {
        yield `${owner.name} is still ${replica.phase}, ${JSON.stringify(tab.state)}`
        continue
      }
      const settled = tablesOf(replica.settledLayer)
      // A spend that a restore lost is in no queue that could send it again: what a device saw of it goes with the meter's next use.
      const expected = withCounts(headOf(run).tables, run.epochs.slice(0, -1), settled)
      for (const text of differences(expected, settled).slice(0, 3))
        yield `${owner.name} at ${replica.sync?.shown.version}, server at ${headOf(run).version}: ${text}`
      for (const text of differences(expected, tablesOf(replica.layer)).slice(0, 3))
        yield `${owner.name} still guesses: ${text}`
    }
  },
}

export const nothingStuck: Law = {
  promise: 'When faults are over, each queue is empty or waits for a person.',
  *whenQuiet(run) {
    for (const { replica, owner, state } of tabsWithConsole(run))
      for (const { id, type, place } of replica.pending)
        yield `${owner.name}: ${type} ${id} at place ${place} is still pending, the last exchange: ${JSON.stringify(state)}`
  },
}

export const takenBack: Law = {
  promise: 'What was taken back has no effect in the end, or an undo with an outcome.',
  async whenQuiet(run) {
    const { judged } = epochOf(run)
    const texts: string[] = []
    const undone = new Set(
      [...judged.values()].flatMap(({ entry }) =>
        entry.type === 'undo' ? [(entry.args as { operationId: string }).operationId] : [],
      ),
    )
    for (const { id, takenBack, device, call, life } of run.made.values()) {
      if (!takenBack || life !== device.life || !hasConsole(run, device)) continue
      const entry = judged.get(id)?.entry
      const applied = entry && entry.type !== 'withdrawn' && entry.notApplied.length < entry.total
      if (applied && !undone.has(id)) texts.push(`${device.name} took ${call.type} ${id} back, and it stands`)
    }
    return texts
  },
}

export const nothingLost: Law = {
  promise: 'What was kept survives every crash and ends with an outcome that its device knows.',
  async whenQuiet(run) {
    const { judged } = epochOf(run)
    const texts: string[] = []
    for (const device of run.devices) {
      const outbox = new Map((await device.disk.look()).outbox.map((record) => [record.id, record]))
      for (const { id, call, kept, life, device: owner } of run.made.values()) {
        if (!kept || owner !== device || life !== device.life) continue
        const record = outbox.get(id)
        const entry = judged.get(id)?.entry
        if (!record) texts.push(`${device.name} has lost ${call.type} ${id}`)
        else if (hasConsole(run, device) && !record.aside && !entry)
          texts.push(`${device.name}: ${call.type} ${id} was never judged`)
      }
      if (!hasConsole(run, device)) continue
      for (const { id, type, settlement } of outbox.values()) {
        const entry = judged.get(id)?.entry
        if (!entry || !settlement) continue
        const [told, answered] = [settlement.notApplied.map(impersonal), entry.notApplied.map(impersonal)]
        if (settlement.version !== entry.version || !isDeepStrictEqual(told, answered))
          texts.push(
            `${device.name} was told ${JSON.stringify(settlement)} of ${type}, the log says ${JSON.stringify(entry)}`,
          )
      }
    }
    return texts
  },
}

export const chainVerifies: Law = {
  promise: 'The audit chain verifies.',
  async whenQuiet(run) {
    return (await run.server.brokenLinks()).map(({ version, fault }) => `version ${version}: ${fault}`)
  },
}

/** A device takes the addresses and values of users who are gone out of what it was told. */
function impersonal(outcome: Outcome): Outcome {
  if (outcome.result !== 'rejected') return outcome
  const { email: _, theirs: __, ...fact } = outcome.fact as { email?: unknown; theirs?: unknown }
  return { ...outcome, fact } as Outcome
}

const tabsWithConsole = (run: Run) =>
  run.devices.filter((device) => hasConsole(run, device)).flatMap(({ tabs }) => tabs)
