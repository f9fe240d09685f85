// What second factors are made of: secrets that open in one place alone, the site that passkeys are bound to, codes of apps by the
// standard's own examples, and recovery codes that nobody guesses.
import { expect, test } from 'vitest'
import { makeCodes } from '../../../sync-server/accounts/factors/recovery.ts'
import { relyingParty } from '../../../sync-server/accounts/factors/relying.ts'
import { newSecret, stepOf } from '../../../sync-server/accounts/factors/totp.ts'
import { createSeal } from '../../../sync-server/accounts/seal.ts'
import { openStore } from '../../../sync-server/store/sqlite.ts'

const SECRET = 'a secret of tests that is long enough'

test('what was sealed opens in its own place, for its own purpose, on its own server, and unchanged alone', () => {
  const seal = createSeal(SECRET, 'authenticator apps')
  const sealed = seal.close('JBSWY3DPEHPK3PXP', 'one')
  expect(sealed).not.toContain('JBSWY3DPEHPK3PXP')
  expect(seal.open(sealed, 'one')).toBe('JBSWY3DPEHPK3PXP')
  expect(seal.close('JBSWY3DPEHPK3PXP', 'one')).not.toBe(sealed)
  expect(() => seal.open(sealed, 'two')).toThrow()
  expect(() => createSeal(SECRET, 'something else').open(sealed, 'one')).toThrow()
  expect(() => createSeal(`${SECRET}!`, 'authenticator apps').open(sealed, 'one')).toThrow()
  const bytes = Buffer.from(sealed, 'base64url')
  for (let at = 0; at < bytes.length; at += 1) {
    const changed = Buffer.from(bytes)
    changed.writeUInt8(changed.readUInt8(at) ^ 1, at)
    expect(() => seal.open(changed.toString('base64url'), 'one')).toThrow()
  }
  // Neither is a shorter tag taken, nor a text without one.
  for (const length of [0, 5, 12, 20, 27])
    expect(() => seal.open(bytes.subarray(0, length).toString('base64url'), 'one')).toThrow()
})

test.each([
  ['https://console.example', 'console.example', 'https://console.example'],
  ['https://console.example:8443', 'console.example', 'https://console.example:8443'],
  ['http://localhost:8080', 'localhost', 'http://localhost:8080'],
  ['http://127.0.0.1:8080', 'localhost', 'http://localhost:8080'],
  ['http://0.0.0.0:8080', 'localhost', 'http://localhost:8080'],
  ['http://[::1]:8080', 'localhost', 'http://localhost:8080'],
])('passkeys of a server at %s are bound to %s', (url, id, origin) => {
  expect(relyingParty(url)).toEqual({ id, origins: [origin] })
})

// RFC 6238, appendix B, the SHA-1 column, its last six digits.
test.each([
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130'],
])('at %i seconds the standard’s secret shows %s', (seconds, code) => {
  const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'
  expect(stepOf(secret, code, seconds * 1_000)).toBe(Math.floor(seconds / 30))
  expect(stepOf(secret, `${code.slice(0, 3)} ${code.slice(3)}`, seconds * 1_000)).toBe(Math.floor(seconds / 30))
  expect(stepOf(secret, code, (seconds + 30) * 1_000)).toBe(Math.floor(seconds / 30))
  expect(stepOf(secret, code, (seconds + 60) * 1_000)).toBeUndefined()
})

test('a secret has 160 bits, a recovery code 120, and no two are alike', async () => {
  const secrets = Array.from({ length: 200 }, newSecret)
  for (const secret of secrets) expect(secret).toMatch(/^[A-Z2-7]{32}$/)
  expect(new Set(secrets).size).toBe(200)
  const store = await openStore({ file: ':memory:' })
  const codes: string[] = []
  for (let account = 0; account < 200; account += 1)
    codes.push(...(await store.transaction((tx) => makeCodes(tx, `account ${account}`))))
  expect(new Set(codes).size).toBe(2_000)
  // Each of the 32 letters comes at each of the 24 places.
  const places = Array.from(
    { length: 24 },
    (_, at) => new Set(codes.map((code) => code.replaceAll('-', '').charAt(at))),
  )
  expect(places.map(({ size }) => size)).toEqual(Array.from({ length: 24 }, () => 32))
  await store.close()
})
