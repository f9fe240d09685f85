// Random steps for property tests: every action of the registry with args that fit the organisation as it stands (and some that
// don't), undo, and what others do meanwhile: the provider, the clock, the users.
import fc from 'fast-check'
import { TERMS, ROLES, type GroupId, type LimitChoice, type Product, type User, type UserId } from '#shared/model.ts'
import { choiceOf } from '#shared/limits.ts'
import { actions } from '#shared/operations/registry.ts'
import type { undo } from '#shared/operations/undo.ts'
import { SECOND_FACTORS } from '#shared/policies.ts'
import { argsFromSchema, type Draw } from './args-from-schema.ts'
import { DAY, found, idOf } from './blueprint.ts'
import type { ActionType, ArgsOf, Deed, World } from './organisation.ts'

/** A step before it meets an organisation: numbers that each choice is made from, so that failures shrink. */
export interface Step {
  what: number
  picks: number[]
}
export const steps = (max: number) =>
  fc.array(fc.record({ what: number, picks: fc.array(number, { minLength: 8, maxLength: 20, size: 'max' }) }), {
    minLength: 1,
    maxLength: max,
    size: 'max',
  })
// Without bias: small numbers are no edge cases here, each choice is as good as another.
const number = fc.noBias(fc.nat({ max: 9_999 }))

export type UndoArgs = Parameters<typeof undo.items>[0]

/** What a step is in a certain organisation. */
export type Deal =
  | { kind: 'perform'; type: ActionType; args: unknown; as: UserId; atomic: boolean }
  | { kind: 'undo'; type: 'undo'; args: UndoArgs; deed: Deed; as: UserId; atomic: false }
  | { kind: 'others'; happen: (world: World) => void }

export class Picker {
  readonly #picks: readonly number[]
  #at = 0
  constructor(picks: readonly number[]) {
    this.#picks = picks
  }
  number(below: number): number {
    // When the numbers are used up they come again, shifted: a zero for ever would be a bias.
    const pick = (this.#picks[this.#at % this.#picks.length] ?? 0) + 7 * Math.floor(this.#at / this.#picks.length)
    this.#at += 1
    return below > 0 ? pick % below : 0
  }
  oneOf<Value>(values: readonly Value[]): Value {
    return found(values[this.number(values.length)], 'choice')
  }
  /** True in `of` out of ten. */
  chance(of: number): boolean {
    return this.number(10) < of
  }
}

/** Turns a step into a deal; `done` are the deeds so far, which an undo chooses from. */
export function dealOf({ what, picks }: Step, world: World, done: readonly Deed[]): Deal {
  const pick = new Picker(picks)
  const users = world.rows.all('users')
  const admins = users.filter(({ role, status }) => role === 'admin' && status === 'active')
  const as = (pick.chance(9) ? pick.oneOf(admins) : pick.oneOf(users)).id
  const kind = what % 10
  if (kind < 2) return { kind: 'others', happen: pick.oneOf(HAPPENINGS)(pick) }
  if (kind < 4 && done.length > 0) {
    const deed = pick.oneOf(done.slice(-8))
    const items = deed.outcomes.map(({ item }) => item)
    const ids = items.length > 0 && pick.chance(3) && [pick.oneOf(items)]
    const args = { operationId: deed.id, ...(ids && { ids }) }
    return { kind: 'undo', type: 'undo', args, deed, as, atomic: false }
  }
  const { type, args: schema } = found(actions[Math.floor(what / 10) % actions.length], 'action')
  const args = ARGS[type]?.(pick, world) ?? argsFromSchema(schema, drawFrom(pick, world))
  return { kind: 'perform', type, args, as, atomic: pick.chance(2) }
}

/** Args that must hang together; those of any other action are read off its schema. */
const ARGS: { [Type in ActionType]?: (pick: Picker, world: World) => ArgsOf<Type> } = {
  'add-users': (pick, world) => ({
    users: Array.from({ length: 1 + pick.number(3) }, () => {
      const name = pick.oneOf(NAMES)
      return world.newcomer(name, {
        ...(pick.chance(1) && { id: someUser(pick, world) }),
        ...(pick.chance(1) && { email: 'not an address' }),
        productId: someProduct(pick, world).id,
        groupId: pick.chance(6) ? someGroup(pick, world) : null,
        limit: someLimit(pick),
        role: pick.oneOf(ROLES),
      })
    }),
  }),
  'update-user': (pick, world) => {
    const user = pick.oneOf(world.rows.all('users'))
    const from = (field: 'title' | 'phone' | 'email') => (pick.chance(8) ? user[field] : 'stale@tern.example')
    return {
      userId: pick.chance(9) ? user.id : idOf(0x9999),
      changes: {
        ...(pick.chance(5) && { email: { from: from('email'), to: `${pick.oneOf(NAMES)}@tern.example` } }),
        ...(pick.chance(5) && { phone: { from: from('phone'), to: pick.oneOf(['1', '2']) } }),
        title: { from: from('title'), to: pick.oneOf(['Lead', 'Head']) },
      },
    }
  },
  'update-users': (pick, world) => ({
    users: Array.from({ length: 1 + pick.number(3) }, () => {
      const user = pick.oneOf(world.rows.all('users'))
      const from = (field: 'title' | 'email') => (pick.chance(8) ? user[field] : 'stale@tern.example')
      return {
        id: pick.chance(9) ? user.id : idOf(0x9999),
        changes: {
          ...(pick.chance(5) && { email: { from: from('email'), to: `${pick.oneOf(NAMES)}@tern.example` } }),
          title: { from: from('title'), to: pick.oneOf(['Lead', 'Head']) },
        },
      }
    }),
  }),
  'manage-limit': (pick, world) => ({ userIds: someUsers(pick, world), limit: someLimit(pick) }),
  'add-group': (pick, world) => ({
    group: {
      id: pick.chance(2) ? someGroup(pick, world) : world.newId<GroupId>(),
      name: pick.oneOf(GROUP_NAMES),
      memberLimit: someLimit(pick),
      poolLimit: someLimit(pick),
    },
  }),
  'update-group': (pick, world) => {
    const groups = world.rows.all('groups')
    const group = groups.length > 0 ? pick.oneOf(groups) : undefined
    const stale = pick.chance(2)
    return {
      groupId: group?.id ?? idOf(0x999),
      changes: {
        ...(pick.chance(5) && {
          memberLimit: { from: stale ? null : choiceOf(group?.memberLimit ?? null), to: someLimit(pick) },
        }),
        ...(pick.chance(5) && {
          poolLimit: { from: stale ? null : choiceOf(group?.poolLimit ?? null), to: someLimit(pick) },
        }),
        name: { from: group?.name ?? 'Gone', to: pick.oneOf(GROUP_NAMES) },
      },
    }
  },
  'update-organisation': (pick, world) => {
    const { name, timeZone, weekStart, fiscalYearStart, defaultLimit } = world.rows.organisation
    const stale = pick.chance(2)
    return {
      changes: {
        ...(pick.chance(4) && { timeZone: { from: stale ? 'UTC' : timeZone, to: pick.oneOf(ZONES) } }),
        ...(pick.chance(4) && { weekStart: { from: stale ? 2 : weekStart, to: 1 + pick.number(7) } }),
        ...(pick.chance(4) && { fiscalYearStart: { from: stale ? 2 : fiscalYearStart, to: 1 + pick.number(12) } }),
        ...(pick.chance(4) && { defaultLimit: { from: stale ? null : choiceOf(defaultLimit), to: someLimit(pick) } }),
        name: { from: stale ? 'Acme' : name, to: pick.oneOf(GROUP_NAMES) },
      },
    }
  },
  'update-policies': (pick, world) => {
    const { secondFactor, leaseDays } = world.rows.organisation
    const stale = pick.chance(2)
    return {
      changes: {
        ...(pick.chance(2) && { leaseDays: { from: stale ? 9 : leaseDays, to: 1 + pick.number(9) } }),
        secondFactor: { from: stale ? 'off' : secondFactor, to: pick.oneOf(SECOND_FACTORS) },
      },
    }
  },
  'delete-groups': (pick, world) => ({
    groupIds: Array.from({ length: 1 + pick.number(2) }, () => someGroup(pick, world)),
    onMembers: pick.oneOf(['refuse', 'ungroup', { moveTo: someGroup(pick, world) }] as const),
  }),
}

const NAMES = ['mei', 'jo', 'Jo', 'kim', 'lin', 'noor', 'omar']
/** From the first to the last to see a day; one where clocks change, one with an older name. */
const ZONES = ['Pacific/Kiritimati', 'Pacific/Pago_Pago', 'Europe/Oslo', 'Asia/Calcutta', 'America/New_York']
const GROUP_NAMES = ['Sales', 'SALES', 'Support', 'Field', 'Talent']

const drawFrom = (pick: Picker, world: World): Draw => ({
  int: (below) => pick.number(below),
  userId: () => (pick.chance(9) ? someUser(pick, world) : idOf<UserId>(0x9999)),
  groupId: () => someGroup(pick, world),
  productId: () => someProduct(pick, world).id,
  text: () => pick.oneOf(NAMES),
})

const someUser = (pick: Picker, world: World): UserId => pick.oneOf(world.rows.all('users')).id
/** One to five, now and then one twice or one that nobody knows. */
const someUsers = (pick: Picker, world: World): UserId[] =>
  Array.from({ length: 1 + pick.number(5) }, () => (pick.chance(9) ? someUser(pick, world) : idOf<UserId>(0x9999)))
function someGroup(pick: Picker, world: World): GroupId {
  const groups = world.rows.all('groups')
  return groups.length > 0 && pick.chance(9) ? pick.oneOf(groups).id : idOf(0x999)
}
const someProduct = (pick: Picker, world: World): Product => pick.oneOf(world.rows.all('products'))
/** Small ones, blocked, unlimited, none, and now and then more than the organisation has. */
const someLimit = (pick: Picker): LimitChoice | null =>
  pick.chance(3) ? null : { credits: pick.oneOf([0, 5, 500, null, 1_001]), term: pick.oneOf(TERMS) }

/** What happens beside the admins' operations. */
const HAPPENINGS: ((pick: Picker) => (world: World) => void)[] = [
  (pick) => (world) => world.pass(pick.oneOf([1, 60_000, DAY, 31 * DAY])),
  (pick) => (world) => world.sellSeats(someProduct(pick, world).name, pick.number(12)),
  (pick) => (world) => world.sellCredits(pick.oneOf([1_000, 10, 2_000])),
  (pick) => (world) => withUser(pick, world, (user) => world.use(user, 1 + pick.number(20))),
  (pick) => (world) => withUser(pick, world, (user) => world.use(user, 1 + pick.number(20))),
  (pick) => (world) => {
    const invited = world.rows.all('users').filter(({ status }) => status === 'invited')
    if (invited.length > 0) world.acceptInvitation(pick.oneOf(invited))
  },
]

const withUser = (pick: Picker, world: World, act: (user: User) => void) => act(pick.oneOf(world.rows.all('users')))
