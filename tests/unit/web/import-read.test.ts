// Files as they come out of directories, spreadsheets and accidents: each gives the right users, or a sentence with row and column.
import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { faultWords, Unreadable } from '#lib/import/fault.ts'
import { readFile, type Chosen, type FileRow, type Shape } from '#lib/import/read.ts'
import { toCsv } from '#shared/csv.ts'

const CORPUS = join(import.meta.dirname, '..', '..', 'corpus')
const known = { products: new Set(['recruiter']), groups: new Set(['talent acquisition']) }

interface Read {
  shape: Shape | undefined
  rows: FileRow[]
  fault: string | undefined
}

function read(bytes: Uint8Array, chosen: Chosen = {}): Read {
  const found: Read = { shape: undefined, rows: [], fault: undefined }
  try {
    readFile(bytes, chosen, known, {
      shape: (shape) => (found.shape = shape),
      rows: (rows) => found.rows.push(...rows),
    })
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error
    found.fault = faultWords(error.fault)
  }
  return found
}
const file = (name: string, chosen?: Chosen) => read(readFileSync(join(CORPUS, name)), chosen)
const text = (content: string, chosen?: Chosen) => read(new TextEncoder().encode(content), chosen)
const cells = ({ rows, fault }: Read) => {
  expect(fault).toBeUndefined()
  return rows.map((row) => row.cells)
}

const ewa = { firstName: 'Ewa', lastName: 'Kamińska', email: 'ewa@corpus.example' }
const ann = { firstName: 'Ann', lastName: "O'Hara", email: 'ann@corpus.example' }
const xiuying = { firstName: '王', lastName: '秀英', email: 'xiuying@corpus.example' }
const work = { title: 'Recruiter', group: 'Talent Acquisition', phone: '+47 22 00 00 01' }

describe('the exports and templates of directories', () => {
  test('Google Workspace', () => {
    const found = file('google-workspace.csv')
    expect(found.shape).toMatchObject({ source: 'google', encoding: 'utf-8', delimiter: ',', header: true })
    expect(cells(found)).toEqual([
      { ...ewa, ...work, externalId: 'E-001' },
      // Work Phone is taken, and so the mobile one is not.
      { ...xiuying, group: 'APAC Sales', externalId: '007' },
    ])
    expect(found.shape?.setByApp).toContain('Status [READ ONLY]')
    expect(cells(file('google-template.csv'))).toEqual([{ ...ewa, ...work, externalId: 'E-001' }])
  })

  test('Microsoft 365 and Entra, whose bulk template has a line with its version first', () => {
    const found = file('microsoft-365.csv')
    expect(found.shape?.source).toBe('microsoft')
    expect(cells(found)).toEqual([
      { ...ewa, ...work, externalId: '3f1b2c4d-0000-4aaa-8bbb-0123456789ab' },
      {
        firstName: '秀英',
        lastName: '王',
        email: xiuying.email,
        group: 'APAC Sales',
        externalId: '3f1b2c4d-0000-4aaa-8bbb-0123456789ac',
      },
    ])
    // The address that takes mail, not the one to sign in with.
    expect(cells(file('entra-export.csv'))).toEqual([
      { ...ewa, ...work, externalId: '3f1b2c4d-0000-4aaa-8bbb-0123456789ab' },
    ])
    const template = file('entra-template.csv')
    expect(cells(template)).toEqual([{ ...ewa, ...work }])
    expect(template.rows[0]?.number).toBe(3)
  })

  test('Okta', () => {
    const found = file('okta-people.csv')
    expect(found.shape?.source).toBe('okta')
    expect(cells(found)).toEqual([{ ...ewa, ...work, externalId: 'E-001' }])
  })

  test('our own, with what only the app sets named as not taken', () => {
    const found = file('own-export.csv')
    expect(found.shape).toMatchObject({ source: 'own', setByApp: ['Used', 'Status', 'Last active'] })
    expect(cells(found)).toEqual([
      {
        ...ewa,
        ...{ title: '=1+1', phone: '+47 22 00 00 01', externalId: '00012', role: 'Member' },
        ...{ product: 'Recruiter', group: 'Talent Acquisition', limit: '6000 a quarter' },
      },
      {
        firstName: 'Ann "Q"',
        lastName: "O'Hara",
        email: ann.email,
        ...{ title: 'two\r\nlines', externalId: "'tis", product: 'Recruiter', limit: 'unlimited', role: 'Viewer' },
      },
    ])
  })
})

describe('the shapes that files have', () => {
  test.each([
    ['tabs.txt', '\t', 'utf-8', [ewa, ann]],
    ['bars.csv', '|', 'utf-8', [ewa]],
    ['sep-line.csv', ';', 'utf-8', [ewa]],
    ['utf-16le-bom.txt', '\t', 'utf-16le', [ewa, xiuying]],
    ['utf-16be-bom.txt', '\t', 'utf-16be', [ewa, xiuying]],
    ['utf-16le.txt', '\t', 'utf-16le', [ewa, xiuying]],
    ['utf-16be.txt', '\t', 'utf-16be', [ewa, xiuying]],
    [
      'mixed-line-ends.csv',
      ',',
      'utf-8',
      [ewa, ann, { firstName: 'Bo', lastName: 'Li\r\nNg', email: 'bo@corpus.example' }],
    ],
    ['old-mac.csv', ',', 'utf-8', [ewa]],
  ])('%s', (name, delimiter, encoding, users) => {
    const found = file(name)
    expect(cells(found)).toEqual(users)
    expect(found.shape).toMatchObject({ delimiter, encoding, header: true })
  })

  test('semicolons in Windows-1252, with German heads', () => {
    const found = file('semicolons-windows-1252.csv')
    expect(found.shape).toMatchObject({ delimiter: ';', encoding: 'windows-1252' })
    expect(cells(found)).toEqual([
      { firstName: 'Jürgen', lastName: 'Größ', email: 'juergen@corpus.example', group: 'Vertrieb' },
      { firstName: 'Zoë', lastName: 'D’Été', email: 'zoe@corpus.example', group: 'Ein;kauf' },
    ])
  })

  test('no header: by what stands in the columns', () => {
    const found = file('no-header.csv')
    expect(found.shape).toMatchObject({ header: false, heads: ['Column 1', 'Column 2', 'Column 3', 'Column 4'] })
    expect(cells(found)).toEqual([
      { ...ewa, product: 'Recruiter' },
      { ...ann, product: 'Recruiter' },
    ])
    expect(found.rows.map(({ number }) => number)).toEqual([1, 2])
  })

  test('one column, with a header and without', () => {
    for (const [name, header] of [
      ['one-column.csv', false],
      ['one-column-header.csv', true],
    ] as const) {
      const found = file(name)
      expect(found.shape?.header).toBe(header)
      expect(cells(found)).toEqual([{ email: ewa.email }, { email: ann.email }])
    }
  })

  test('ragged rows keep their numbers; what is too much is counted, what is missing is not taken for empty', () => {
    const found = file('ragged.csv')
    expect(found.rows.map(({ number, short, tooMany }) => [number, short, tooMany])).toEqual([
      [2, false, 0],
      [3, true, 0],
      [4, false, 2],
      [6, false, 0],
    ])
  })

  test('quoted cells hold line breaks and quotation marks', () => {
    expect(cells(file('quoted-newlines.csv'))).toEqual([
      { ...ewa, title: 'Head of\nmany, "many" things' },
      { ...ann, title: 'a\rb' },
    ])
  })

  test('formulas of somebody else are text', () => {
    expect(cells(file('formulas.csv'))).toEqual([
      { firstName: "=cmd|'/c calc'!A0", lastName: '+1', email: 'formula@corpus.example', title: '@SUM(A1)' },
    ])
  })

  test('a character that can’t be stored reaches its cell, where it is refused', () => {
    expect(cells(file('nul.csv'))).toEqual([{ ...ewa, firstName: 'E\0wa' }])
  })

  test('what the person chose goes before the guess', () => {
    const found = file('no-header.csv', { header: true, columns: ['lastName', 'firstName', 'email', null] })
    expect(cells(found)).toEqual([{ firstName: "O'Hara", lastName: 'Ann', email: ann.email }])
    expect(file('tabs.txt', { delimiter: ',', header: true }).shape?.heads).toEqual(['First name\tLast name\tE-mail'])
  })

  test('100,000 rows, and not one more', () => {
    const rows = (count: number) =>
      `E-mail;Title\n${Array.from({ length: count }, (_, at) => `u${at}@corpus.example;"T ${at}"`).join('\n')}`
    const found = text(rows(100_000))
    expect(found.rows).toHaveLength(100_000)
    expect(found.rows.at(-1)).toMatchObject({ number: 100_001, cells: { email: 'u99999@corpus.example' } })
    expect(text(rows(100_001)).fault).toMatch(/more than 100,000 rows/)
  })
})

describe('what can’t be read says why and where', () => {
  test.each([
    ['empty.csv', 'The file is empty.'],
    ['blank.csv', 'The file is empty.'],
    ['header-only.csv', 'There are no rows below the header.'],
    ['junk.csv', 'This is not a text file. Save the list as CSV and open that.'],
    ['workbook.xlsx', 'This is a workbook or an archive, not a CSV file. Save the sheet as CSV and open that.'],
    ['open-quote.csv', 'Row 3, column 2: the quotation mark that begins this cell is never closed.'],
    [
      'text-after-quote.csv',
      'Row 2, column 1: text follows the closing quotation mark of this cell; a quotation mark inside a cell is written twice.',
    ],
    [
      'bad-utf-8.csv',
      "Row 3: a character here is not valid UTF-8 and can't be stored. Mend it, or save the file as UTF-8.",
    ],
    [
      'utf-16le-lone-surrogate.txt',
      "Row 3: a character here is not valid UTF-16 and can't be stored. Mend it, or save the file as UTF-8.",
    ],
  ])('%s', (name, fault) => expect(file(name).fault).toBe(fault))

  test('10 MB in a single line, of one cell and of many', { timeout: 30_000 }, () => {
    expect(text('a'.repeat(10 * 1024 * 1024)).fault).toBe(
      'Row 1, column 1: the cell holds 10485760 characters. Is a quotation mark missing?',
    )
    expect(text('abc,'.repeat(2_600_000)).fault).toMatch(/^Row 1: there are \d+ cells; at most 1000 can be read/)
  })

  test('more than can be read at all', () => {
    expect(read(new Uint8Array(64 * 1024 * 1024 + 1)).fault).toMatch(/has 65 MB; at most 64 MB/)
  })
})

test('import(export(x)) changes nothing, whatever stands in the cells', () => {
  const nasty = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 12 }),
    fc.string({
      unit: fc.constantFrom(
        '=',
        '+',
        '-',
        '@',
        '\t',
        '\r',
        '\n',
        "'",
        '"',
        ',',
        ';',
        '|',
        ' ',
        '0',
        'a',
        'א',
        '👩‍👩‍👧',
        '\u202e',
        '\uFEFF',
      ),
      maxLength: 8,
    }),
  )
  const stored = nasty.map((value) => value.replaceAll('\0', '').trim())
  const user = fc.record({ firstName: stored, lastName: stored, title: stored, externalId: stored, group: stored })
  const heads = ['E-mail', 'First name', 'Last name', 'Title', 'External id', 'Group', 'Limit term']
  fc.assert(
    fc.property(
      fc.array(user, { minLength: 1, maxLength: 8 }),
      fc.constantFrom(',', ';', '\t'),
      fc.boolean(),
      (users, delimiter, bom) => {
        const rows = users.map((each, at) => [
          `u${at}@x.example`,
          ...[each.firstName, each.lastName, each.title, each.externalId, each.group, ''],
        ])
        const found = cells(text(toCsv([heads, ...rows], { delimiter, bom })))
        expect(found).toEqual(
          users.map((each, at) =>
            Object.fromEntries([
              ['email', `u${at}@x.example`],
              ...Object.entries(each).filter(([, value]) => value !== ''),
            ]),
          ),
        )
      },
    ),
    { numRuns: 500 },
  )
})
