import { expect, test } from 'vitest'
import { organisation, results } from '../../../support/organisation.ts'

const acmeWith = (pro: number) =>
  organisation({
    products: { Basic: 10, Pro: pro },
    users: { ada: {}, bo: {}, cy: { product: 'Pro' } },
    deactivated: ['dee'],
  })

test('each user swaps a seat; who finds none keeps the old product', () => {
  const acme = acmeWith(2)
  const { id: productId } = acme.product('Pro')
  const deed = acme.perform('change-product', { userIds: acme.ids('ada', 'bo', 'cy', 'dee'), productId })
  expect(results(deed)).toEqual(['applied', 'no-seat-left', 'unchanged', 'user-deactivated'])
  expect(acme.user('bo').productId).toBe(acme.product('Basic').id)
  expect([acme.product('Basic').seatsUsed, acme.product('Pro').seatsUsed]).toEqual([2, 2])
})

test('all or nothing: one that finds no seat keeps all where they are', () => {
  const acme = acmeWith(2)
  const args = { userIds: acme.ids('ada', 'bo', 'cy'), productId: acme.product('Pro').id }
  const deed = acme.perform('change-product', args, { atomic: true })
  expect(results(deed)).toEqual(['all-or-nothing', 'no-seat-left', 'unchanged'])
  expect(acme.product('Pro').seatsUsed).toBe(1)
})

test('undo must win the old seat again', () => {
  const acme = acmeWith(3)
  const moved = acme.perform('change-product', { userIds: acme.ids('ada', 'bo'), productId: acme.product('Pro').id })
  acme.sellSeats('Basic', 2)
  expect(results(acme.undo(moved.id))).toEqual(['applied', 'no-seat-left'])
  expect([acme.product('Basic').seatsUsed, acme.product('Pro').seatsUsed]).toEqual([2, 2])
})

test('a first admin who had no product keeps the new one: that can not be undone', () => {
  const acme = organisation({ users: { ingrid: { product: null } } })
  const given = acme.perform('change-product', { userIds: acme.ids('ingrid'), productId: acme.product('Pro').id })
  expect(results(given)).toEqual(['applied'])
  expect(results(acme.undo(given.id))).toEqual(['cannot-undo'])
  expect(acme.product('Pro').seatsUsed).toBe(1)
})
