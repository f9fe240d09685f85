// Changes the details of many users at once, as an import of an edited export does; its items are the users. Of each user all fields are
// changed or none: somebody else's change to one of them keeps the whole row as it is, since the file knew nothing of it. Never touches
// product, group, limit, role or status: those are actions of their own.
import * as v from 'valibot'
import { isolated } from '../bidi.ts'
import { toEmailKey } from '../email.ts'
import { USER_FIELDS, UserId, type User, type UserField } from '../model.ts'
import { text } from '../text.ts'
import { defineOperation, MAX_ITEMS, type Context, type Past } from './definition.ts'
import { count, touched } from './each.ts'
import { merge, type FieldChange } from './merge.ts'
import { applied, rejected, unchanged, withItem, type Result } from './outcome.ts'
import type { View } from '../view.ts'

const change = (max?: number) => v.optional(v.strictObject({ from: text(max), to: text(max) }))

/** One user with the fields to change: the value that stood there when the file was read, and the one it has. */
const UserEdit = v.strictObject({
  id: UserId,
  changes: v.pipe(
    v.strictObject({
      email: change(254),
      firstName: change(),
      lastName: change(),
      title: change(),
      phone: change(),
      externalId: change(),
    }),
    v.check((changes) => Object.keys(changes).length > 0, 'Names no field to change.'),
  ),
})
export type UserEdit = v.InferOutput<typeof UserEdit>

export const updateUsers = defineOperation({
  type: 'update-users',
  title: 'Edit details',
  args: v.strictObject({ users: v.pipe(v.array(UserEdit), v.minLength(1), v.maxLength(MAX_ITEMS)) }),
  itemsAre: 'users',
  items: ({ users }) => users.map(({ id }) => id),
  reads: ({ users }) => ({
    users: users.map(({ id }) => id),
    emails: users.flatMap(({ changes }) => (changes.email && toEmailKey(changes.email.to)) ?? []),
  }),
  apply: (view, { users }, context) => users.map((edit) => withItem(edit.id, set(view, edit, context))),

  // The last one first: of users whose addresses changed hands each finds its own free again.
  inverse: (past, { users }, items) => {
    const ids = new Set(users.toReversed().flatMap(({ id }) => (items.has(id) ? [id] : [])))
    const edits = Array.from(ids, (id) => ({ id, changes: reversed(past, id) }))
    const moved = edits.filter(({ changes }) => Object.keys(changes).length > 0)
    return moved.length > 0 ? [{ type: 'update-users', args: { users: moved } }] : []
  },

  describe: ({ users }, names) => {
    const [first] = users
    const name = users.length === 1 && first ? names.users[first.id] : undefined
    return `Change details of ${isolated(name) ?? count(users.length, 'user')}`
  },
  slice: ({ users }, from, to) => ({ users: users.slice(from, to) }),
})

const fieldsOf = (changes: UserEdit['changes']): [UserField, FieldChange<string>][] =>
  USER_FIELDS.flatMap((field) => {
    const wanted = changes[field]
    return wanted ? [[field, wanted] as [UserField, FieldChange<string>]] : []
  })

/** By the images, which have only what was really changed: a field that stood at `to` already stays. */
function reversed({ images }: Past, id: UserId): Record<string, FieldChange<string>> {
  const { before, after } = images.users[id] ?? {}
  return Object.fromEntries(
    USER_FIELDS.flatMap((field) => {
      const [from, to] = [after?.[field], before?.[field]]
      return typeof from === 'string' && typeof to === 'string' ? [[field, { from, to }]] : []
    }),
  )
}

function set(view: View, { id, changes }: UserEdit, { now }: Context): Result {
  const user = view.users.get(id)
  if (!user) return rejected('user-unknown', {})
  const next: User = { ...user, updatedAt: touched(user, now) }
  let moved = false
  for (const [field, wanted] of fieldsOf(changes)) {
    const done = merge(id, field, user[field], wanted)
    if (done?.result === 'rejected') return done
    if (done) continue
    next[field] = wanted.to
    moved = true
  }
  if (!moved) return unchanged()
  if (next.email !== user.email) {
    const emailKey = toEmailKey(next.email)
    if (!emailKey) return rejected('email-invalid', { email: next.email })
    const holder = view.users.byEmail(emailKey)
    if (holder && holder.id !== id) return rejected('email-taken', takenBy(holder, next.email))
    // As in update-user: the address alone lets nobody in.
    if (emailKey !== user.emailKey && user.status !== 'deactivated')
      view.cause({ kind: 'mail', template: user.status === 'invited' ? 'invitation' : 'confirm-email', userId: id })
    next.emailKey = emailKey
  }
  view.users.put(next)
  return applied()
}

const takenBy = ({ id: userId, status, updatedAt: since }: User, email: string) => ({ email, userId, status, since })
