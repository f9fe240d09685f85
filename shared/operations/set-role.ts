// Gives users another role: member, viewer (reads the console) or admin.
// Never leaves the organisation without an active admin.
import * as v from 'valibot'
import { Role } from '../model.ts'
import { defineOperation } from './definition.ts'
import { changeAdmins, eachUser, isLastAdmin, UserIds, usersNamed } from './each.ts'
import { byEarlier } from './images.ts'
import { applied, rejected, unchanged } from './outcome.ts'

export const setRole = defineOperation({
  type: 'set-role',
  title: 'Change Role',
  args: v.strictObject({ userIds: UserIds, role: Role }),
  itemsAre: 'users',
  items: ({ userIds }) => userIds,
  reads: ({ userIds }) => ({ users: userIds }),

  apply: (view, { userIds, role }, { now }) =>
    eachUser(view, userIds, (user) => {
      if (user.status === 'deactivated') return rejected('user-deactivated', { since: user.updatedAt })
      if (user.role === role) return unchanged()
      if (isLastAdmin(view, user)) return rejected('last-admin', {})
      const changed = { ...user, role, updatedAt: now }
      changeAdmins(view, user, -1)
      changeAdmins(view, changed, +1)
      view.users.put(changed)
      // A member has no console: what is open there must not stay open.
      if (role === 'member') view.cause({ kind: 'end-sessions', userId: user.id })
      return applied()
    }),

  inverse: ({ images }, _args, items) =>
    byEarlier(images.users, items, 'role', Role).map(({ value: role, ids }) => ({
      type: 'set-role',
      args: { userIds: ids, role },
    })),

  describe: ({ userIds, role }, names) => `Make ${usersNamed(userIds, names)} ${ROLE_NAMES[role](userIds.length)}`,
  slice: ({ userIds, role }, from, to) => ({ userIds: userIds.slice(from, to), role }),
})

const ROLE_NAMES: Readonly<Record<Role, (n: number) => string>> = {
  member: (n) => (n === 1 ? 'a member' : 'members'),
  viewer: (n) => (n === 1 ? 'a viewer' : 'viewers'),
  admin: (n) => (n === 1 ? 'an admin' : 'admins'),
}
