// The store: what is promised about its schema, about many who ask at once, and about a process that dies.
import { sql } from 'kysely'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { NewerDatabase } from '../../sync-server/store/migrations/index.ts'
import { openStore } from '../../sync-server/store/sqlite.ts'
import { createSync } from '../../sync-server/sync.ts'
import { brokenLinks } from '../../sync-server/sync/chain.ts'
import { silent } from '../support/server.ts'
import { world } from './worlds.ts'

const folder = () => {
  const path = mkdtempSync(join(tmpdir(), 'quartermaster-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

test('orgId leads every primary key and index, the identity’s tables apart', async () => {
  const store = await openStore({ file: ':memory:' })
  const { rows } = await sql<{ tbl: string; idx: string; first: string }>`
    select m.name as tbl, i.name as idx, c.name as first from sqlite_master m
    join pragma_index_list(m.name) i join pragma_index_info(i.name) c on c.seqno = 0
    where m.type = 'table'`.execute(store.db)
  const ours = rows.filter(({ tbl }) => !tbl.startsWith('auth_') && tbl !== 'migrations')
  expect(new Set(ours.map(({ tbl }) => tbl)).size).toBeGreaterThanOrEqual(25)
  expect(ours.filter(({ first }) => first !== 'orgId')).toEqual([])
  await store.close()
})

test('of 64 who ask for one seat at the same moment, one gets it', async () => {
  const names = Array.from({ length: 64 }, (_, index) => `user${index}`)
  const acme = await world({
    products: { 'Sales Pro': 100, Insights: 1 },
    users: Object.fromEntries(names.map((name) => [name, {}])),
    sync: { gather: () => new Promise((resolve) => setImmediate(resolve)) },
  })
  const answers = await Promise.all(
    names.map((name) => {
      const device = acme.device('ingrid')
      return device.post([
        device.operation('change-product', { userIds: [acme.user(name)], productId: acme.product('Insights') }),
      ])
    }),
  )
  const outcomes = answers.flatMap((answer) => answer.outcomes)
  expect(outcomes).toHaveLength(64)
  expect(outcomes.filter(({ notApplied }) => notApplied.length === 0)).toHaveLength(1)
  expect(await acme.row('products', acme.product('Insights'))).toMatchObject({ seatsUsed: 1 })
})

test('two servers on one file never give a seat twice', async () => {
  const file = join(folder(), 'shared.db')
  const acme = await world({
    file,
    products: { 'Sales Pro': 9, Insights: 1 },
    users: { ada: {}, joan: {}, mary: {}, nina: {} },
  })
  const other = await openStore({ file })
  const second = createSync({ store: other, clock: () => acme.clock.now, log: silent, random: acme.random })
  const answers = await Promise.all(
    ['ada', 'joan', 'mary', 'nina'].map((name, index) => {
      const device = acme.device('ingrid')
      const operation = device.operation('change-product', {
        userIds: [acme.user(name)],
        productId: acme.product('Insights'),
      })
      return (index % 2 ? second : acme.sync).sync(device.as, device.request([operation]))
    }),
  )
  expect(answers.flatMap(({ outcomes }) => outcomes).filter(({ notApplied }) => notApplied.length === 0)).toHaveLength(
    1,
  )
  expect(await acme.row('products', acme.product('Insights'))).toMatchObject({ seatsUsed: 1 })
  await other.close()
})

test('a refused request takes nothing from those who share its transaction', async () => {
  const acme = await world({
    users: { ada: {} },
    groups: ['Sales'],
    sync: { gather: () => new Promise((resolve) => setImmediate(resolve)) },
  })
  const [good, bad] = [acme.device('ingrid'), acme.device('ingrid')]
  bad.sequence = 5
  const assign = (device: typeof good) =>
    device.post([device.operation('assign-group', { userIds: [acme.user('ada')], groupId: acme.group('Sales') })])
  const [refused, accepted] = await Promise.allSettled([assign(bad), assign(good)])
  expect(refused).toMatchObject({ status: 'rejected', reason: { code: 'client-expected' } })
  expect(accepted).toMatchObject({ status: 'fulfilled', value: { outcomes: [{ notApplied: [] }] } })
})

test('when the store fails, the request is refused whole and can be repeated', async () => {
  let fails = true
  const inner = await openStore({ file: ':memory:' })
  const acme = await world({
    users: { ada: {} },
    groups: ['Sales'],
    store: {
      ...inner,
      transaction: (work) =>
        inner.transaction(async (tx) => {
          const done = await work(tx)
          if (fails && (await tx.db.selectFrom('clients').select('clientId').execute()).length > 0)
            throw new Error('The disk is full.')
          return done
        }),
    },
  })
  const device = acme.device('ingrid')
  const operation = device.operation('assign-group', { userIds: [acme.user('ada')], groupId: acme.group('Sales') })
  await expect(device.post([operation])).rejects.toMatchObject({ status: 503, code: 'store-failed' })
  expect(await acme.row('users', acme.user('ada'))).toMatchObject({ groupId: null })
  fails = false
  expect((await device.post([operation])).outcomes).toMatchObject([{ total: 1, notApplied: [] }])
})

test.each([
  ['an actor changed', (version: number) => `update log set actor = 'somebody' where version = ${version}`],
  [
    'args changed',
    (version: number) => `update log set args = replace(args, 'userIds', 'userids') where version = ${version}`,
  ],
  [
    'outcomes changed',
    (version: number) => `update log set outcomes = '{"notApplied":[ ]}' where version = ${version}`,
  ],
  ['images changed', (version: number) => `update log set images = images || ' ' where version = ${version}`],
  [
    'a digest changed',
    (version: number) => `update log set digests = replace(digests, '0', '1') where version = ${version}`,
  ],
  ['an entry cut out', (version: number) => `delete from log where version = ${version}`],
  ['the last entry cut off', (version: number) => `delete from log where version > ${version}`],
  [
    'two entries swapped',
    (version: number) =>
      `update log set version = case version when ${version} then -1 else ${version} end where version in (${version}, ${version + 1})`,
  ],
])('the chain names %s', async (_name, change) => {
  const acme = await world({ users: { ada: {} }, groups: ['Sales'] })
  const device = acme.device('ingrid')
  const { version } = await device.perform('assign-group', {
    userIds: [acme.user('ada')],
    groupId: acme.group('Sales'),
  })
  await device.perform('assign-group', { userIds: [acme.user('ada')], groupId: null })
  await expect(
    acme.store.transaction(async (tx) => {
      await sql.raw(change(version)).execute(tx.db)
      throw new Error(`faults: ${(await brokenLinks(tx, acme.id)).length}`)
    }),
  ).rejects.toThrow(/faults: [1-9]/)
})

test('a database that a newer server has migrated is refused', async () => {
  const file = join(folder(), 'newer.db')
  const store = await openStore({ file })
  await store.db.insertInto('migrations').values({ name: '9999-later', at: 0 }).execute()
  await store.close()
  await expect(openStore({ file })).rejects.toThrow(NewerDatabase)
})

test('a server that is opened again goes on where it was', async () => {
  const acme = await world({ file: join(folder(), 'again.db'), users: { ada: {} }, groups: ['Sales'] })
  const device = acme.device('ingrid')
  const operation = device.operation('assign-group', { userIds: [acme.user('ada')], groupId: acme.group('Sales') })
  const { outcomes } = await device.post([operation])
  await acme.reopen()
  expect((await device.post([operation])).outcomes).toEqual(outcomes)
  expect(await device.perform('assign-group', { userIds: [acme.user('ada')], groupId: null })).toMatchObject({
    notApplied: [],
  })
})
