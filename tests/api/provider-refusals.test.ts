// Requests of the provider that must change nothing, at every route: without a key, with a wrong one, with one of another scope, about
// another organisation's rows, unreadable, with a field too many. The table of routes is walked, so a new one is asked as well.
import { expect, test, vi } from 'vitest'
import { COLUMNS } from '#shared/model.ts'
import { revokeKey, SCOPES, type Scope } from '../../sync-server/provider/keys.ts'
import type { Route } from '../../sync-server/provider/route.ts'
import { PROVIDER_ROUTES } from '../../sync-server/provider/routes.ts'
import { served } from '../support/app.ts'
import {
  keyOf,
  provider,
  providerAddress as addressOf,
  providerBodies as bodies,
  reportedEvent as event,
} from '../support/provider.ts'
import { everythingIn } from './worlds.ts'

// A password's hash takes its time, on a busy machine more of it.
vi.setConfig({ testTimeout: 60_000 })

const wish = { products: { 'Sales Pro': 10 }, users: { ana: {} } }
const acme = await served(wish)
const other = await served({ ...wish, store: acme.store, seed: 2 }, [])
const keys = {
  all: (await keyOf(acme)).key,
  revoked: await revoked(),
  ...Object.fromEntries(
    await Promise.all(SCOPES.map(async (scope) => [scope, (await keyOf(acme, [scope], scope)).key] as const)),
  ),
} as Record<Scope | 'all' | 'revoked', string>
const theirs = (await keyOf(other)).key

async function revoked(): Promise<string> {
  const { id, key } = await keyOf(acme)
  await revokeKey(acme.store, acme.id, id, { now: acme.clock.now, random: acme.random })
  return key
}

const USAGE_TABLES = ['usage_events', 'usage_days', 'usage_sources', 'spends', 'reservations', 'months'] as const
/** All that is stored of both organisations; only the last use of a key may move. */
async function stored(): Promise<unknown> {
  const all: unknown[] = [await everythingIn(acme), await everythingIn(other)]
  for (const table of USAGE_TABLES) all.push(await acme.store.db.selectFrom(table).selectAll().execute())
  return all
}

async function refused(
  ask: Promise<{ status: number; body: unknown; headers: Headers }>,
  status: number,
  code: string,
) {
  const answer = await ask
  expect(answer.body).toEqual({
    type: `/api/docs#${code}`,
    title: expect.any(String) as string,
    detail: expect.any(String) as string,
    status,
    code,
    ...((answer.body as { fact?: object }).fact ? { fact: expect.any(Object) as object } : {}),
  })
  expect(answer.status).toBe(status)
  expect(answer.headers.get('content-type')).toBe('application/problem+json')
  return answer
}

const named = PROVIDER_ROUTES.map((route) => [`${route.method.toUpperCase()} ${route.path}`, route] as const)

test.each(named)('%s takes no stranger', async (_name, route) => {
  const [method, address, body] = [route.method.toUpperCase(), await addressOf(route, acme), bodies(acme)]
  const send = (key: string | undefined) => provider(acme, key)(method, address, body[route.operationId])
  const before = await stored()
  const needed = await refused(send(undefined), 401, 'key-needed')
  expect(needed.headers.get('www-authenticate')).toBe('Bearer')
  await refused(send('qmk_0123456789abcdef_' + 'A'.repeat(43)), 401, 'key-unknown')
  await refused(send(keys.all.slice(0, -2) + (keys.all.endsWith('AA') ? 'BB' : 'AA')), 401, 'key-unknown')
  await refused(send('no key at all'), 401, 'key-unknown')
  await refused(send(keys.revoked), 401, 'key-unknown')
  for (const scope of SCOPES)
    if (route.scope !== 'any' && route.scope !== scope) {
      const { body: problem } = await refused(send(keys[scope]), 403, 'scope-needed')
      expect(problem).toMatchObject({ fact: { scope: route.scope } })
    }
  expect(await stored()).toEqual(before)
})

const takingIds = named.filter(([, { path }]) => path.includes('{'))
test.each(takingIds)('%s knows nothing of another organisation', async (_name, route) => {
  const ask = provider(acme, theirs)
  const before = await stored()
  const answer = await ask(route.method.toUpperCase(), await addressOf(route, acme), bodies(other)[route.operationId])
  expect(answer).toMatchObject({ status: 404, body: { code: expect.stringMatching(/-unknown$/) as string } })
  expect(await stored()).toEqual(before)
})

test('users and products of another organisation are unknown in what is sent', async () => {
  const ask = provider(acme, theirs)
  const before = await stored()
  for (const path of ['/spends', '/reservations'])
    await refused(ask('POST', path, bodies(acme)['spend']), 422, 'user-unknown')
  const own = { ...(bodies(other)['spend'] as object), product: acme.product('Sales Pro') }
  await refused(ask('POST', '/spends', own), 422, 'product-unknown')
  expect(await ask('POST', '/usage', [event(acme)])).toMatchObject({
    status: 200,
    body: { taken: 0, refused: 1, events: [{ result: 'refused', code: 'user-unknown' }] },
  })
  expect(await stored()).toEqual(before)
})

/** Every column there is, and those that only the server's tables have. */
const columns = [...new Set([...Object.values(COLUMNS).flat(), 'orgId', 'key', 'position', 'receivedAt'])]
const sending = named.filter(([, { body }]) => body)
test.each(sending)('%s refuses what it cannot read, and every field that it does not name', async (_name, route) => {
  const ask = provider(acme, keys.all)
  const [method, address] = [route.method.toUpperCase(), await addressOf(route, acme)]
  const before = await stored()
  await refused(ask(method, address, '{"half'), 400, 'malformed')
  await refused(ask(method, address, 'null'), 400, 'malformed')
  await refused(ask(method, address, '"text"'), 400, 'malformed')
  await refused(ask(method, address, '{}', { 'content-type': 'text/plain' }), 415, 'media-type')
  await refused(ask(method, address, JSON.stringify('x'.repeat(1024 * 1024))), 413, 'too-large')
  const body = bodies(acme)[route.operationId]
  if (!Array.isArray(body)) {
    const allowed = fieldsOf(route)
    for (const column of columns.filter((name) => !allowed.includes(name))) {
      const { body: problem } = await refused(
        ask(method, address, { ...(body as object), [column]: 1 }),
        400,
        'malformed',
      )
      expect(problem).toMatchObject({ fact: { path: column } })
    }
  }
  expect(await stored()).toEqual(before)
})

function fieldsOf({ operationId }: Route): string[] {
  const optional: Record<string, string[]> = {
    addProduct: ['id'],
    changeProduct: ['name'],
    addGrant: ['id', 'kind'],
    spend: ['contactViews'],
    reserve: ['contactViews', 'seconds'],
  }
  return [...Object.keys(bodies(acme)[operationId] as object), ...(optional[operationId] ?? [])]
}

const amounts = [-1, 1.5, '1', null, 1e13, Number.MAX_SAFE_INTEGER + 1, true]
const fields = [
  ['POST', '/spends', 'spend', 'credits'],
  ['POST', '/reservations', 'reserve', 'credits'],
  ['POST', '/reservations', 'reserve', 'seconds'],
  ['POST', '/products', 'addProduct', 'seatsPurchased'],
  ['POST', '/grants', 'addGrant', 'credits'],
] as const
test.each(fields)('%s %s takes whole amounts alone (%s: %s)', async (method, path, operation, field) => {
  const ask = provider(acme, keys.all)
  const before = await stored()
  for (const amount of amounts) {
    const body = { ...(bodies(acme)[operation] as object), [field]: amount }
    const { body: problem } = await refused(ask(method, path, body), 400, 'malformed')
    expect(problem).toMatchObject({ fact: { path: field } })
  }
  expect(await stored()).toEqual(before)
})

test.each([
  ['POST', '/products', { name: 'a\0b', seatsPurchased: 1 }, 'name'],
  ['POST', '/products', { name: '  ', seatsPurchased: 1 }, 'name'],
  ['POST', '/products', { name: 'x'.repeat(201), seatsPurchased: 1 }, 'name'],
  ['POST', '/products', { id: '1', name: 'x', seatsPurchased: 1 }, 'id'],
  ['POST', '/grants', { credits: 1, startsOn: '2026-02-30', endsOn: '2026-12-31' }, 'startsOn'],
  ['POST', '/grants', { credits: 1, startsOn: '2026-12-31', endsOn: '2026-01-01' }, 'endsOn'],
  ['POST', '/grants', { credits: 0, startsOn: '2026-01-01', endsOn: '2026-12-31' }, 'credits'],
  ['POST', '/grants', { credits: 1, startsOn: '2026-01-01', endsOn: '2026-12-31', kind: 'overage' }, 'kind'],
  ['POST', '/spends', { user: 'u', product: 'p', credits: 1, idempotencyKey: '' }, 'idempotencyKey'],
  ['POST', '/spends', { user: 'u', product: 'p', credits: 1, idempotencyKey: ' k' }, 'idempotencyKey'],
])('%s %s %j is refused for its %s', async (method, path, body, field) => {
  const before = await stored()
  const { body: problem } = await refused(provider(acme, keys.all)(method, path, body), 400, 'malformed')
  expect(problem).toMatchObject({ fact: { path: field } })
  expect(await stored()).toEqual(before)
})

test('what is not there is 404, and what is there but not asked that way is 405, with or without a key', async () => {
  const ask = provider(acme, keys.all)
  await refused(ask('GET', '/nothing'), 404, 'not-found')
  await refused(ask('GET', ''), 404, 'not-found')
  const { headers } = await refused(ask('PUT', '/products'), 405, 'method-not-allowed')
  expect(headers.get('allow')).toBe('GET, POST')
  await refused(ask('GET', `/products/${acme.newId()}`), 405, 'method-not-allowed')
  const sync = await acme.call('/api/sync')
  expect([sync.status, sync.headers.get('allow')]).toEqual([405, 'POST'])
})

test('a browser of another site cannot use a key that it does not have', async () => {
  const ask = provider(acme, keys.all)
  const own = await ask('POST', '/usage', [], { origin: 'https://elsewhere.example' })
  expect(own).toMatchObject({ status: 403, body: { code: 'cross-origin' } })
})
