import { expect, test } from 'vitest'
import { DAY } from '../../../support/blueprint.ts'
import { organisation, results } from '../../../support/organisation.ts'

const acmeWithUse = () => {
  const acme = organisation({ users: { ada: {}, bo: {} } })
  acme.pass(-30 * DAY) // October, an earlier month of the same quarter
  acme.use('ada', 100)
  acme.pass(30 * DAY)
  acme.use('ada', 40)
  return acme
}

test('every term counts from the reset on, and the marker keeps what was used before', () => {
  const acme = acmeWithUse()
  expect([acme.used('ada'), acme.used('ada', 'quarter')]).toEqual([40, 140])
  const deed = acme.perform('reset-usage', { userIds: acme.ids('ada', 'bo', 'ada') })
  expect(results(deed)).toEqual(['applied', 'unchanged', 'unchanged'])
  expect([acme.used('ada'), acme.used('ada', 'quarter')]).toEqual([0, 0])
  const [marker] = acme.meter(acme.user('ada').id)?.markers ?? []
  expect(marker?.used).toEqual({ month: 40, quarter: 140, year: 140, contract: 140 })
})

test('a second reset with nothing used since changes nothing', () => {
  const acme = acmeWithUse()
  acme.perform('reset-usage', { userIds: acme.ids('ada') })
  acme.pass(DAY)
  expect(results(acme.perform('reset-usage', { userIds: acme.ids('ada') }))).toEqual(['unchanged'])
})

test('undo adds back what was used before to what was used since', () => {
  const acme = acmeWithUse()
  const reset = acme.perform('reset-usage', { userIds: acme.ids('ada') })
  acme.use('ada', 5)
  expect(results(acme.undo(reset.id))).toEqual(['applied'])
  expect([acme.used('ada'), acme.used('ada', 'quarter')]).toEqual([45, 145])
  expect(acme.meter(acme.user('ada').id)?.markers).toEqual([])
})

test('undo with nothing used since leaves the meter as it was', () => {
  const acme = acmeWithUse()
  const before = acme.meter(acme.user('ada').id)
  const reset = acme.perform('reset-usage', { userIds: acme.ids('ada') })
  acme.pass(DAY)
  acme.undo(reset.id)
  expect(acme.meter(acme.user('ada').id)).toEqual(before)
})

test('undo in the next month brings nothing back into that month, but into the quarter', () => {
  const acme = acmeWithUse()
  const reset = acme.perform('reset-usage', { userIds: acme.ids('ada') })
  acme.pass(10 * DAY)
  acme.use('ada', 7)
  expect(results(acme.undo(reset.id))).toEqual(['applied'])
  expect([acme.used('ada'), acme.used('ada', 'quarter')]).toEqual([7, 147])
})

test('only the last reset can be taken back', () => {
  const acme = acmeWithUse()
  const first = acme.perform('reset-usage', { userIds: acme.ids('ada') })
  acme.use('ada', 5) // in the same millisecond: still two resets
  const second = acme.perform('reset-usage', { userIds: acme.ids('ada') })
  expect(results(acme.undo(first.id))).toEqual(['changed-meanwhile'])
  expect(results(acme.undo(second.id))).toEqual(['applied'])
  expect(results(acme.undo(first.id))).toEqual(['applied'])
  expect(acme.used('ada')).toBe(45)
})

test('a meter keeps its latest 24 resets', () => {
  const acme = acmeWithUse()
  for (let n = 0; n < 30; n += 1) {
    acme.use('ada', 1)
    acme.pass(1000)
    expect(results(acme.perform('reset-usage', { userIds: acme.ids('ada') }))).toEqual(['applied'])
  }
  const markers = acme.meter(acme.user('ada').id)?.markers ?? []
  expect(markers.length).toBe(24)
  expect(markers.at(-1)?.at).toBe(acme.now)
})
