// Hostile text by every door that text comes in by: stored as it is where it may be, refused with a sentence where it may not, and never
// more than text in what leaves: answers, files, mails. The fields are those of the schemas.
import { beforeAll, expect, test, vi } from 'vitest'
import type { GenericSchema } from 'valibot'
import { read } from '#shared/faults.ts'
import { parseCsv } from '#shared/csv.ts'
import { isolated } from '#shared/bidi.ts'
import { actions } from '#shared/operations/registry.ts'
import { Setup } from '../../sync-server/accounts/first-admin.ts'
import { write } from '../../sync-server/mail/letter.ts'
import { addAdmin, createOrganisation } from '../../sync-server/provider.ts'
import { addKey } from '../../sync-server/provider/keys.ts'
import { setProduct } from '../../sync-server/provider/products.ts'
import { PROVIDER_ROUTES } from '../../sync-server/provider/routes.ts'
import { NO_POLICIES } from '#shared/policies.ts'
import { argsFromSchema } from '../support/args-from-schema.ts'
import { served, type Served } from '../support/app.ts'
import { PAYLOADS, REFUSED, textFields, withText } from '../support/hostile-text.ts'
import { keyOf, provider } from '../support/provider.ts'

vi.setConfig({ testTimeout: 120_000 })

let acme: Served
let as = ''
beforeAll(async () => {
  acme = await served({ groups: ['Sales'], users: { bo: {} } })
  as = await acme.signIn('ingrid')
}, 60_000)

let drawn = 0
/** Args that an action takes; ids are those of rows that are there, and every text is its own. */
const argsOf = (schema: GenericSchema<unknown, unknown>) =>
  argsFromSchema(schema, {
    int: () => 1,
    userId: () => acme.user('bo'),
    groupId: () => acme.group('Sales'),
    productId: () => acme.product('Sales Pro'),
    text: () => `plain ${(drawn += 1)}`,
  })

const OPERATIONS = actions.flatMap(({ type, args }) =>
  textFields(args).map((path) => ({ name: `${type} ${path.join('.')}`, type, path, schema: args as GenericSchema })),
)
/** An operation of one hostile text at one place. */
const withThere = ({ schema, path }: Pick<(typeof OPERATIONS)[number], 'schema' | 'path'>, text: string) => {
  const args = withText(argsOf(schema), path, text)
  const last = path.at(-1)
  // What a field was before is told with it.
  return last === 'to' ? withText(args, [...path.slice(0, -1), 'from'], 'before') : args
}
const outcomesOf = async (device: Awaited<ReturnType<Served['deviceOf']>>, operations: readonly object[]) => {
  const answer = await acme.post('/api/sync', device.request(operations), as)
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-type')).toMatch(/^application\/json/)
  expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
  return ((await answer.json()) as { outcomes: Settled[] }).outcomes
}
interface Settled {
  notApplied: { code?: string; fact?: { path?: string; message?: string } }[]
}

test('the fields are read off the schemas', () => {
  const names = OPERATIONS.map(({ name }) => name)
  for (const known of ['add-users users.0.title', 'update-organisation changes.name.to', 'add-group group.name'])
    expect(names).toContain(known)
})

test.each(OPERATIONS)('$name takes hostile text for text', async ({ type, path, schema }) => {
  const device = await acme.deviceOf('ingrid', as)
  const operations = PAYLOADS.map((text) => device.operation(type, withThere({ schema, path }, text)))
  const outcomes = await outcomesOf(device, operations)
  expect(outcomes).toHaveLength(PAYLOADS.length)
  for (const [at, { notApplied }] of outcomes.entries()) {
    const [refused] = notApplied
    if (refused?.code === 'malformed') expect(PAYLOADS[at] && refused.fact?.message).toMatch(/^Longer|^Has more/)
    else expect(['failed']).not.toContain(refused?.code)
  }
  const logged = await acme.store.db.selectFrom('log').select('args').where('type', '=', type).execute()
  const all = logged.map(({ args }) => args ?? '').join('\n')
  for (const [at, { notApplied }] of outcomes.entries())
    if (notApplied[0]?.code !== 'malformed')
      expect(all, `payload ${at}`).toContain(JSON.stringify(PAYLOADS[at]?.trim()).slice(1, -1))
})

test.each(OPERATIONS)('$name refuses what can’t be stored, and says so', async ({ type, path, schema }) => {
  const device = await acme.deviceOf('ingrid', as)
  const outcomes = await outcomesOf(
    device,
    REFUSED.map(([, text]) => device.operation(type, withThere({ schema, path }, text))),
  )
  for (const { notApplied } of outcomes) {
    expect(notApplied[0]).toMatchObject({ code: 'malformed', fact: { path: ['args', ...path].join('.') } })
    expect(notApplied[0]?.fact?.message).toMatch(/^[A-Z].*\.$/)
  }
  const rows = JSON.stringify([await acme.rows('users'), await acme.rows('groups'), await acme.rows('organisations')])
  expect(rows).not.toMatch(/\\u0000|x{300}/)
})

test('names that a device sends along are texts like any other', async () => {
  const device = await acme.deviceOf('ingrid', as)
  for (const [, text] of REFUSED) {
    const names = { users: { [acme.user('bo')]: text }, groups: {}, products: {} }
    const [settled] = await outcomesOf(device, [
      device.operation('reset-usage', { userIds: [acme.user('bo')] }, { names }),
    ])
    expect(settled?.notApplied[0]).toMatchObject({ code: 'malformed' })
  }
})

/** Of a body that may be one event or several: the one that has the field. */
const exampleFor = ([first]: readonly string[], examples: Readonly<Record<string, unknown>>) =>
  Object.values(examples).find((one) => Array.isArray(one) === (first === '0')) ?? {}

test('the provider’s API: products are named so, usage of such users is unknown, and what can’t be stored is refused', async () => {
  const ask = provider(acme, (await keyOf(acme)).key)
  for (const [at, text] of PAYLOADS.entries()) {
    const made = await ask('POST', '/products', { name: text, seatsPurchased: 1 })
    expect([at, made.status]).toEqual([at, 201])
    expect(made.body).toMatchObject({ name: text.trim() })
    expect(made.headers.get('x-content-type-options')).toBe('nosniff')
    const spend = { user: text, product: 'Sales Pro', credits: 1, idempotencyKey: `key ${at}` }
    expect((await ask('POST', '/spends', spend)).status, `user ${at}`).toBe(422)
    expect(
      (
        await ask('POST', '/spends', {
          ...spend,
          user: acme.user('bo'),
          product: [...`${at}${text}`].slice(0, 150).join(''),
        })
      ).status,
    ).toBe(422)
  }
  for (const { method, path, body } of PROVIDER_ROUTES)
    for (const [type, { schema, examples }] of Object.entries(body?.content ?? {}))
      for (const field of type === 'application/json' ? textFields(schema) : [])
        for (const [name, text] of REFUSED) {
          const sent = withText(exampleFor(field, examples), field, text)
          const route = path.replace(/\{\w+\}/, acme.product('Sales Pro'))
          const { status, body: told } = await ask(method.toUpperCase(), route, sent)
          const found = JSON.stringify(told)
          expect([`${method} ${path} ${field.join('.')} ${name}`, status, found]).toEqual([
            `${method} ${path} ${field.join('.')} ${name}`,
            expect.toSatisfy((code: number) => code === 400 || (code === 200 && path === '/usage')),
            expect.stringMatching(/malformed/),
          ])
          // An event is told apart by its source and id, as they were sent.
          if (path !== '/usage') expect(found).not.toMatch(/x{300}/)
        }
})

test('commands on the host, and the setup of a fresh server', async () => {
  const by = { now: acme.clock.now, random: acme.random }
  const organisation = (name: string) => ({ name, timeZone: 'UTC', weekStart: 1, fiscalYearStart: 1, ...NO_POLICIES })
  const doors: Record<string, (text: string, at: number) => Promise<unknown>> = {
    'set-product': (name, at) =>
      acme.store.transaction((tx) => setProduct(tx, acme.id, { name: at < 100 ? `${at}${name}` : name, seats: 1 }, by)),
    'add-provider-key': (name) => addKey(acme.store, acme.id, { name, scopes: ['usage'] }, by),
    'create-organisation': (name) => createOrganisation(acme.store, organisation(name), by),
    'add-admin': (name, at) => addAdmin(acme, acme.id, { email: `admin${at}@tern.example`, name }, by),
  }
  for (const [command, door] of Object.entries(doors)) {
    for (const [at, text] of PAYLOADS.slice(0, 6).entries())
      await expect(door(text, at), `${command} ${at}`).resolves.not.toThrow()
    for (const [at, [name, text]] of REFUSED.entries())
      await expect(door(text, 100 + at), `${command} ${name}`).rejects.toThrow(/\.$/)
  }
  const setup = {
    token: 'A'.repeat(43),
    organisation: 'Tern',
    timeZone: 'UTC',
    name: 'Ada',
    email: 'ada@tern.example',
    password: 'x',
  }
  for (const path of textFields(Setup))
    if (!['password', 'timeZone', 'email'].includes(path[0] ?? ''))
      for (const [, text] of REFUSED) expect(read(Setup, withText(setup, path, text))).toMatchObject({ ok: false })
})

test.each(['invitation', 'reset-password', 'confirm-email', 'tries'] as const)(
  'a mail (%s) holds typed text as text',
  (template) => {
    const facts = { name: 'Ada', organisation: 'Tern', email: 'ada@tern.example', link: 'https://console.example/x#t' }
    const tags = (html: string) => html.match(/<[^>]*>/g)
    const plain = write(template, facts)
    for (const text of PAYLOADS) {
      const { subject, text: body, html } = write(template, { ...facts, name: text, organisation: text, email: text })
      expect(tags(html)).toEqual(tags(plain.html))
      expect(subject).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
      expect(body).not.toMatch(/[\p{Cf}\p{Zl}\p{Zp}]|[^\n\P{Cc}]/u)
      expect(html).not.toMatch(/[\p{Cf}\p{Zl}\p{Zp}]|[^\n\P{Cc}]/u)
    }
  },
)

test('the activity as a file has every text as it is, guarded where a spreadsheet would run it', async () => {
  const names = PAYLOADS.map((name) => ({ id: acme.newId(), name: [...name].slice(0, 190).join('') }))
  const device = await acme.deviceOf('ingrid', as)
  await outcomesOf(device, [
    ...names.map(({ id, name }) =>
      device.operation('add-group', { group: { id, name: `${name} g`, memberLimit: null, poolLimit: null } }),
    ),
  ])
  const answer = await acme.call('/api/activity/export?format=csv&type=add-group', { as })
  expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8')
  expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
  const text = await answer.text()
  expect(text).not.toMatch(/(^|,"?)[=+@]/m)
  const rows = parseCsv(text)
  for (const { id, name } of names) {
    const cells = rows.filter((row) => row[12] === id).map((row) => row[16])
    expect(cells).toContain(`${name} g`.trim())
  }
})

test('within a sentence a name can’t reorder the words round it', () => {
  for (const text of PAYLOADS) {
    const fenced = isolated(text)
    const turning = /[\u202A-\u202E\u2066-\u2069\u05D0-\u05EA\u0621-\u064A\u200F]/u
    if (!turning.test(text)) expect(fenced).toBe(text)
    else {
      expect(fenced).toMatch(/^\u2068[^\u202A-\u202E\u2066-\u2069]*\u2069$/u)
    }
  }
  expect(isolated('Thabo Nkosi-Łuczak')).toBe('Thabo Nkosi-Łuczak')
})
