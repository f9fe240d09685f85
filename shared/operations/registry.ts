// Every admin action has its line here; queue, server, preview, audit, undo and simulation take it from this list.
import { addGroup } from './add-group.ts'
import { addUsers } from './add-users.ts'
import { assignGroup } from './assign-group.ts'
import { changeProduct } from './change-product.ts'
import { deactivateUsers } from './deactivate-users.ts'
import { deleteGroups } from './delete-groups.ts'
import type { Definition } from './definition.ts'
import { eraseUser } from './erase-user.ts'
import { removeAdded } from './inner/remove-added.ts'
import { restoreGroups } from './inner/restore-groups.ts'
import { stopMails } from './inner/stop-mails.ts'
import { takeBackReset } from './inner/take-back-reset.ts'
import { manageLimit } from './manage-limit.ts'
import { reactivateUsers } from './reactivate-users.ts'
import { recordExport } from './record-export.ts'
import { resetPassword } from './reset-password.ts'
import { resetUsage } from './reset-usage.ts'
import { setRole } from './set-role.ts'
import { updateGroup } from './update-group.ts'
import { updateOrganisation } from './update-organisation.ts'
import { updatePolicies } from './update-policies.ts'
import { updateUser } from './update-user.ts'
import { updateUsers } from './update-users.ts'

/** What an admin can do, beside undo; what a viewer may do too says so. */
export const actions = [
  addUsers,
  updateUser,
  updateUsers,
  assignGroup,
  changeProduct,
  manageLimit,
  resetUsage,
  resetPassword,
  setRole,
  deactivateUsers,
  reactivateUsers,
  eraseUser,
  addGroup,
  updateGroup,
  deleteGroups,
  updateOrganisation,
  updatePolicies,
  recordExport,
] as const

/** What only an undo does; no route accepts these. */
const inner = [removeAdded, restoreGroups, stopMails, takeBackReset] as const

const byType: ReadonlyMap<string, Definition> = new Map(
  // Args are parsed by the definition's own schema before they reach its functions: that is what makes the widening safe.
  [...actions, ...inner].map((definition) => [definition.type, definition as unknown as Definition]),
)

/** An action or an inner one by its type; undefined where this build does not know it. */
export const definitionOf = (type: string): Definition | undefined => byType.get(type)
