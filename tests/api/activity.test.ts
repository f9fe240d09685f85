// The activity of an organisation: pages, filters, items, export and check over real routes; who may read it, and what gets into it
// beside operations.
import { expect, test, vi } from 'vitest'
import * as v from 'valibot'
import { ActivityItems, ActivityPage, ChainProgress } from '#shared/activity.ts'
import { parseCsv } from '#shared/csv.ts'
import { cookieOf, PASSWORD, served, type Served } from '../support/app.ts'
import { keyOf, provider } from '../support/provider.ts'

vi.setConfig({ testTimeout: 60_000 })

const small = () =>
  served(
    {
      groups: ['Sales'],
      products: { 'Sales Pro': 10, Viewer: 1 },
      users: { ada: { role: 'admin' }, vera: { role: 'viewer' }, bo: {}, '=cmd': { email: 'cmd@tern.example' } },
    },
    ['ingrid', 'ada', 'vera', 'bo'],
  )

const page = async (acme: Served, as: string, query = ''): Promise<ActivityPage> =>
  v.parse(ActivityPage, await (await acme.call(`/api/activity${query}`, { as })).json())

/** Ingrid assigns, Ada moves two to a product with one seat, and Ingrid undoes what Ada did. */
async function busy(acme: Served) {
  const as = await acme.signIn('ingrid')
  const [ingrid, ada] = [acme.device('ingrid'), acme.device('ada')]
  const [bo, cmd] = [acme.user('bo'), acme.user('=cmd')]
  const assigned = await ingrid.perform('assign-group', { userIds: [bo, cmd], groupId: acme.group('Sales') })
  acme.clock.now += 60_000
  const moved = await ada.perform(
    'change-product',
    { userIds: [bo, cmd], productId: acme.product('Viewer') },
    { madeAt: acme.clock.now - 5_000 },
  )
  await ingrid.perform('undo', { operationId: moved.id })
  return { as, bo, cmd, assigned, moved }
}

test('each entry says who did what when, what came of each item, and what was there before and after', async () => {
  const acme = await small()
  const { as, bo, cmd, moved } = await busy(acme)
  const { entries, next, head } = await page(acme, as)
  expect(next).toBeNull()
  const [undo, change, assign] = entries
  expect([head, entries[0]?.version]).toEqual([undo?.version, undo?.version])
  expect(change).toMatchObject({
    id: moved.id,
    type: 'change-product',
    sentence: 'Change product of 2 users to Viewer',
    actor: acme.user('ada'),
    applied: 1,
    rejected: 1,
    undoneBy: undo?.version,
    erased: false,
  })
  expect((change?.at ?? 0) - (change?.madeAt ?? 0)).toBe(5_000)
  expect(change?.items).toMatchObject([
    {
      item: bo,
      outcome: { result: 'applied' },
      change: { before: { productId: acme.product('Sales Pro') }, after: { productId: acme.product('Viewer') } },
    },
    { item: cmd, outcome: { result: 'rejected', code: 'no-seat-left' }, change: null },
  ])
  expect(change?.names.users).toMatchObject({ [bo]: 'bo', [acme.user('ada')]: 'ada' })
  expect(change?.names.products).toMatchObject({ [acme.product('Viewer')]: 'Viewer' })
  expect(undo).toMatchObject({ sentence: 'Undo: Change product of 2 users to Viewer', undoes: change?.version })
  expect(assign).toMatchObject({ sentence: 'Assign 2 users to Sales', undoneBy: null, applied: 2 })
})

test('filters ask by ids and closed lists; pages go on where the last one ended', async () => {
  const acme = await small()
  const { as, bo, moved } = await busy(acme)
  const types = async (query: string) => (await page(acme, as, query)).entries.map(({ type }) => type)
  expect(await types(`?actor=${acme.user('ada')}`)).toEqual(['change-product'])
  expect(await types('?type=undo,assign-group')).toEqual(['undo', 'assign-group'])
  expect(await types('?outcome=rejected')).toEqual(['change-product'])
  expect(await types(`?item=${bo}&type=assign-group`)).toEqual(['assign-group'])
  expect(await types(`?item=${acme.user('vera')}`)).toEqual([])
  expect(await types(`?from=${moved.at}&to=${moved.at + 1}`)).toEqual(['undo', 'change-product'])
  expect(new Set(await types('?actor=provider'))).toEqual(new Set(['load', 'create-organisation']))

  const all = (await page(acme, as)).entries.map(({ version }) => version)
  const paged: number[] = []
  for (let before: number | null = all.length + 10; before !== null;) {
    const part: ActivityPage = await page(acme, as, `?limit=1&before=${before}`)
    paged.push(...part.entries.map(({ version }) => version))
    before = part.next
  }
  expect(paged).toEqual(all)
  for (const query of ['?actor=x', '?type=A', '?limit=-1', '?text=bo', "?item=' or 1=1", '?outcome=all', '?before=1e9'])
    expect((await acme.call(`/api/activity${query}`, { as })).status, query).toBe(400)
})

test('the items of a large entry are paged', async () => {
  const acme = await small()
  const as = await acme.signIn('ingrid')
  const users = Array.from({ length: 450 }, (_, at) => ({
    id: acme.newId(),
    email: `new-${at}@tern.example`,
    firstName: `New ${at}`,
    lastName: '',
    title: '',
    phone: '',
    externalId: '',
    productId: acme.product('Sales Pro'),
    groupId: null,
    limit: null,
    role: 'member',
  }))
  const { version } = await acme.device('ingrid').perform('add-users', { users })
  const [entry] = (await page(acme, as, '?limit=1')).entries
  expect([entry?.items.length, entry?.more]).toEqual([12, 438])
  const found: string[] = []
  for (let after: number | null = 0; after !== null;) {
    const answer = await acme.call(`/api/activity/${version}/items?after=${after}`, { as })
    const part = v.parse(ActivityItems, await answer.json())
    found.push(...part.items.map(({ item }) => item))
    after = part.next
  }
  expect(found.toSorted()).toEqual(users.map(({ id }) => id).toSorted())
  expect((await acme.call('/api/activity/999/items', { as })).status).toBe(404)
})

test('a viewer reads it, a member does not, and nobody another organisation’s', async () => {
  const acme = await small()
  const { moved } = await busy(acme)
  expect((await page(acme, await acme.signIn('vera'))).entries.length).toBeGreaterThan(2)
  const member = await acme.post('/api/auth/sign-in/email', { email: 'bo@tern.example', password: PASSWORD })
  expect((await acme.call('/api/activity', { as: cookieOf(member) })).status).not.toBe(200)
  const other = await served({ store: acme.store, seed: 2, users: { olga: { role: 'admin' } } }, [])
  await acme.identity.addAccount({
    email: 'olga@tern.example',
    password: PASSWORD,
    name: 'olga',
    organisation: other.id,
    userId: other.user('olga'),
  })
  const olga = await acme.signIn('olga')
  expect((await page(acme, olga)).entries.map(({ type }) => type)).toEqual(
    (await page(acme, olga, '?type=load,create-organisation')).entries.map(({ type }) => type),
  )
  expect((await page(acme, olga, `?item=${acme.user('bo')}`)).entries).toEqual([])
  expect((await acme.call(`/api/activity/${moved.version}/items`, { as: olga })).status).toBe(404)
})

test('sign-ins are in it, failed ones bounded, and what ends other devices', async () => {
  const acme = await small()
  const as = await acme.signIn('ingrid')
  await acme.settle()
  for (let tries = 0; tries < 4; tries += 1)
    await acme.post('/api/auth/sign-in/email', { email: 'ADA@tern.example', password: 'wrong wrong wrong' })
  await acme.post('/api/auth/sign-in/email', { email: 'nobody@tern.example', password: 'wrong wrong wrong' })
  await acme.settle()
  await acme.post('/api/devices/sign-out-others', {}, as)
  await acme.settle()
  const { entries } = await page(acme, as, '?limit=3')
  expect(entries.map(({ type, actor, sentence }) => [type, actor, sentence])).toEqual([
    ['sign-out-others', acme.user('ingrid'), 'Sign out all other devices'],
    ['sign-in-failed', null, 'Failed sign-in as ada'],
    ['sign-in', acme.user('ingrid'), expect.stringMatching(/^Sign in with /)],
  ])
})

test('what the provider changes is in it, with the key; a device is called as Settings lists it', async () => {
  const acme = await small()
  const as = await acme.signIn('ada')
  const ask = provider(acme, (await keyOf(acme)).key)
  await ask('POST', '/products', { name: 'Insights', seatsPurchased: 3 })
  const device = await acme.deviceOf('ada', as)
  const group = { id: acme.newId(), name: 'New', memberLimit: null, poolLimit: null }
  await acme.post('/api/sync', device.request([device.operation('add-group', { group })]), as)
  const { entries } = await page(acme, as)
  expect(entries[0]).toMatchObject({ type: 'add-group', clientId: device.clientId, device: expect.any(String) })
  expect(entries[1]).toMatchObject({ sentence: 'Purchased seats of Insights: 3', actor: null, key: expect.any(String) })
})

test('a file holds every item with its values, harmless to a spreadsheet, and is in the log itself', async () => {
  const acme = await small()
  const { as, bo } = await busy(acme)
  const csv = await acme.call('/api/activity/export?format=csv', { as })
  expect(csv.headers.get('content-disposition')).toMatch(/^attachment; filename="activity-.*\.csv"$/)
  const text = await csv.text()
  expect(text).toContain("'=cmd")
  expect(text).not.toMatch(/(^|[",])=cmd/m)
  const rows = parseCsv(text)
  const change = rows.find((row) => row[12] === bo && row[9] === 'Change Product')
  expect(change?.slice(13)).toEqual(['changed', 'product', 'Sales Pro', 'Viewer'])
  const json = await acme.call(`/api/activity/export?format=json&item=${bo}`, { as })
  const objects = (await json.json()) as { type: string; who: string }[]
  expect(objects.map(({ type }) => type)).toEqual(['undo', 'change-product', 'assign-group'])
  expect(objects[1]?.who).toBe('ada')
  expect((await page(acme, as, '?type=export-activity')).entries).toMatchObject([
    { sentence: 'Export the activity as JSON', actor: acme.user('ingrid') },
    { sentence: 'Export the activity as CSV' },
  ])
})

async function check(acme: Served, as: string, seen?: object) {
  const answer = await acme.post('/api/activity/verify', seen ? { seen } : {}, as)
  const lines = (await answer.text()).trim().split('\n')
  return lines.map((line) => v.parse(ChainProgress, JSON.parse(line)))
}

test('the check tells how far it is and what it found; a head that the device has seen must still be there', async () => {
  const acme = await small()
  const { as } = await busy(acme)
  const [last] = await acme.store.db.selectFrom('heads').selectAll().where('orgId', '=', acme.id).execute()
  const seen = { version: last?.version ?? 0, hash: last?.hash ?? '' }
  const fine = (await check(acme, as, seen)).at(-1)
  expect(fine?.done).toMatchObject({ faults: [], head: seen })
  expect(fine?.checked).toBe(seen.version)
  const other = (await check(acme, as, { ...seen, hash: '0'.repeat(64) })).at(-1)
  expect(other?.done?.faults).toEqual([{ version: seen.version, fault: 'noted' }])
  await acme.store.db.updateTable('log').set({ type: 'set-role' }).where('version', '=', 2).execute()
  expect((await check(acme, as)).at(-1)?.done?.faults).toEqual([{ version: 2, fault: 'hash' }])
})
