// What the provider's programs can do: sell seats and credits, ask for spends, reserve, and see what is left.
import { expect, test, vi } from 'vitest'
import { served, type Served } from '../support/app.ts'
import { keyOf, provider } from '../support/provider.ts'
import { START } from '../support/server.ts'

// A password's hash takes its time, on a busy machine more of it.
vi.setConfig({ testTimeout: 30_000 })

const world = async () => {
  const acme = await served({ products: { 'Sales Pro': 10, Recruiter: 5 }, users: { ana: {}, bo: {} } })
  return { acme, ask: provider(acme, (await keyOf(acme)).key) }
}
const entries = async (acme: Served) =>
  (await acme.store.db.selectFrom('log').select(['type', 'version']).where('orgId', '=', acme.id).execute()).map(
    ({ type }) => type,
  )

test('a product is sold, changed and removed; each is an entry of the log, and a device learns of it', async () => {
  const { acme, ask } = await world()
  const device = acme.world.device('ingrid')
  await device.send()
  const before = (await entries(acme)).length
  const id = acme.newId()
  const sold = await ask('POST', '/products', { id, name: 'Insights', seatsPurchased: 20 })
  expect(sold).toMatchObject({ status: 201, body: { id, name: 'Insights', seatsPurchased: 20, seatsUsed: 0 } })
  await device.send()
  expect(device.rows.get(`products ${id}`)).toMatchObject({ name: 'Insights', seatsPurchased: 20 })

  expect(await ask('POST', '/products', { id, name: 'Insights', seatsPurchased: 20 })).toMatchObject({ status: 201 })
  expect(await ask('PATCH', `/products/${id}`, { seatsPurchased: 3 })).toMatchObject({
    status: 200,
    body: { name: 'Insights', seatsPurchased: 3 },
  })
  expect((await acme.row('products', id)).lastContract).toEqual({ from: 20, at: START })
  expect(await ask('PATCH', `/products/${id}`, { name: 'Insight' })).toMatchObject({ body: { name: 'Insight' } })
  expect(await ask('PATCH', `/products/${id}`, { name: 'Insight', seatsPurchased: 3 })).toMatchObject({ status: 200 })

  expect(await ask('DELETE', `/products/${id}`)).toMatchObject({ status: 204, body: undefined })
  await device.send()
  expect(device.rows.has(`products ${id}`)).toBe(false)
  expect((await entries(acme)).slice(before)).toEqual(['set-product', 'set-product', 'set-product', 'remove-product'])
  expect(await ask('POST', '/products', { id, name: 'Insights', seatsPurchased: 20 })).toMatchObject({
    status: 409,
    body: { code: 'id-taken' },
  })
})

test('a product that anybody has stays, also while he is deactivated', async () => {
  const { acme, ask } = await world()
  const device = acme.world.device('ingrid')
  await device.perform('deactivate-users', { userIds: [acme.user('ana')] })
  expect(await ask('DELETE', `/products/${acme.product('Sales Pro')}`)).toMatchObject({
    status: 409,
    body: { code: 'product-in-use', fact: { users: 3 } },
  })
  expect(await ask('DELETE', `/products/${acme.product('Recruiter')}`)).toMatchObject({ status: 204 })
})

test('two products never have one name, however it is written', async () => {
  const { acme, ask } = await world()
  const taken = { status: 409, body: { code: 'product-name-taken', fact: { id: acme.product('Sales Pro') } } }
  expect(await ask('POST', '/products', { name: ' sales  PRO', seatsPurchased: 1 })).toMatchObject(taken)
  expect(await ask('PATCH', `/products/${acme.product('Recruiter')}`, { name: 'sales pro' })).toMatchObject(taken)
  expect(await ask('PATCH', `/products/${acme.product('Sales Pro')}`, { name: 'SALES PRO' })).toMatchObject({
    status: 200,
  })
})

test('credits are granted once however often they are sent, and taken back to the sum that is named', async () => {
  const { acme, ask } = await world()
  const grant = { id: acme.newId(), credits: 5000, startsOn: '2026-11-01', endsOn: '2026-12-31', kind: 'top-up' }
  for (const time of ['first', 'again'])
    expect(await ask('POST', '/grants', grant), time).toMatchObject({
      status: 201,
      body: { ...grant, left: 5000, voided: 0, used: 0, state: 'running' },
    })
  expect(await ask('POST', '/grants', { ...grant, credits: 5001 })).toMatchObject({ body: { code: 'id-taken' } })
  for (const time of ['first', 'again'])
    expect(await ask('POST', `/grants/${grant.id}/void`, { voided: 1200 }), time).toMatchObject({
      status: 200,
      body: { voided: 1200, left: 3800 },
    })
  expect(await ask('POST', `/grants/${grant.id}/void`, { voided: 5001 })).toMatchObject({
    status: 409,
    body: { code: 'grant-exceeded', fact: { left: 3800 } },
  })
  expect(await ask('POST', `/grants/${grant.id}/void`)).toMatchObject({ body: { voided: 5000, left: 0 } })
  const { body } = await ask('GET', '/balances')
  expect(body).toMatchObject({ total: 1_000_000, used: 0, available: 1_000_000 })
  expect((await ask('GET', '/grants')).body).toMatchObject({ grants: [{ kind: 'contract' }, { id: grant.id }] })
})

test('a spend is allowed once per key, or denied with what bound it', async () => {
  const { acme, ask } = await world()
  const device = acme.world.device('ingrid')
  const limit = { credits: 100, term: 'month' }
  await device.perform('manage-limit', { userIds: [acme.user('ana')], limit })
  const spend = { user: 'ana@tern.example', product: 'sales pro', credits: 60, idempotencyKey: 'job 1' }
  for (const time of ['first', 'again'])
    expect(await ask('POST', '/spends', spend), time).toMatchObject({
      status: 200,
      body: { allowed: true, userId: acme.user('ana'), credits: 60, left: 40, binds: 'own' },
    })
  expect(await ask('POST', '/spends', { ...spend, idempotencyKey: 'job 2' })).toMatchObject({
    status: 200,
    body: { allowed: false, deniedBy: 'own', left: 40, over: 0 },
  })
  expect(await ask('POST', '/spends', { ...spend, credits: 61 })).toMatchObject({
    status: 409,
    body: { code: 'key-reused' },
  })
  expect((await ask('GET', '/balances/ana@tern.example')).body).toMatchObject({
    userId: acme.user('ana'),
    bounds: [{ kind: 'own', credits: 100, term: 'month', used: 60, left: 40, over: 0 }, { kind: 'credits' }],
  })
  expect((await ask('GET', '/balances')).body).toMatchObject({ used: 60, available: 999_940 })
})

test('a reservation counts until it is confirmed, is released or expires', async () => {
  const { acme, ask } = await world()
  const reserve = async (idempotencyKey: string, credits: number) =>
    (
      await ask('POST', '/reservations', {
        user: acme.user('ana'),
        product: 'Sales Pro',
        credits,
        idempotencyKey,
        seconds: 60,
      })
    ).body as { reservation: { id: string; expiresAt: string } }
  const [first, second, third] = [await reserve('a', 10), await reserve('b', 20), await reserve('c', 40)]
  expect(first.reservation.expiresAt).toBe(new Date(START + 60_000).toISOString())
  expect((await ask('GET', '/balances')).body).toMatchObject({ reserved: 70, used: 0 })
  const confirmed = await ask('POST', `/reservations/${first.reservation.id}/confirm`, { credits: 7 })
  expect(confirmed).toMatchObject({ status: 200, body: { state: 'confirmed', confirmed: 7 } })
  expect(await ask('POST', `/reservations/${second.reservation.id}/release`)).toMatchObject({
    body: { state: 'released' },
  })
  acme.clock.now += 61_000
  expect(await ask('GET', `/reservations/${third.reservation.id}`)).toMatchObject({ body: { state: 'expired' } })
  expect(await ask('POST', `/reservations/${third.reservation.id}/confirm`)).toMatchObject({
    status: 409,
    body: { code: 'reservation-expired' },
  })
  expect((await ask('GET', '/balances')).body).toMatchObject({ reserved: 0, used: 7 })
})

test('where a source has come to is told, and what the server spent itself is no source of the provider', async () => {
  const { acme, ask } = await world()
  await ask('POST', '/spends', { user: acme.user('ana'), product: 'Sales Pro', credits: 1, idempotencyKey: 'x' })
  const event = (id: string) => ({
    specversion: '1.0',
    type: 'quartermaster.usage',
    source: '/meter',
    id,
    time: '2026-11-24T08:00:00Z',
    data: { user: acme.user('ana'), product: 'Sales Pro', credits: 2 },
  })
  await ask('POST', '/usage', [event('1'), event('2'), event('1')])
  expect((await ask('GET', '/sources')).body).toEqual({
    sources: [{ source: '/meter', lastId: '2', lastAt: '2026-11-24T08:00:00.000Z', events: 2 }],
  })
})

test('a key is kept as a hash alone, its last use to the minute, and the console lists it without either', async () => {
  const acme = await served()
  const { id, key } = await keyOf(acme, ['usage'])
  const ask = provider(acme, key)
  await ask('GET', '/sources')
  acme.clock.now += 59_000
  await ask('GET', '/sources')
  const stored = JSON.stringify(await acme.store.db.selectFrom('provider_keys').selectAll().execute())
  expect(stored).not.toContain(key.split('_')[2])
  const listed = await acme.call('/api/provider-keys', { as: await acme.signIn('ingrid') })
  expect(await listed.json()).toEqual({
    keys: [{ id, name: 'Billing', scopes: ['usage'], createdAt: START, lastUsedAt: START, revokedAt: null }],
  })
  acme.clock.now += 1000
  await ask('GET', '/sources')
  expect(await acme.store.db.selectFrom('provider_keys').select('lastUsedAt').execute()).toEqual([
    { lastUsedAt: START + 60_000 },
  ])
})
