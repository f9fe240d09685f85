// A fresh server has nobody: a link that it prints makes the first organisation and its admin, once.
import type { Hono } from 'hono'
import { expect, test, vi } from 'vitest'
import { firstAdminLink } from '../../sync-server/accounts/first-admin.ts'
import { resetLink } from '../../sync-server/accounts/break-glass.ts'
import { createApp } from '../../sync-server/app.ts'
import { createIdentity } from '../../sync-server/identity.ts'
import { openStore } from '../../sync-server/store/sqlite.ts'
import { ORIGIN, served } from '../support/app.ts'
import { browserOf } from '../support/second-factor.ts'
import { BASE } from './post.ts'

vi.setConfig({ testTimeout: 60_000 })

const tokenOf = (link: string | undefined) => link?.split('#')[1] ?? ''

const asked = (app: Hono) => {
  const call = async (path: string, { as = '', ...init }: RequestInit & { as?: string } = {}) =>
    await app.request(`${ORIGIN}${path}`, { ...init, headers: { 'content-type': 'application/json', cookie: as } })
  const post = (path: string, body: unknown, as = '') => call(path, { method: 'POST', body: JSON.stringify(body), as })
  return { call, post }
}

/** The app of tests over a store that holds nobody. */
async function fresh() {
  const { parts } = await served({}, [])
  const store = await openStore({ file: ':memory:' })
  const identity = createIdentity({ store, secret: 'a secret of tests that is long enough', url: ORIGIN })
  const app = createApp({ ...parts, identity, accounts: { ...parts.accounts, store } })
  const setUp = (token: string, over = {}) =>
    app.request(`${ORIGIN}/api/setup`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        token,
        organisation: 'Tern & Sable',
        timeZone: 'Europe/Oslo',
        name: 'Ingrid Solberg',
        email: 'Ingrid@tern.example',
        password: 'seven purple kayaks',
        ...over,
      }),
    })
  return { store, app, setUp, link: () => firstAdminLink(store, BASE, parts.accounts.clock()) }
}

test('the link of a fresh server makes organisation and admin, once, and the next start prints none', async () => {
  const { app, setUp, link } = await fresh()
  const old = tokenOf(await link())
  const token = tokenOf(await link())
  expect(await (await setUp(old)).json()).toMatchObject({ code: 'link-dead', fact: { why: 'replaced' } })
  for (const [over, code] of [
    [{ password: 'password1234' }, 'password-weak'],
    [{ email: 'no address' }, 'malformed'],
    [{ timeZone: 'Nowhere/At-All' }, 'malformed'],
    [{ role: 'admin' }, 'malformed'],
  ] as const)
    expect(await (await setUp(token, over)).json()).toMatchObject({ code })
  const all = await Promise.all(Array.from({ length: 8 }, () => setUp(token)))
  expect(all.filter(({ status }) => status === 200)).toHaveLength(1)
  const winner = all.find(({ status }) => status === 200)
  const admin = browserOf(asked(app))
  if (winner) admin.take(winner)
  // A new organisation asks its admins for a second factor: the first thing is to add one.
  expect((await admin.get('/api/session')).body).toMatchObject({ code: 'second-factor-needed' })
  expect((await admin.addApp(Date.now())).codes).toHaveLength(10)
  expect((await admin.get('/api/session')).body).toMatchObject({
    account: { email: 'ingrid@tern.example' },
    organisation: { name: 'Tern & Sable' },
    role: 'admin',
  })
  expect(await link()).toBeUndefined()
})

test('a link made on the host lets a locked-out admin choose another password', async () => {
  const acme = await served()
  const by = { now: acme.clock.now, random: acme.random }
  const link = await resetLink(acme.store, BASE, acme.id, 'INGRID@tern.example', by)
  expect(link?.startsWith(`${BASE}/reset#`)).toBe(true)
  const used = await acme.post('/api/links/use', { token: tokenOf(link), password: 'seven purple kayaks' })
  expect(await used.json()).toMatchObject({ signedIn: true })
  expect(await resetLink(acme.store, BASE, acme.id, 'nobody@tern.example', by)).toBeUndefined()
})
