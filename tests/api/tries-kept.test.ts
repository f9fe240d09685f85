// A restart of the server gives nobody new tries: what slows a guesser down is in the database, under digests that name nobody.
import { expect, test, vi } from 'vitest'
import { createApp } from '../../sync-server/app.ts'
import { createIdentity } from '../../sync-server/identity.ts'
import { ORIGIN, PASSWORD, served, type Served } from '../support/app.ts'

vi.setConfig({ testTimeout: 60_000 })

const SECRET = 'a secret of tests that is long enough'
/** The same database under a server that has just been started. */
const restarted = (acme: Served) => {
  const identity = createIdentity({ store: acme.store, secret: SECRET, url: ORIGIN, clock: () => acme.clock.now })
  const app = createApp({ ...acme.parts, identity })
  return async (email: string, password: string, address = '192.0.2.1') => {
    const headers = { 'content-type': 'application/json', 'x-test-address': address }
    const body = JSON.stringify({ email, password })
    return (await app.request(`${ORIGIN}/api/auth/sign-in/email`, { method: 'POST', headers, body })).status
  }
}
const WRONG = 'not the right one'
const kept = (acme: Served) => acme.store.db.selectFrom('auth_tries').selectAll().orderBy('tries').execute()

test('an account is slowed across restarts, for a stranger’s account as for one that exists, and for as long', async () => {
  const acme = await served()
  for (const email of ['ingrid@tern.example', 'nobody@tern.example']) {
    for (let tries = 0; tries < 5; tries += 1) expect(await restarted(acme)(email, WRONG)).toBe(401)
    expect(await restarted(acme)(email, PASSWORD)).toBe(429)
  }
  acme.clock.now += 30_000
  expect(await restarted(acme)('ingrid@tern.example', PASSWORD)).toBe(200)
})

test('of many at once after a restart none comes through that would not have before', async () => {
  const acme = await served()
  for (let tries = 0; tries < 3; tries += 1) await restarted(acme)('ingrid@tern.example', WRONG)
  const again = restarted(acme)
  const all = await Promise.all(
    Array.from({ length: 12 }, (_, n) => again('ingrid@tern.example', WRONG, `192.0.2.${n}`)),
  )
  expect(all.filter((status) => status === 401)).toHaveLength(2)
})

test('an address that used up its tries stays so across a restart, until its window ends', async () => {
  const acme = await served({}, [])
  const before = restarted(acme)
  for (let tries = 0; tries < 30; tries += 1) expect(await before(`somebody${tries}`, '')).toBe(400)
  expect(await restarted(acme)('somebody', '')).toBe(429)
  acme.clock.now += 60_000
  expect(await restarted(acme)('somebody', '')).toBe(400)
})

test('who is right is forgotten, and who is slowed writes nothing; all is gone after a day', async () => {
  const acme = await served()
  const ask = restarted(acme)
  for (const password of [WRONG, WRONG]) await ask('ingrid@tern.example', password)
  expect(await kept(acme)).toMatchObject([{ tries: 2 }])
  expect(await ask('ingrid@tern.example', PASSWORD)).toBe(200)
  await expect.poll(() => kept(acme)).toEqual([])
  for (let tries = 0; tries < 8; tries += 1) await ask('nobody@tern.example', WRONG)
  expect(await kept(acme)).toMatchObject([{ tries: 5 }, { tries: 10 }])
  acme.clock.now += 24 * 60 * 60_000 + 1
  await ask('another@tern.example', WRONG)
  expect(await kept(acme)).toMatchObject([{ tries: 1 }])
})

test('what is kept names neither accounts nor addresses, and can’t be tried out without the secret', async () => {
  const acme = await served()
  const ask = restarted(acme)
  for (let tries = 0; tries < 12; tries += 1) await ask('ingrid@tern.example', WRONG, '192.0.2.77')
  const rows = await kept(acme)
  expect(rows).toHaveLength(2)
  expect(JSON.stringify(rows)).not.toMatch(/ingrid|tern|192\.0/)
  const other = createIdentity({ store: acme.store, secret: `${SECRET}!`, url: ORIGIN, clock: () => acme.clock.now })
  await other.gate.account('ingrid@tern.example', new Headers())
  await other.gate.account('ingrid@tern.example', new Headers())
  expect(new Set((await kept(acme)).map(({ key }) => key)).size).toBe(3)
})
