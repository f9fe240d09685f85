// The small maker of worlds for tests of the rules: an organisation in domain verbs, with the real definitions inside and rows in
// memory. Each operation runs as on the server: parsed, over declared reads only, logged with images, undone from that log.
import { usedIn } from '#shared/limits.ts'
import {
  TERMS,
  type Group,
  type GroupId,
  type Instant,
  type Meter,
  type OperationId,
  type Product,
  type Status,
  type Term,
  type User,
  type UserId,
} from '#shared/model.ts'
import type { Past } from '#shared/operations/definition.ts'
import { imagesOf, type Images } from '#shared/operations/images.ts'
import { parseCall, run } from '#shared/operations/index.ts'
import { appliedItems, type Outcome } from '#shared/operations/outcome.ts'
import type { actions } from '#shared/operations/registry.ts'
import { readsOfUndo } from '#shared/operations/undo.ts'
import { termStarts } from '#shared/periods.ts'
import { createView, type Effect, type View } from '#shared/view.ts'
import { build, found, idOf, NOON, type Blueprint } from './blueprint.ts'
import { strictSource, type MemorySource } from './memory-source.ts'

export type ActionType = (typeof actions)[number]['type']
export type ArgsOf<Type extends ActionType> = Parameters<Extract<(typeof actions)[number], { type: Type }>['items']>[0]

/** One operation as the log has it. */
export interface Deed {
  id: OperationId
  type: string
  outcomes: Outcome[]
  effects: readonly Effect[]
  images: Images
  view: View
}

/** An organisation with the active admin `ingrid`, and whoever the blueprint names. */
export const organisation = (blueprint: Blueprint = {}) => new World(build(blueprint), NOON, new Map(), 1)

export class World {
  readonly rows: MemorySource
  readonly log: Map<OperationId, Past>
  now: Instant
  #made: number

  constructor(rows: MemorySource, now: Instant, log: Map<OperationId, Past>, made: number) {
    this.rows = rows
    this.now = now
    this.log = log
    this.#made = made
  }

  fork(): World {
    return new World(this.rows.fork(), this.now, new Map(this.log), this.#made)
  }

  /** An id that nothing has yet. */
  newId<Id extends string>(): Id {
    this.#made += 1
    return idOf(0x100000 + this.#made)
  }

  perform<Type extends ActionType>(type: Type, args: ArgsOf<Type>, how: { as?: UserId; atomic?: boolean } = {}): Deed {
    return this.run(type, args, undefined, how)
  }

  undo(operationId: OperationId, ids?: readonly string[], how: { as?: UserId } = {}): Deed {
    const args = ids ? { operationId, ids } : { operationId }
    return this.run('undo', args, this.log.get(operationId) ?? null, how)
  }

  /** Runs one operation over what it declared, keeps what it changed, and logs it. */
  run(
    type: string,
    args: unknown,
    past: Past | null | undefined,
    { as = this.user('ingrid').id, atomic = false }: { as?: UserId; atomic?: boolean },
  ): Deed {
    const deed = this.preview(type, args, past, { as, atomic })
    this.rows.write(deed.view.changes)
    const mails = deed.effects.flatMap((effect) =>
      effect.kind === 'mail' ? [[effect.userId, 'waiting'] as const] : [],
    )
    this.log.set(deed.id, {
      id: deed.id,
      type,
      args,
      applied: appliedItems(deed.outcomes),
      images: deed.images,
      mails: Object.fromEntries(mails),
    })
    return deed
  }

  /** As `run`, on a view that is thrown away. */
  preview(
    type: string,
    args: unknown,
    past: Past | null | undefined,
    { as, atomic = false }: { as: UserId; atomic?: boolean },
  ): Deed {
    const parsed = parseCall(type, args)
    if (!parsed.ok) throw new Error(`${type} ${parsed.fault.path}: ${parsed.fault.message}`)
    const { definition } = parsed.call
    const reads = past ? readsOfUndo(past) : [definition.reads(parsed.call.args)]
    const view = createView(strictSource(this.rows, as, reads))
    const outcomes = run(view, parsed.call, { actor: as, now: this.now, past }, atomic)
    const images = JSON.parse(JSON.stringify(imagesOf(view.changes))) as Images
    return { id: this.newId(), type, outcomes, effects: [...view.effects], images, view }
  }

  user(name: string): User {
    return found(
      this.rows.all('users').find(({ firstName }) => firstName === name),
      name,
    )
  }
  ids(...names: string[]): UserId[] {
    return names.map((name) => this.user(name).id)
  }
  group(name: string): Group {
    return found(
      this.rows.all('groups').find((group) => group.name === name),
      name,
    )
  }
  product(name: string): Product {
    return found(
      this.rows.all('products').find((product) => product.name === name),
      name,
    )
  }
  meter(id: UserId | GroupId): Meter | undefined {
    return this.rows.get('meters', id)
  }
  has(id: UserId | GroupId): boolean {
    return Boolean(this.rows.get('users', id as UserId) ?? this.rows.get('groups', id as GroupId))
  }

  /** Group name → maintained count of members. */
  memberCounts(): Record<string, number> {
    return Object.fromEntries(this.rows.all('groups').map(({ name, members }) => [name, members]))
  }
  used(name: string, term: Term = 'month'): number {
    return usedIn(this.meter(this.user(name).id), term, this.starts())
  }
  usedOf(id: UserId): number[] {
    const starts = this.starts()
    return TERMS.map((term) => usedIn(this.meter(id), term, starts))
  }
  starts(): Record<Term, Instant> {
    return termStarts(this.rows.organisation, this.rows.grants(), this.now)
  }

  /** Details as the form of Add User gives them. */
  newcomer(firstName: string, more: Partial<ArgsOf<'add-users'>['users'][number]> = {}) {
    return {
      id: this.newId<UserId>(),
      email: `${firstName}@tern.example`,
      firstName,
      lastName: '',
      title: '',
      phone: '',
      externalId: '',
      productId: found(this.rows.all('products')[0], 'a product').id,
      groupId: null,
      limit: null,
      role: 'member' as const,
      ...more,
    }
  }

  // What others do: the provider, the clock, the users themselves.
  sellSeats(name: string, seatsPurchased: number): void {
    const product = this.product(name)
    this.rows.put('products', {
      ...product,
      seatsPurchased,
      lastContract: { from: product.seatsPurchased, at: this.now },
    })
  }
  sellCredits(credits: number): void {
    const grant = found(this.rows.all('grants')[0], 'a grant')
    this.rows.put('grants', { ...grant, credits })
  }
  acceptInvitation(who: string | User): void {
    const user = this.#who(who)
    const status: Status = user.status === 'invited' ? 'active' : user.status
    this.rows.put('users', { ...user, status, joinedAt: this.now })
    const counts = status === 'active' && user.role === 'admin' && user.status === 'invited'
    const { organisation: row } = this.rows
    if (counts) this.rows.put('organisations', { ...row, activeAdmins: row.activeAdmins + 1 })
  }
  use(who: string | User, credits: number): void {
    const { id } = this.#who(who)
    const starts = this.starts()
    const meter = this.meter(id) ?? emptyMeter(id)
    const since = (term: Term) => Math.max(meter[`${term}Since`], starts[term])
    const counted = (term: Term) => usedIn(meter, term, starts) + credits
    this.rows.put('meters', {
      ...meter,
      month: counted('month'),
      quarter: counted('quarter'),
      year: counted('year'),
      contract: counted('contract'),
      monthSince: since('month'),
      quarterSince: since('quarter'),
      yearSince: since('year'),
      contractSince: since('contract'),
      lastUsedAt: this.now,
    })
  }
  pass(milliseconds: number): void {
    this.now += milliseconds
  }
  #who(who: string | User): User {
    return typeof who === 'string' ? this.user(who) : who
  }
  /** The mails that the operation has caused are gone. */
  mailsLeave(id: OperationId): void {
    const past = found(this.log.get(id), id)
    const left = Object.keys(past.mails).map((userId) => [userId, 'left'] as const)
    this.log.set(id, { ...past, mails: Object.fromEntries(left) })
  }
}

/** "applied", "unchanged" or the code of each item, in order. */
export const results = ({ outcomes }: Pick<Deed, 'outcomes'>): string[] =>
  outcomes.map((outcome) => (outcome.result === 'rejected' ? outcome.code : outcome.result))

/** The fact behind the only rejection. */
export function factOf({ outcomes }: Pick<Deed, 'outcomes'>): unknown {
  const [only] = outcomes.flatMap((outcome) => (outcome.result === 'rejected' ? [outcome.fact] : []))
  return only
}

const emptyMeter = (id: UserId): Meter => ({
  id,
  version: 1,
  of: 'user',
  month: 0,
  quarter: 0,
  year: 0,
  contract: 0,
  monthSince: 0,
  quarterSince: 0,
  yearSince: 0,
  contractSince: 0,
  lastUsedAt: null,
  markers: [],
})
