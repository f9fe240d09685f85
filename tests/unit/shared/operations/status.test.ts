// deactivate-users and reactivate-users: the two ways over one line.
import { expect, test } from 'vitest'
import { factOf, organisation, results } from '../../../support/organisation.ts'

const acmeWith = (seats: number) =>
  organisation({
    products: { Pro: seats },
    groups: { Sales: ['ada', 'bo'] },
    users: { ada: { role: 'admin' } },
    invited: ['cy'],
  })

test('deactivating frees the seat and the place in the group, ends sessions, and keeps the rest', () => {
  const acme = acmeWith(10)
  const before = acme.user('ada')
  const deed = acme.perform('deactivate-users', { userIds: acme.ids('ada', 'ada') })
  expect(results(deed)).toEqual(['applied', 'unchanged'])
  expect(acme.user('ada')).toEqual({ ...before, status: 'deactivated', updatedAt: acme.now })
  expect(acme.product('Pro').seatsUsed).toBe(3)
  expect(acme.memberCounts()).toEqual({ Sales: 1 })
  expect(acme.rows.organisation.activeAdmins).toBe(1)
  expect(deed.effects).toEqual([{ kind: 'end-sessions', userId: before.id }])
})

test('since when somebody is deactivated stays true, whatever is changed of them afterwards', () => {
  const acme = acmeWith(10)
  const [ada] = acme.ids('ada')
  acme.perform('deactivate-users', { userIds: acme.ids('ada') })
  const since = acme.now
  acme.now += 60_000
  acme.perform('assign-group', { userIds: acme.ids('ada'), groupId: null })
  acme.perform('manage-limit', { userIds: acme.ids('ada'), limit: { credits: 10, term: 'month' } })
  if (ada)
    acme.perform('update-user', { userId: ada, changes: { title: { from: acme.user('ada').title, to: 'Away' } } })
  expect(acme.user('ada')).toMatchObject({ groupId: null, title: 'Away', limit: { credits: 10 } })
  expect(factOf(acme.perform('reset-password', { userIds: acme.ids('ada') }))).toEqual({ since })
})

test('the last active admin can not be deactivated, also not by a list that holds all of them', () => {
  const acme = acmeWith(10)
  const deed = acme.perform('deactivate-users', { userIds: acme.ids('ingrid', 'ada') })
  expect(results(deed)).toEqual(['applied', 'last-admin'])
})

test('reactivating must win a seat again, and counts group and admins again', () => {
  const acme = acmeWith(4)
  acme.perform('deactivate-users', { userIds: acme.ids('ada', 'bo') })
  acme.perform('add-users', { users: [acme.newcomer('mei')] })
  const deed = acme.perform('reactivate-users', { userIds: acme.ids('ada', 'bo', 'cy') })
  expect(results(deed)).toEqual(['applied', 'no-seat-left', 'unchanged'])
  expect(factOf(deed)).toMatchObject({ lastSeat: { by: acme.user('ingrid').id } })
  expect(acme.user('ada').status).toBe('active')
  expect(acme.memberCounts()).toEqual({ Sales: 1 })
  expect(acme.rows.organisation.activeAdmins).toBe(2)
})

test('who never came is invited anew, and undo stops that invitation', () => {
  const acme = acmeWith(10)
  acme.perform('deactivate-users', { userIds: acme.ids('cy') })
  const back = acme.perform('reactivate-users', { userIds: acme.ids('cy') })
  const userId = acme.user('cy').id
  expect(acme.user('cy').status).toBe('invited')
  expect(back.effects).toEqual([{ kind: 'mail', template: 'invitation', userId }])
  expect(acme.undo(back.id).effects).toContainEqual({ kind: 'stop-mail', operationId: back.id, userId })
  expect(acme.user('cy').status).toBe('deactivated')
})

test('an undone deactivation must win its seat again', () => {
  const acme = acmeWith(4)
  const gone = acme.perform('deactivate-users', { userIds: acme.ids('ada', 'bo') })
  acme.perform('add-users', { users: [acme.newcomer('mei')] })
  expect(results(acme.undo(gone.id))).toEqual(['applied', 'no-seat-left'])
  expect(acme.product('Pro').seatsUsed).toBe(4)
})

test('one can deactivate oneself while another admin stays, and can not undo it', () => {
  const acme = acmeWith(10)
  const gone = acme.perform('deactivate-users', { userIds: acme.ids('ingrid') })
  expect(results(acme.undo(gone.id))).toEqual(['forbidden'])
  expect(results(acme.undo(gone.id, undefined, { as: acme.user('ada').id }))).toEqual(['applied'])
})
