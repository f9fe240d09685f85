// CSV: what is written is read back as it was, whatever stands in the cells, and no spreadsheet runs any of it.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { csvRow, delimiterOf, harmless, original, parseCsv, toCsv } from '#shared/csv.ts'

const delimiters = [',', ';', '\t'] as const

describe('writing', () => {
  test('quotes what needs it, ends lines with CR LF', () => {
    expect(csvRow(['Ada', 'say "hi"', 'a,b', ' x'])).toBe('Ada,"say ""hi""","a,b"," x"\r\n')
    expect(csvRow(['a,b', 'c;d'], { delimiter: ';' })).toBe('a,b;"c;d"\r\n')
  })

  test('quotes what a spreadsheet would take for another value, and leaves plain numbers to be added up', () => {
    expect(csvRow(['00012', '1-2', '1e5', 'TRUE', '17', '0', 'Ada'])).toBe('"00012","1-2","1e5","TRUE",17,0,Ada\r\n')
  })

  test.each(['=1+1', '+46 8 555', '-2', '@sum', '\tx', '\rx', "'=1"])('makes %j harmless', (cell) => {
    expect(harmless(cell)).toBe(`'${cell}`)
    expect(original(harmless(cell))).toBe(cell)
  })

  test('leaves other cells as they are', () => {
    for (const cell of ['', 'Ada', "O'Hara", "'tis", '1-2', 'a@b.example']) expect(harmless(cell)).toBe(cell)
  })

  test('marks UTF-8 where asked', () => {
    expect(toCsv([['a']], { bom: true })).toBe('\uFEFFa\r\n')
  })
})

describe('reading', () => {
  test('takes quotes with line breaks, and lines that end in any way', () => {
    expect(parseCsv('a,"b\nc"\r\nd,e\rf,g\n')).toEqual([
      ['a', 'b\nc'],
      ['d', 'e'],
      ['f', 'g'],
    ])
  })

  test('leaves empty lines out and keeps empty cells', () => {
    expect(parseCsv('a,,b\n\n,\n')).toEqual([
      ['a', '', 'b'],
      ['', ''],
    ])
  })

  test('finds the delimiter of the first line', () => {
    expect(delimiterOf('a;b;c,d\n')).toBe(';')
    expect(delimiterOf('a\tb;c')).toBe('\t')
    expect(delimiterOf('a')).toBe(',')
  })
})

test('any rows survive the way out and back, and no cell begins like a formula', () => {
  const cell = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 8 }),
    fc.string({
      unit: fc.constantFrom('=', '+', '-', '@', '\t', '\r', '\n', "'", '"', ',', ';', ' ', 'a'),
      maxLength: 6,
    }),
  )
  const rows = fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { maxLength: 6 })
  fc.assert(
    fc.property(rows, fc.constantFrom(...delimiters), fc.boolean(), (table, delimiter, bom) => {
      expect(parseCsv(toCsv(table, { delimiter, bom }), delimiter)).toEqual(table)
      for (const row of table) for (const each of row) expect(harmless(each)).not.toMatch(/^[=+\-@\t\r]/)
    }),
    { numRuns: 300 },
  )
})
