// The queue panel's sections and repairs, from outbox records made by hand.
import { rejected, unchanged, withItem, type Outcome } from '#shared/operations/outcome.ts'
import { parseCall } from '#shared/operations/index.ts'
import type { BatchId, GroupId, OperationId, ProductId, UserId } from '#shared/model.ts'
import { queueOf } from '#lib/replica/queue.ts'
import { dependentCount, repairOf, repairsOf } from '#lib/replica/repairs.ts'
import type { OutboxRecord } from '#lib/replica/storage.ts'
import { describe, expect, test } from 'vitest'

const uuid = (n: number) => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`
const user = (n: number) => uuid(1000 + n) as UserId
const group = uuid(1) as GroupId
const otherGroup = uuid(2) as GroupId
const product = uuid(3) as ProductId
const otherProduct = uuid(4) as ProductId
const now = Date.UTC(2026, 10, 24, 9, 41)

let place = 0
function record(type: string, args: unknown, more: Partial<OutboxRecord> = {}): OutboxRecord {
  place += 1
  return {
    place,
    id: uuid(9000 + place) as OperationId,
    type,
    args,
    names: { users: {}, groups: { [group]: 'EMEA Sales' }, products: { [product]: 'Sales Pro' } },
    madeAt: now + place,
    batch: null,
    atomic: false,
    ...more,
  }
}
function settled(type: string, args: unknown, total: number, notApplied: Outcome[], more: Partial<OutboxRecord> = {}) {
  const made = record(type, args, more)
  return { ...made, settlement: { id: made.id, version: 5, at: made.madeAt, total, notApplied } }
}
const noSeat = (item: string) =>
  withItem(
    item,
    rejected('no-seat-left', {
      productId: product,
      free: 0,
      needed: 1,
      purchased: 25,
      used: 25,
      lastSeat: null,
      lastContract: null,
    }),
  )
const newUser = (id: UserId, groupId: GroupId | null = null) => ({
  id,
  email: `${id}@tern.example`,
  firstName: 'Mei',
  lastName: 'Tanaka',
  title: '',
  phone: '',
  externalId: '',
  productId: product,
  groupId,
  limit: null,
  role: 'member' as const,
})
const read = (records: readonly OutboxRecord[], asks?: OperationId) => queueOf({ records, shownVersion: 5, asks })
const only = (records: readonly OutboxRecord[]) => {
  const reason = read(records).attention.at(-1)?.reasons[0]
  if (!reason) throw new Error('Nothing needs attention.')
  return reason
}
/** Every call of a repair is one that the operation itself accepts. */
function valid<Calls extends readonly { type: string; args: unknown }[]>(calls: Calls): Calls {
  for (const { type, args } of calls) expect(parseCall(type, args)).toMatchObject({ ok: true })
  return calls
}

describe('sections', () => {
  test('a batch is one line, with one sentence for all its items', () => {
    const batch = uuid(77) as BatchId
    const parts = [user(1), user(2), user(3)].map((id) =>
      record('assign-group', { userIds: [id], groupId: group }, { batch }),
    )
    const queue = read(parts)
    expect(queue.waiting.map(({ sentence }) => sentence)).toEqual(['Assign 3 users to EMEA Sales'])
    expect(queue.oldest).toBe(parts[0]?.madeAt)
  })

  test('what was taken back is nobody’s concern; what asks first stands alone', () => {
    const withdrawn = record('withdrawn', {}, { was: { type: 'deactivate-users', args: { userIds: [user(1)] } } })
    const asking = record('deactivate-users', { userIds: [user(2), user(3)] })
    const queue = read([withdrawn, asking], asking.id)
    expect(queue.waiting).toEqual([])
    expect(queue.asks?.sentence).toBe('Deactivate 2 users')
  })

  test('settled: counts, the latest first, undone ones marked, undos named', () => {
    const first = settled('assign-group', { userIds: [user(1), user(2)], groupId: group }, 2, [
      withItem(user(2), unchanged()),
    ])
    const undo = record('undo', { operationId: first.id })
    const second = settled('reset-usage', { userIds: [user(3)] }, 1, [])
    const queue = read([first, undo, second])
    expect(queue.settled.map(({ sentence, undone }) => [sentence, undone])).toEqual([
      ['Reset the usage of 1 user', false],
      ['Assign 2 users to EMEA Sales', true],
    ])
    expect(queue.settled[1]).toMatchObject({ applied: 1, unchanged: 1, rejected: 0 })
    expect(queue.waiting[0]?.sentence).toBe('Undo: Assign 2 users to EMEA Sales')
  })

  test('rejected items of one reason are told together, those that were dealt with not at all', () => {
    const users = Array.from({ length: 25 }, (_, n) => user(n))
    const change = settled('change-product', { userIds: users, productId: product }, 25, users.slice(3).map(noSeat), {
      dismissed: [user(24)],
    })
    const queue = read([change])
    expect(queue.items).toBe(21)
    expect(queue.attention[0]?.reasons.map(({ code, problems }) => [code, problems.length])).toEqual([
      ['no-seat-left', 21],
    ])
    expect(repairsOf(only([change]))).toEqual(['select', 'other-product', 'again', 'discard'])
  })

  test('an operation that no server takes for its size needs attention until it is dismissed', () => {
    const made = record(
      'withdrawn',
      {},
      { aside: 'too-large', was: { type: 'reset-usage', args: { userIds: [user(1)] } } },
    )
    expect(read([made])).toMatchObject({ items: 1, attention: [{ sentence: 'Reset the usage of 1 user' }] })
    expect(read([{ ...made, dismissed: [made.id] }]).items).toBe(0)
  })
})

describe('repairs', () => {
  test('another product, for the rejected of a bulk alone', () => {
    const change = settled('change-product', { userIds: [user(1), user(2)], productId: product }, 2, [noSeat(user(2))])
    const { calls, dealtWith } = repairOf({ kind: 'other-product', productId: otherProduct }, only([change]), {
      records: [change],
      shownVersion: 5,
    })
    expect(valid(calls)).toEqual([{ type: 'change-product', args: { userIds: [user(2)], productId: otherProduct } }])
    expect(dealtWith).toEqual([{ record: change, items: [user(2)] }])
  })

  test('keep theirs or use mine, field by field', () => {
    const theirs = rejected('changed-meanwhile', {
      row: user(1),
      field: 'title',
      theirs: 'Recruiter',
      by: null,
      at: null,
    })
    const edit = settled(
      'update-user',
      { userId: user(1), changes: { title: { from: 'Sourcer', to: 'Lead' }, phone: { from: '', to: '1' } } },
      2,
      [withItem('title', theirs)],
    )
    const reason = only([edit])
    expect(repairsOf(reason)).toEqual(['keep-theirs', 'use-mine'])
    const outbox = { records: [edit], shownVersion: 5 }
    expect(repairOf({ kind: 'keep-theirs' }, reason, outbox).calls).toEqual([])
    expect(valid(repairOf({ kind: 'use-mine' }, reason, outbox).calls)).toEqual([
      { type: 'update-user', args: { userId: user(1), changes: { title: { from: 'Recruiter', to: 'Lead' } } } },
    ])
  })

  test('what depends on a create that failed says so, and is repaired with it', () => {
    const create = settled('add-users', { users: [newUser(user(1)), newUser(user(2))] }, 2, [noSeat(user(1))])
    const assign = settled('assign-group', { userIds: [user(1), user(2)], groupId: group }, 2, [
      withItem(user(1), rejected('user-unknown', {})),
    ])
    const outbox = { records: [create, assign], shownVersion: 5 }
    const [first, second] = read(outbox.records).attention.map(({ reasons }) => reasons[0])
    if (!first || !second) throw new Error('Both need attention.')
    expect(second).toMatchObject({ code: 'dependency-rejected' })
    expect(second.problems[0].outcome).toMatchObject({ fact: { operationId: create.id, code: 'no-seat-left' } })
    expect(dependentCount(first, outbox)).toBe(1)
    const other = repairOf({ kind: 'other-product', productId: otherProduct }, first, outbox)
    expect(valid(other.calls)).toMatchObject([
      { type: 'add-users', args: { users: [{ id: user(1), productId: otherProduct }] } },
      { type: 'assign-group', args: { userIds: [user(1)], groupId: group } },
    ])
    expect(other.dealtWith.map(({ record: { id } }) => id)).toEqual([create.id, assign.id])
    const both = repairOf({ kind: 'both-again' }, second, outbox)
    expect(valid(both.calls).map(({ type }) => type)).toEqual(['add-users', 'assign-group'])
    expect(both.dealtWith.map(({ record: { id } }) => id)).toEqual([assign.id, create.id])
  })

  test('a group that was taken back is added again together with what named it', () => {
    const made = { group: { id: group, name: 'EMEA Sales', memberLimit: null, poolLimit: null } }
    const create = record('withdrawn', {}, { was: { type: 'add-group', args: made } })
    const assign = settled('assign-group', { userIds: [user(1)], groupId: group }, 1, [
      withItem(user(1), rejected('group-unknown', { groupId: group })),
    ])
    const { calls } = repairOf({ kind: 'both-again' }, only([create, assign]), {
      records: [create, assign],
      shownVersion: 5,
    })
    expect(valid(calls).map(({ type }) => type)).toEqual(['add-group', 'assign-group'])
  })

  test('the e-mail belongs to somebody: reactivate, and what depended follows', () => {
    const taken = rejected('email-taken', { email: 'x', userId: user(9), status: 'deactivated', since: now })
    const create = settled('add-users', { users: [newUser(user(1))] }, 1, [withItem(user(1), taken)])
    const assign = settled('assign-group', { userIds: [user(1)], groupId: group }, 1, [
      withItem(user(1), rejected('user-unknown', {})),
    ])
    const reason = read([create, assign]).attention[0]?.reasons[0]
    if (!reason) throw new Error('It needs attention.')
    expect(repairsOf(reason)).toEqual(['reactivate', 'change-email', 'discard'])
    const { calls } = repairOf({ kind: 'reactivate' }, reason, { records: [create, assign], shownVersion: 5 })
    expect(valid(calls)).toEqual([
      { type: 'reactivate-users', args: { userIds: [user(9)] } },
      { type: 'assign-group', args: { userIds: [user(9)], groupId: group } },
    ])
  })

  test('a group that is not empty: move its members', () => {
    const del = settled('delete-groups', { groupIds: [group], onMembers: 'refuse' }, 1, [
      withItem(group, rejected('group-not-empty', { members: 38 })),
    ])
    const { calls } = repairOf({ kind: 'move-members', groupId: otherGroup }, only([del]), {
      records: [del],
      shownVersion: 5,
    })
    expect(valid(calls)).toEqual([
      { type: 'delete-groups', args: { groupIds: [group], onMembers: { moveTo: otherGroup } } },
    ])
  })
})
