// What the sync server promises each device, told through requests of devices; no port, no identity.
import { describe, expect, test } from 'vitest'
import { blockIds, blockSize, isTombstones } from '#shared/blocks.ts'
import { forgetTombstones } from '../../sync-server/sync/tidy.ts'
import { START } from '../support/server.ts'
import { everythingIn, world } from './worlds.ts'

const DAY = 24 * 60 * 60 * 1000

describe('a device that syncs', () => {
  test('takes all rows first and then what changed', async () => {
    const acme = await world({ products: { 'Sales Pro': 5, Insights: 5 }, users: { ada: {} } })
    const [one, two] = [acme.device('ingrid'), acme.device('ingrid')]
    await one.send()
    await two.send()
    expect(one.rows.size).toBe(1 + 2 + 1 + 2)
    expect(one.cursor).toEqual({ version: one.seen.version, since: one.seen.version })

    const settled = await one.perform('change-product', {
      userIds: [acme.user('ada')],
      productId: acme.product('Insights'),
    })
    expect(settled).toMatchObject({ total: 1, notApplied: [] })
    await two.send()
    expect(two.rows).toEqual(one.rows)
    expect(two.rows.get(`users ${acme.user('ada')}`)).toMatchObject({
      productId: acme.product('Insights'),
      version: settled.version,
    })
    expect(await acme.row('products', acme.product('Sales Pro'))).toMatchObject({ seatsUsed: 1 })
  })

  test('gets whole versions in every page, and the small tables in the first', async () => {
    const acme = await world({
      groups: ['Sales', 'Support'],
      users: { ada: {}, grace: {}, joan: {} },
      sync: { pageRows: 2 },
    })
    const device = acme.device('ingrid')
    for (const name of ['ada', 'grace', 'joan'])
      await device.perform('assign-group', { userIds: [acme.user(name)], groupId: acme.group('Sales') })
    await device.perform('assign-group', {
      userIds: [acme.user('ada'), acme.user('grace'), acme.user('joan')],
      groupId: acme.group('Support'),
    })

    const fresh = acme.device('ingrid')
    const first = await fresh.post()
    expect(first.changes.map(({ entity }) => entity)).toEqual(
      expect.arrayContaining(['organisations', 'products', 'grants', 'groups']),
    )
    expect(first).toMatchObject({ more: true, cursor: { since: device.cursor?.version } })
    fresh.receive(first)
    let left = first.total
    for (let more = first.more; more;) {
      const page = await fresh.post()
      expect(page.total).toBeLessThanOrEqual(left)
      expect(page.cursor.since).toBe(first.cursor.since)
      const versions = page.changes.flatMap((block) =>
        isTombstones(block) ? block.versions : (block.columns[1] ?? []),
      )
      expect(Math.max(...versions.map(Number))).toBeLessThanOrEqual(page.cursor.version)
      fresh.receive(page)
      left = page.total
      more = page.more
    }
    expect(fresh.rows).toEqual(device.rows)
  })

  test('hears of what is gone, unless it was gone before its snapshot', async () => {
    const acme = await world({ groups: ['Sales'] })
    const old = acme.device('ingrid')
    await old.send()
    const fresh = acme.device('ingrid')
    const removal = await acme
      .device('ingrid')
      .post([
        acme.device('ingrid').operation('delete-groups', { groupIds: [acme.group('Sales')], onMembers: 'refuse' }),
      ])
    expect(removal.outcomes).toMatchObject([{ notApplied: [] }])
    expect((await fresh.post()).changes.some(isTombstones)).toBe(false)
    const { changes } = await old.post()
    const gone = changes.filter(isTombstones)
    expect(gone.map((block) => [blockSize(block), blockIds(block)])).toEqual([[1, [acme.group('Sales')]]])
  })

  test('gets the effects of its own operations with their outcomes', async () => {
    const acme = await world({ products: { 'Sales Pro': 5, Insights: 5 }, users: { ada: {} } })
    const device = acme.device('ingrid')
    await device.send()
    const { outcomes, cursor, seen } = await device.post([
      device.operation('change-product', { userIds: [acme.user('ada')], productId: acme.product('Insights') }),
    ])
    expect(cursor.version).toBe(outcomes[0]?.version)
    expect(seen.version).toBe(cursor.version)
  })
})

describe('the queue', () => {
  test('a request that is repeated has one effect and the stored outcomes', async () => {
    const acme = await world({ products: { 'Sales Pro': 2, Insights: 1 }, users: { ada: {}, grace: {} }, groups: [] })
    const device = acme.device('ingrid')
    const operation = device.operation('change-product', {
      userIds: [acme.user('ada'), acme.user('grace')],
      productId: acme.product('Insights'),
    })
    const lost = await device.post([operation])
    expect(lost.outcomes[0]?.notApplied).toMatchObject([{ item: acme.user('grace'), code: 'no-seat-left' }])
    const before = await everythingIn(acme)
    expect((await device.post([operation])).outcomes).toEqual(lost.outcomes)
    expect(await everythingIn(acme)).toEqual(before)
  })

  test('an operation counts once under whatever client sends it', async () => {
    const acme = await world({ users: { ada: {} }, groups: ['Sales'] })
    const [first, second] = [acme.device('ingrid'), acme.device('ingrid')]
    const operation = first.operation('assign-group', { userIds: [acme.user('ada')], groupId: acme.group('Sales') })
    const { outcomes } = await first.post([operation])
    const next = second.operation('assign-group', { userIds: [acme.user('ada')], groupId: null }, { sequence: 2 })
    expect((await second.post([operation, next])).outcomes).toMatchObject([
      outcomes[0],
      { id: next.id, notApplied: [] },
    ])
  })

  test('two devices with one client id: the second is told that it forked, and nothing of it is applied', async () => {
    const acme = await world({ users: { ada: {} }, groups: ['Sales'] })
    const device = acme.device('ingrid')
    const copy = acme.device('ingrid', { clientId: device.clientId })
    await device.perform('assign-group', { userIds: [acme.user('ada')], groupId: acme.group('Sales') })
    const before = await everythingIn(acme)
    await expect(
      copy.post([copy.operation('assign-group', { userIds: [acme.user('ada')], groupId: null })]),
    ).rejects.toMatchObject({ status: 409, code: 'client-forked' })
    expect(await everythingIn(acme)).toEqual(before)
  })

  test('a gap is answered with the sequence that is expected, and nothing is applied', async () => {
    const acme = await world({ users: { ada: {} }, groups: ['Sales'] })
    const device = acme.device('ingrid')
    const first = device.operation('assign-group', { userIds: [acme.user('ada')], groupId: acme.group('Sales') })
    device.operation('assign-group', { userIds: [acme.user('ada')], groupId: null })
    const third = device.operation('assign-group', { userIds: [acme.user('ada')], groupId: null })
    const before = await everythingIn(acme)
    await expect(device.post([first, third])).rejects.toMatchObject({
      status: 409,
      code: 'client-expected',
      fact: { expected: 2 },
    })
    expect(await everythingIn(acme)).toEqual(before)
  })

  test('what was taken back holds its place; what the server had already is answered from the log', async () => {
    const acme = await world({ users: { ada: {} }, groups: ['Sales'] })
    const device = acme.device('ingrid')
    const taken = device.operation('withdrawn', null)
    const next = device.operation('assign-group', { userIds: [acme.user('ada')], groupId: acme.group('Sales') })
    const { outcomes } = await device.post([taken, next])
    expect(outcomes).toMatchObject([
      { id: taken.id, total: 0, notApplied: [] },
      { id: next.id, total: 1, notApplied: [] },
    ])
    const late = await device.post([{ ...next, type: 'withdrawn', args: null }])
    expect(late.outcomes).toEqual([outcomes[1]])
  })

  test('one that throws lets those before it stand, stops those behind it, and is set aside after the third try', async () => {
    let throws = 0
    const chance = { left: 0 }
    const acme = await world({
      users: { ada: {} },
      groups: ['Sales'],
      sync: {
        random: (bytes) => {
          if (chance.left > 0 && (chance.left -= 1) >= 0) {
            throws += 1
            throw new Error('The operation makes the server throw.')
          }
          return new Uint8Array(bytes)
        },
      },
    })
    const device = acme.device('ingrid')
    const operations = [
      device.operation('assign-group', { userIds: [acme.user('ada')], groupId: acme.group('Sales') }),
      device.operation('assign-group', { userIds: [acme.user('ada')], groupId: null }),
      device.operation('assign-group', { userIds: [acme.user('ada')], groupId: acme.group('Sales') }),
    ]
    expect((await device.post(operations.slice(0, 1))).outcomes).toHaveLength(1)
    chance.left = 3
    expect((await device.post(operations)).outcomes).toHaveLength(1)
    expect((await device.post(operations.slice(1))).outcomes).toHaveLength(0)
    expect(await acme.row('users', acme.user('ada'))).toMatchObject({ groupId: acme.group('Sales') })
    const { outcomes } = await device.post(operations.slice(1))
    expect(throws).toBe(3)
    expect(outcomes).toMatchObject([
      { id: operations[1]?.id, total: 1, notApplied: [{ item: acme.user('ada'), code: 'failed' }] },
      { id: operations[2]?.id, notApplied: [{ result: 'unchanged' }] },
    ])
  })

  test.each([
    ['an unknown type', (id: string) => ({ type: 'launch-rocket', args: { id } }), 'type'],
    [
      'args that do not fit',
      () => ({ type: 'assign-group', args: { userIds: ['nobody'], groupId: null } }),
      'args.userIds.0',
    ],
    ['a field too many', () => ({ type: 'assign-group', args: { userIds: [], groupId: null, orgId: 'x' } }), 'args'],
    ['an inner operation', (id: string) => ({ type: 'remove-added', args: { operationId: id, userIds: [] } }), 'type'],
    ['an envelope without its time', () => ({ madeAt: 'yesterday' }), 'madeAt'],
  ])('%s is set aside as malformed, and the queue goes on', async (_name, fault, path) => {
    const acme = await world({ users: { ada: {} }, groups: ['Sales'] })
    const device = acme.device('ingrid')
    const broken = { ...device.operation('assign-group', {}), ...fault(acme.user('ada')) }
    const next = device.operation('assign-group', { userIds: [acme.user('ada')], groupId: acme.group('Sales') })
    const { outcomes } = await device.post([broken, next])
    expect(outcomes).toMatchObject([
      {
        id: broken.id,
        total: 1,
        notApplied: [{ item: broken.id, code: 'malformed', fact: { path: expect.stringContaining(path) as string } }],
      },
      { id: next.id, total: 1, notApplied: [] },
    ])
  })

  test('one without so much as an id and a sequence makes the request unreadable', async () => {
    const acme = await world({ users: { ada: {} }, groups: ['Sales'] })
    const device = acme.device('ingrid')
    const first = device.operation('assign-group', { userIds: [acme.user('ada')], groupId: acme.group('Sales') })
    const before = await everythingIn(acme)
    await expect(device.post([first, { sequence: 2 }])).rejects.toMatchObject({
      status: 400,
      code: 'malformed',
      fact: { path: 'operations.1.id' },
    })
    expect(await everythingIn(acme)).toEqual(before)
  })
})

describe('histories', () => {
  test('a history that the server does not have is refused before anything is applied', async () => {
    const acme = await world({ users: { ada: {} }, groups: ['Sales'] })
    const device = acme.device('ingrid')
    await device.send()
    const before = await everythingIn(acme)
    const operation = device.operation('assign-group', { userIds: [acme.user('ada')], groupId: acme.group('Sales') })
    for (const seen of [
      { version: device.seen.version, hash: 'another' },
      { version: 99, hash: device.seen.hash },
      { version: 0, hash: 'x' },
    ]) {
      await expect(device.post([operation], { seen })).rejects.toMatchObject({ status: 409, code: 'other-history' })
      await expect(device.post([], { seen })).rejects.toMatchObject({ status: 409, code: 'other-history' })
    }
    expect(await everythingIn(acme)).toEqual(before)
    expect((await acme.sync.unknown(device.as, [operation.id])).unknown).toEqual([operation.id])
  })

  test('a cursor above the head, or older than the kept tombstones, takes a new snapshot', async () => {
    const acme = await world({ groups: ['Sales'] })
    const [device, asleep] = [acme.device('ingrid'), acme.device('ingrid')]
    await device.send()
    await asleep.send()
    await device.perform('delete-groups', { groupIds: [acme.group('Sales')], onMembers: 'refuse' })
    await expect(device.post([], { cursor: { version: 1000, since: 0 } })).rejects.toMatchObject({
      status: 409,
      code: 'resnapshot',
    })

    expect(await forgetTombstones(acme.store, START + 80 * DAY)).toBe(0)
    await asleep.post()
    expect(await forgetTombstones(acme.store, START + 91 * DAY)).toBe(1)
    await expect(asleep.post()).rejects.toMatchObject({ status: 409, code: 'resnapshot' })
    // Half way through a snapshot that began after the horizon there is nothing to miss.
    await acme.device('ingrid').post([], { cursor: { version: 1, since: device.cursor?.version ?? 0 } })
  })
})

describe('authority', () => {
  test('is judged anew for each operation, after the repeat is recognised', async () => {
    const acme = await world({ users: { ada: { role: 'admin' }, joan: {} }, groups: ['Sales'] })
    const [ingrid, ada] = [acme.device('ingrid'), acme.device('ada')]
    const assign = (groupId: string | null) => ada.operation('assign-group', { userIds: [acme.user('joan')], groupId })
    const first = assign(acme.group('Sales'))
    const applied = await ada.post([first])
    await ingrid.perform('set-role', { userIds: [acme.user('ada')], role: 'viewer' })
    const { outcomes } = await ada.post([first, assign(null)])
    expect(outcomes[0]).toEqual(applied.outcomes[0])
    expect(outcomes[1]?.notApplied).toMatchObject([{ item: acme.user('joan'), code: 'forbidden' }])
    expect(await acme.row('users', acme.user('joan'))).toMatchObject({ groupId: acme.group('Sales') })
  })

  test('ids of another organisation are as unknown', async () => {
    const acme = await world({ users: { ada: {} }, groups: ['Sales'] })
    const other = await world({ users: { eve: {} }, groups: ['Theirs'], store: acme.store, seed: 2 })
    const device = acme.device('ingrid')
    const before = await everythingIn(other)
    expect(await device.perform('assign-group', { userIds: [other.user('eve')], groupId: null })).toMatchObject({
      notApplied: [{ code: 'user-unknown' }],
    })
    expect(
      await device.perform('assign-group', { userIds: [acme.user('ada')], groupId: other.group('Theirs') }),
    ).toMatchObject({
      notApplied: [{ code: 'group-unknown' }],
    })
    expect(
      await device.perform('delete-groups', { groupIds: [other.group('Theirs')], onMembers: 'ungroup' }),
    ).toMatchObject({
      notApplied: [{ code: 'group-unknown' }],
    })
    expect(await everythingIn(other)).toEqual(before)
    // An id that exists there already may be made here: the two never meet.
    const added = {
      email: 'eve@tern.example',
      firstName: 'Eve',
      lastName: '',
      title: '',
      phone: '',
      externalId: '',
      groupId: null,
      limit: null,
      role: 'member',
    }
    expect(
      await device.perform('add-users', {
        users: [{ ...added, id: other.user('eve'), productId: acme.product('Sales Pro') }],
      }),
    ).toMatchObject({ notApplied: [] })
    expect(await everythingIn(other)).toEqual(before)
  })

  test('a client id belongs to the account that used it first', async () => {
    const acme = await world({ users: { ada: { role: 'admin' }, joan: {} }, groups: ['Sales'] })
    const ingrid = acme.device('ingrid')
    await ingrid.perform('assign-group', { userIds: [acme.user('joan')], groupId: acme.group('Sales') })
    const ada = acme.device('ada', { clientId: ingrid.clientId })
    for (const operations of [
      [],
      [ada.operation('assign-group', { userIds: [acme.user('joan')], groupId: null }, { sequence: 2 })],
    ])
      await expect(ada.post(operations)).rejects.toMatchObject({
        status: 403,
        code: 'other-account',
        fact: { what: 'client' },
      })
  })
})
