import { expect, test } from 'vitest'
import { organisation, results } from '../../../support/organisation.ts'

const monthly = (credits: number | null) => ({ credits, term: 'month' as const })

test('a limit says who chose it, when, and what it replaced', () => {
  const acme = organisation({ users: { ada: { limit: monthly(2_000) } } })
  acme.perform('manage-limit', { userIds: acme.ids('ada'), limit: monthly(1_500) })
  const ingrid = acme.user('ingrid').id
  expect(acme.user('ada').limit).toEqual({ ...monthly(1_500), setBy: ingrid, setAt: acme.now, was: monthly(2_000) })
})

test('blocked and unlimited are two different things, and inheriting is a third', () => {
  const acme = organisation({ users: { ada: {} } })
  const set = (limit: ReturnType<typeof monthly> | null) =>
    results(acme.perform('manage-limit', { userIds: acme.ids('ada'), limit }))
  expect([set(null), set(monthly(0)), set(monthly(null)), set(monthly(null)), set(null)].flat()).toEqual([
    'unchanged',
    'applied',
    'applied',
    'unchanged',
    'applied',
  ])
})

test('a limit above all credits of the organisation is rejected; just all of them is not', () => {
  const acme = organisation({ users: { ada: {} }, credits: 1_000 })
  const set = (credits: number) =>
    results(acme.perform('manage-limit', { userIds: acme.ids('ada'), limit: monthly(credits) }))
  expect([set(1_001), set(1_000)]).toEqual([['limit-exceeds-credits'], ['applied']])
})

test('a deactivated user can be given a limit', () => {
  const acme = organisation({ deactivated: ['ada'] })
  expect(results(acme.perform('manage-limit', { userIds: acme.ids('ada'), limit: monthly(5) }))).toEqual(['applied'])
})

test('undo gives everybody the limit back that each had', () => {
  const acme = organisation({
    users: { ada: { limit: monthly(1) }, bo: { limit: monthly(2) }, cy: { limit: monthly(1) }, dee: {} },
  })
  const userIds = acme.ids('ada', 'bo', 'cy', 'dee')
  const set = acme.perform('manage-limit', { userIds, limit: { credits: 9, term: 'quarter' } })
  acme.perform('manage-limit', { userIds: acme.ids('bo'), limit: monthly(9) })
  expect(results(acme.undo(set.id))).toEqual(['applied', 'changed-meanwhile', 'applied', 'applied'])
  expect(['ada', 'bo', 'cy', 'dee'].map((name) => acme.user(name).limit?.credits)).toEqual([1, 9, 1, undefined])
})
