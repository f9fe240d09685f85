import { expect, test } from 'vitest'
import { organisation, results } from '../../../support/organisation.ts'

test('the last active admin stays one: an invited admin does not count', () => {
  const acme = organisation({ users: { ada: { role: 'admin' } }, invited: ['ada'] })
  const deed = acme.perform('set-role', { userIds: acme.ids('ingrid'), role: 'viewer' })
  expect(results(deed)).toEqual(['last-admin'])
  expect(acme.user('ingrid').role).toBe('admin')
})

test('of two admins who are both demoted at once, the last in order stays', () => {
  const acme = organisation({ users: { ada: { role: 'admin' } } })
  const deed = acme.perform('set-role', { userIds: acme.ids('ada', 'ingrid'), role: 'member' })
  expect(results(deed)).toEqual(['applied', 'last-admin'])
  expect(acme.rows.organisation.activeAdmins).toBe(1)
})

test('who was demoted changes nothing any more', () => {
  const acme = organisation({ users: { ada: { role: 'admin' } } })
  const ada = acme.user('ada').id
  acme.perform('set-role', { userIds: [ada], role: 'viewer' })
  const deed = acme.perform('set-role', { userIds: acme.ids('ingrid', 'ada'), role: 'viewer' }, { as: ada })
  expect(results(deed)).toEqual(['forbidden', 'forbidden'])
})

test('who loses the console loses the open sessions too; a new viewer keeps them', () => {
  const acme = organisation({ users: { ada: { role: 'admin' }, bo: { role: 'admin' } } })
  const viewer = acme.perform('set-role', { userIds: acme.ids('ada'), role: 'viewer' })
  const member = acme.perform('set-role', { userIds: acme.ids('bo'), role: 'member' })
  expect(viewer.effects).toEqual([])
  expect(member.effects).toEqual([{ kind: 'end-sessions', userId: acme.user('bo').id }])
})

test('active admins are counted, whichever way they come and go', () => {
  const acme = organisation({ users: { ada: {}, bo: { role: 'viewer' } }, invited: ['cy'], deactivated: ['dee'] })
  const promoted = acme.perform('set-role', { userIds: acme.ids('ada', 'bo', 'cy', 'dee', 'ada'), role: 'admin' })
  expect(results(promoted)).toEqual(['applied', 'applied', 'applied', 'user-deactivated', 'unchanged'])
  expect(acme.rows.organisation.activeAdmins).toBe(3)
  expect(results(acme.undo(promoted.id))).toEqual(['applied', 'applied', 'applied'])
  expect(acme.rows.organisation.activeAdmins).toBe(1)
  expect(['ada', 'bo', 'cy'].map((name) => acme.user(name).role)).toEqual(['member', 'viewer', 'member'])
})
