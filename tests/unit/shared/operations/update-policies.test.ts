// update-policies: each policy merged on its own, undone on its own; nobody but an admin sets one.
import { expect, test } from 'vitest'
import { parseCall } from '#shared/operations/index.ts'
import { needsSecondFactor, NO_POLICIES } from '#shared/policies.ts'
import { toBlocks, rowsOf } from '#shared/blocks.ts'
import { factOf, organisation, results, type ArgsOf, type World } from '../../../support/organisation.ts'

type Changes = ArgsOf<'update-policies'>['changes']
const set = (acme: World, changes: Changes) => acme.perform('update-policies', { changes })
const row = (acme: World) => acme.rows.organisation
const accepts = (changes: unknown) => parseCall('update-policies', { changes }).ok
const EVERY: Changes = {
  secondFactor: { from: 'off', to: 'everyone' },
  localData: { from: 'kept', to: 'none' },
  leaseDays: { from: null, to: 30 },
  lockMinutes: { from: null, to: 15 },
}

test('every policy is set, and undone together', () => {
  const acme = organisation()
  const deed = set(acme, EVERY)
  expect(results(deed)).toEqual(['applied', 'applied', 'applied', 'applied'])
  expect(row(acme)).toMatchObject({ secondFactor: 'everyone', localData: 'none', leaseDays: 30, lockMinutes: 15 })
  expect(results(acme.undo(deed.id))).toEqual(['applied', 'applied', 'applied', 'applied'])
  expect(row(acme)).toMatchObject(NO_POLICIES)
})

test('two who set different policies do not disturb each other; of one policy the second is told', () => {
  const acme = organisation({ users: { bo: { role: 'admin' } } })
  const deed = set(acme, { leaseDays: { from: null, to: 30 }, lockMinutes: { from: null, to: 5 } })
  const bo = { as: acme.user('bo').id }
  expect(results(acme.perform('update-policies', { changes: { leaseDays: { from: 30, to: 7 } } }, bo))).toEqual([
    'applied',
  ])
  const late = set(acme, { leaseDays: { from: 30, to: 14 }, secondFactor: { from: 'off', to: 'admins' } })
  expect(results(late)).toEqual(['applied', 'changed-meanwhile'])
  expect(factOf(late)).toEqual({ row: row(acme).id, field: 'leaseDays', theirs: 7, by: null, at: null })
  expect(results(acme.undo(deed.id))).toEqual(['changed-meanwhile', 'applied'])
  expect(row(acme)).toMatchObject({ secondFactor: 'admins', leaseDays: 7, lockMinutes: null })
})

test('nobody but an admin sets one', () => {
  const acme = organisation({ users: { vi: { role: 'viewer' } } })
  const deed = acme.perform('update-policies', { changes: EVERY }, { as: acme.user('vi').id })
  expect(results(deed)).toEqual(['forbidden', 'forbidden', 'forbidden', 'forbidden'])
  expect(row(acme)).toMatchObject(NO_POLICIES)
})

test('only values that can be are taken', () => {
  const change = (from: unknown, to: unknown) => ({ from, to })
  for (const to of [0, 366, 1.5, '1']) expect(accepts({ leaseDays: change(null, to) })).toBe(false)
  for (const to of [0, 1_441, -1]) expect(accepts({ lockMinutes: change(null, to) })).toBe(false)
  expect(accepts({ secondFactor: change('off', 'viewers') })).toBe(false)
  expect(accepts({ localData: change('kept', 'some') })).toBe(false)
  expect(accepts({ timeZone: change('UTC', 'Asia/Tokyo') })).toBe(false)
  expect(accepts({})).toBe(false)
  expect(accepts({ leaseDays: change(365, null), lockMinutes: change(1_440, 1) })).toBe(true)
})

test('a second factor is asked of admins, or of everybody who enters', () => {
  expect(needsSecondFactor({ secondFactor: 'off' }, 'admin')).toBe(false)
  expect(needsSecondFactor({ secondFactor: 'admins' }, 'admin')).toBe(true)
  expect(needsSecondFactor({ secondFactor: 'admins' }, 'viewer')).toBe(false)
  expect(needsSecondFactor({ secondFactor: 'everyone' }, 'viewer')).toBe(true)
})

test('a row of a server from before policies has none', () => {
  const acme = organisation()
  set(acme, EVERY)
  const [block] = toBlocks('organisations', [row(acme)])
  if (!block) throw new Error('no block')
  expect(rowsOf(block)).toEqual([row(acme)])
  expect(rowsOf({ ...block, columns: block.columns.slice(0, 8) })).toEqual([{ ...row(acme), ...NO_POLICIES }])
})
