// Each device's operations are judged in the order in which they were made, whatever is lost, repeated, forked or restored.
import { epochOf, type Law } from '../state.ts'

export const order: Law = {
  promise: 'A device’s operations are judged in its own order.',

  *afterCommit(run, { judged }) {
    const { judged: all } = epochOf(run)
    for (const { judged: one } of judged) {
      const { clientId, sequence, version } = one.entry
      if (clientId === null || sequence === null) continue
      for (const { entry } of all.values())
        if (entry.clientId === clientId && entry.version < version && (entry.sequence ?? 0) >= sequence)
          yield `client ${clientId}: sequence ${sequence} at version ${version} stands behind ${entry.sequence} at ${entry.version}`
    }
  },

  async whenQuiet(run) {
    const { judged } = epochOf(run)
    const texts: string[] = []
    for (const device of run.devices) {
      const { outbox } = await device.disk.look()
      let last = { version: 0, place: 0 }
      for (const { id, place } of outbox) {
        if (place <= last.place) texts.push(`${device.name}: place ${place} comes after ${last.place}`)
        const version = judged.get(id)?.entry.version
        if (version === undefined) continue
        if (version <= last.version)
          texts.push(`${device.name}: place ${place} has version ${version}, place ${last.place} has ${last.version}`)
        last = { version, place }
      }
    }
    return texts
  },
}
