import fc from 'fast-check'
import * as v from 'valibot'
import { expect, test } from 'vitest'
import { NewGroup, toNameKey } from '#shared/model.ts'
import { filledText, text } from '#shared/text.ts'

// Any code units at all, lone surrogates among them, and those that case and composition treat in odd ways.
const odd = fc.constantFrom(
  ...'aJ\u01f0\u0130\u0131\u03a3\u03c2\u00df\u1e9e\u212a\u212b \u00a0\u2003\u030c\u0307\u0323\u0301\ud55c\u1112',
)
const unit = fc.nat({ max: 0xffff }).map((code) => String.fromCharCode(code))
const anything = fc.array(fc.oneof(odd, unit), { maxLength: 12 }).map((units) => units.join(''))

test('NUL and lone surrogates are refused with a sentence', () => {
  for (const bad of ['a\0', '\ud800', 'a\udc00b']) {
    const parsed = v.safeParse(text(), bad)
    expect(parsed.success).toBe(false)
    expect(parsed.issues?.[0].message).toBe('Contains a character that cannot be stored. Remove it and try again.')
  }
})

test('the length is counted in characters, not in halves of them, after trimming', () => {
  expect(v.is(text(3), '👍👍👍')).toBe(true)
  expect(v.is(text(3), '👍👍👍👍')).toBe(false)
  expect(v.parse(text(3), '  abc  ')).toBe('abc')
  expect(v.is(text(), 'x'.repeat(201))).toBe(false)
})

test('a name needs at least one character that is not white space', () => {
  expect(v.is(filledText(), ' \u00a0 ')).toBe(false)
  expect(v.is(NewGroup.entries.name, ' EMEA ')).toBe(true)
})

test('whatever was parsed is parsed to itself', () => {
  fc.assert(
    fc.property(anything, (typed) => {
      const once = v.safeParse(text(), typed)
      if (once.success) expect(v.parse(text(), once.output)).toBe(once.output)
    }),
  )
})

test('group names are the same in any case, with any white space, in either Unicode form', () => {
  expect(toNameKey('  EMEA \u00a0 Sales')).toBe('emea sales')
  expect(toNameKey('Cafe\u0301')).toBe(toNameKey('CAF\u00c9'))
  expect(toNameKey('J\u030c')).toBe(toNameKey('\u01f0'))
  fc.assert(
    fc.property(anything, (name) => {
      const key = toNameKey(name)
      expect(toNameKey(key)).toBe(key)
      expect(toNameKey(name.normalize('NFD'))).toBe(key)
    }),
  )
})
