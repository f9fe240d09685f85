// The form of Add User: what is typed, and what a reload or a lock must not lose. Nothing here is sent.
import { Chosen, chosenOf } from '#lib/components/actions/LimitChoices.svelte'
import { device } from '#lib/device.svelte.ts'
import { typedForm, type TypedForm } from '#lib/kept-for-tab.ts'
import { GroupId, ProductId, Role } from '#shared/model.ts'
import * as v from 'valibot'

const UserForm = v.object({
  texts: v.object({
    firstName: v.string(),
    lastName: v.string(),
    email: v.string(),
    title: v.string(),
    phone: v.string(),
    externalId: v.string(),
  }),
  productId: v.union([ProductId, v.literal('')]),
  groupId: v.nullable(GroupId),
  limit: Chosen,
  role: Role,
})
export type UserForm = v.InferOutput<typeof UserForm>

/** @param groupId from whose page it is opened: nobody has typed that */
export const emptyForm = (groupId: GroupId | null): UserForm => ({
  texts: { firstName: '', lastName: '', email: '', title: '', phone: '', externalId: '' },
  productId: '',
  groupId,
  limit: chosenOf(null),
  role: 'member',
})

const typed = typedForm<UserForm>('user-form', v.partial(UserForm))

/** By the name of the database, as who was removed is told by it. A product or a group that is gone since is left out. */
export const typedUser: TypedForm<UserForm> = {
  ...typed,
  kept(database) {
    const form = typed.kept(database)
    // As long as rows are missing, nothing is known to be gone.
    if (!form || device.phase !== 'ready') return form
    if (form.productId && !device.product(form.productId)) delete form.productId
    if (form.groupId && !device.group(form.groupId)) delete form.groupId
    return form
  },
}

/** Forgets the form where it holds what is asked for; answers whether it did. */
export function forgetTypedUser(database: string, isHeld: (text: string) => boolean): boolean {
  if (!isHeld(JSON.stringify(typed.kept(database) ?? {}))) return false
  typed.forget(database)
  return true
}
