import { expect, test } from 'vitest'
import { ERASED_USER } from '#shared/activity.ts'
import { activitySentence } from '#shared/activity-words.ts'
import type { UserId } from '#shared/model.ts'
import { erase } from '#shared/operations/erase-user.ts'
import { createView } from '#shared/view.ts'
import { idOf } from '../../../support/blueprint.ts'
import { organisation, results } from '../../../support/organisation.ts'

const acme = () =>
  organisation({
    products: { Pro: 10 },
    groups: { Sales: ['ada', 'bo', 'cy'] },
    users: { ada: { role: 'admin' } },
    deactivated: ['bo'],
    invited: ['cy'],
  })

test('erasing takes row and meter, frees seat and group, counts the admin out, and has the server erase the rest', () => {
  const world = acme()
  const { id: userId } = world.user('ada')
  world.use('ada', 5)
  const deed = world.perform('erase-user', { userId })
  expect(results(deed)).toEqual(['applied'])
  expect(world.rows.get('users', userId)).toBeUndefined()
  expect(world.rows.wasRemoved('users', userId)).toBe(true)
  expect(world.meter(userId)).toBeUndefined()
  expect(world.product('Pro').seatsUsed).toBe(2)
  expect(world.memberCounts()).toEqual({ Sales: 1 })
  expect(world.rows.organisation.activeAdmins).toBe(1)
  expect(deed.effects).toEqual([
    { kind: 'end-sessions', userId },
    { kind: 'erase', userId },
  ])
})

test('who is deactivated holds no seat and no place that could be freed; who is invited does', () => {
  const world = acme()
  expect(results(world.perform('erase-user', { userId: world.user('bo').id }))).toEqual(['applied'])
  expect([world.product('Pro').seatsUsed, world.memberCounts()]).toEqual([3, { Sales: 2 }])
  expect(results(world.perform('erase-user', { userId: world.user('cy').id }))).toEqual(['applied'])
  expect([world.product('Pro').seatsUsed, world.memberCounts()]).toEqual([2, { Sales: 1 }])
})

test('nobody erases himself, though other admins stay', () => {
  const world = acme()
  expect(results(world.perform('erase-user', { userId: world.user('ingrid').id }))).toEqual(['own-row'])
  expect(world.user('ingrid').status).toBe('active')
})

test('the last active admin is not erased, also not by the host, who is nobody here', () => {
  const world = organisation({ users: { ada: { role: 'admin' } }, invited: ['ada'] })
  const view = createView(world.rows)
  const done = erase(view, world.user('ingrid'), { actor: null, now: world.now })
  expect([done, view.effects]).toEqual([{ result: 'rejected', code: 'last-admin', fact: {} }, []])
})

test('a user who is not there, or not any more, is unknown', () => {
  const world = acme()
  const { id: userId } = world.user('bo')
  world.perform('erase-user', { userId })
  expect(results(world.perform('erase-user', { userId }))).toEqual(['user-unknown'])
  expect(results(world.perform('erase-user', { userId: idOf<UserId>(0x9999) }))).toEqual(['user-unknown'])
})

test('the address is free again, the id is not', () => {
  const world = acme()
  const { id, email } = world.user('bo')
  world.perform('erase-user', { userId: id })
  expect(results(world.perform('add-users', { users: [world.newcomer('bo', { id, email })] }))).toEqual(['id-taken'])
  expect(results(world.perform('add-users', { users: [world.newcomer('bo', { email })] }))).toEqual(['applied'])
})

test('it is never undone, and undoing what came before brings nobody back', () => {
  const world = acme()
  const added = world.perform('add-users', { users: [world.newcomer('mei')] })
  const { id: userId } = world.user('mei')
  const erased = world.perform('erase-user', { userId })
  expect(results(world.undo(erased.id))).toEqual(['cannot-undo'])
  expect(results(world.undo(added.id))).toEqual(['unchanged'])
  expect(world.rows.get('users', userId)).toBeUndefined()
})

test('its sentence names who it is as long as there is a name', () => {
  const { id: userId } = acme().user('bo')
  const said = (users: Record<string, string>) =>
    activitySentence({ type: 'erase-user', args: { userId }, names: { users, groups: {}, products: {} } })
  expect([said({ [userId]: 'Bo Ek' }), said({}), said({ [userId]: ERASED_USER })]).toEqual([
    'Erase Bo Ek',
    'Erase a user',
    'Erase a user',
  ])
})
