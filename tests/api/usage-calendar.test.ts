// Terms that begin on other days: meters are counted anew from the days, and go on from their last reset where that is later.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dayOf } from '#shared/periods.ts'
import { dayFinder } from '../../sync-server/usage/days.ts'
import { addGrant, voidGrant } from '../../sync-server/usage/grants.ts'
import { START } from '../support/server.ts'
import { opened, type UsageWorld } from '../support/usage.ts'

const DAY = 24 * 60 * 60 * 1000
const meterOf = ({ world }: UsageWorld, name: string) => world.row('meters', world.user(name))
const change = ({ world }: UsageWorld, changes: object) =>
  world.device('ingrid').perform('update-organisation', { changes })

test('another fiscal year counts quarters and years from its own first days, and undo as before', async () => {
  const acme = await opened()
  await acme.ingest(
    acme.event('ada', 10, { at: Date.UTC(2026, 9, 15) }),
    acme.event('ada', 20, { at: Date.UTC(2026, 10, 5) }),
    acme.event('ada', 5),
    acme.event('joan', 7, { at: Date.UTC(2026, 7, 15) }),
  )
  await acme.usage.publish(acme.world.id)
  const before = await meterOf(acme, 'ada')
  expect(before).toMatchObject({ month: 25, quarter: 35, year: 35, contract: 35 })
  const joan = await meterOf(acme, 'joan')
  const { id, version } = await change(acme, { fiscalYearStart: { from: 4, to: 11 } })
  const after = await meterOf(acme, 'ada')
  expect(after).toMatchObject({ month: 25, quarter: 25, year: 25, contract: 35, version })
  expect(after.yearSince).toBe(Date.UTC(2026, 9, 31, 23))
  expect(await meterOf(acme, 'joan')).toMatchObject({ year: joan.year })
  expect(await acme.world.row('meters', acme.world.group('Sales'))).toMatchObject({ quarter: 25, version })
  await acme.world.device('ingrid').perform('undo', { operationId: id })
  expect({ ...(await meterOf(acme, 'ada')), version: 0 }).toEqual({ ...before, version: 0 })
})

test('another time zone begins the month at another moment; days stay as they were counted', async () => {
  const acme = await opened()
  const { world } = acme
  world.clock.now = Date.UTC(2026, 10, 30, 12)
  // Already December in Kiritimati.
  await acme.ingest(acme.event('ada', 5), acme.event('joan', 3, { at: Date.UTC(2026, 10, 3) }))
  await change(acme, { timeZone: { from: 'Europe/Oslo', to: 'Pacific/Kiritimati' } })
  expect(await meterOf(acme, 'ada')).toMatchObject({ month: 5, monthSince: Date.UTC(2026, 9, 31, 23), quarter: 5 })
  await acme.spend('ada', 2)
  expect(await meterOf(acme, 'ada')).toMatchObject({ month: 2, monthSince: Date.UTC(2026, 10, 30, 10), quarter: 7 })
  const days = await world.store.db.selectFrom('usage_days').select(['day', 'credits']).orderBy('day').execute()
  expect(days.map(({ day, credits }) => [day, credits])).toEqual([
    ['2026-11-03', 3],
    ['2026-11-30', 5],
    ['2026-12-01', 2],
  ])
})

test('a meter goes on from its last reset, also where no term counts from there any more', async () => {
  const acme = await opened()
  const { world } = acme
  await acme.ingest(acme.event('ada', 100, { at: START - DAY }))
  world.clock.now += 1000
  await world.device('ingrid').perform('reset-usage', { userIds: [world.user('ada')] })
  world.clock.now += 1000
  await acme.ingest(acme.event('ada', 8))
  await change(acme, { fiscalYearStart: { from: 4, to: 11 } })
  expect(await meterOf(acme, 'ada')).toMatchObject({ month: 8, quarter: 8, year: 8, contract: 8 })
  await change(acme, { fiscalYearStart: { from: 11, to: 4 } })

  world.clock.now = Date.UTC(2027, 9, 20)
  const terms = { kind: 'contract', credits: 500, startsOn: '2027-01-01', endsOn: '2027-12-31' }
  await world.store.transaction((tx) => addGrant(tx, world.id, terms, { now: world.clock.now, random: world.random }))
  await acme.ingest(acme.event('ada', 3))
  expect(await meterOf(acme, 'ada')).toMatchObject({ month: 3, quarter: 3, year: 3, contract: 3 })
  await change(acme, { fiscalYearStart: { from: 4, to: 11 } })
  expect(await meterOf(acme, 'ada')).toMatchObject({ month: 3, quarter: 3, year: 11, contract: 3 })
})

test('operations of one request after such a change see what was counted anew', async () => {
  const acme = await opened()
  const { world } = acme
  await acme.ingest(acme.event('ada', 30, { at: Date.UTC(2026, 9, 15) }), acme.event('ada', 5))
  const device = world.device('ingrid')
  const [moved, reset] = [
    device.operation('update-organisation', { changes: { fiscalYearStart: { from: 4, to: 11 } } }),
    device.operation('reset-usage', { userIds: [world.user('ada')] }),
  ]
  await device.send(moved, reset)
  const meter = await meterOf(acme, 'ada')
  expect(meter).toMatchObject({ year: 0, markers: [{ used: { month: 5, quarter: 5, year: 5, contract: 35 } }] })
})

test('a new grant takes over what was past the credits on its days, and one taken back counts no more', async () => {
  const acme = await opened()
  const { world, usage } = acme
  await world.store.db.updateTable('grants').set({ credits: 50 }).execute()
  await acme.ingest(acme.event('ada', 80, { at: START - 2 * DAY }), acme.event('ada', 30))
  expect(await usage.balance(world.id)).toMatchObject({ total: 50, used: 110, available: -60 })
  const change = (startsOn: string, credits: number, id?: string) =>
    world.store.transaction((tx) =>
      addGrant(
        tx,
        world.id,
        { kind: 'top-up', credits, startsOn, endsOn: '2027-01-31', ...(id ? { id } : {}) },
        { now: world.clock.now, random: world.random },
      ),
    )
  const { grant, version } = await change('2026-11-24', 100)
  expect(grant).toMatchObject({ used: 30, usedBy: { '2026-04-01': 30 }, version })
  expect(await usage.balance(world.id)).toMatchObject({ total: 150, used: 110, available: 40 })
  expect(await world.row('grants', grant.id)).toEqual(grant)
  expect(await change('2026-11-24', 100, grant.id)).toMatchObject({ version: undefined })
  await expect(change('2026-11-24', 101, grant.id)).rejects.toMatchObject({ code: 'id-taken' })
  const take = (credits?: number) =>
    world.store.transaction((tx) =>
      voidGrant(tx, world.id, { id: grant.id, credits }, { now: world.clock.now, random: world.random }),
    )
  await expect(take(71)).rejects.toMatchObject({ code: 'grant-exceeded', fact: { left: 70 } })
  expect((await take(10)).grant).toMatchObject({ voided: 10, used: 30 })
  expect((await take()).grant).toMatchObject({ voided: 70 })
  expect((await take()).version).toBeUndefined()
  expect(await usage.balance(world.id)).toMatchObject({ total: 80, used: 110, available: -30 })
})

test('the day of a moment is that of the calendar, wherever and whenever', () => {
  const zones = [
    'Europe/Oslo',
    'Pacific/Kiritimati',
    'Pacific/Apia',
    'America/St_Johns',
    'America/Santiago',
    'UTC',
    'Africa/Monrovia',
  ]
  fc.assert(
    fc.property(
      fc.constantFrom(...zones),
      fc.oneof(
        fc.integer({ min: Date.UTC(1960, 0), max: Date.UTC(2040, 0) }),
        // Clocks changed in the hour round midnight in Newfoundland; Samoa left out a day.
        fc.integer({ min: Date.UTC(2006, 9, 29, 1), max: Date.UTC(2006, 9, 29, 5) }),
        fc.integer({ min: Date.UTC(2011, 11, 29), max: Date.UTC(2012, 0, 1) }),
      ),
      (timeZone, at) => dayFinder({ timeZone })(at) === dayOf(at, { timeZone }),
    ),
    { numRuns: 3_000 },
  )
})
