// What an entry of the log tells of a user that is being erased: addresses of earlier, other details, and ids under which somebody tried
// to add the same person.
import { toEmailKey } from '#shared/email.ts'
import { asFields, type Told } from './redact.ts'
import type { Trace } from './whom.ts'

/** Learns from an entry. @returns ids that were to be users with one of the addresses: theirs too, unless there is such a user */
export function learn({ type, args: said, outcomes, images }: Told, trace: Trace): string[] {
  const args = asFields(said['args'])
  const taken = takenIn(outcomes['notApplied'])
  const known = (id: unknown): id is string => typeof id === 'string' && trace.ids.has(id)

  /** An address that was refused because somebody else had it is that one's. */
  const change = (id: unknown, item: unknown, changes: unknown) => {
    if (!known(id)) return
    for (const [field, value] of Object.entries(asFields(changes))) {
      const { from, to } = asFields(value)
      trace.knowDetails({ [field]: from })
      if (field !== 'email' || !taken.has(String(item))) trace.knowDetails({ [field]: to })
    }
  }
  const same: string[] = []
  const users = Array.isArray(args['users']) ? args['users'].map(asFields) : []
  if (type === 'add-users')
    for (const user of users) {
      const { id, email } = user
      if (known(id)) trace.knowDetails(taken.has(id) ? { ...user, email: '' } : user)
      else if (typeof id === 'string' && trace.addresses.has(toEmailKey(String(email)) ?? '')) same.push(id)
    }
  if (type === 'update-users') for (const { id, changes } of users) change(id, id, changes)
  if (type === 'update-user') change(args['userId'], 'email', args['changes'])

  for (const [id, image] of Object.entries(asFields(asFields(images['images'])['users']))) {
    if (!known(id)) continue
    const { before, after } = asFields(image)
    for (const side of [before, after]) trace.knowDetails(asFields(side))
  }
  const names = asFields(asFields(said['names'])['users'])
  for (const id of trace.ids) {
    const name = names[id]
    if (typeof name === 'string') trace.knowDetails({ lastName: name })
  }
  return same
}

/** Items that were refused because their address was somebody else's. */
const takenIn = (notApplied: unknown): ReadonlySet<string> =>
  new Set(
    (Array.isArray(notApplied) ? notApplied : [])
      .map(asFields)
      .flatMap(({ item, code }) => (code === 'email-taken' ? [String(item)] : [])),
  )
