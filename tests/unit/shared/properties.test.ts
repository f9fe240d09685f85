// The invariants of the domain over random sequences of all operations, undo, and what others do meanwhile. Every operation runs as
// on the server: over frozen rows, and over a source that throws when it asks for what its reads did not declare.
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { toEmailKey } from '#shared/email.ts'
import { ENTITIES, toNameKey } from '#shared/model.ts'
import { imageFields, standsAt, type Images } from '#shared/operations/images.ts'
import { parseCall, routedDefinition } from '#shared/operations/index.ts'
import { appliedItems } from '#shared/operations/outcome.ts'
import { actions } from '#shared/operations/registry.ts'
import { itemsOfUndo } from '#shared/operations/undo.ts'
import { organisation, type Deed, type World } from '../../support/organisation.ts'
import { dealOf, steps, type Deal, type Step, type UndoArgs } from '../../support/random-steps.ts'

type Operation = Exclude<Deal, { kind: 'others' }>
interface Moment {
  operation: Operation
  before: World
  after: World
  deed: Deed
}

const world = () =>
  organisation({
    products: { Pro: 8, Basic: 5, Full: 1 },
    groups: { Sales: ['ada', 'bo', 'cy', 'ed'], Support: ['dee'], Empty: [] },
    users: {
      ada: { role: 'admin' },
      bo: { role: 'viewer', product: 'Basic' },
      cy: { limit: { credits: 7, term: 'month' } },
      dee: { product: 'Full' },
      fay: { product: 'Basic', role: 'admin' },
    },
    deactivated: ['ed'],
    invited: ['fay'],
    credits: 1_000,
  })

/** More of them before a release: QM_RUNS=5000. */
const RUNS = Number(process.env.QM_RUNS ?? 100)
/** operation × outcome, shown with QM_REACHED=1. */
const reached = new Map<string, number>()

/** Runs the steps one after the other and shows each operation with the organisation before and after it. */
function walk(plan: readonly Step[], look: (moment: Moment) => void): void {
  const acme = world()
  const done: Deed[] = []
  for (const step of plan) {
    const deal = dealOf(step, acme, done)
    if (deal.kind === 'others') {
      deal.happen(acme)
      continue
    }
    const before = acme.fork()
    const deed = perform(acme, deal)
    done.push(deed)
    for (const outcome of deed.outcomes) {
      const what = `${deed.type} ${outcome.result === 'rejected' ? outcome.code : outcome.result}`
      reached.set(what, (reached.get(what) ?? 0) + 1)
    }
    look({ operation: deal, before, after: acme, deed })
  }
}

const perform = (acme: World, { type, args, as, atomic }: Operation): Deed =>
  acme.run(type, args, pastOf(acme, { type, args }), { as, atomic })

const pastOf = (acme: World, { type, args }: Pick<Operation, 'type' | 'args'>) =>
  type === 'undo' ? (acme.log.get((args as UndoArgs).operationId) ?? null) : undefined

const holds = (name: string, look: (moment: Moment) => void) =>
  test(name, { timeout: 10_000 + RUNS * 100 }, () => {
    fc.assert(
      fc.property(steps(40), (plan) => walk(plan, look)),
      { numRuns: RUNS },
    )
  })

const rowsOf = (acme: World): Record<string, unknown> =>
  Object.fromEntries(
    ENTITIES.map((entity) => [entity, acme.rows.all(entity).toSorted((a, b) => (a.id < b.id ? -1 : 1))]),
  )
const changedRows = ({ view }: Deed) =>
  ENTITIES.flatMap((entity) => [...view.changes[entity]].map(([id, change]) => ({ entity, id, ...change })))

describe('always', () => {
  holds('no operation of an admin raises the seats used above those purchased', ({ before, after }) => {
    for (const { name, seatsUsed, seatsPurchased } of after.rows.all('products'))
      expect(seatsUsed).toBeLessThanOrEqual(Math.max(seatsPurchased, before.product(name).seatsUsed))
  })

  holds('every maintained counter equals the recount', ({ after }) => {
    const users = after.rows.all('users')
    const counted = users.filter(({ status }) => status !== 'deactivated')
    for (const product of after.rows.all('products'))
      expect(product.seatsUsed).toBe(counted.filter(({ productId }) => productId === product.id).length)
    for (const group of after.rows.all('groups'))
      expect(group.members).toBe(counted.filter(({ groupId }) => groupId === group.id).length)
    const admins = users.filter(({ role, status }) => role === 'admin' && status === 'active')
    expect(after.rows.organisation.activeAdmins).toBe(admins.length)
  })

  holds('there is at least one active admin', ({ after }) => {
    expect(after.rows.organisation.activeAdmins).toBeGreaterThan(0)
  })

  holds('an e-mail and a group name stand once, under their key', ({ after }) => {
    const users = after.rows.all('users')
    expect(new Set(users.map(({ email }) => toEmailKey(email))).size).toBe(users.length)
    for (const user of users) expect(user.emailKey).toBe(toEmailKey(user.email))
    const groups = after.rows.all('groups')
    expect(new Set(groups.map(({ name }) => toNameKey(name))).size).toBe(groups.length)
    for (const group of groups) expect(group.nameKey).toBe(toNameKey(group.name))
  })

  holds('nobody is in a group, or has a product, that is not there', ({ after }) => {
    for (const { groupId, productId } of after.rows.all('users')) {
      if (groupId) expect(after.has(groupId)).toBe(true)
      if (productId) expect(after.rows.get('products', productId)).toBeDefined()
    }
  })

  holds('what the provider sold stays as it was sold', ({ before, after }) => {
    const sold = (acme: World) =>
      acme.rows
        .all('products')
        .map(({ name, seatsPurchased, lastContract }) => ({ name, seatsPurchased, lastContract }))
    expect(sold(after)).toEqual(sold(before))
    expect(after.rows.all('grants')).toEqual(before.rows.all('grants'))
  })
})

describe('outcomes', () => {
  holds('every item has exactly one outcome, in the order of the items', ({ operation, before, deed }) => {
    const items =
      operation.kind === 'undo'
        ? itemsOfUndo(operation.args, before.log.get(operation.deed.id))
        : routedDefinition(operation.type)?.items(operation.args)
    expect(deed.outcomes.map(({ item }) => item)).toEqual(items)
  })

  holds('nobody but an active admin changes anything', ({ operation, before, deed }) => {
    const actor = before.rows.get('users', operation.as)
    const may = operation.kind === 'perform' ? routedDefinition(operation.type)?.may : undefined
    const allowed = actor?.status === 'active' && (may ?? ['admin']).includes(actor.role)
    if (allowed) return expect(deed.outcomes).not.toContainEqual(expect.objectContaining({ code: 'forbidden' }))
    for (const outcome of deed.outcomes) expect(outcome).toMatchObject({ result: 'rejected', code: 'forbidden' })
    expect([...changedRows(deed), ...deed.effects]).toEqual([])
  })

  holds('with all or nothing, one rejection keeps everything as it was', ({ operation, deed }) => {
    if (operation.kind === 'undo' || !operation.atomic) return
    if (deed.outcomes.every(({ result }) => result !== 'rejected')) return
    expect(deed.outcomes.filter(({ result }) => result === 'applied')).toEqual([])
    expect([...changedRows(deed), ...deed.effects]).toEqual([])
  })

  holds('what no item was applied for changes no row and causes nothing', ({ deed }) => {
    if (deed.outcomes.some(({ result }) => result === 'applied')) return
    expect([...changedRows(deed), ...deed.effects]).toEqual([])
  })

  holds('the preview says what then happens', ({ operation, before, deed }) => {
    const { type, args } = operation
    const preview = before.preview(type, args, pastOf(before, operation), operation)
    expect(preview.outcomes).toEqual(deed.outcomes)
    expect(changedRows(preview)).toEqual(changedRows(deed))
    expect(preview.effects).toEqual(deed.effects)
  })

  holds('args are the same however often they are parsed', ({ operation }) => {
    if (operation.kind === 'undo') return
    const once = parseCall(operation.type, operation.args)
    if (!once.ok) throw new Error(once.fault.message)
    const twice = parseCall(operation.type, once.call.args)
    expect(twice).toEqual({ ok: true, call: once.call })
  })

  holds('a selection that is cut in two does what the whole one does', ({ operation, before, after, deed }) => {
    if (operation.kind === 'undo' || operation.atomic) return
    const definition = routedDefinition(operation.type)
    const items = definition?.items(operation.args) ?? []
    if (!definition?.slice || items.length < 2 || !canBeCut(operation, items)) return
    const apart = before.fork()
    const parts = [definition.slice(operation.args, 0, 1), definition.slice(operation.args, 1, items.length)].map(
      (args) => apart.run(operation.type, args, undefined, { as: operation.as }),
    )
    expect(parts.flatMap(({ outcomes }) => outcomes)).toEqual(deed.outcomes)
    expect(rowsOf(apart)).toEqual(rowsOf(after))
  })
})

describe('undo', () => {
  const refusable = ['no-seat-left', 'limit-exceeds-credits', 'forbidden', 'cannot-undo']

  holds(
    'right afterwards it brings back all that the rules of the moment allow',
    ({ operation, before, after, deed }) => {
      if (operation.kind === 'undo' || !deed.outcomes.some(({ result }) => result === 'applied')) return
      const again = after.fork()
      const undone = again.undo(deed.id, undefined, { as: operation.as })
      const kept = undone.outcomes.filter(({ result }) => result !== 'applied')
      for (const outcome of kept) expect(refusable).toContain('code' in outcome ? outcome.code : outcome.result)
      if (kept.length > 0) return
      expect(settings(again)).toEqual(settings(before))
    },
  )

  holds('it never overwrites what was changed since', ({ operation, before, deed }) => {
    if (operation.kind !== 'undo' || operation.deed.type.startsWith('update-')) return
    const { images } = operation.deed
    for (const item of appliedItems(deed.outcomes)) expect(stands(before, images, item)).toBe(true)
  })

  holds('a second one does nothing more', ({ operation, after, deed }) => {
    if (operation.kind !== 'undo' || operation.deed.type === 'reset-password') return
    const again = perform(after.fork(), operation)
    const first = new Set(appliedItems(deed.outcomes))
    expect(appliedItems(again.outcomes).filter((item) => first.has(item))).toEqual([])
  })
})

describe('the steps', () => {
  afterAll(() => {
    if (process.env.QM_REACHED)
      console.log(
        [...reached]
          .toSorted()
          .map(([what, times]) => `${times}\t${what}`)
          .join('\n'),
      )
  })

  test('reach every operation, applied and refused', () => {
    const missing = [...actions.map(({ type }) => type), 'undo'].filter((type) => !reached.has(`${type} applied`))
    expect(missing).toEqual([])
    const codes = new Set([...reached.keys()].map((what) => what.split(' ')[1]))
    expect([...codes]).toEqual(expect.arrayContaining(REACHED))
  })
})

const REACHED = [
  'applied',
  'unchanged',
  'forbidden',
  'user-unknown',
  'group-unknown',
  'id-taken',
  'email-invalid',
  'email-taken',
  'group-name-taken',
  'no-seat-left',
  'limit-exceeds-credits',
  'user-deactivated',
  'last-admin',
  'own-row',
  'group-not-empty',
  'changed-meanwhile',
  'all-or-nothing',
  'cannot-undo',
]

/** Where an item stands twice, or an item decides about the others, the parts are another question than the whole. */
function canBeCut({ type, args, as }: Extract<Operation, { kind: 'perform' }>, items: readonly string[]): boolean {
  if (new Set(items).size < items.length || items.includes(as)) return false
  return type !== 'delete-groups' || !items.some((id) => JSON.stringify(args).includes(`"moveTo":"${id}"`))
}

/** All that admins set, and what meters count: what an undo brings back. Stamps move on. */
const settings = (acme: World) => ({
  organisation: imageFields.organisations(acme.rows.organisation),
  users: Object.fromEntries(acme.rows.all('users').map((user) => [user.id, imageFields.users(user)])),
  groups: Object.fromEntries(
    acme.rows.all('groups').map((group) => [group.id, { ...imageFields.groups(group), members: group.members }]),
  ),
  seats: acme.rows.all('products').map(({ name, seatsUsed }) => [name, seatsUsed]),
  meters: Object.fromEntries(
    acme.rows.all('users').map(({ id }) => [id, [acme.usedOf(id), acme.meter(id)?.markers ?? []]]),
  ),
})

/** Whether an item's row has the fields that an operation left in it. */
function stands({ rows }: World, { users, groups, meters }: Images, item: string): boolean {
  const user = rows.all('users').find(({ id }) => id === item)
  const group = rows.all('groups').find(({ id }) => id === item)
  const meter = rows.all('meters').find(({ id }) => id === item)
  return (
    (!users[item] || standsAt(user ? imageFields.users(user) : null, users[item].after)) &&
    (!groups[item] || standsAt(group ? imageFields.groups(group) : null, groups[item].after)) &&
    (!meters[item] || standsAt(meter ? imageFields.meters(meter) : null, meters[item].after))
  )
}
