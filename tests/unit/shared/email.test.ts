import fc from 'fast-check'
import { expect, test } from 'vitest'
import { toEmailKey } from '#shared/email.ts'

test.each([
  ['Ada@Tern.Example', 'ada@tern.example'],
  ['  ada@tern.example\t', 'ada@tern.example'],
  ['ada+news@tern.example', 'ada+news@tern.example'],
  ['a.d.a@tern.example', 'a.d.a@tern.example'],
  ['Jose\u0301@tern.example', 'jos\u00e9@tern.example'],
  ['J\u030c@tern.example', '\u01f0@tern.example'],
  ['佐藤@例え.jp', '佐藤@xn--r8jz45g.jp'],
  ['info@MÜNCHEN.example', 'info@xn--mnchen-3ya.example'],
  ["o'brien@tern.example", "o'brien@tern.example"],
])('%s is the address %s', (typed, key) => {
  expect(toEmailKey(typed)).toBe(key)
})

test('lower-casing knows no locale: a Turkish dotless i stays another letter', () => {
  expect(toEmailKey('INFO@tern.example')).toBe('info@tern.example')
  expect(toEmailKey('ınfo@tern.example')).not.toBe('info@tern.example')
})

test.each([
  '',
  '@',
  'ada',
  'ada@',
  '@tern.example',
  'ada@tern',
  'ada@.example',
  'ada@tern..example',
  'ada@-tern.example',
  'ada@tern.example.',
  'a b@tern.example',
  'a,b@tern.example',
  '"a b"@tern.example',
  'ada@ter n.example',
  '.ada@tern.example',
  'ada.@tern.example',
  'a..b@tern.example',
  'ada@127.0.0.1',
  'ada@[::1]',
  'ada@tern.example/x',
  'ada@tern.example:25',
  'a\u200bb@tern.example',
  'a@b@tern.example',
  `${'a'.repeat(65)}@tern.example`,
  `a@${'b'.repeat(64)}.example`,
  `a@${'b.'.repeat(130)}example`,
])('%j is no address', (typed) => {
  expect(toEmailKey(typed)).toBeUndefined()
})

test('a key is its own key', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.emailAddress(),
        fc.string({ unit: 'grapheme', maxLength: 12 }).map((local) => `${local}@tern.example`),
      ),
      (typed) => {
        const key = toEmailKey(typed)
        if (key !== undefined) expect(toEmailKey(key)).toBe(key)
      },
    ),
  )
})

test('white space and case never make another mailbox', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z][a-z0-9]{0,9}(\.[a-z]{1,5})?@[a-z]{1,9}\.(com|example)$/), (address) => {
      expect(toEmailKey(` ${address.toUpperCase()} `)).toBe(toEmailKey(address))
      expect(toEmailKey(address)).toBe(address)
    }),
  )
})
