import { expect, test } from 'vitest'
import type { OperationId } from '#shared/model.ts'
import { factOf, organisation, results } from '../../../support/organisation.ts'

test('an operation that nobody knows, or that was an undo itself, can not be undone', () => {
  const acme = organisation({ users: { ada: {} } })
  expect(results(acme.undo(acme.newId<OperationId>()))).toEqual(['operation-unknown'])
  const set = acme.perform('set-role', { userIds: acme.ids('ada'), role: 'viewer' })
  const undone = acme.undo(set.id)
  expect(results(acme.undo(undone.id))).toEqual(['cannot-undo'])
  expect(factOf(acme.undo(undone.id))).toEqual({ why: 'undo' })
})

test('each item that is named has one outcome, in the order in which it was named', () => {
  const acme = organisation({ users: { ada: {}, bo: {}, cy: { role: 'viewer' } } })
  const set = acme.perform('set-role', { userIds: acme.ids('ada', 'bo', 'cy'), role: 'viewer' })
  acme.perform('set-role', { userIds: acme.ids('bo'), role: 'admin' })
  const named = acme.ids('cy', 'bo', 'ada')
  const undone = acme.undo(set.id, named)
  expect(undone.outcomes.map(({ item }) => item)).toEqual(named)
  expect(results(undone)).toEqual(['unchanged', 'changed-meanwhile', 'applied'])
  expect(undone.outcomes[1]).toMatchObject({ fact: { row: named[1], field: 'role', theirs: 'admin' } })
})

test('what was rejected has nothing to undo', () => {
  const acme = organisation()
  const set = acme.perform('set-role', { userIds: acme.ids('ingrid'), role: 'member' })
  expect(acme.undo(set.id).outcomes).toEqual([])
})

test('only an admin undoes, and every item that was named says so', () => {
  const acme = organisation({ users: { ada: {}, bo: {} } })
  const set = acme.perform('set-role', { userIds: acme.ids('ada', 'bo'), role: 'viewer' })
  const as = acme.user('ada').id
  expect(results(acme.undo(set.id, undefined, { as }))).toEqual(['forbidden', 'forbidden'])
  expect(results(acme.undo(set.id, acme.ids('bo'), { as }))).toEqual(['forbidden'])
  expect(results(acme.undo(acme.newId<OperationId>(), undefined, { as }))).toEqual(['forbidden'])
})
