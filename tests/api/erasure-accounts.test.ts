// Erasing a user beside the log: the account and what belongs to it, devices and links, mails, other organisations; the list of what the
// database holds of people, held against its schema; and the same on the server's host.
import { sql } from 'kysely'
import { expect, test, vi } from 'vitest'
import { createAftermath } from '../../sync-server/erasure/aftermath.ts'
import { eraseOnHost } from '../../sync-server/erasure/command.ts'
import { TABLES, type Held } from '../../sync-server/erasure/tables.ts'
import { openStore } from '../../sync-server/store/sqlite.ts'
import { verifyChain } from '../../sync-server/sync.ts'
import { joined, PASSWORD, served } from '../support/app.ts'
import { silent } from '../support/server.ts'
import { postOf } from './post.ts'
import { world } from './worlds.ts'

vi.setConfig({ testTimeout: 60_000 })

const small = () =>
  served({ users: { ada: { role: 'admin' }, bo: {}, cy: { status: 'invited' }, dee: { status: 'deactivated' } } }, [
    'ingrid',
    'ada',
  ])

test('every table and column says what it holds of people, and what becomes of it', async () => {
  const store = await openStore({ file: ':memory:' })
  const { rows } = await sql<{ table: string; column: string }>`
    select m.name as "table", c.name as "column" from sqlite_master m join pragma_table_info(m.name) c
    where m.type = 'table' and m.name not like 'sqlite_%'`.execute(store.db)
  await store.close()
  const listed: Readonly<Record<string, Held>> = TABLES
  const columns = (table: string) => [...(listed[table]?.personal ?? []), ...(listed[table]?.plain ?? [])]
  expect(rows.filter(({ table, column }) => !columns(table).includes(column))).toEqual([])
  const there = new Set(rows.map(({ table, column }) => `${table} ${column}`))
  for (const [table, held] of Object.entries(listed)) {
    expect(columns(table).filter((column) => !there.has(`${table} ${column}`))).toEqual([])
    // Nothing personal without a fate, and no fate without whose it is.
    if (held.personal) expect([table, held.fate]).not.toEqual([table, undefined])
    if (held.fate && held.fate !== 'redacted') expect(columns(table)).toContain(held.by)
  }
  // What belongs to an account or a user, by the name of its column, is not left out.
  const whose = rows.filter(({ column }) => column === 'accountId' || column === 'userId')
  const kept = ['usage_days', 'usage_events', 'reservations', 'erasures']
  expect(whose.filter(({ table }) => listed[table]?.fate === undefined && !kept.includes(table))).toEqual([])
})

test('the account goes with all that belongs to it, and no session is left open', async () => {
  const acme = await small()
  const cookie = await acme.signIn('ada')
  const browser = (await acme.call('/api/session', { as: cookie })).status
  expect(browser).toBe(200)
  const { accountId } = await acme.store.db
    .selectFrom('auth_memberships')
    .select('accountId')
    .where('userId', '=', acme.user('ada'))
    .executeTakeFirstOrThrow()
  await acme.device('ingrid').perform('reset-password', { userIds: [acme.user('ada')] })
  await postOf(acme).token()
  await acme.device('ingrid').perform('reset-password', { userIds: [acme.user('ada')] })
  await acme.device('ingrid').perform('erase-user', { userId: acme.user('ada') })
  for (const [table, { fate, by = '' }] of Object.entries(TABLES)) {
    const wanted = fate === 'account' ? accountId : fate === 'user' || fate === 'row' ? acme.user('ada') : undefined
    if (wanted === undefined) continue
    const { rows } = await sql`select 1 from ${sql.table(table)} where ${sql.ref(by)} = ${wanted}`.execute(
      acme.store.db,
    )
    expect([table, rows]).toEqual([table, []])
  }
  const again = await acme.post('/api/auth/sign-in/email', { email: 'ada@tern.example', password: PASSWORD })
  expect(again.status).toBe(401)
})

test('a device of hers is told at its next contact to erase what it holds, and has no name any more', async () => {
  const acme = await small()
  const cookie = await acme.signIn('ada')
  await acme.call('/api/session', { as: cookie })
  await acme.device('ingrid').perform('erase-user', { userId: acme.user('ada') })
  const answer = await acme.call('/api/session', { as: cookie })
  expect([answer.status, await answer.json()]).toMatchObject([403, { code: 'device-revoked' }])
  expect(
    await acme.store.db
      .selectFrom('auth_devices')
      .select(['name', 'unsent'])
      .where('userId', '=', acme.user('ada'))
      .execute(),
  ).toEqual([{ name: '', unsent: 0 }])
})

test('an account that is in another organisation stays there, with its sessions and its factors', async () => {
  const acme = await small()
  const other = await served(
    { store: acme.store, seed: 2, users: { adela: { role: 'admin', email: 'ada@tern.example' } } },
    [],
  )
  await joined(other, 'ada@tern.example', other.user('adela'))
  const [here, there] = [await acme.signIn('ada'), await acme.signIn('ada')]
  await acme.post('/api/session/organisation', { organisation: acme.id }, here)
  await acme.post('/api/session/organisation', { organisation: other.id }, there)
  await acme.device('ingrid').perform('erase-user', { userId: acme.user('ada') })
  expect((await acme.call('/api/session', { as: there })).status).toBe(200)
  expect((await acme.call('/api/session', { as: here })).status).not.toBe(200)
  expect((await acme.call('/api/session', { as: await acme.signIn('ada') })).status).toBe(200)
})

test('who is invited, active or deactivated can be erased, with mails that wait and links that were sent', async () => {
  const acme = await small()
  const device = acme.device('ingrid')
  await device.perform('reset-password', { userIds: [acme.user('cy'), acme.user('bo')] })
  await postOf(acme).token()
  await device.perform('reset-password', { userIds: [acme.user('cy')] })
  for (const name of ['bo', 'cy', 'dee'])
    expect((await device.perform('erase-user', { userId: acme.user(name) })).notApplied).toEqual([])
  expect(await acme.count('mails')).toBe(0)
  expect(await acme.store.db.selectFrom('auth_links').selectAll().execute()).toEqual([])
  expect((await acme.rows('users')).map(({ firstName }) => firstName).toSorted()).toEqual(['ada', 'ingrid'])
  expect((await acme.rows('products'))[0]?.seatsUsed).toBe(2)
  expect(await verifyChain(acme.store, acme.id)).toEqual([])
})

test('oneself is not erased, a viewer erases nobody, and nothing is looked up for either', async () => {
  const acme = await small()
  const before = await acme.count('log')
  expect((await acme.device('ingrid').perform('erase-user', { userId: acme.user('ingrid') })).notApplied).toMatchObject(
    [{ code: 'own-row' }],
  )
  expect((await acme.device('bo').perform('erase-user', { userId: acme.user('ada') })).notApplied).toMatchObject([
    { code: 'forbidden' },
  ])
  expect(await acme.count('log')).toBe(before + 2)
  expect(await acme.store.db.selectFrom('erasures').selectAll().execute()).toEqual([])
})

test('on the host the same is done, by nobody; the last admin stays', async () => {
  const acme = await world({ users: { ada: {}, bo: {} } })
  const by = () => ({ now: acme.clock.now, random: acme.random })
  const parts = { store: acme.store, dataDir: '/nowhere' }
  await acme.device('ingrid').perform('update-user', {
    userId: acme.user('ada'),
    changes: { title: { from: '', to: 'Wardentitle' } },
  })
  expect(await eraseOnHost(parts, acme.id, acme.user('ada'), by())).toBe(true)
  const log = await acme.store.db.selectFrom('log').selectAll().execute()
  expect(JSON.stringify(log)).not.toMatch(/Wardentitle|ada@/)
  expect(log.at(-1)).toMatchObject({ type: 'erase-user', actor: null })
  await expect(eraseOnHost(parts, acme.id, acme.user('ada'), by())).rejects.toThrow('There is no user')
  await expect(eraseOnHost(parts, acme.id, acme.user('ingrid'), by())).rejects.toThrow('last active admin')
  await expect(eraseOnHost(parts, acme.id, 'ada', by())).rejects.toThrow('--user is the id')
})

test('where a backup holds the database the files are scoured again once it is over', async () => {
  let held = 3
  const waits: number[] = []
  const { promise, resolve } = Promise.withResolvers<void>()
  const aftermath = createAftermath({
    store: {
      scour: async () => {
        held -= 1
        if (held === 0) resolve()
        return held <= 0
      },
    },
    log: silent,
    mails: async () => undefined,
    wait: async (milliseconds) => void waits.push(milliseconds),
  })
  await aftermath()
  await promise
  expect([held, waits]).toEqual([0, [5_000, 5_000]])
})

test('an admin takes out all that is held on a user, and nothing of anybody else', async () => {
  const acme = await small()
  const as = await acme.signIn('ingrid')
  await acme.signIn('ada')
  await acme.settle()
  const device = acme.device('ingrid')
  const [ada, bo] = [acme.user('ada'), acme.user('bo')]
  await device.perform('update-users', {
    users: [
      { id: ada, changes: { title: { from: '', to: 'Head' } } },
      { id: bo, changes: { title: { from: '', to: 'Recruiter of others' } } },
    ],
  })
  await acme.device('ada').perform('update-user', { userId: bo, changes: { phone: { from: '', to: '+47 1' } } })
  await acme.usage.ingest(acme.id, [
    { source: 's', id: '1', at: acme.clock.now, user: ada, product: 'Sales Pro', credits: 7, contactViews: 2 },
    { source: 's', id: '2', at: acme.clock.now, user: bo, product: 'Sales Pro', credits: 9, contactViews: 0 },
  ])
  const answer = await acme.call(`/api/users/${ada}/data`, { as })
  expect(answer.headers.get('content-disposition')).toBe(`attachment; filename="user-${ada}.json"`)
  const text = await answer.text()
  const data = JSON.parse(text) as Record<string, unknown> & { log: { type: string; items: unknown[] }[] }
  expect(data).toMatchObject({
    user: { id: ada, email: 'ada@tern.example', title: 'Head' },
    product: 'Sales Pro',
    meter: { month: 7 },
    account: { email: 'ada@tern.example' },
    usage: [{ day: '2026-11-24', credits: 7, contactViews: 2 }],
  })
  expect(data.log.map(({ type }) => type)).toEqual(['update-user', 'update-users', 'sign-in'])
  expect(data.log[0]?.items).toEqual([])
  expect(data.log[1]).toMatchObject({
    asked: { id: ada, changes: { title: { to: 'Head' } } },
    items: [{ item: ada, change: { before: { title: '' }, after: { title: 'Head' } } }],
  })
  expect(text).not.toMatch(/Recruiter|bo@tern|\+47|argon2|"hash"|secret/)
  // What was used is published beside it.
  const taken = acme.store.db.selectFrom('log').select('actor').where('type', '=', 'export-user-data')
  expect(await taken.execute()).toEqual([{ actor: acme.user('ingrid') }])
  expect((await acme.call(`/api/users/${acme.newId()}/data`, { as })).status).toBe(404)
  for (const id of ['x', '..%2f', `${ada}'`])
    expect((await acme.call(`/api/users/${id}/data`, { as })).status).toBe(404)
})

test('nobody else takes it out: no viewer, nobody who is not signed in, no admin of another organisation', async () => {
  const acme = await served({ users: { vera: { role: 'viewer' } } }, ['ingrid', 'vera'])
  const other = await served({ store: acme.store, seed: 2, users: { olga: { role: 'admin' } } }, [])
  await acme.identity.addAccount({
    email: 'olga@tern.example',
    password: PASSWORD,
    name: 'olga',
    organisation: other.id,
    userId: other.user('olga'),
  })
  const before = await acme.count('log')
  const status = async (as?: string) =>
    (await acme.call(`/api/users/${acme.user('ingrid')}/data`, as === undefined ? {} : { as })).status
  expect([await status(await acme.signIn('vera')), await status(await acme.signIn('olga')), await status()]).toEqual([
    403, 404, 401,
  ])
  expect(await acme.count('log')).toBe(before)
})
