// What a password may be, and how it is kept.
import { expect, test, vi } from 'vitest'
import { hashPassword, isOutdated, isPassword } from '../../../sync-server/accounts/passwords.ts'
import { LONGEST, SHORTEST, weaknessOf } from '../../../sync-server/accounts/strength.ts'

vi.setConfig({ testTimeout: 30_000 })

const LETTERS = 'kV9qzLm2xWt7RfBn4YcHs8JdGp3AeUo6ZiQ5MvTl1XbNrCwPyFgKhSjDuEaO-'
const GOOD = 'seven purple kayaks'

test.each([
  ['any letters', GOOD],
  ['no upper case, no digit, no sign', 'kayaksarepurplesometimes'],
  ['signs alone', '~!@#$%^&*(){}|:"<>?`'],
  ['spaces at its ends', '  seven purple kayaks  '],
  ['letters of another script', 'девять лиловых байдарок'],
  ['pictures', '🛶🟣🧭🌊🪁🏔️🦭🐚🌿🪵🔭🧊'],
  ['a NUL in it', `seven\0purple kayaks`],
  ['64 characters', 'seven purple kayaks go down the river and none comes back again!'],
  ['as many as are taken', LETTERS.repeat(4).slice(0, LONGEST)],
])('%s: good', (_name, password) => {
  expect(weaknessOf(password, [])).toBeUndefined()
})

test('it has 12 characters at least, counted as people count, and 64 may be more', () => {
  expect(SHORTEST).toBe(12)
  expect(LONGEST).toBeGreaterThanOrEqual(64)
  expect(weaknessOf('kV9#qz!Lm2x', [])).toBe('short')
  expect(weaknessOf('🛶🛶🟣🧭🌊🪁', [])).toBe('short')
  expect(weaknessOf('x'.repeat(LONGEST + 1), [])).toBe('long')
})

test.each([
  'password1234',
  'qwertyuiop12',
  'iloveyou1234',
  '123456789012',
  'administrator',
  'letmein12345',
  'passw0rd1234',
  'aaaaaaaaaaaa',
  'abcdefghijkl',
  'qwertyqwerty',
])('%s is known to everybody', (password) => {
  expect(weaknessOf(password, [])).toMatch(/well-known|guessable/)
})

test('what others know of a person makes no password: name, address, organisation, product', () => {
  const about = ['Ingrid Solberg', 'ingrid.solberg@tern.example', 'Tern & Sable']
  for (const password of ['ingridsolberg', 'ternternterntern', 'quartermaster1', 'sable sable sable'])
    expect(weaknessOf(password, about), password).toBeDefined()
})

test('it is checked as it was typed: case, spaces and its end count', async () => {
  const stored = await hashPassword(GOOD)
  expect(await isPassword(stored, GOOD)).toBe(true)
  for (const other of [GOOD.toUpperCase(), ` ${GOOD}`, `${GOOD} `, GOOD.slice(0, -1), `${GOOD}s`, ''])
    expect(await isPassword(stored, other), other).toBe(false)
  const long = await hashPassword('a'.repeat(LONGEST - 1) + 'b')
  expect(await isPassword(long, 'a'.repeat(LONGEST - 1) + 'c')).toBe(false)
})

test('the same letters in another composition are the same password', async () => {
  expect(await isPassword(await hashPassword('caf\u00e9 au lait, seven'), 'cafe\u0301 au lait, seven')).toBe(true)
})

test('it is kept by argon2id with 19 MiB and two passes, salted anew each time; weaker hashes are made anew', async () => {
  const [one, two] = [await hashPassword(GOOD), await hashPassword(GOOD)]
  expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
  expect(one).not.toBe(two)
  expect(isOutdated(one)).toBe(false)
  expect(isOutdated(one.replace('t=2', 't=1'))).toBe(true)
})
