import { expect, test } from 'vitest'
import type { RecordedExport } from '#shared/operations/record-export.ts'
import { organisation, results } from '../../../support/organisation.ts'

const users: RecordedExport = {
  what: 'users',
  rows: 12,
  scope: 'filter',
  filter: 'status=active',
  columns: ['E-mail'],
}

test('a viewer may record an export, a member may not; no row changes', () => {
  const acme = organisation({ groups: { Sales: ['bo', 'cy'] }, users: { bo: { role: 'viewer' } } })
  const deed = acme.perform('record-export', users, { as: acme.user('bo').id })
  expect(results(deed)).toEqual(['applied'])
  expect(Object.values(deed.view.changes).every((rows) => rows.size === 0)).toBe(true)
  expect(results(acme.perform('record-export', users, { as: acme.user('cy').id }))).toEqual(['forbidden'])
})

test('a file that has left can’t be called back', () => {
  const acme = organisation()
  expect(results(acme.undo(acme.perform('record-export', users).id))).toEqual(['cannot-undo'])
})
