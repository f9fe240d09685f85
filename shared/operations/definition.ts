// What an admin action is: one pure function that the app runs at once and the server runs again, with what both need around it.
// A definition has no clock, no chance and no I/O: everything comes in by view and context.
import type { GenericSchema } from 'valibot'
import type { EmailKey } from '../email.ts'
import type { GroupId, Instant, OperationId, ProductId, Role, UserId } from '../model.ts'
import type { View } from '../view.ts'
import type { Images } from './images.ts'
import type { Outcome } from './outcome.ts'

/** At most so many items in one operation; larger selections become a batch of several. */
export const MAX_ITEMS = 10_000
/** At most so many bytes of JSON in one operation, for its whole record. */
export const MAX_OPERATION_BYTES = 900_000

/**
 * The rows that `apply` may ask for; the server loads these and no others. The organisation, its products and grants and the
 * actor's row are always there.
 */
export interface Reads {
  users?: readonly UserId[]
  emails?: readonly EmailKey[]
  groups?: readonly GroupId[]
  groupNames?: readonly string[]
  /** The groups that these users are in. */
  groupsOfUsers?: readonly UserId[]
  /** All users of these groups. */
  usersOfGroups?: readonly GroupId[]
  /** The meters of these users. */
  meters?: readonly UserId[]
}

export interface Context {
  actor: UserId
  /** On the device `madeAt`, on the server its own time. */
  now: Instant
  /** The operation that an undo names: null where the log has none, undefined on a device, which keeps no images. */
  past?: Past | null | undefined
}

/** An operation of the log, as its undo sees it. */
export interface Past {
  id: OperationId
  type: string
  args: unknown
  /** The items that were applied. */
  applied: readonly string[]
  images: Images
  /** Mails that it caused: still waiting in the outbox, or gone. */
  mails: Readonly<Record<string, 'waiting' | 'left'>>
}

/** Names of the rows that a sentence speaks of; kept with the operation, since an id says nothing to a person. */
export interface Names {
  users: Readonly<Record<string, string>>
  groups: Readonly<Record<string, string>>
  products: Readonly<Record<string, string>>
}

/** A call without its envelope: what a dialog makes and an inverse consists of. */
export interface Call<Type extends string = string, Args = unknown> {
  type: Type
  args: Args
}

export interface Definition<Type extends string = string, Args = unknown> {
  type: Type
  /** The action's name as the buttons have it. */
  title: string
  /** Parses the form, the queue and the request. */
  args: GenericSchema<unknown, Args>
  /** Whether the items are users, groups, the fields of one row, or nothing that has a row. */
  itemsAre: 'users' | 'groups' | 'fields' | 'nothing'
  /** One id (or field name) per item, in the order in which they are taken. */
  items(args: Args): readonly string[]
  reads(args: Args): Reads
  /** One outcome per item, in order. Synchronous: a promise does not compile. */
  apply(view: View, args: Args, context: Context): Outcome[]
  /** The calls that undo the given items of a past operation, in order; null where it can't be undone. */
  inverse(past: Past, args: Args, items: ReadonlySet<string>): readonly Call[] | null
  /** One sentence in the imperative, without a full stop: "Assign 7 users to EMEA Sales". */
  describe(args: Args, names: Names): string
  /** The same call for the items from `from` up to `to` alone: how a large selection becomes several operations. */
  slice?(args: Args, from: number, to: number): Args
  /** Who may perform it; an active admin alone where nothing is said. */
  may?: readonly Role[]
  /** Asks again before it is sent when it has waited for a day. */
  risky?: true
  /** Sends a mail, which can't be called back once it has left. */
  mails?: true
  /** Ids of the rows that it creates: what is queued behind it may name them. */
  creates?(args: Args): { users?: readonly UserId[]; groups?: readonly GroupId[] }
  /** Ids of rows that it needs but does not create, beside its items: an unknown one points at a failed create. */
  needs?(args: Args): { groups?: readonly GroupId[]; products?: readonly ProductId[] }
}

/** A definition that also makes its own calls, typed: `assignGroup.with({ userIds, groupId })`. */
export type Action<Type extends string = string, Args = unknown> = Definition<Type, Args> & {
  with(args: Args): Call<Type, Args>
}

export function defineOperation<const Type extends string, Args>(
  definition: Definition<Type, Args>,
): Action<Type, Args> {
  return { ...definition, with: (args) => ({ type: definition.type, args }) }
}
