// update-organisation: each field merged on its own, undone on its own.
import { describe, expect, test } from 'vitest'
import type { LimitChoice } from '#shared/model.ts'
import { parseCall } from '#shared/operations/index.ts'
import { factOf, organisation, results, type ArgsOf, type World } from '../../../support/organisation.ts'

type Changes = ArgsOf<'update-organisation'>['changes']
const monthly = (credits: number): LimitChoice => ({ credits, term: 'month' })
const set = (acme: World, changes: Changes) => acme.perform('update-organisation', { changes })
const row = (acme: World) => acme.rows.organisation
const accepts = (changes: unknown) => parseCall('update-organisation', { changes }).ok

test('every field is set, in one operation or in several', () => {
  const acme = organisation({ credits: 1_000 })
  const deed = set(acme, {
    name: { from: row(acme).name, to: '  Tern & Sable ' },
    timeZone: { from: 'Europe/Oslo', to: 'Pacific/Kiritimati' },
    weekStart: { from: 1, to: 7 },
    fiscalYearStart: { from: row(acme).fiscalYearStart, to: 2 },
    defaultLimit: { from: null, to: monthly(500) },
  })
  expect(results(deed)).toEqual(['applied', 'applied', 'applied', 'applied', 'applied'])
  expect(row(acme)).toMatchObject({
    name: 'Tern & Sable',
    timeZone: 'Pacific/Kiritimati',
    weekStart: 7,
    fiscalYearStart: 2,
    defaultLimit: { ...monthly(500), setBy: acme.user('ingrid').id, setAt: acme.now, was: null },
  })
  set(acme, { defaultLimit: { from: monthly(500), to: { credits: null, term: 'month' } } })
  expect(row(acme).defaultLimit).toMatchObject({ credits: null, was: monthly(500) })
})

test('two who change different settings do not disturb each other; of one setting the second is told', () => {
  const acme = organisation()
  expect(results(set(acme, { weekStart: { from: 1, to: 7 } }))).toEqual(['applied'])
  expect(results(set(acme, { timeZone: { from: 'Europe/Oslo', to: 'UTC' } }))).toEqual(['applied'])
  expect(results(set(acme, { weekStart: { from: 1, to: 7 } }))).toEqual(['unchanged'])
  const late = set(acme, { weekStart: { from: 1, to: 6 }, name: { from: row(acme).name, to: 'Sable' } })
  expect(results(late)).toEqual(['applied', 'changed-meanwhile'])
  expect(factOf(late)).toEqual({ row: row(acme).id, field: 'weekStart', theirs: 7, by: null, at: null })
})

test('the default limit must fit the credits of the organisation, as any limit', () => {
  const acme = organisation({ credits: 1_000 })
  const refused = set(acme, { defaultLimit: { from: null, to: monthly(1_001) } })
  expect(results(refused)).toEqual(['limit-exceeds-credits'])
  expect(factOf(refused)).toEqual({ credits: 1_001, available: 1_000 })
  expect(results(set(acme, { defaultLimit: { from: null, to: monthly(1_000) } }))).toEqual(['applied'])
})

describe('what is used is counted anew', () => {
  const caused = (changes: (acme: World) => Changes) => {
    const acme = organisation()
    return set(acme, changes(acme)).effects
  }
  test.for<[string, (acme: World) => Changes]>([
    ['another time zone', () => ({ timeZone: { from: 'Europe/Oslo', to: 'UTC' } })],
    ['another fiscal year', (acme) => ({ fiscalYearStart: { from: row(acme).fiscalYearStart, to: 9 } })],
  ])('for %s, once', ([, changes]) => expect(caused(changes)).toEqual([{ kind: 'recount' }]))

  test('for nothing else', () => {
    expect(caused(() => ({ weekStart: { from: 1, to: 7 }, defaultLimit: { from: null, to: monthly(5) } }))).toEqual([])
    expect(caused(() => ({ timeZone: { from: 'Europe/Oslo', to: 'Europe/Oslo' } }))).toEqual([])
    expect(caused(() => ({ timeZone: { from: 'UTC', to: 'Asia/Tokyo' } }))).toEqual([])
  })
})

test('undo brings back what still stands, and leaves what another admin has set since', () => {
  const acme = organisation({ users: { bo: { role: 'admin' } }, credits: 1_000 })
  const before = row(acme)
  const deed = set(acme, {
    name: { from: before.name, to: 'Sable' },
    timeZone: { from: 'Europe/Oslo', to: 'Asia/Tokyo' },
    defaultLimit: { from: null, to: monthly(9) },
  })
  const bo = { as: acme.user('bo').id }
  acme.perform('update-organisation', { changes: { timeZone: { from: 'Asia/Tokyo', to: 'Asia/Seoul' } } }, bo)
  const undone = acme.undo(deed.id)
  expect(results(undone)).toEqual(['applied', 'changed-meanwhile', 'applied'])
  expect(factOf(undone)).toMatchObject({ row: before.id, field: 'timeZone', theirs: 'Asia/Seoul' })
  expect(row(acme)).toMatchObject({ name: before.name, timeZone: 'Asia/Seoul', defaultLimit: null })
})

test('nobody but an admin changes it', () => {
  const acme = organisation({ users: { vi: { role: 'viewer' } } })
  const changes = { name: { from: row(acme).name, to: 'Mine' } }
  const deed = acme.perform('update-organisation', { changes }, { as: acme.user('vi').id })
  expect(results(deed)).toEqual(['forbidden'])
})

test('only names, weekdays, months and limits that can be are taken', () => {
  const change = (from: unknown, to: unknown) => ({ from, to })
  expect(accepts({ timeZone: change('Asia/Calcutta', 'Asia/Kolkata') })).toBe(true)
  expect(accepts({ timeZone: change('UTC', 'Mars/Olympus') })).toBe(false)
  expect(accepts({ timeZone: change('UTC', '+01:00') })).toBe(false)
  for (const to of [0, 8, 1.5, '1']) expect(accepts({ weekStart: change(1, to) })).toBe(false)
  for (const to of [0, 13, 2.5]) expect(accepts({ fiscalYearStart: change(1, to) })).toBe(false)
  expect(accepts({ name: change('Tern', '  ') })).toBe(false)
  expect(accepts({ defaultLimit: change(null, monthly(-1)) })).toBe(false)
  expect(accepts({})).toBe(false)
  expect(accepts({ activeAdmins: change(1, 2) })).toBe(false)
})
