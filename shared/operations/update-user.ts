// Changes the details of one user; its items are the fields, each merged on its own, so that two admins who edit different
// fields never disturb each other. Never touches product, group, limit, role or status: those are actions of their own.
import * as v from 'valibot'
import { isolated } from '../bidi.ts'
import { toEmailKey } from '../email.ts'
import { USER_FIELDS, UserId, type User, type UserField } from '../model.ts'
import { text } from '../text.ts'
import { defineOperation, type Context } from './definition.ts'
import { touched } from './each.ts'
import { merge, type FieldChange } from './merge.ts'
import { applied, rejected, withItem, type Result } from './outcome.ts'
import type { View } from '../view.ts'

const change = (max?: number) => v.optional(v.strictObject({ from: text(max), to: text(max) }))

export const updateUser = defineOperation({
  type: 'update-user',
  title: 'Edit details',
  args: v.strictObject({
    userId: UserId,
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
  }),
  itemsAre: 'fields',
  items: ({ changes }) => fieldsOf(changes).map(([field]) => field),
  reads: ({ userId, changes }) => {
    const key = changes.email && toEmailKey(changes.email.to)
    return { users: [userId], emails: key ? [key] : [] }
  },
  apply: (view, { userId, changes }, context) =>
    fieldsOf(changes).map(([field, wanted]) => withItem(field, set(view, userId, field, wanted, context))),

  // What stood before is wanted again, what was written is where it must still stand.
  inverse: (_past, { userId, changes }, items) => {
    const back = fieldsOf(changes).filter(([field]) => items.has(field))
    const reversed = Object.fromEntries(back.map(([field, { from, to }]) => [field, { from: to, to: from }]))
    return [{ type: 'update-user', args: { userId, changes: reversed } }]
  },

  describe: ({ userId, changes }, names) => {
    const fields = fieldsOf(changes)
    const name = isolated(names.users[userId]) ?? 'a user'
    const [only] = fields
    return fields.length === 1 && only
      ? `Change ${FIELD_NAMES[only[0]]} of ${name} to “${isolated(only[1].to)}”`
      : `Change ${fields.length} details of ${name}`
  },
})

export const FIELD_NAMES: Readonly<Record<UserField, string>> = {
  email: 'e-mail',
  firstName: 'first name',
  lastName: 'last name',
  title: 'title',
  phone: 'phone',
  externalId: 'external id',
}

type UserChanges = Partial<Record<UserField, FieldChange<string> | undefined>>

/** The named fields in the model's order, whatever order the request had. */
const fieldsOf = (changes: UserChanges): [UserField, FieldChange<string>][] =>
  USER_FIELDS.flatMap((field) => {
    const wanted = changes[field]
    return wanted ? [[field, wanted] as [UserField, FieldChange<string>]] : []
  })

function set(view: View, userId: UserId, field: UserField, wanted: FieldChange<string>, { now }: Context): Result {
  const user = view.users.get(userId)
  if (!user) return rejected('user-unknown', {})
  const done = merge(user.id, field, user[field], wanted)
  if (done) return done
  const changed: User = { ...user, [field]: wanted.to, updatedAt: touched(user, now) }
  if (field === 'email') {
    const emailKey = toEmailKey(wanted.to)
    if (!emailKey) return rejected('email-invalid', { email: wanted.to })
    const holder = view.users.byEmail(emailKey)
    if (holder && holder.id !== userId)
      return rejected('email-taken', {
        email: wanted.to,
        userId: holder.id,
        status: holder.status,
        since: holder.updatedAt,
      })
    // The address alone lets nobody in: who was invited is invited there, and who signs in already must confirm it first.
    if (emailKey !== user.emailKey && user.status !== 'deactivated')
      view.cause({ kind: 'mail', template: user.status === 'invited' ? 'invitation' : 'confirm-email', userId })
    changed.emailKey = emailKey
  }
  view.users.put(changed)
  return applied()
}
