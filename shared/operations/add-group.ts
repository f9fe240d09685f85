// Adds a group with its limits. Never takes an id that had a row before: only an undo brings a deleted group back.
import * as v from 'valibot'
import { isolated } from '../bidi.ts'
import { NewGroup, toNameKey } from '../model.ts'
import { defineOperation, type Context } from './definition.ts'
import { limitCheck, stampLimit } from './each.ts'
import { applied, rejected, withItem, type Rejected, type Result } from './outcome.ts'
import type { View } from '../view.ts'

export const addGroup = defineOperation({
  type: 'add-group',
  title: 'Add Group',
  args: v.strictObject({ group: NewGroup }),
  itemsAre: 'groups',
  items: ({ group }) => [group.id],
  reads: ({ group }) => ({ groups: [group.id], groupNames: [toNameKey(group.name)] }),
  apply: (view, { group }, context) => [withItem(group.id, add(view, group, context))],
  // Who was assigned since keeps the group alive.
  inverse: (_past, { group }) => [{ type: 'delete-groups', args: { groupIds: [group.id], onMembers: 'refuse' } }],
  describe: ({ group }) => `Add the group ${isolated(group.name)}`,
  creates: ({ group }) => ({ groups: [group.id] }),
})

function add(view: View, group: NewGroup, context: Context): Result {
  if (view.groups.get(group.id) || view.groups.wasRemoved(group.id)) return rejected('id-taken', {})
  return putGroup(view, group, context) ?? applied()
}

/** Writes a group without members, or says why it can't be: also how a deleted one comes back. */
export function putGroup(view: View, group: NewGroup, context: Context): Rejected | undefined {
  const { id, name, memberLimit, poolLimit } = group
  const nameKey = toNameKey(name)
  const holder = view.groups.byName(nameKey)
  if (holder) return rejected('group-name-taken', { groupId: holder.id, members: holder.members })
  const refuse = limitCheck(view, context.now)
  const refused = refuse(memberLimit) ?? refuse(poolLimit)
  if (refused) return refused
  view.groups.put({
    id,
    version: 0,
    name,
    nameKey,
    memberLimit: stampLimit(memberLimit, null, context),
    poolLimit: stampLimit(poolLimit, null, context),
    members: 0,
    lastModified: context.now,
    lastModifiedBy: context.actor,
  })
  return undefined
}
