// The loop round the items of an operation: unknown rows are answered here once, so that no definition forgets them.
import * as v from 'valibot'
import { isolated } from '../bidi.ts'
import { creditTotals } from '../credits.ts'
import { GroupId, UserId, type Instant, type Limit, type LimitChoice, type User } from '../model.ts'
import { freeSeat } from '../seats.ts'
import type { View } from '../view.ts'
import { MAX_ITEMS, type Context } from './definition.ts'
import { rejected, withItem, type Outcome, type Rejected, type Result } from './outcome.ts'

/** What is selected, in the order of selection. An id that comes twice is answered twice and takes effect once. */
export const UserIds = v.pipe(v.array(UserId), v.minLength(1), v.maxLength(MAX_ITEMS))
export const GroupIds = v.pipe(v.array(GroupId), v.minLength(1), v.maxLength(MAX_ITEMS))

/** One outcome per user, in the order of selection; a user that isn't there is answered `user-unknown`. */
export const eachUser = (view: View, ids: readonly UserId[], decide: (user: User) => Result): Outcome[] =>
  ids.map((id) => {
    const user = view.users.get(id)
    return withItem(id, user ? decide(user) : rejected('user-unknown', {}))
  })

/** What a user's `updatedAt` becomes. Of a deactivated one it stays: rejections tell by it since when that is so. */
export const touched = ({ status, updatedAt }: Pick<User, 'status' | 'updatedAt'>, now: Instant): Instant =>
  status === 'deactivated' ? updatedAt : now

/** Who does it, and when; null: a command on the server's host, which is no user. */
export type Doer = { actor: UserId | null; now: Instant }

/** A deactivated user keeps its group but is not one of its members. */
export function changeMembers(view: View, id: GroupId, by: 1 | -1, { actor, now }: Doer): void {
  const group = view.groups.get(id)
  if (group) view.groups.put({ ...group, members: group.members + by, lastModified: now, lastModifiedBy: actor })
}

/** Counts a user in or out as an active admin; anybody else is not counted. */
export function changeAdmins(view: View, { role, status }: Pick<User, 'role' | 'status'>, by: 1 | -1): void {
  if (!isActiveAdmin({ role, status })) return
  const { organisation } = view
  view.putOrganisation({ ...organisation, activeAdmins: organisation.activeAdmins + by })
}

/** Whether the organisation would be left without anybody who may change it. */
export const isLastAdmin = (view: View, user: Pick<User, 'role' | 'status'>): boolean =>
  isActiveAdmin(user) && view.organisation.activeAdmins <= 1

const isActiveAdmin = ({ role, status }: Pick<User, 'role' | 'status'>) => role === 'admin' && status === 'active'

/** Takes a user's row away, and the meter with it; whoever counted the user counts one less. */
export function removeRow(view: View, user: User, by: Doer): void {
  if (user.status !== 'deactivated') {
    if (user.productId) freeSeat(view, user.productId)
    if (user.groupId) changeMembers(view, user.groupId, -1, by)
  }
  changeAdmins(view, user, -1)
  if (view.meters.get(user.id)) view.meters.remove(user.id)
  view.users.remove(user.id)
}

/** The limit as stored, with who chose it and what it replaces. */
export const stampLimit = (choice: LimitChoice | null, was: Limit | null, { actor, now }: Context): Limit | null =>
  choice && { ...choice, setBy: actor, setAt: now, was: was && { credits: was.credits, term: was.term } }

/**
 * Refuses a limit above all credits of the organisation: it would promise what can't be had. The credits are reckoned once for all
 * items of an operation, and not at all where no limit is set.
 */
export function limitCheck(view: View, now: Instant): (choice: LimitChoice | null) => Rejected | undefined {
  let total: number | undefined
  return (choice) => {
    if (!choice || choice.credits === null) return undefined
    total ??= creditTotals(view.grants.all(), view.organisation, now).total
    return choice.credits > total
      ? rejected('limit-exceeds-credits', { credits: choice.credits, available: total })
      : undefined
  }
}

/** "1 user", "12 users". */
export const count = (n: number, noun: string): string => `${n.toLocaleString('en')} ${noun}${n === 1 ? '' : 's'}`

/** One user by name, several by number: "Thabo Nkosi", "12 users". */
export const usersNamed = (ids: readonly UserId[], names: { users: Readonly<Record<string, string>> }): string => {
  const [first] = ids
  return (ids.length === 1 && first && isolated(names.users[first])) || count(ids.length, 'user')
}
