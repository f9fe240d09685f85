// Usage and spends on the real server code: what is recorded, what is denied, what devices get of it.
import { expect, test } from 'vitest'
import type { CreditGrant, OrganisationId, UsageMonth } from '#shared/model.ts'
import { START } from '../support/server.ts'
import { opened, type UsageWorld } from '../support/usage.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

test('what is reported is counted, once, and published', async () => {
  const acme = await opened()
  const first = acme.event('ada', 30)
  const unknown = acme.event('nobody', 5)
  const answers = await acme.ingest(first, first, unknown, acme.event('joan', 12, { at: START - DAY }))
  expect(answers.map(({ result }) => result)).toEqual(['taken', 'repeated', 'refused', 'taken'])
  expect(await acme.spend('ada', 8)).toMatchObject({ allowed: true, left: 1_000_000 - 50, binds: 'credits' })
  expect(await acme.usage.balance(acme.world.id)).toMatchObject({ total: 1_000_000, used: 50, available: 999_950 })
  await acme.usage.publish(acme.world.id)
  const block = await acme.month('2026-11')
  expect(block?.days.map(({ day, columns }) => [day, [...columns.credits]])).toEqual([
    ['23', [12]],
    ['24', [38]],
  ])
  const { ids } = await acme.usage.ids(acme.world.id, 0)
  expect(ids[block?.days[1]?.columns.users[0] ?? 0]).toBe(acme.world.user('ada'))
  expect(await acme.usage.sources(acme.world.id)).toMatchObject([{ source: 'urn:billing', events: 2 }])
  const [grant] = await acme.world.rows('grants')
  expect(grant).toMatchObject({ used: 50, usedBy: { '2026-04-01': 50 } })
})

test('each event is answered for itself', async () => {
  const acme = await opened({ users: { ada: {}, gone: { status: 'deactivated' } } })
  const { event } = acme
  const now = acme.world.clock.now
  const bad = event('nobody', 5, { id: 'the same' })
  const answers = await acme.ingest(
    bad,
    event('ada', 5, { product: 'Nothing' }),
    event('ada', 5, { at: now + 5 * MINUTE + 1 }),
    event('ada', 5, { source: 'quartermaster:spends' }),
    event('ada', 5, { user: acme.world.user('ada'), product: acme.world.product('Sales Pro'), at: now + 5 * MINUTE }),
    event('gone', 5, { user: 'GONE@tern.example', product: ' sales  pro ' }),
    event('ada', 5, { id: 'the same' }),
    bad,
  )
  expect(answers).toEqual([
    { result: 'refused', code: 'user-unknown', fact: { user: 'nobody@tern.example' } },
    { result: 'refused', code: 'product-unknown', fact: { product: 'Nothing' } },
    { result: 'refused', code: 'not-yet', fact: { at: now + 5 * MINUTE + 1, now } },
    { result: 'refused', code: 'source-reserved', fact: { source: 'quartermaster:spends' } },
    { result: 'taken', day: '2026-11-24', over: 0 },
    { result: 'taken', day: '2026-11-24', over: 0 },
    { result: 'taken', day: '2026-11-24', over: 0 },
    { result: 'repeated' },
  ])
  // Known by source and id: what it says the second time does not matter.
  expect(await acme.ingest(event('nobody', 99, { id: 'the same', product: 'Nothing' }))).toEqual([
    { result: 'repeated' },
  ])
  expect(await acme.usage.sources(acme.world.id)).toEqual([
    { source: 'urn:billing', lastId: 'the same', lastAt: now, events: 3 },
  ])
  await expect(acme.usage.ingest(acme.world.newId() as OrganisationId, [event('ada', 1)])).rejects.toMatchObject({
    status: 404,
  })
})

test('reported usage is recorded past every limit, and says by how much; a spend is denied and named what bound', async () => {
  const acme = await opened({
    users: { ada: { group: 'Sales' }, joan: { group: 'Sales' }, gone: { status: 'deactivated' } },
  })
  const { world, spend } = acme
  const admin = world.device('ingrid')
  await admin.perform('manage-limit', { userIds: [world.user('ada')], limit: { credits: 100, term: 'month' } })
  expect(await spend('ada', 101)).toEqual({ allowed: false, deniedBy: 'own', left: 100, over: 0 })
  expect(await spend('ada', 100)).toMatchObject({ allowed: true, left: 0, binds: 'own' })
  expect(await acme.ingest(acme.event('ada', 7))).toMatchObject([{ over: 7 }])
  expect(await spend('ada', 1)).toEqual({ allowed: false, deniedBy: 'own', left: 0, over: 7 })
  expect(await spend('ada', 0)).toMatchObject({ allowed: true })
  expect(await spend('gone', 1)).toMatchObject({ allowed: false, deniedBy: 'deactivated' })
  await admin.perform('update-group', {
    groupId: world.group('Sales'),
    changes: { poolLimit: { from: null, to: { credits: 150, term: 'quarter' } } },
  })
  expect(await spend('joan', 44)).toEqual({ allowed: false, deniedBy: 'pool', left: 43, over: 0 })
  await admin.perform('manage-limit', { userIds: [world.user('ada')], limit: { credits: null, term: 'month' } })
  expect(await spend('ada', 43)).toMatchObject({ allowed: true, left: 0, binds: 'pool' })
  await expect(spend('nobody', 1)).rejects.toMatchObject({ code: 'user-unknown' })
})

test.each([
  [
    'a limit',
    async ({ world }: UsageWorld) => {
      await world.device('ingrid').perform('manage-limit', {
        userIds: [world.user('ada')],
        limit: { credits: 100, term: 'month' },
      })
    },
  ],
  [
    'a pool',
    async ({ world }: UsageWorld) => {
      await world.device('ingrid').perform('update-group', {
        groupId: world.group('Sales'),
        changes: { poolLimit: { from: null, to: { credits: 100, term: 'contract' } } },
      })
    },
  ],
  [
    'the credits',
    async ({ world }: UsageWorld) => {
      await world.store.db.updateTable('grants').set({ credits: 100 }).execute()
    },
  ],
])('200 spends at once against %s of 100 allow exactly what fits; replays change nothing', async (_, limit) => {
  const acme = await opened({ users: { ada: { group: 'Sales' } } })
  await limit(acme)
  const keys = Array.from({ length: 200 }, (__, index) => `spend ${index}`)
  const all = () => Promise.all(keys.map((key, index) => acme.spend('ada', 1 + (index % 3), key)))
  const answers = await all()
  const fitted = answers.reduce((sum, answer) => sum + (answer.allowed ? answer.credits : 0), 0)
  expect(fitted).toBe(100)
  expect(await all()).toEqual(answers)
  expect(await acme.usage.balance(acme.world.id)).toMatchObject({ used: 100 })
  const [event] = await acme.world.store.db
    .selectFrom('usage_events')
    .select(({ fn }) => fn.sum('credits').as('sum'))
    .execute()
  expect(event?.sum).toBe(100)
})

test('what is reserved is held against spends until it is confirmed, released or expires', async () => {
  const acme = await opened()
  const { world, usage } = acme
  await world.store.db.updateTable('grants').set({ credits: 100 }).execute()
  const { reservation } = await acme.reserve('ada', 60, 60, 'job 1')
  expect(reservation).toMatchObject({ state: 'open', credits: 60, expiresAt: START + MINUTE })
  expect(await usage.balance(world.id)).toMatchObject({ used: 0, available: 100, reserved: 60 })
  expect(await acme.spend('joan', 41)).toMatchObject({ allowed: false, deniedBy: 'credits', left: 40 })
  expect(await acme.reserve('joan', 41)).toMatchObject({ answer: { allowed: false, left: 40 }, reservation: null })
  const id = reservation?.id ?? ''
  await expect(usage.confirm(world.id, id, 61)).rejects.toMatchObject({ code: 'reservation-exceeded' })
  expect(await usage.confirm(world.id, id, 50)).toMatchObject({ state: 'confirmed', confirmed: 50 })
  expect(await usage.confirm(world.id, id)).toMatchObject({ state: 'confirmed', confirmed: 50 })
  expect(await usage.balance(world.id)).toMatchObject({ used: 50, reserved: 0 })
  const second = await acme.reserve('joan', 50, 60)
  expect(await acme.spend('ada', 1)).toMatchObject({ allowed: false })
  world.clock.now += MINUTE
  expect(await usage.reservation(world.id, second.reservation?.id ?? '')).toMatchObject({ state: 'expired' })
  expect(await acme.spend('ada', 1)).toMatchObject({ allowed: true, left: 49 })
  await expect(usage.confirm(world.id, second.reservation?.id ?? '')).rejects.toMatchObject({
    status: 409,
    code: 'reservation-expired',
  })
  await expect(usage.reservation(world.id, 'none')).rejects.toMatchObject({ code: 'reservation-unknown' })
})

// Seed 477 of the simulation's tier A.
test('erasing a user releases what is reserved for the user, and leaves what has expired as it was told', async () => {
  const acme = await opened()
  const { world, usage } = acme
  const state = async (id = '') => (await usage.reservation(world.id, id)).state
  const expired = (await acme.reserve('ada', 5, 60)).reservation?.id
  world.clock.now += MINUTE
  const open = (await acme.reserve('ada', 5, 60, 'job 2')).reservation?.id
  expect([await state(expired), await state(open)]).toEqual(['expired', 'open'])
  await world.device('ingrid').perform('erase-user', { userId: world.user('ada') })
  expect([await state(expired), await state(open)]).toEqual(['expired', 'released'])
})

test('a reservation is held against its own user, its own pool, and everybody’s credits', async () => {
  const acme = await opened({
    groups: ['Sales', 'Support'],
    users: { ada: { group: 'Sales' }, joan: { group: 'Sales' }, mary: { group: 'Support' } },
  })
  const { world } = acme
  const admin = world.device('ingrid')
  const poolLimit = { from: null, to: { credits: 100, term: 'month' } }
  await admin.perform('update-group', { groupId: world.group('Sales'), changes: { poolLimit } })
  await admin.perform('manage-limit', { userIds: [world.user('joan')], limit: { credits: 50, term: 'month' } })
  await acme.reserve('mary', 400)
  await acme.reserve('ada', 30)
  expect(await acme.usage.balanceOf(world.id, 'joan@tern.example')).toMatchObject({
    reserved: 0,
    bounds: [
      { kind: 'own', credits: 50, term: 'month', used: 0, left: 50, over: 0 },
      { kind: 'pool', credits: 100, used: 30, left: 70 },
      { kind: 'credits', credits: null, used: 430, left: 999_570 },
    ],
  })
  expect(await acme.usage.balanceOf(world.id, world.user('mary'))).toMatchObject({
    reserved: 400,
    groupId: world.group('Support'),
  })
})

test('a spend is never before what its meters count from, also when the clock goes back', async () => {
  const acme = await opened()
  const { world } = acme
  const limit = { credits: 100, term: 'month' }
  await world.device('ingrid').perform('manage-limit', { userIds: [world.user('ada')], limit })
  world.clock.now = Date.UTC(2026, 11, 1, 0, 10)
  expect(await acme.spend('ada', 60)).toMatchObject({ allowed: true, left: 40 })
  world.clock.now -= 2 * 60 * MINUTE
  expect(await acme.spend('ada', 60)).toMatchObject({ allowed: false, left: 40 })
  expect(await acme.spend('ada', 40)).toMatchObject({ allowed: true, left: 0 })
  expect(await acme.spend('ada', 1)).toMatchObject({ allowed: false })
})

test('what is published adds up at each version, while spends and reports arrive', async () => {
  const acme = await opened({}, 1)
  const { world } = acme
  const device = world.device('ingrid')
  let going = true
  const busy = async (user: string) => {
    for (let n = 0; going; n += 1) {
      await acme.spend(user, 3)
      await acme.ingest(acme.event(user, 2, { at: world.clock.now - (n % 40) * DAY }))
      world.clock.now += 10
    }
  }
  const work = Promise.all([busy('ada'), busy('joan')])
  const head = async () =>
    (await world.store.db.selectFrom('heads').select('version').executeTakeFirstOrThrow()).version
  const rowsOf = <Row>(entity: string) =>
    [...device.rows].flatMap(([key, row]) => (key.startsWith(entity) ? [row as unknown as Row] : []))
  const compared = new Set<number>()
  for (let round = 0; compared.size < 20; round += 1) {
    expect(round).toBeLessThan(2_000)
    await new Promise((resolve) => setImmediate(resolve))
    if (round % 10 === 0) device.cursor = null
    await device.send()
    const used = rowsOf<CreditGrant>('grants').reduce((sum, grant) => sum + grant.used, 0)
    let days = 0
    for (const { id } of rowsOf<UsageMonth>('months'))
      for (const { columns } of (await acme.month(id))?.days ?? [])
        days += [...columns.credits].reduce((sum, credits) => sum + credits, 0)
    // Blocks are the newest there are: they are those of the rows where nothing was published since.
    if (device.cursor?.version !== (await head())) continue
    expect(used).toBe(days)
    compared.add(used)
  }
  going = false
  await work
})

test('devices are let see what was counted at once after a quiet time, then at most once in the time between', async () => {
  const acme = await opened({}, 200)
  acme.world.clock.now += DAY
  await acme.spend('ada', 1)
  await expect.poll(() => acme.versions.length).toBe(1)
  await acme.spend('ada', 1)
  await acme.spend('ada', 1)
  await new Promise((resolve) => setTimeout(resolve, 60))
  expect(acme.versions).toHaveLength(1)
  await expect.poll(() => acme.versions.length).toBe(2)
  await new Promise((resolve) => setTimeout(resolve, 250))
  expect(acme.versions).toHaveLength(2)
})

test('what a server left unpublished the next one publishes', async () => {
  const acme = await opened()
  await acme.spend('ada', 5)
  acme.usage.close()
  const next = acme.start()
  await expect.poll(async () => (await acme.world.rows('months')).length).toBe(1)
  next.close()
})

test('days that changed after a version replace those that a device has; numbers of ids only grow', async () => {
  const acme = await opened()
  await acme.ingest(acme.event('joan', 5, { at: START - 3 * DAY }), acme.event('joan', 5))
  await acme.usage.publish(acme.world.id)
  const before = await acme.usage.ids(acme.world.id, 0)
  const version = (await acme.month('2026-11'))?.version ?? 0
  await acme.ingest(acme.event('ada', 300))
  await acme.usage.publish(acme.world.id)
  const part = await acme.month('2026-11', version)
  expect(part?.days.map(({ day, columns }) => [day, [...columns.credits].sort()])).toEqual([['24', [300, 5]]])
  expect(await acme.usage.publish(acme.world.id)).toBe(false)
  const after = await acme.usage.ids(acme.world.id, 0)
  expect(after.ids.slice(0, before.ids.length)).toEqual(before.ids)
  expect(await acme.usage.ids(acme.world.id, before.ids.length)).toEqual({
    from: before.ids.length,
    ids: after.ids.slice(before.ids.length),
  })
  expect(await acme.month('2026-10')).toBeUndefined()
})

test('a first copy has what was counted up to it; a device of the protocol before gets no months', async () => {
  const acme = await opened()
  await acme.spend('ada', 5)
  const device = acme.world.device('ingrid')
  await device.send()
  expect([...device.rows.keys()].filter((key) => key.startsWith('months'))).toEqual(['months 2026-11'])
  const old = acme.world.device('ingrid')
  const answer = await old.post([], { protocol: 1 })
  expect(answer.protocol).toBe(1)
  expect(answer.changes.map(({ entity }) => entity)).not.toContain('months')
  expect(answer.changes.map(({ entity }) => entity)).toContain('meters')
})

test('a reset by an admin counts with what was reported before it was published', async () => {
  const acme = await opened()
  const { world } = acme
  await acme.spend('ada', 5)
  await world.device('ingrid').perform('reset-usage', { userIds: [world.user('ada')] })
  world.clock.now += MINUTE
  await acme.ingest(acme.event('ada', 2), acme.event('ada', 3, { at: START - 1 }))
  const meter = await world.row('meters', world.user('ada'))
  expect(meter).toMatchObject({ month: 2, markers: [{ used: { month: 8 } }] })
})
