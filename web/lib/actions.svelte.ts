// Which admin action is asked for, and for whom. Lists, panels, keys and the palette open actions here; the host in the frame of the
// app (components/actions/ActionHost.svelte) shows the dialog. Never performs anything itself.
import type { GroupId, UserId } from '#shared/model.ts'

export type ActionName =
  | 'add-user'
  | 'assign-group'
  | 'change-product'
  | 'manage-limit'
  | 'reset-usage'
  | 'reset-password'
  | 'deactivate-users'
  | 'reactivate-users'
  | 'set-role'
  | 'erase-user'
  | 'export-users'

export interface Asked {
  action: ActionName
  /** In the order of selection. */
  userIds: readonly UserId[]
  /** What a form begins with: the group from whose page a user is added. */
  groupId?: GroupId | undefined
  /** Told apart from every earlier opening. */
  serial: number
}

/** What a dialog of an action gets from the host. */
export interface ActionProps {
  userIds: readonly UserId[]
  groupId?: GroupId | undefined
}

let asked = $state.raw<Asked>()
let serial = 0

export const actions = {
  get asked(): Asked | undefined {
    return asked
  },
  /** Opens the dialog of an action. Whom it concerns is frozen here: the selection may move on behind it. */
  open(action: ActionName, userIds: readonly UserId[] = [], given: { groupId?: GroupId } = {}): void {
    asked = { action, userIds: [...userIds], ...given, serial: (serial += 1) }
  },
  /** The page that shows them goes: none opens by itself when it comes back. */
  forget(): void {
    asked = undefined
  },
}
