// What may never be passed, in any interleaving: seats, the last admin, and counters that say what there is to count.
import type { State } from '../model.ts'
import type { Law } from '../state.ts'

export const seats: Law = {
  promise: 'No operation of an admin takes a seat that was not bought.',
  *afterCommit(_run, { judged }) {
    for (const { judged: one, before, state } of judged) {
      if (one.entry.clientId === null) continue
      for (const product of state.tables.products.values()) {
        const was = before.tables.products.get(product.id)?.seatsUsed ?? 0
        if (product.seatsUsed > was && product.seatsUsed > product.seatsPurchased)
          yield `${one.entry.type} at version ${state.version} oversold ${product.name}: ${product.seatsUsed} of ${product.seatsPurchased}`
      }
    }
  },
}

export const lastAdmin: Law = {
  promise: 'There is always an active admin.',
  *afterCommit(_run, { judged }) {
    for (const { state } of judged) {
      const admins = [...state.tables.users.values()].filter(isActiveAdmin)
      if (admins.length === 0 && state.tables.users.size > 0) yield `version ${state.version} has no active admin`
    }
  },
}

export const counters: Law = {
  promise: 'Every counter equals the recount of what it counts.',
  *afterCommit(_run, { judged }) {
    for (const { state } of judged) yield* miscounts(state)
  },
}

function* miscounts({ tables, version }: State): Generator<string> {
  const users = [...tables.users.values()]
  const counted = users.filter(({ status }) => status !== 'deactivated')
  for (const { id, name, seatsUsed } of tables.products.values()) {
    const recount = counted.filter(({ productId }) => productId === id).length
    if (seatsUsed !== recount && users.length > 0)
      yield `version ${version}: ${name} counts ${seatsUsed} seats, there are ${recount}`
  }
  for (const { id, name, members } of tables.groups.values()) {
    const recount = counted.filter(({ groupId }) => groupId === id).length
    if (members !== recount && users.length > 0)
      yield `version ${version}: ${name} counts ${members} members, there are ${recount}`
  }
  const admins = users.filter(isActiveAdmin).length
  for (const { activeAdmins } of tables.organisations.values())
    if (activeAdmins !== admins && users.length > 0)
      yield `version ${version}: ${activeAdmins} active admins are counted, there are ${admins}`
}

const isActiveAdmin = ({ role, status }: { role: string; status: string }) => role === 'admin' && status === 'active'
