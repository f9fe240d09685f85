// add-group, update-group and delete-groups.
import { expect, test } from 'vitest'
import type { GroupId, LimitChoice } from '#shared/model.ts'
import { factOf, organisation, results, type World } from '../../../support/organisation.ts'

const monthly = (credits: number): LimitChoice => ({ credits, term: 'month' })
const newGroup = (acme: World, name: string, limits = {}) => ({
  group: { id: acme.newId<GroupId>(), name, memberLimit: null, poolLimit: null, ...limits },
})

test('a group is added with its limits and without members', () => {
  const acme = organisation()
  const args = newGroup(acme, 'Sales', { poolLimit: monthly(500) })
  expect(results(acme.perform('add-group', args))).toEqual(['applied'])
  expect(acme.group('Sales')).toMatchObject({ members: 0, memberLimit: null, poolLimit: monthly(500) })
})

test('a name is taken in any spelling, an id for ever, and a limit must fit the credits', () => {
  const acme = organisation({ groups: { 'EMEA Sales': ['ada'] }, credits: 1_000 })
  const taken = acme.perform('add-group', newGroup(acme, ' emea  SALES'))
  expect(results(taken)).toEqual(['group-name-taken'])
  expect(factOf(taken)).toEqual({ groupId: acme.group('EMEA Sales').id, members: 1 })
  const { id } = acme.group('EMEA Sales')
  acme.perform('delete-groups', { groupIds: [id], onMembers: 'ungroup' })
  const again = { group: { ...newGroup(acme, 'Other').group, id } }
  expect(results(acme.perform('add-group', again))).toEqual(['id-taken'])
  const rich = newGroup(acme, 'Rich', { memberLimit: monthly(1_001) })
  expect(results(acme.perform('add-group', rich))).toEqual(['limit-exceeds-credits'])
})

test('undo of add-group removes it while nobody is in it', () => {
  const acme = organisation({ users: { ada: {} }, deactivated: ['bo'] })
  const args = newGroup(acme, 'Sales')
  const added = acme.perform('add-group', args)
  acme.perform('assign-group', { userIds: acme.ids('ada', 'bo'), groupId: args.group.id })
  const refused = acme.undo(added.id)
  expect(results(refused)).toEqual(['group-not-empty'])
  expect(factOf(refused)).toEqual({ members: 1 })
  acme.perform('assign-group', { userIds: acme.ids('ada'), groupId: null })
  expect(results(acme.undo(added.id))).toEqual(['applied'])
  expect(acme.user('bo').groupId).toBeNull()
})

test('two who change different settings of a group disturb each other as little as two who want the same', () => {
  const acme = organisation({ groups: { Sales: [] } })
  const { id: groupId } = acme.group('Sales')
  const set = (changes: Parameters<typeof acme.perform<'update-group'>>[1]['changes']) =>
    results(acme.perform('update-group', { groupId, changes }))
  expect(set({ name: { from: 'Sales', to: 'EMEA' } })).toEqual(['applied'])
  expect(set({ memberLimit: { from: null, to: monthly(5) } })).toEqual(['applied'])
  expect(set({ memberLimit: { from: null, to: monthly(5) } })).toEqual(['unchanged'])
  expect(set({ name: { from: 'Sales', to: 'APAC' }, memberLimit: { from: null, to: monthly(6) } })).toEqual([
    'changed-meanwhile',
    'changed-meanwhile',
  ])
  expect(acme.group('EMEA').memberLimit).toMatchObject(monthly(5))
})

test('a group is renamed to another spelling of its own name, but not to the name of another', () => {
  const acme = organisation({ groups: { Sales: [], Support: [] } })
  const { id: groupId } = acme.group('Sales')
  const rename = (from: string, to: string) =>
    results(acme.perform('update-group', { groupId, changes: { name: { from, to } } }))
  expect(rename('Sales', 'SALES')).toEqual(['applied'])
  expect(rename('SALES', 'support')).toEqual(['group-name-taken'])
  acme.perform('delete-groups', { groupIds: [groupId], onMembers: 'refuse' })
  expect(rename('SALES', 'Field')).toEqual(['group-unknown'])
})

test('a limit of a group must fit the credits of the organisation, as any limit', () => {
  const acme = organisation({ groups: { Sales: [] }, credits: 1_000 })
  const { id: groupId } = acme.group('Sales')
  const set = (field: 'memberLimit' | 'poolLimit', credits: number) =>
    results(acme.perform('update-group', { groupId, changes: { [field]: { from: null, to: monthly(credits) } } }))
  expect([set('memberLimit', 1_001), set('poolLimit', 1_001)]).toEqual([
    ['limit-exceeds-credits'],
    ['limit-exceeds-credits'],
  ])
  expect(set('poolLimit', 1_000)).toEqual(['applied'])
})

test('undo of update-group brings the settings back that still stand as written', () => {
  const acme = organisation({ groups: { Sales: [] } })
  const { id: groupId } = acme.group('Sales')
  const changes = { name: { from: 'Sales', to: 'EMEA' }, poolLimit: { from: null, to: monthly(9) } }
  const deed = acme.perform('update-group', { groupId, changes })
  acme.perform('update-group', { groupId, changes: { name: { from: 'EMEA', to: 'APAC' } } })
  expect(results(acme.undo(deed.id))).toEqual(['changed-meanwhile', 'applied'])
  expect(acme.group('APAC').poolLimit).toBeNull()
})

test('a group with members is kept by default; its deactivated users do not keep it', () => {
  const acme = organisation({ groups: { Sales: ['ada'], Old: ['bo'] }, deactivated: ['bo'] })
  const groupIds = [acme.group('Sales').id, acme.group('Old').id, acme.group('Old').id]
  const deed = acme.perform('delete-groups', { groupIds, onMembers: 'refuse' })
  expect(results(deed)).toEqual(['group-not-empty', 'applied', 'unchanged'])
  expect(factOf(deed)).toEqual({ members: 1 })
  expect(acme.user('bo').groupId).toBeNull()
})

test('members are left without a group or move to another; deactivated ones go along uncounted', () => {
  const acme = organisation({ groups: { A: ['ada', 'al'], B: ['bo'], C: [] }, deactivated: ['al'] })
  acme.perform('delete-groups', { groupIds: [acme.group('A').id], onMembers: { moveTo: acme.group('C').id } })
  expect(acme.memberCounts()).toEqual({ B: 1, C: 1 })
  expect(acme.user('al').groupId).toBe(acme.group('C').id)
  acme.perform('delete-groups', { groupIds: [acme.group('B').id], onMembers: 'ungroup' })
  expect(acme.user('bo').groupId).toBeNull()
  expect(acme.user('bo').status).toBe('active')
})

test('members do not move to a group that is unknown or deleted with theirs', () => {
  const acme = organisation({ groups: { A: ['ada'], B: [] } })
  const [a, b] = [acme.group('A').id, acme.group('B').id]
  expect(results(acme.perform('delete-groups', { groupIds: [a, b], onMembers: { moveTo: b } }))).toEqual([
    'group-unknown',
    'group-unknown',
  ])
  expect(results(acme.perform('delete-groups', { groupIds: [a], onMembers: { moveTo: acme.newId() } }))).toEqual([
    'group-unknown',
  ])
  expect(acme.memberCounts()).toEqual({ A: 1, B: 0 })
})

test('undo makes the group again under its old id, and brings back the members that nobody has moved since', () => {
  const acme = organisation({ groups: { A: ['ada', 'al', 'ann'], B: ['bo'], C: [] }, deactivated: ['al'] })
  const { id } = acme.group('A')
  acme.perform('update-group', { groupId: id, changes: { memberLimit: { from: null, to: monthly(7) } } })
  const deed = acme.perform('delete-groups', { groupIds: [id], onMembers: { moveTo: acme.group('B').id } })
  acme.perform('assign-group', { userIds: acme.ids('ann'), groupId: acme.group('C').id })
  expect(results(acme.undo(deed.id))).toEqual(['applied'])
  expect(acme.group('A')).toMatchObject({ id, members: 1, memberLimit: monthly(7) })
  expect(acme.memberCounts()).toEqual({ A: 1, B: 1, C: 1 })
  expect([acme.user('ada').groupId, acme.user('al').groupId]).toEqual([id, id])
  expect(results(acme.undo(deed.id))).toEqual(['unchanged'])
})

test('undo of a deletion is refused while another group has the name', () => {
  const acme = organisation({ groups: { A: ['ada'] } })
  const deed = acme.perform('delete-groups', { groupIds: [acme.group('A').id], onMembers: 'ungroup' })
  acme.perform('add-group', newGroup(acme, 'a'))
  expect(results(acme.undo(deed.id))).toEqual(['group-name-taken'])
  expect(acme.user('ada').groupId).toBeNull()
})
