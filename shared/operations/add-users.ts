// Adds users, each with a seat, invited; the invitation is mailed once the server has accepted it.
// Never gives a seat or an address twice: of two new users with one address the first in order wins.
import * as v from 'valibot'
import { isolated } from '../bidi.ts'
import { toEmailKey } from '../email.ts'
import { NewUser, type GroupId } from '../model.ts'
import { takeSeat } from '../seats.ts'
import { defineOperation, MAX_ITEMS, type Context } from './definition.ts'
import { changeMembers, count, limitCheck, stampLimit } from './each.ts'
import { applied, rejected, withItem, type Result } from './outcome.ts'
import type { View } from '../view.ts'

export const addUsers = defineOperation({
  type: 'add-users',
  title: 'Add User',
  args: v.strictObject({ users: v.pipe(v.array(NewUser), v.minLength(1), v.maxLength(MAX_ITEMS)) }),
  itemsAre: 'users',
  items: ({ users }) => users.map(({ id }) => id),
  reads: ({ users }) => ({
    users: users.map(({ id }) => id),
    emails: users.flatMap(({ email }) => toEmailKey(email) ?? []),
    groups: groupsOf(users),
  }),
  apply: (view, { users }, context) => {
    const refuse = limitCheck(view, context.now)
    return users.map((user) => withItem(user.id, add(view, user, context, refuse)))
  },
  inverse: ({ id }, _args, items) => [{ type: 'remove-added', args: { operationId: id, userIds: [...items] } }],
  describe: ({ users }) => {
    const [first] = users
    const name = users.length === 1 && first ? `${first.firstName} ${first.lastName}`.trim() || first.email : ''
    return `Add ${isolated(name) || count(users.length, 'user')}`
  },
  slice: ({ users }, from, to) => ({ users: users.slice(from, to) }),
  mails: true,
  creates: ({ users }) => ({ users: users.map(({ id }) => id) }),
  needs: ({ users }) => ({ groups: groupsOf(users) }),
})

function add(
  view: View,
  { limit, ...details }: NewUser,
  context: Context,
  refuse: ReturnType<typeof limitCheck>,
): Result {
  const { id, email, groupId, productId } = details
  if (view.users.get(id) || view.users.wasRemoved(id)) return rejected('id-taken', {})
  const emailKey = toEmailKey(email)
  if (!emailKey) return rejected('email-invalid', { email })
  const holder = view.users.byEmail(emailKey)
  if (holder)
    return rejected('email-taken', { email, userId: holder.id, status: holder.status, since: holder.updatedAt })
  if (groupId && !view.groups.get(groupId)) return rejected('group-unknown', { groupId })
  const refused = refuse(limit) ?? takeSeat(view, productId, context)
  if (refused) return refused

  if (groupId) changeMembers(view, groupId, +1, context)
  view.users.put({
    ...details,
    version: 0,
    emailKey,
    limit: stampLimit(limit, null, context),
    status: 'invited',
    joinedAt: null,
    createdAt: context.now,
    updatedAt: context.now,
  })
  view.cause({ kind: 'mail', template: 'invitation', userId: id })
  return applied()
}

const groupsOf = (users: readonly NewUser[]): GroupId[] => [...new Set(users.flatMap(({ groupId }) => groupId ?? []))]
