import { expect, test } from 'vitest'
import { idOf } from '../../../support/blueprint.ts'
import { organisation, results } from '../../../support/organisation.ts'

test('users move, both groups count anew, and who is there already is unchanged', () => {
  const acme = organisation({ groups: { Sales: ['ada', 'bo'], Support: ['cy'] } })
  const userIds = acme.ids('ada', 'cy', 'ada')
  const deed = acme.perform('assign-group', { userIds, groupId: acme.group('Support').id })
  expect(results(deed)).toEqual(['applied', 'unchanged', 'unchanged'])
  expect(acme.memberCounts()).toEqual({ Sales: 1, Support: 2 })
  expect(acme.group('Support')).toMatchObject({ lastModified: acme.now, lastModifiedBy: acme.user('ingrid').id })
})

test('a deactivated user moves without being counted', () => {
  const acme = organisation({ groups: { Sales: ['ada'], Support: [] }, deactivated: ['ada'] })
  acme.perform('assign-group', { userIds: acme.ids('ada'), groupId: acme.group('Support').id })
  expect(acme.user('ada').groupId).toBe(acme.group('Support').id)
  expect(acme.memberCounts()).toEqual({ Sales: 0, Support: 0 })
})

test('a group or a user that is not there is unknown', () => {
  const acme = organisation({ groups: { Sales: ['ada'] } })
  const userIds = acme.ids('ada')
  expect(results(acme.perform('assign-group', { userIds, groupId: idOf(0x999) }))).toEqual(['group-unknown'])
  const out = acme.perform('assign-group', { userIds: [idOf(0x9999), ...userIds], groupId: null })
  expect(results(out)).toEqual(['user-unknown', 'applied'])
  expect(acme.memberCounts()).toEqual({ Sales: 0 })
})

test('undo takes each user back to the group it left, except who has moved on', () => {
  const acme = organisation({ groups: { Sales: ['ada', 'bo'], Support: ['cy'], Field: [] }, users: { dee: {} } })
  const userIds = acme.ids('ada', 'bo', 'cy', 'dee')
  const moved = acme.perform('assign-group', { userIds, groupId: acme.group('Field').id })
  acme.perform('assign-group', { userIds: acme.ids('bo'), groupId: null })
  expect(results(acme.undo(moved.id))).toEqual(['applied', 'changed-meanwhile', 'applied', 'applied'])
  expect(acme.memberCounts()).toEqual({ Sales: 1, Support: 1, Field: 0 })
  expect(acme.user('dee').groupId).toBeNull()
  expect(results(acme.undo(moved.id))).toEqual(['unchanged', 'changed-meanwhile', 'unchanged', 'unchanged'])
})

test('undo into a group that was deleted meanwhile is refused', () => {
  const acme = organisation({ groups: { Sales: ['ada'], Field: [] } })
  const moved = acme.perform('assign-group', { userIds: acme.ids('ada'), groupId: acme.group('Field').id })
  acme.perform('delete-groups', { groupIds: [acme.group('Sales').id], onMembers: 'refuse' })
  expect(results(acme.undo(moved.id))).toEqual(['group-unknown'])
  expect(acme.memberCounts()).toEqual({ Field: 1 })
})
