// The form of a group: what is typed, what is made or changed by it, and what a reload or a lock must not lose. Nothing here is sent.
import { limitOf, Typed, typedOf } from '#lib/components/groups/LimitTick.svelte'
import { typedForm } from '#lib/kept-for-tab.ts'
import { choiceOf, sameLimit } from '#shared/limits.ts'
import type { Group, GroupId } from '#shared/model.ts'
import { addGroup } from '#shared/operations/add-group.ts'
import type { Call } from '#shared/operations/definition.ts'
import { updateGroup } from '#shared/operations/update-group.ts'
import * as v from 'valibot'

const GroupForm = v.object({ name: v.string(), memberLimit: Typed, poolLimit: Typed })
export type GroupForm = v.InferOutput<typeof GroupForm>

/** @param group undefined: one that is to be added */
export const formOf = (group: Group | undefined): GroupForm => ({
  name: group?.name ?? '',
  memberLimit: typedOf(group?.memberLimit ?? null),
  poolLimit: typedOf(group?.poolLimit ?? null),
})

/** By who types, and of an edit by its group. */
export const typedGroup = typedForm<GroupForm>('group-form', v.partial(GroupForm))

/** What the form does; undefined where it would do nothing, or where something is not complete. */
export function callOf(seen: Group | undefined, newId: GroupId, form: GroupForm): Call | undefined {
  const name = form.name.trim()
  const [memberLimit, poolLimit] = [limitOf(form.memberLimit).limit, limitOf(form.poolLimit).limit]
  if (!name || memberLimit === undefined || poolLimit === undefined) return undefined
  if (!seen) return addGroup.with({ group: { id: newId, name, memberLimit, poolLimit } })
  const [wasEach, wasShared] = [choiceOf(seen.memberLimit), choiceOf(seen.poolLimit)]
  const changes = {
    ...(name !== seen.name && { name: { from: seen.name, to: name } }),
    ...(!sameLimit(memberLimit, wasEach) && { memberLimit: { from: wasEach, to: memberLimit } }),
    ...(!sameLimit(poolLimit, wasShared) && { poolLimit: { from: wasShared, to: poolLimit } }),
  }
  return Object.keys(changes).length > 0 ? updateGroup.with({ groupId: seen.id, changes }) : undefined
}
