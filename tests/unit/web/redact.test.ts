// What a settled operation says of a user who is gone is taken out of it, and nothing else; offered once more to a server that lost it, it
// brings nobody back.
import { offeredAgain } from '#lib/replica/offered-again.ts'
import { redacted, type Gone } from '#lib/replica/redact.ts'
import type { OutboxRecord } from '#lib/replica/storage.ts'
import type { EmailKey } from '#shared/email.ts'
import type { OperationId } from '#shared/model.ts'
import { parseCall } from '#shared/operations/index.ts'
import { rejected, withItem, type Outcome } from '#shared/operations/outcome.ts'
import { describe, expect, test } from 'vitest'

const uuid = (n: number) => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`
const [ANA, BO] = [uuid(1), uuid(2)]
const gone: Gone = { is: (id) => id === ANA, emails: new Set(['ana@tern.example' as EmailKey]) }

const person = (id: string, name: string) => ({
  id,
  email: `${name}@tern.example`,
  firstName: name,
  lastName: 'Silva',
  title: 'Clerk',
  phone: '1',
  externalId: '2',
  productId: uuid(9),
  groupId: null,
  limit: null,
  role: 'member',
})

function record(
  type: string,
  args: unknown,
  notApplied: Outcome[] = [],
  more: Partial<OutboxRecord> = {},
): OutboxRecord {
  const id = uuid(50) as OperationId
  return {
    place: 3,
    id,
    type,
    args,
    names: { users: { [ANA]: 'Ana Silva', [BO]: 'Bo Silva' }, groups: {}, products: {} },
    madeAt: 1,
    batch: null,
    atomic: false,
    settlement: { id, version: 5, at: 2, total: 2, notApplied },
    ...more,
  }
}
const clean = (one: OutboxRecord) => redacted(one, gone, 9) ?? expect.fail('Nothing was taken out.')

describe('taken out of a settled operation', () => {
  test('of two added users the one who is gone', () => {
    const one = clean(record('add-users', { users: [person(ANA, 'ana'), person(BO, 'bo')] }))
    expect(one.args).toEqual({
      users: [{ ...person(ANA, ''), email: '', lastName: '', title: '', phone: '', externalId: '' }, person(BO, 'bo')],
    })
    expect(one.names.users).toEqual({ [ANA]: 'Removed user', [BO]: 'Bo Silva' })
    expect(one.erased).toEqual([ANA])
  })

  test('the values of an edit, and the value of somebody else that stood in its way', () => {
    const theirs = { row: ANA, field: 'title', theirs: 'Botanist', by: null, at: null }
    const one = clean(
      record('update-user', { userId: ANA, changes: { title: { from: 'Clerk', to: 'Head' } } }, [
        withItem('title', rejected('changed-meanwhile', theirs)),
      ]),
    )
    expect(one.args).toEqual({ userId: ANA, changes: { title: { from: '…', to: '…' } } })
    expect(one.settlement?.notApplied).toMatchObject([{ fact: { row: ANA, field: 'title', theirs: '' } }])
  })

  test('an address that was refused because it was theirs: nothing is left to mend', () => {
    const taken = { email: 'ANA@tern.example', userId: ANA as never, status: 'active' as const, since: 1 }
    const args = { users: [{ ...person(BO, 'bo'), email: 'ANA@tern.example' }] }
    const one = clean(record('add-users', args, [withItem(BO, rejected('email-taken', taken))]))
    expect(JSON.stringify(one).toLowerCase()).not.toContain('ana@')
    expect(one.dismissed).toEqual([BO])
  })

  test('also of one that was taken back', () => {
    const was = { type: 'update-user', args: { userId: ANA, changes: { phone: { from: '', to: '555' } } } }
    expect(JSON.stringify(clean(record('withdrawn', {}, [], { was })))).not.toContain('555')
  })

  test('only once, and nothing where it says nothing of them', () => {
    const one = clean(record('add-users', { users: [person(ANA, 'ana')] }))
    expect(redacted(one, gone, 9)).toBeUndefined()
    const other = {
      ...record('add-users', { users: [person(BO, 'bo')] }),
      names: { users: {}, groups: {}, products: {} },
    }
    expect(redacted(other, gone, 9)).toBeUndefined()
    const ids = { ...record('assign-group', { userIds: [ANA], groupId: null }), names: other.names }
    expect(redacted(ids, gone, 9)).toBeUndefined()
  })

  test('nothing of what is pending', () => {
    const { settlement: _, ...pending } = record('add-users', { users: [person(ANA, 'ana')] })
    expect(redacted(pending, gone, 9)).toBeUndefined()
    expect(redacted(record('add-users', { users: [person(ANA, 'ana')] }), gone, 4)).toBeUndefined()
  })
})

describe('offered once more', () => {
  test('it brings the others, and stays readable', () => {
    const again = offeredAgain(clean(record('add-users', { users: [person(ANA, 'ana'), person(BO, 'bo')] })))
    expect(again.args).toEqual({ users: [person(BO, 'bo')] })
    expect(parseCall(again.type, again.args).ok).toBe(true)
  })

  test.each([
    ['add-users', { users: [person(ANA, 'ana')] }],
    ['update-users', { users: [{ id: ANA, changes: { title: { from: '', to: 'Clerk' } } }] }],
    ['update-user', { userId: ANA, changes: { title: { from: '', to: 'Clerk' } } }],
  ])('%s of nobody else is withdrawn', (type, args) => {
    expect(offeredAgain(clean(record(type, args)))).toMatchObject({ type: 'withdrawn', args: {} })
  })

  test('what nothing was taken out of is as it was', () => {
    const one = record('assign-group', { userIds: [ANA], groupId: null })
    expect(offeredAgain(one)).toBe(one)
  })
})

test('what somebody else set a field to is said on, though the field’s name is nobody’s id', () => {
  const here: Gone = { is: (id) => id !== BO, emails: new Set() }
  const fact = { row: BO, field: 'title', theirs: 'Recruiter', by: null, at: null }
  const notApplied = [withItem('title', rejected('changed-meanwhile', fact))]
  const args = { userId: BO, changes: { title: { from: 'Clerk', to: 'Lead' } } }
  const one = record('update-user', args, notApplied, { names: { users: {}, groups: {}, products: {} } })
  expect(redacted(one, here, 9)).toBeUndefined()
})
