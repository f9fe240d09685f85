// Fields that nobody asked for: every column of every table put into every request changes nothing by being there. And what a request
// may choose from stands in closed lists, whatever is written in their place.
import { sql } from 'kysely'
import { pino } from 'pino'
import { Writable } from 'node:stream'
import { expect, test, vi } from 'vitest'
import { parseCall } from '#shared/operations/index.ts'
import { actions } from '#shared/operations/registry.ts'
import { createApp } from '../../sync-server/app.ts'
import { ORIGIN, PASSWORD } from '../support/app.ts'
import { argsFromSchema, type Draw } from '../support/args-from-schema.ts'
import { everythingOf, putBack, type Everything } from '../support/everything.ts'
import { requestOf, walkThrough } from './route-requests.ts'
import { TABLE } from './route-table.ts'

vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 })

const walk = await walkThrough()
const { acme } = walk
const app = createApp(acme.parts)
const there = new Set(app.routes.map(({ method, path }) => `${method} ${path}`))
const before = await everythingOf(acme.store)
/** Every name that a column of the database has. */
const columns = await everyColumn()

async function everyColumn(): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select distinct c."name" from sqlite_master t, pragma_table_info(t."name") c where t."type" = 'table'`.execute(
    acme.store.db,
  )
  return rows.map(({ name }) => name).toSorted()
}

/** Which tables have other rows than at the beginning; those are put back. */
async function moved(): Promise<string[]> {
  await acme.settle()
  const after = await everythingOf(acme.store)
  const differ = tablesThatDiffer(before, after)
  if (differ.length > 0) await putBack(acme.store, before)
  return differ
}
/** Tries are counted whatever was sent. */
const tablesThatDiffer = (one: Everything, two: Everything): string[] =>
  [...one.keys()]
    .filter((table) => table !== 'auth_tries')
    .filter((table) => JSON.stringify(one.get(table)) !== JSON.stringify(two.get(table)))

const sending = TABLE.filter(
  ({ route, kind }) => /^(POST|PATCH) /.test(route) && kind !== 'provider' && there.has(route),
)

test.each(sending.map(({ route }) => [route]))('%s takes no column that it does not name', async (route) => {
  const send = async (over: object) => {
    const { path, init } = await requestOf(route, walk, 'admin')
    const body: unknown = { ...(JSON.parse(String(init.body)) as object), ...over }
    const answer = await app.request(`${ORIGIN}${path}`, { ...init, body: JSON.stringify(body) })
    await answer.body?.cancel()
    return answer.status
  }
  const { init } = await requestOf(route, walk, 'admin')
  const named = Object.keys(JSON.parse(String(init.body)) as object)
  const plain = await send({})
  const movedPlainly = await moved()
  const others = columns.filter((name) => !named.includes(name))
  const statuses = new Set<number>()
  for (const column of others) statuses.add(await send({ [column]: 1 }))
  // Refused for what it is, or left out: then the answer is the one that it would have been.
  for (const status of statuses) expect([400, plain]).toContain(status)
  expect(movedPlainly).toEqual(expect.arrayContaining(await moved()))
})

/** The parts of a Valibot schema that are walked here. */
interface Walked {
  type: string
  entries?: Record<string, Walked>
  item?: Walked
  wrapped?: Walked
  options?: readonly Walked[]
}
/** The args with one more field, once for each object in them that has no such field. */
function* withField(schema: Walked, value: unknown, field: string): Generator<unknown> {
  const inner =
    schema.wrapped ?? (schema.options?.[0]?.type ? schema.options.find(({ entries }) => entries) : undefined)
  if (inner && value !== null) yield* withField(inner, value, field)
  else if (schema.item && Array.isArray(value)) {
    for (const [at, one] of value.entries())
      for (const put of withField(schema.item, one, field)) yield value.with(at, put)
  } else if (schema.entries && typeof value === 'object' && value !== null) {
    if (!(field in schema.entries)) yield { ...value, [field]: 1 }
    for (const [key, entry] of Object.entries(schema.entries))
      if (key in value)
        for (const put of withField(entry, (value as Record<string, unknown>)[key], field))
          yield { ...value, [key]: put }
  }
}
const draw: Draw = {
  int: (below) => Math.min(1, below - 1),
  userId: () => acme.user('ana'),
  groupId: () => acme.newId(),
  productId: () => acme.product('Sales Pro'),
  text: () => 'text',
}

test.each(actions.map((action) => [action.type, action] as const))(
  'the operation %s takes no column that it does not name, at any depth',
  (type, { args: schema }) => {
    const args = argsFromSchema(schema, draw)
    let tried = 0
    for (const column of columns)
      for (const put of withField(schema as unknown as Walked, args, column)) {
        tried += 1
        expect(parseCall(type, put), `${column} in ${JSON.stringify(put)}`).toMatchObject({ ok: false })
      }
    expect(tried).toBeGreaterThan(columns.length / 2)
  },
)

test.each(sending.map(({ route }) => [route]))('%s: a prototype that is sent along is nobody’s', async (route) => {
  const { path, init } = await requestOf(route, walk, 'admin')
  const evil = '{"role":"admin","console":true,"isAdmin":true}'
  for (const key of ['__proto__', 'constructor', 'prototype']) {
    const body = `{"${key}":${key === 'constructor' ? `{"prototype":${evil}}` : evil},${String(init.body).slice(1)}`
    const answer = await app.request(`${ORIGIN}${path}`, { ...init, body: body.replace(',}', '}') })
    await answer.body?.cancel()
    expect(answer.status, key).toBeLessThan(500)
  }
  await moved()
  expect(({} as Record<string, unknown>)['isAdmin']).toBeUndefined()
  expect(Object.keys(Object.prototype)).toEqual([])
})

test('a parameter that is sent twice opens no other organisation', async () => {
  const { init } = await requestOf('GET /api/session', walk, 'foreign-admin')
  for (const path of [
    '/api/usage/ids?from=0',
    '/api/usage/2026-11?since=0',
    '/api/activity?limit=9',
    '/api/activity/export?format=json',
  ])
    for (const pair of [
      `organisation=${walk.other}&organisation=${acme.id}`,
      `organisation=${acme.id}&organisation=${walk.other}`,
      `orgId=${acme.id}`,
      `organisation[]=${acme.id}`,
    ]) {
      const answer = await app.request(`${ORIGIN}${path}&${pair}`, init)
      const text = await answer.text()
      expect([200, 400, 403, 404], `${path}&${pair}`).toContain(answer.status)
      for (const ours of [...walk.ours, acme.user('ana')]) expect(text, `${path}&${pair}`).not.toContain(ours)
    }
})

const odd = [
  "'",
  "' or 1=1 --",
  '"; drop table users; --',
  'a\0b',
  '%00',
  '../x',
  '${x}',
  '{{x}}',
  '<b>',
  '\r\nX: y',
  '💥',
]

test('filters of the activity are closed lists, ids and moments', async () => {
  const { init } = await requestOf('GET /api/activity', walk, 'admin')
  const names = ['actor', 'type', 'item', 'client', 'outcome', 'from', 'to', 'before', 'limit', 'sort', 'column']
  for (const name of names)
    for (const value of odd) {
      const answer = await app.request(`${ORIGIN}/api/activity?${name}=${encodeURIComponent(value)}`, init)
      expect([answer.status, await answer.json()], `${name}=${value}`).toMatchObject([400, { code: 'malformed' }])
    }
  expect(await moved()).toEqual([])
})

test.each([
  ...odd,
  'europe/oslo',
  'Europe/Oslo ',
  'Europe/Oslo\0',
  'Europe/../Europe/Oslo',
  '+01:00',
  'Etc/Unknown',
  '__proto__',
  'toString',
])('%j is no time zone: not at the setup, not by an operation', async (timeZone) => {
  const setup = {
    token: 'A'.repeat(43),
    organisation: 'X',
    timeZone,
    name: 'X',
    email: 'x@tern.example',
    password: PASSWORD,
  }
  const headers = { 'x-test-address': `2001:db8:1:${odd.length}::${acme.newId().slice(-4)}` }
  const answer = await app.request(`${ORIGIN}/api/setup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(setup),
  })
  expect([answer.status, await answer.json()]).toMatchObject([400, { code: 'malformed', fact: { path: 'timeZone' } }])
  const changes = { timeZone: { from: 'Europe/Oslo', to: timeZone } }
  expect(parseCall('update-organisation', { changes })).toMatchObject({ ok: false })
  expect(await moved()).toEqual([])
})

test('whatever a request holds, a line of the log is one line of JSON, with its time; and no secret is in any', async () => {
  let text = ''
  const stream = new Writable({ write: (chunk, _encoding, done) => ((text += String(chunk)), done()) })
  const broken = new Proxy(acme.usage, {
    get: (target, name) =>
      name === 'ids' ? () => Promise.reject(new Error('Gone.\n{"level":10}')) : Reflect.get(target, name),
  })
  const logged = createApp({ ...acme.parts, usage: broken, log: pino({ level: 'debug' }, stream) })
  const evil = '\r\n{"level":60,"msg":"forged"}\u001b[31m'
  for (const { route } of TABLE.filter((line) => there.has(line.route))) {
    const { path, init } = await requestOf(route, walk, 'admin')
    const headers = { ...(init.headers as Record<string, string>), 'user-agent': evil.replace(/[\r\n\u001b]/g, ' ') }
    const answer = await logged.request(`${ORIGIN}${path}`, { ...init, headers })
    await answer.body?.cancel()
    await moved()
  }
  await logged.request(`${ORIGIN}/api/usage/ids?from=0${encodeURIComponent(evil)}`, { headers: walk.known.admin })
  const lines = text.trimEnd().split('\n')
  expect(lines.length).toBeGreaterThan(1)
  for (const line of lines)
    expect(JSON.parse(line)).toMatchObject({
      level: expect.any(Number) as number,
      time: expect.any(Number) as number,
      msg: expect.any(String) as string,
    })
  expect(text).not.toContain('"level":60')
  const secrets = [...Object.values(walk.known.admin), ...Object.values(walk.known.key), PASSWORD].flatMap((one) =>
    one.split(/[=; ]+/),
  )
  for (const secret of secrets.filter((one) => one.length > 20)) expect(text).not.toContain(secret)
  expect(text).not.toContain(PASSWORD)
})
