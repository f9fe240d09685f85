// Undo after sync: the log knows what an operation did, and who changed it since.
import { sql, type RawBuilder } from 'kysely'
import { describe, expect, test } from 'vitest'
import { world } from './worlds.ts'

const newUser = (id: string, productId: string, email = 'new@tern.example') => ({
  id,
  email,
  firstName: 'New',
  lastName: 'User',
  title: '',
  phone: '',
  externalId: '',
  productId,
  groupId: null,
  limit: null,
  role: 'member',
})

test('takes back what still stands and names who changed the rest, and when', async () => {
  const acme = await world({
    products: { 'Sales Pro': 9, Insights: 9, 'Data API': 9 },
    users: { ada: { role: 'admin' }, joan: {}, mary: {} },
    groups: ['Sales'],
  })
  const [ingrid, ada] = [acme.device('ingrid'), acme.device('ada')]
  const moved = await ingrid.perform('change-product', {
    userIds: [acme.user('joan'), acme.user('mary')],
    productId: acme.product('Insights'),
  })
  acme.clock.now += 60_000
  const theirs = await ada.perform('change-product', {
    userIds: [acme.user('mary')],
    productId: acme.product('Data API'),
  })
  // A later change of another field moves the row's version, not the blame.
  acme.clock.now += 60_000
  await ingrid.perform('assign-group', { userIds: [acme.user('mary')], groupId: acme.group('Sales') })

  const undone = await ingrid.perform('undo', { operationId: moved.id })
  expect(undone.total).toBe(2)
  expect(undone.notApplied).toEqual([
    {
      item: acme.user('mary'),
      result: 'rejected',
      code: 'changed-meanwhile',
      fact: {
        row: acme.user('mary'),
        field: 'productId',
        theirs: acme.product('Data API'),
        by: acme.user('ada'),
        at: theirs.at,
      },
    },
  ])
  expect(await acme.row('users', acme.user('joan'))).toMatchObject({ productId: acme.product('Sales Pro') })
  expect(await ingrid.perform('undo', { operationId: undone.id })).toMatchObject({
    notApplied: [{ code: 'cannot-undo', fact: { why: 'undo' } }],
  })
})

test('a merge that meets another change names its author, too', async () => {
  const acme = await world({ users: { ada: { role: 'admin' }, joan: {} } })
  const change = (to: string) => ({ userId: acme.user('joan'), changes: { title: { from: '', to } } })
  const first = await acme.device('ada').perform('update-user', change('Lead'))
  const { notApplied } = await acme.device('ingrid').perform('update-user', change('Head'))
  expect(notApplied).toMatchObject([
    { item: 'title', code: 'changed-meanwhile', fact: { theirs: 'Lead', by: acme.user('ada'), at: first.at } },
  ])
})

describe('of a setting of the organisation', () => {
  const change = (from: number, to: number) => ({ changes: { weekStart: { from, to } } })

  test('a merge and an undo name who changed it last, past changes of other kinds', async () => {
    const acme = await world({ users: { ada: { role: 'admin' }, joan: {} } })
    const [ingrid, ada] = [acme.device('ingrid'), acme.device('ada')]
    const mine = await ingrid.perform('update-organisation', change(1, 6))
    acme.clock.now += 60_000
    const theirs = await ada.perform('update-organisation', change(6, 7))
    // A new admin moves the row's version, not the blame.
    acme.clock.now += 60_000
    await ada.perform('set-role', { userIds: [acme.user('joan')], role: 'admin' })

    const fact = { field: 'weekStart', theirs: 7, by: acme.user('ada'), at: theirs.at }
    expect(await ingrid.perform('update-organisation', change(6, 5))).toMatchObject({
      notApplied: [{ item: 'weekStart', code: 'changed-meanwhile', fact }],
    })
    expect(await ingrid.perform('undo', { operationId: mine.id })).toMatchObject({
      notApplied: [{ item: 'weekStart', code: 'changed-meanwhile', fact }],
    })
    expect(await ada.perform('undo', { operationId: theirs.id })).toMatchObject({ total: 1, notApplied: [] })
  })

  test('an entry of the log from before there were any still reads', async () => {
    const acme = await world({ users: { ada: { role: 'admin' }, joan: {} } })
    const device = acme.device('ingrid')
    const promoted = await device.perform('set-role', { userIds: [acme.user('joan')], role: 'admin' })
    const entry = acme.store.db.selectFrom('log').select('images').where('operationId', '=', promoted.id)
    const { images } = await entry.executeTakeFirstOrThrow()
    const write = (text: string | null | RawBuilder<string>) =>
      acme.store.db.updateTable('log').set({ images: text }).where('operationId', '=', promoted.id).execute()
    await write(sql<string>`json_remove("images", '$.images.organisations', '$.rows.organisations')`)
    expect(await device.perform('update-organisation', change(3, 5))).toMatchObject({
      notApplied: [{ code: 'changed-meanwhile', fact: { theirs: 1, by: null, at: null } }],
    })
    expect(await device.perform('undo', { operationId: promoted.id })).toMatchObject({ total: 1, notApplied: [] })
    // As it was sealed: the chain is verified afterwards.
    await write(images)
  })
})

test('undoing an invitation stops its mail while it waits, and frees address and seat', async () => {
  const acme = await world({ products: { 'Sales Pro': 2 } })
  const device = acme.device('ingrid')
  const id = acme.newId()
  const added = await device.perform('add-users', { users: [newUser(id, acme.product('Sales Pro'))] })
  expect(await acme.store.db.selectFrom('mails').selectAll().execute()).toMatchObject([
    { userId: id, template: 'invitation', state: 'waiting', notBefore: acme.clock.now + 60_000, operationId: added.id },
  ])
  expect(await device.perform('undo', { operationId: added.id })).toMatchObject({ total: 1, notApplied: [] })
  expect(await acme.store.db.selectFrom('mails').select('state').execute()).toEqual([{ state: 'stopped' }])
  expect(device.rows.has(`users ${id}`)).toBe(false)
  expect(await acme.row('products', acme.product('Sales Pro'))).toMatchObject({ seatsUsed: 1 })
  expect(await device.perform('add-users', { users: [newUser(id, acme.product('Sales Pro'))] })).toMatchObject({
    notApplied: [{ code: 'id-taken' }],
  })
})

test('a deleted group comes back under its old id, with its members, and no tombstone is left', async () => {
  const acme = await world({ groups: ['Sales'], users: { ada: { group: 'Sales' } } })
  const device = acme.device('ingrid')
  await device.send()
  const deleted = await device.perform('delete-groups', { groupIds: [acme.group('Sales')], onMembers: 'ungroup' })
  expect(device.rows.has(`groups ${acme.group('Sales')}`)).toBe(false)
  expect(await device.perform('undo', { operationId: deleted.id })).toMatchObject({ notApplied: [] })
  expect(device.rows.get(`groups ${acme.group('Sales')}`)).toMatchObject({ name: 'Sales', members: 1 })
  expect(await acme.row('users', acme.user('ada'))).toMatchObject({ groupId: acme.group('Sales') })
  expect(await acme.count('tombstones')).toBe(0)
})

test('of an operation that the log does not have, undo says so', async () => {
  const acme = await world()
  const operationId = acme.newId()
  expect(await acme.device('ingrid').perform('undo', { operationId })).toMatchObject({
    notApplied: [{ code: 'operation-unknown' }],
  })
})
