// What people paste: lists of addresses, cells of a spreadsheet, CSV with the heads of other directories.
import { describe, expect, test } from 'vitest'
import { readAmount } from '#lib/users/amount.ts'
import { emailsIn } from '#lib/users/emails.ts'
import { splitName } from '#lib/import/fields.ts'
import { isManyCells, rowsIn } from '#lib/users/paste.ts'

describe('a list of addresses', () => {
  const keys = (text: string) => emailsIn(text).map(({ key }) => key)

  test.each([
    'ada@tern.example\nbo@tern.example',
    'Ada Lovelace <ada@tern.example>; Bo <BO@tern.example>',
    'ada@tern.example, bo@tern.example, ada@tern.example',
    'ada@tern.example bo@tern.example',
  ])('is read out of %j', (text) => {
    expect(keys(text)).toEqual(['ada@tern.example', 'bo@tern.example'])
  })

  test.each(['ada', 'ada@tern.example', 'call ada@tern.example about the seats of bo@tern.example and others'])(
    'is not seen in %j',
    (text) => expect(keys(text)).toEqual([]),
  )
})

describe('rows of new users', () => {
  test('begin in the cell that they are pasted into', () => {
    expect(rowsIn('ada@tern.example\tRecruiter\nbo@tern.example\tInsights', 'email')).toEqual([
      { email: 'ada@tern.example', product: 'Recruiter' },
      { email: 'bo@tern.example', product: 'Insights' },
    ])
  })

  test('follow the heads of the first line, whatever their order and spelling', () => {
    expect(
      rowsIn('Work Phone;E-mail Address;Display Name\n+46 8 555;ada@tern.example;Lovelace, Ada', 'firstName'),
    ).toEqual([{ phone: '+46 8 555', email: 'ada@tern.example', firstName: 'Ada', lastName: 'Lovelace' }])
  })

  test('take a term beside its limit, as our own export has it', () => {
    expect(rowsIn('E-mail,Limit,Limit term\na@x.example,6000,quarter\nb@x.example,500,month', 'email')).toEqual([
      { email: 'a@x.example', limit: '6000 a quarter' },
      { email: 'b@x.example', limit: '500' },
    ])
  })

  test('come out of the line of a mail', () => {
    expect(rowsIn('Ada King Lovelace <ada@tern.example>, bo@tern.example', 'firstName')).toEqual([
      { firstName: 'Ada King', lastName: 'Lovelace', email: 'ada@tern.example' },
      { email: 'bo@tern.example' },
    ])
  })

  test('one cell is no list', () => {
    expect(isManyCells('Ada')).toBe(false)
    expect(isManyCells('ada@tern.example')).toBe(false)
    expect(isManyCells('Ada\tLovelace')).toBe(true)
    expect(isManyCells('a@x.example; b@x.example')).toBe(true)
  })

  test('names are split where people would', () => {
    expect(splitName('Cher')).toEqual({ firstName: 'Cher' })
    expect(splitName('  ')).toEqual({})
  })
})

test.each([
  ['1400', 1400],
  ['1,400', 1400],
  ['1.400.000', 1_400_000],
  ["12'000", 12_000],
  ['1 400', 1400],
])('the amount %j', (text, credits) => expect(readAmount(text)).toEqual({ credits }))

test.each(['1.5', '1,4', 'many', '-3'])('%j is no amount', (text) =>
  expect(readAmount(text).problem).toMatch(/whole number/),
)
