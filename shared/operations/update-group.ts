// Changes the name or the limits of one group; its items are the fields, each merged on its own, so that two admins who edit
// different fields never disturb each other. Never touches its members.
import * as v from 'valibot'
import { isolated } from '../bidi.ts'
import { limitWords } from '../limit-words.ts'
import { choiceOf } from '../limits.ts'
import { GroupId, LimitChoice, toNameKey, type Group } from '../model.ts'
import { filledText } from '../text.ts'
import { defineOperation, type Context } from './definition.ts'
import { limitCheck, stampLimit } from './each.ts'
import { changeOf, merge, reversed, type FieldChange } from './merge.ts'
import { applied, rejected, withItem, type Rejected, type Result } from './outcome.ts'
import type { View } from '../view.ts'

const limit = v.nullable(LimitChoice)

export const updateGroup = defineOperation({
  type: 'update-group',
  title: 'Edit group',
  args: v.strictObject({
    groupId: GroupId,
    changes: v.pipe(
      v.strictObject({
        name: changeOf(filledText()),
        memberLimit: changeOf(limit),
        poolLimit: changeOf(limit),
      }),
      v.check((changes) => Object.keys(changes).length > 0, 'Names no field to change.'),
    ),
  }),
  itemsAre: 'fields',
  items: ({ changes }) => fieldsOf(changes),
  reads: ({ groupId, changes }) => ({
    groups: [groupId],
    groupNames: changes.name ? [toNameKey(changes.name.to)] : [],
  }),
  apply: (view, { groupId, changes }, context) =>
    fieldsOf(changes).map((field) => withItem(field, set(view, groupId, field, changes, context))),

  inverse: (_past, { groupId, changes }, items) => {
    const fields = fieldsOf(changes).filter((field) => items.has(field))
    return [{ type: 'update-group', args: { groupId, changes: reversed(changes, fields) } }]
  },

  describe: ({ groupId, changes }, names) => {
    const group = isolated(names.groups[groupId]) ?? 'a group'
    const { name, memberLimit, poolLimit } = changes
    if (fieldsOf(changes).length > 1) return `Change ${fieldsOf(changes).length} settings of ${group}`
    if (name) return `Rename ${isolated(name.from)} to ${isolated(name.to)}`
    if (memberLimit) return `Set the limit for each member of ${group} to ${wordsOf(memberLimit.to)}`
    return `Set the limit shared by ${group} to ${wordsOf(poolLimit?.to ?? null)}`
  },
})

const GROUP_FIELDS = ['name', 'memberLimit', 'poolLimit'] as const
export type GroupField = (typeof GROUP_FIELDS)[number]
export const GROUP_FIELD_NAMES: Readonly<Record<GroupField, string>> = {
  name: 'name',
  memberLimit: 'limit for each member',
  poolLimit: 'limit shared by the group',
}

interface GroupChanges {
  name?: FieldChange<string> | undefined
  memberLimit?: FieldChange<LimitChoice | null> | undefined
  poolLimit?: FieldChange<LimitChoice | null> | undefined
}

const fieldsOf = (changes: GroupChanges): GroupField[] => GROUP_FIELDS.filter((field) => changes[field])

const wordsOf = (choice: LimitChoice | null) => (choice ? limitWords(choice) : 'none')

function set(view: View, groupId: GroupId, field: GroupField, changes: GroupChanges, context: Context): Result {
  const group = view.groups.get(groupId)
  if (!group) return rejected('group-unknown', { groupId })
  const wanted = changes[field]
  const done = wanted && merge(group.id, field, field === 'name' ? group.name : choiceOf(group[field]), wanted)
  if (done) return done
  const changed = field === 'name' ? renamed(view, group, changes) : limited(view, group, field, changes, context)
  if ('result' in changed) return changed
  view.groups.put({ ...changed, lastModified: context.now, lastModifiedBy: context.actor })
  return applied()
}

function renamed(view: View, group: Group, { name }: GroupChanges): Group | Rejected {
  const to = name?.to ?? group.name
  const nameKey = toNameKey(to)
  const holder = view.groups.byName(nameKey)
  if (holder && holder.id !== group.id)
    return rejected('group-name-taken', { groupId: holder.id, members: holder.members })
  return { ...group, name: to, nameKey }
}

function limited(
  view: View,
  group: Group,
  field: 'memberLimit' | 'poolLimit',
  changes: GroupChanges,
  context: Context,
): Group | Rejected {
  const choice = changes[field]?.to ?? null
  return limitCheck(view, context.now)(choice) ?? { ...group, [field]: stampLimit(choice, group[field], context) }
}
