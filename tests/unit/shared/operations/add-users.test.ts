import { expect, test } from 'vitest'
import { factOf, organisation, results } from '../../../support/organisation.ts'

test('a new user is invited, takes a seat, counts in the group, and a mail goes out', () => {
  const acme = organisation({ products: { Pro: 5 }, groups: { Sales: ['bo'] } })
  const deed = acme.perform('add-users', { users: [acme.newcomer('mei', { groupId: acme.group('Sales').id })] })
  expect(results(deed)).toEqual(['applied'])
  expect(acme.user('mei').status).toBe('invited')
  expect(acme.product('Pro').seatsUsed).toBe(3)
  expect(acme.memberCounts()).toEqual({ Sales: 2 })
  expect(deed.effects).toEqual([{ kind: 'mail', template: 'invitation', userId: acme.user('mei').id }])
})

test('of several new users those that find a seat are added, in order, the others say who took the last one', () => {
  const acme = organisation({ products: { Pro: 2 } })
  const deed = acme.perform('add-users', { users: [acme.newcomer('mei'), acme.newcomer('jo')] })
  expect(results(deed)).toEqual(['applied', 'no-seat-left'])
  expect(factOf(deed)).toMatchObject({ purchased: 2, used: 2, lastSeat: { by: acme.user('ingrid').id } })
})

test('when the provider has lowered the seats below what is used, nobody is thrown out and nobody is added', () => {
  const acme = organisation({ products: { Pro: 5 }, groups: { Sales: ['bo', 'cy'] } })
  acme.sellSeats('Pro', 1)
  const deed = acme.perform('add-users', { users: [acme.newcomer('mei')] })
  expect(results(deed)).toEqual(['no-seat-left'])
  expect(acme.product('Pro').seatsUsed).toBe(3)
  expect(factOf(deed)).toMatchObject({ lastContract: { from: 5 } })
})

test('an e-mail is given once, also within one operation, in whatever spelling, deactivated users included', () => {
  const acme = organisation({ deactivated: ['bo'] })
  const deed = acme.perform('add-users', {
    users: [
      acme.newcomer('bo'),
      acme.newcomer('mei', { email: 'Mei@Tern.example' }),
      acme.newcomer('mai', { email: ' mei@tern.example ' }),
      acme.newcomer('jo', { email: 'jo at tern' }),
    ],
  })
  expect(results(deed)).toEqual(['email-taken', 'applied', 'email-taken', 'email-invalid'])
  expect(factOf(deed)).toMatchObject({ userId: acme.user('bo').id, status: 'deactivated' })
})

test('a rejected user leaves no seat, no count and no mail behind', () => {
  const acme = organisation({ groups: { Sales: [] }, credits: 1_000 })
  const limit = { credits: 1_001, term: 'month' } as const
  const deed = acme.perform('add-users', { users: [acme.newcomer('mei', { limit, groupId: acme.group('Sales').id })] })
  expect(results(deed)).toEqual(['limit-exceeds-credits'])
  expect(deed.view.changes.products.size + deed.view.changes.groups.size + deed.effects.length).toBe(0)
})

test('undo removes who never came: seat, address and place in the group are free again', () => {
  const acme = organisation({ groups: { Sales: [] } })
  const mei = acme.newcomer('mei', { groupId: acme.group('Sales').id })
  const added = acme.perform('add-users', { users: [mei] })
  const undone = acme.undo(added.id)
  expect(results(undone)).toEqual(['applied'])
  expect(acme.has(mei.id)).toBe(false)
  expect(acme.product('Pro').seatsUsed).toBe(1)
  expect(acme.memberCounts()).toEqual({ Sales: 0 })
  expect(undone.effects).toContainEqual({ kind: 'stop-mail', operationId: added.id, userId: mei.id })
  expect(results(acme.perform('add-users', { users: [acme.newcomer('mei')] }))).toEqual(['applied'])
  expect(results(acme.perform('add-users', { users: [{ ...mei, email: 'other@tern.example' }] }))).toEqual(['id-taken'])
})

test('undo keeps who has signed in, has used credits or was changed since, and says so', () => {
  const acme = organisation({ groups: { Sales: [] } })
  const users = ['mei', 'jo', 'kim', 'lin'].map((name) => acme.newcomer(name))
  const added = acme.perform('add-users', { users })
  acme.acceptInvitation('mei')
  acme.use('jo', 10)
  acme.perform('assign-group', { userIds: acme.ids('kim'), groupId: acme.group('Sales').id })
  expect(results(acme.undo(added.id))).toEqual(['has-joined', 'has-usage', 'changed-meanwhile', 'applied'])
  expect(results(acme.undo(added.id, [acme.user('kim').id]))).toEqual(['changed-meanwhile'])
})
