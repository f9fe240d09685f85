// Usage arrives as CloudEvents say it does: by their official library, over a real connection, in each mode; and each event has its answer.
import { CloudEvent, emitterFor, httpTransport, HTTP, Mode } from 'cloudevents'
import { afterAll, expect, test, vi } from 'vitest'
import { MAX_EVENTS } from '../../sync-server/provider/cloud-events.ts'
import { served } from '../support/app.ts'
import { API, atPort, keyOf, provider } from '../support/provider.ts'

// A password's hash takes its time, on a busy machine more of it.
vi.setConfig({ testTimeout: 30_000 })

const acme = await served({ users: { ana: {} } })
const { key } = await keyOf(acme, ['usage'])
const ask = provider(acme, key)
const port = await atPort(acme)
afterAll(() => port.close())

const data = { user: 'ana@tern.example', product: 'Sales Pro', credits: 5, contactViews: 2 }
let count = 0
const event = (over: Record<string, unknown> = {}) =>
  new CloudEvent({
    type: 'quartermaster.usage',
    source: '/meter/eu',
    id: `event ${(count += 1)} %`,
    time: '2026-11-24T00:30:00+01:00',
    data,
    ...over,
  })
const plain = (over: Record<string, unknown> = {}) => ({ ...event().toJSON(), ...over })

const headers = { authorization: `Bearer ${key}` }
const emit = (mode: Mode) => emitterFor(httpTransport(`${port.url}${API}/usage`), { mode })
const ledger = () =>
  acme.store.db.selectFrom('usage_events').selectAll().where('orgId', '=', acme.id).orderBy('position').execute()

test.each([
  ['structured', Mode.STRUCTURED],
  ['binary', Mode.BINARY],
])('the official library sends in %s mode', async (_name, mode) => {
  const sent = event({ traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' })
  const before = (await ledger()).length
  const answers = [await emit(mode)(sent, { headers }), await emit(mode)(sent, { headers })]
  expect(answers.map((answer) => JSON.parse((answer as { body: string }).body))).toEqual([
    { source: '/meter/eu', id: sent.id, result: 'taken', day: '2026-11-24', over: 0 },
    { source: '/meter/eu', id: sent.id, result: 'repeated' },
  ])
  const taken = (await ledger()).slice(before)
  expect(taken).toMatchObject([
    { source: '/meter/eu', eventId: sent.id, at: Date.UTC(2026, 10, 23, 23, 30), credits: 5, contactViews: 2 },
  ])
})

test('the official library’s events are sent as a JSON array, under both types of a batch', async () => {
  for (const type of ['application/json', 'application/cloudevents-batch+json; charset=utf-8']) {
    const events = [event(), event(), event()]
    const response = await fetch(`${port.url}${API}/usage`, {
      method: 'POST',
      headers: { ...headers, 'content-type': type },
      body: JSON.stringify(events),
    })
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({
      taken: 3,
      repeated: 0,
      refused: 0,
      events: events.map(({ id }) => ({ id, result: 'taken' })),
    })
  }
})

test('what the library writes as headers is what is read back', async () => {
  const sent = event({ id: '100% of "it"', source: 'urn:meter:7' })
  const { headers: written, body } = HTTP.binary(sent)
  const answer = await ask('POST', '/usage', String(body), written as Record<string, string>)
  expect(answer).toMatchObject({ status: 200, body: { id: sent.id, result: 'taken' } })
})

test.each([
  ['a%20%C3%B8', 'a ø'],
  ['"a b"', 'a b'],
  ['100%', '100%'],
])('an attribute in a header, %s, is read as %s', async (header, id) => {
  const { specversion, type, source, time } = event()
  const attributes = { specversion, type, source, time: String(time), id: header }
  const headers = Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`ce-${name}`, value]))
  expect(await ask('POST', '/usage', data, headers)).toMatchObject({ body: { id, result: 'taken' } })
})

test.each([
  ['/sdk/x%20y', 'a%2520b'],
  ['/m%C3%A4rz%202026/', '100% "ü"'],
  ['/%C5%82%C3%B3d%C5%BA/%20x', 'ł %C5%82 %FF%20 %ZZ'],
  ['"/quoted"', '%2522it%2522'],
  ['/plus+and%2Fslash', '%'],
])('source %s and id %s are one event in every mode, whoever encodes the headers', async (source, id) => {
  const sent = event({ source, id })
  const before = (await ledger()).length
  const results: string[] = []
  const note = (body: unknown) => results.push(...resultsIn(body))
  // A header of Node's holds Latin-1 alone, and the library sends it as it is.
  if (/^[\0-\xff]*$/.test(source + id)) note(JSON.parse(((await emit(Mode.BINARY)(sent, { headers })) as Sent).body))
  note(JSON.parse(((await emit(Mode.STRUCTURED)(sent, { headers })) as Sent).body))
  note((await ask('POST', '/usage', [sent])).body)
  const { headers: written, body } = HTTP.binary(sent)
  for (const as of [inPercent, quoted, inBytes]) {
    const attributes = Object.entries(written).map(([name, value]) => [name, as(String(value))])
    const content = { 'content-type': 'application/json' }
    note((await ask('POST', '/usage', String(body), { ...Object.fromEntries(attributes), ...content })).body)
  }
  expect(results).toEqual(['taken', ...results.slice(1).map(() => 'repeated')])
  expect(results.length).toBeGreaterThanOrEqual(5)
  expect((await ledger()).length).toBe(before + 1)
})
type Sent = { body: string }
const resultsIn = (body: unknown): string[] => {
  const { events, result } = body as { events?: { result: string }[]; result?: string }
  return events ? events.map((one) => one.result) : [String(result)]
}
/** As the binding has it: spaces, quotes, percent signs and all that is not printable ASCII. */
const inPercent = (value: string) => value.replace(/[^!#$&-~]/gu, encodeURIComponent)
const quoted = (value: string) => `"${inPercent(value)}"`
const inBytes = (value: string) => Buffer.from(value, 'utf8').toString('latin1')

test('a source of the server’s own stays its own, however it is written', async () => {
  for (const source of ['quartermaster:spends', 'quartermaster%3Aspends', 'quartermaster%253Aspends'])
    expect((await ask('POST', '/usage', [plain({ source })])).body).toMatchObject({
      events: [{ result: 'refused', code: 'source-reserved' }],
    })
})

test('data in Base64 is read as data, and what can’t be read says why', async () => {
  const structured = { 'content-type': 'application/cloudevents+json' }
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  const packed = (data_base64: unknown, over = {}) => ({ ...plain(), data: undefined, ...over, data_base64 })
  const good = packed(base64(JSON.stringify(data)), { id: 'packed' })
  expect(await ask('POST', '/usage', good, structured)).toMatchObject({ status: 200, body: { result: 'taken' } })
  expect((await ledger()).at(-1)).toMatchObject({ eventId: 'packed', credits: 5, contactViews: 2 })
  for (const [sent, path, message] of [
    [packed(base64('5 credits')), 'data_base64', 'Is not JSON in Base64.'],
    [packed('~'), 'data_base64', 'Is not JSON in Base64.'],
    [packed('/w=='), 'data_base64', 'Is not JSON in Base64.'],
    [packed(5), 'data_base64', 'Is no text in Base64.'],
    [packed(base64('{}'), { data }), 'data_base64', 'Stands beside data. Send one of the two.'],
    [
      packed(base64(JSON.stringify({ ...data, credits: 'all' }))),
      'data.credits',
      'Is no number. Send it without quotes.',
    ],
  ] as const)
    expect(await ask('POST', '/usage', sent, structured)).toMatchObject({
      status: 400,
      body: { fact: { path, message } },
    })
})

test('each event of a batch has its answer in its place, and a bad one keeps no other from being taken', async () => {
  const good = [plain(), plain()]
  const bad: [unknown, string, string][] = [
    [plain({ specversion: '0.3' }), 'malformed', 'specversion'],
    [plain({ type: 'other.usage' }), 'malformed', 'type'],
    [plain({ source: '' }), 'malformed', 'source'],
    [plain({ id: 7 }), 'malformed', 'id'],
    [plain({ time: undefined }), 'malformed', 'time'],
    [plain({ time: '2026-11-24T10:00:00' }), 'malformed', 'time'],
    [plain({ time: '2026-02-30T10:00:00Z' }), 'malformed', 'time'],
    [plain({ time: 'yesterday' }), 'malformed', 'time'],
    [plain({ orgId: 'x' }), 'malformed', 'orgId'],
    [plain({ data: { ...data, credits: 1.5 } }), 'malformed', 'data.credits'],
    [plain({ data: { ...data, credits: -1 } }), 'malformed', 'data.credits'],
    [plain({ data: { ...data, orgId: 'x' } }), 'malformed', 'data.orgId'],
    [plain({ data: undefined }), 'malformed', 'data'],
    ['no event', 'malformed', ''],
    [null, 'malformed', ''],
    [plain({ data: { ...data, user: 'nobody@tern.example' } }), 'user-unknown', ''],
    [plain({ data: { ...data, product: 'Nothing' } }), 'product-unknown', ''],
    [plain({ time: '2026-11-26T10:00:00Z' }), 'not-yet', ''],
  ]
  const before = (await ledger()).length
  const { status, body } = await ask('POST', '/usage', [good[0], ...bad.map(([sent]) => sent), good[1]])
  expect(status).toBe(200)
  const { events, ...sums } = body as { events: { result: string; code?: string; fact?: { path?: string } }[] }
  expect(sums).toEqual({ taken: 2, repeated: 0, refused: bad.length })
  expect(events.map(({ result }) => result)).toEqual(['taken', ...bad.map(() => 'refused'), 'taken'])
  for (const [index, [sent, code, path]] of bad.entries()) {
    const answer = events[index + 1]
    expect(answer, JSON.stringify(sent)).toMatchObject(code === 'malformed' ? { code, fact: { path } } : { code })
  }
  expect((await ledger()).length).toBe(before + 2)
})

test('a single event that is refused is a problem of its own', async () => {
  const structured = { 'content-type': 'application/cloudevents+json' }
  const before = (await ledger()).length
  expect(await ask('POST', '/usage', plain({ data: { ...data, user: 'x@y.example' } }), structured)).toMatchObject({
    status: 422,
    body: { code: 'user-unknown', fact: { user: 'x@y.example' } },
  })
  expect(await ask('POST', '/usage', plain({ time: 'now' }), structured)).toMatchObject({
    status: 400,
    body: { code: 'malformed', fact: { path: 'time' } },
  })
  expect(await ask('POST', '/usage', data, { 'ce-id': '1', 'ce-source': '/meter' })).toMatchObject({
    status: 400,
    body: { code: 'malformed', fact: { path: 'specversion' } },
  })
  // Neither an event with its attributes nor a batch.
  expect(await ask('POST', '/usage', data)).toMatchObject({ status: 400, body: { code: 'malformed' } })
  expect((await ledger()).length).toBe(before)
})

test.each([
  ['2026-11-24T00:30:00.123456+01:00', '2026-11-24', Date.UTC(2026, 10, 23, 23, 30, 0, 123)],
  ['2026-11-23t23:30:00z', '2026-11-24', Date.UTC(2026, 10, 23, 23, 30)],
  ['2024-02-29T12:00:00-12:00', '2024-03-01', Date.UTC(2024, 2, 1)],
  ['2016-12-31T23:59:60Z', '2017-01-01', Date.UTC(2016, 11, 31, 23, 59, 59, 999)],
])('a moment written %s is counted on %s in Oslo', async (time, day, at) => {
  const sent = plain({ time })
  expect(await ask('POST', '/usage', [sent])).toMatchObject({ body: { events: [{ result: 'taken', day }] } })
  expect((await ledger()).at(-1)).toMatchObject({ at, day })
})

test('a batch has a bounded number of events, and none at all is no fault', async () => {
  expect(await ask('POST', '/usage', [])).toMatchObject({ body: { taken: 0, repeated: 0, refused: 0, events: [] } })
  const many = `[${'1,'.repeat(MAX_EVENTS)}1]`
  expect(await ask('POST', '/usage', many)).toMatchObject({
    status: 413,
    body: { code: 'too-large', fact: { most: MAX_EVENTS, unit: 'events' } },
  })
})

test('a batch of a thousand is taken once, however often it is sent', async () => {
  const batch = Array.from({ length: 1000 }, () => plain())
  const before = (await ledger()).length
  const answers = await Promise.all([1, 2, 3].map(() => ask('POST', '/usage', batch)))
  const sums = answers.map(({ body }) => body as { taken: number; repeated: number })
  expect(sums.reduce((sum, { taken }) => sum + taken, 0)).toBe(1000)
  expect(sums.reduce((sum, { repeated }) => sum + repeated, 0)).toBe(2000)
  expect((await ledger()).length).toBe(before + 1000)
})
