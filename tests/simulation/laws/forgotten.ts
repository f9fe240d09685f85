// Who is gone is gone from the devices too: no row of theirs is left in a block, and no settled operation says more of them than an id.
import { blockIds, isTombstones } from '#shared/blocks.ts'
import { USER_FIELDS, type UserId } from '#shared/model.ts'
import { REMOVED } from '#lib/replica/redact.ts'
import type { OutboxRecord } from '#lib/replica/storage.ts'
import { goneKey, type State } from '../model.ts'
import { hasConsole, headOf, type Law } from '../state.ts'

export const forgotten: Law = {
  promise: 'When all is quiet, no device holds anything of a user who is gone but the bare id.',
  async whenQuiet(run) {
    const texts: string[] = []
    const head = headOf(run)
    for (const device of run.devices) {
      if (!hasConsole(run, device) || device.tabs.length === 0) continue
      const { outbox } = await device.disk.look()
      for (const { key, block } of await device.disk.blocks())
        if (block.entity === 'users' && !isTombstones(block))
          for (const id of blockIds(block))
            if (isGone(head, id)) texts.push(`${device.name} still has a row of ${id} in block ${key.join('.')}`)
      for (const record of outbox)
        if (record.settlement)
          for (const text of saidOf(record, head))
            texts.push(`${device.name}: ${record.type} at ${record.place} ${text}`)
    }
    return texts
  },
}

const isGone = ({ removed, tables }: State, id: string): boolean =>
  removed.has(goneKey('users', id)) && !tables.users.has(id as UserId)

function* saidOf({ args, names }: OutboxRecord, head: State): Generator<string> {
  for (const [id, name] of Object.entries(names.users))
    if (isGone(head, id) && name !== REMOVED) yield `still calls ${id} ${name}`
  const {
    users = [],
    userId,
    changes,
  } = args as {
    users?: readonly ({ id: string; changes?: object } & object)[]
    userId?: string
    changes?: object
  }
  const about = [...users, ...(userId === undefined ? [] : [{ id: userId, changes }])]
  for (const one of about)
    if (isGone(head, one.id))
      for (const part of [one, one.changes ?? {}])
        for (const field of USER_FIELDS) {
          const value = (part as Record<string, unknown>)[field]
          if (value !== undefined && value !== '' && JSON.stringify(value) !== '{"from":"…","to":"…"}')
            yield `still has ${field} of ${one.id}: ${JSON.stringify(value)}`
        }
}
