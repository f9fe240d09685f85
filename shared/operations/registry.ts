// Every admin action has its line here; queue, server, preview, audit, undo and simulation take it from this list.
import { addUsers } from './add-users.ts'
import { changeProduct } from './change-product.ts'
import type { Definition } from './definition.ts'
import { removeAdded } from './inner/remove-added.ts'
import { updateUser } from './update-user.ts'

/** What an admin can do, beside undo. */
export const actions = [addUsers, updateUser, changeProduct] as const

/** What only an undo does; no route accepts these. */
const inner = [removeAdded] as const

const byType: ReadonlyMap<string, Definition> = new Map(
  // Args are parsed by the definition's own schema before they reach its functions: that is what makes the widening safe.
  [...actions, ...inner].map((definition) => [definition.type, definition as unknown as Definition]),
)

/** An action or an inner one by its type; undefined where this build does not know it. */
export const definitionOf = (type: string): Definition | undefined => byType.get(type)
