// What a row means, and the operations that it becomes: of a whole list, in the order in which they must run.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FIELD_LABELS } from '#lib/import/fields.ts'
import { failedRows } from '#lib/import/failed.ts'
import { readLimit } from '#lib/import/limit.ts'
import { planOf } from '#lib/import/plan.ts'
import { readFile } from '#lib/import/read.ts'
import { blank, rowOfFile, type DraftRow } from '#lib/import/rows.ts'
import { understand, type Ground } from '#lib/import/understand.ts'
import { toCsv } from '#shared/csv.ts'
import { toNameKey, type User, type UserId } from '#shared/model.ts'
import { MAX_OPERATION_BYTES } from '#shared/operations/definition.ts'
import { organisation } from '../../support/organisation.ts'

const acme = organisation({ products: { Pro: 9, Basic: 9 }, groups: { Sales: ['bo', 'cy'], Support: [] } })

function ground(over: Partial<Ground> = {}): Ground {
  const users = acme.rows.all('users')
  return {
    products: new Map(acme.rows.all('products').map(({ name, id }) => [toNameKey(name), id])),
    groups: new Map(acme.rows.all('groups').map(({ nameKey, id }) => [nameKey, id])),
    user: (id) => users.find((user) => user.id === id),
    userByEmail: (key) => users.find(({ emailKey }) => emailKey === key),
    productName: (id) => acme.rows.all('products').find((row) => row.id === id)?.name ?? '',
    groupName: (id) => acme.rows.all('groups').find((row) => row.id === id)?.name ?? '',
    fallback: { productId: '', groupId: null },
    clears: new Set(),
    ...over,
  }
}
const row = (cells: Partial<DraftRow>): DraftRow => ({ ...blank(), ...cells })
const mei = { firstName: 'Mei', lastName: 'Tanaka', email: 'mei@tern.example', product: 'pro' }

describe('a row', () => {
  test('of somebody new is a user, with what names are meant by its words', () => {
    const found = understand(row({ ...mei, group: ' sales ', limit: '6,000 a quarter', role: 'Viewer' }), ground())
    expect(found).toMatchObject({
      kind: 'new',
      user: {
        productId: acme.product('Pro').id,
        groupId: acme.group('Sales').id,
        limit: { credits: 6_000, term: 'quarter' },
        role: 'viewer',
      },
    })
  })

  test.each([
    [{ email: '' }, 'email', /Needs an e-mail/],
    [{ email: 'nobody' }, 'email', /no @/],
    [{ firstName: '', lastName: '' }, 'firstName', /first or a last name/],
    [{ product: '' }, 'product', /Needs a product/],
    [{ product: 'Prof' }, 'product', /no product “Prof”/],
    [{ group: 'Nowhere' }, 'group', /no group “Nowhere”/],
    [{ limit: 'lots' }, 'limit', /number of credits/],
    [{ role: 'king' }, 'role', /member, viewer or admin/],
    [{ title: 'x'.repeat(201) }, 'title', /Longer than 200/],
    [{ title: 'a\0b' }, 'title', /cannot be stored/],
    [{ lastName: 'a\ud800' }, 'lastName', /cannot be stored/],
    [{ tooMany: 2 }, 'email', /2 cells too many/],
  ])('with %j says what is wrong with which cell', (cells, field, text) => {
    expect(understand(row({ ...mei, ...cells }), ground())).toMatchObject({
      kind: 'fault',
      fault: { field, text: expect.stringMatching(text) as string },
    })
  })

  test('of somebody who is here is a change of the cells that differ', () => {
    const bo = acme.user('bo')
    const found = understand(row({ email: bo.email.toUpperCase(), title: 'Lead', group: 'Support' }), ground())
    expect(found).toMatchObject({
      kind: 'change',
      wanted: { details: { title: { from: '', to: 'Lead' } }, groupId: acme.group('Support').id },
      differences: [
        { field: 'title', from: '', to: 'Lead' },
        { field: 'group', from: 'Sales', to: 'Support' },
      ],
    })
  })

  test('empties only where that was asked for, and never what a short row lacks', () => {
    const { email, firstName } = acme.user('bo')
    const cells = { email, firstName, group: '' }
    const clears = new Set(['group'] as const)
    expect(understand(row(cells), ground())).toMatchObject({ kind: 'same' })
    expect(understand(row(cells), ground({ clears }))).toMatchObject({ kind: 'change', wanted: { groupId: null } })
    expect(understand(row({ ...cells, short: true }), ground({ clears }))).toMatchObject({ kind: 'same' })
  })

  test('finds its user by our own id, so that an address can be changed', () => {
    const { id } = acme.user('bo')
    const found = understand(row({ userId: id, email: 'new@tern.example' }), ground())
    expect(found).toMatchObject({ kind: 'change', wanted: { details: { email: { to: 'new@tern.example' } } } })
  })
})

test.each([
  ['', null],
  ['default', null],
  ['1,500', { credits: 1_500, term: 'month' }],
  ['unlimited a quarter', { credits: null, term: 'quarter' }],
  ['blocked', { credits: 0, term: 'month' }],
  ['0 a year', { credits: 0, term: 'year' }],
  ['24,000 for the contract', { credits: 24_000, term: 'contract' }],
  ['a quarter', undefined],
])('the limit %j', (text, limit) => expect(readLimit(text)).toEqual(limit))

describe('a plan', () => {
  const breathe = () => undefined
  const newUser = (at: number, title = '') => {
    const found = understand(row({ ...mei, email: `u${at}@tern.example`, title }), ground())
    if (found.kind !== 'new') throw new Error('The row should be a new user.')
    return { row: `row ${at}` as UserId, understood: found }
  }

  test('makes groups first, then changes who is here, then adds, 1,000 users in one', async () => {
    const of: User = acme.user('bo')
    const change = understand(row({ email: of.email, title: 'Lead', product: 'Basic', role: 'viewer' }), ground())
    if (change.kind !== 'change') throw new Error('The row should be a change.')
    const group = {
      id: acme.newId<typeof acme.rows.organisation.id>() as never,
      name: 'New',
      memberLimit: null,
      poolLimit: null,
    }
    const parts = await planOf(
      [...Array.from({ length: 2_001 }, (_, at) => newUser(at)), { row: 'bo' as UserId, understood: change }],
      [group],
      { breathe },
    )
    expect(parts.map(({ call, rows }) => [call.type, rows.length])).toEqual([
      ['add-group', 0],
      ['update-users', 1],
      ['change-product', 1],
      ['set-role', 1],
      ['add-users', 1_000],
      ['add-users', 1_000],
      ['add-users', 1],
    ])
  })

  test('keeps each operation under its size', async () => {
    const parts = await planOf(
      Array.from({ length: 3_000 }, (_, at) => newUser(at, '界'.repeat(200))),
      [],
      { breathe },
    )
    expect(parts.length).toBeGreaterThan(3)
    for (const { call } of parts) expect(Buffer.byteLength(JSON.stringify(call))).toBeLessThan(MAX_OPERATION_BYTES)
  })
})

const readAll = (text: string): DraftRow[] => {
  const rows: DraftRow[] = []
  readFile(
    new TextEncoder().encode(text),
    {},
    { products: new Set(), groups: new Set() },
    {
      shape: () => undefined,
      rows: (more) => rows.push(...more.map(rowOfFile)),
    },
  )
  return rows
}

test('rows that could not be taken come back as they were, without the reason', () => {
  const rows = [
    row({ ...mei, phone: '+47 1', title: '=1' }),
    row({ ...mei, email: 'nobody', userId: acme.user('bo').id }),
  ]
  const again = readAll(failedRows(rows.map((each) => ({ row: each, reason: 'Needs, a "reason".' }))))
  const cells = ({ id: _id, number: _number, ...rest }: DraftRow) => rest
  expect(again.map(cells)).toEqual(rows.map(cells))
})

test('an import of our own export changes nobody, whatever their details hold', () => {
  const nasty = fc
    .string({ unit: fc.constantFrom(...'=+-@\'"\t\r\n,;0 aא\u202e', '👩‍👩‍👧'), maxLength: 12 })
    .map((value) => value.trim())
  const bo = acme.user('bo')
  fc.assert(
    fc.property(nasty, nasty, nasty, fc.constantFrom(',', ';', '\t'), (title, phone, externalId, delimiter) => {
      const user = { ...bo, title, phone, externalId }
      const labels = [
        FIELD_LABELS.email,
        FIELD_LABELS.firstName,
        FIELD_LABELS.title,
        FIELD_LABELS.phone,
        FIELD_LABELS.externalId,
      ]
      const text = toCsv([labels, [user.email, user.firstName, title, phone, externalId]], { delimiter, bom: true })
      const found = readAll(text).map((each) =>
        understand(each, ground({ userByEmail: () => user, clears: new Set(['title', 'phone', 'externalId']) })),
      )
      expect(found).toEqual([{ kind: 'same', of: user }])
    }),
    { numRuns: 300 },
  )
})
