// Who comes first has no password from anybody: a link that a fresh server prints makes the first organisation and its admin, once, and
// whom a command on the host makes an admin chooses a password by a link of their own.
import type { Hono } from 'hono'
import { expect, test, vi } from 'vitest'
import { NO_POLICIES } from '#shared/policies.ts'
import { firstAdminLink } from '../../sync-server/accounts/first-admin.ts'
import { resetLink } from '../../sync-server/accounts/break-glass.ts'
import { createApp } from '../../sync-server/app.ts'
import { createIdentity } from '../../sync-server/identity.ts'
import { addAdmin, createOrganisation, restoreAdmin } from '../../sync-server/provider.ts'
import { openStore } from '../../sync-server/store/sqlite.ts'
import { ORIGIN, served, type Served } from '../support/app.ts'
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

const NEW = 'seven purple kayaks'
const MEI = { email: 'Mei@tern.example', name: 'Mei Tan' }
const bySomebody = ({ clock, random }: Served) => ({ now: clock.now, random })
const followed = async (acme: Served, token: string | undefined, password = NEW) =>
  (await (await acme.post('/api/links/use', { token, password })).json()) as Record<string, unknown>
const admins = async (acme: Served) => (await acme.row('organisations', acme.id)).activeAdmins
const mei = async (acme: Served) => {
  const row = (await acme.rows('users')).find(({ emailKey }) => emailKey === 'mei@tern.example')
  if (!row) throw new Error('There is no Mei.')
  return row
}

test('an admin made on the host is invited, chooses a password by the link, once, and is active from then on', async () => {
  const acme = await served()
  const token = await addAdmin(acme, acme.id, MEI, bySomebody(acme))
  expect(await mei(acme)).toMatchObject({ role: 'admin', status: 'invited', joinedAt: null, lastName: 'Tan' })
  expect(await admins(acme)).toBe(1)
  const account = acme.store.db.selectFrom('auth_users').select('email').where('email', '=', 'mei@tern.example')
  expect(await account.execute()).toEqual([])
  await expect(addAdmin(acme, acme.id, MEI, bySomebody(acme))).rejects.toThrow(
    'Mei@tern.example is a user already. Use restore-admin.',
  )

  expect(await followed(acme, token, 'password1234')).toMatchObject({ code: 'password-weak' })
  const all = await Promise.all(Array.from({ length: 8 }, () => followed(acme, token)))
  const done = { purpose: 'invitation', console: true, signedIn: true }
  expect(all.filter(({ signedIn }) => signedIn)).toEqual([done])
  expect(await followed(acme, token)).toMatchObject({ code: 'link-dead', fact: { why: 'used' } })
  expect(await mei(acme)).toMatchObject({ status: 'active', joinedAt: acme.clock.now })
  expect(await admins(acme)).toBe(2)
  const signIn = { email: 'mei@tern.example', password: NEW }
  expect((await acme.post('/api/auth/sign-in/email', signIn)).status).toBe(200)
})

test('an organisation whose first admin has not come is worked on from the host: a newer link, and another admin', async () => {
  const acme = await served()
  await acme.store.db.updateTable('users').set({ status: 'deactivated' }).execute()
  await acme.store.db.updateTable('organisations').set({ activeAdmins: 0 }).execute()
  const first = await addAdmin(acme, acme.id, MEI, bySomebody(acme))
  const again = () => restoreAdmin(acme, acme.id, MEI, bySomebody(acme))
  const second = await again()
  expect(await followed(acme, first)).toMatchObject({ fact: { why: 'replaced' } })
  acme.clock.now += 7 * 86_400_000 + 1
  expect(await followed(acme, second)).toMatchObject({ fact: { why: 'expired' } })
  // Whom somebody has taken out again meanwhile, or made a member, is invited as an admin again.
  await acme.store.db
    .updateTable('users')
    .set({ status: 'deactivated', role: 'member' })
    .where('emailKey', '=', 'mei@tern.example' as never)
    .execute()
  const third = await again()
  expect(await mei(acme)).toMatchObject({ role: 'admin', status: 'invited', joinedAt: null })
  const other = await addAdmin(acme, acme.id, { email: 'bo@tern.example', name: 'Bo' }, bySomebody(acme))
  expect(await admins(acme)).toBe(0)
  expect(await followed(acme, other)).toMatchObject({ signedIn: true })
  expect(await followed(acme, third)).toMatchObject({ signedIn: true })
  expect(await admins(acme)).toBe(2)
  // She has come: what is left to restore is no invitation.
  expect(await again()).toBeUndefined()
  expect(await admins(acme)).toBe(2)
})

test('who has an account already is an admin at once, and so is an invited one who is restored after making it elsewhere', async () => {
  const acme = await served()
  const elsewhere = await createOrganisation(
    acme.store,
    { name: 'Other', timeZone: 'UTC', weekStart: 1, fiscalYearStart: 1, ...NO_POLICIES },
    bySomebody(acme),
  )
  const token = await addAdmin(acme, acme.id, MEI, bySomebody(acme))
  const there = await addAdmin(acme, elsewhere, MEI, bySomebody(acme))
  expect(await followed(acme, there)).toMatchObject({ signedIn: true })
  expect(await restoreAdmin(acme, acme.id, MEI, bySomebody(acme))).toBeUndefined()
  const { id, ...restored } = await mei(acme)
  expect(restored).toMatchObject({ status: 'active', joinedAt: acme.clock.now })
  expect(await admins(acme)).toBe(2)
  const memberships = acme.store.db.selectFrom('auth_memberships').select('orgId').where('userId', '=', id)
  expect(await memberships.execute()).toEqual([{ orgId: acme.id }])
  expect(await followed(acme, token)).toMatchObject({ code: 'link-dead', fact: { why: 'ended' } })
  expect(await addAdmin(acme, elsewhere, { email: 'ingrid@tern.example', name: 'Ingrid' }, bySomebody(acme))).toBe(
    undefined,
  )
})

test('who has come once is no longer invited when restored, whatever the address is by now', async () => {
  const acme = await served({ users: { ada: { role: 'admin' }, vera: { status: 'deactivated' } } }, ['ingrid', 'ada'])
  const moved = { email: 'berg@tern.example', emailKey: 'berg@tern.example' as never, status: 'deactivated' } as const
  await acme.store.db.updateTable('users').set(moved).where('id', '=', acme.user('ada')).execute()
  for (const email of ['berg@tern.example', 'vera@tern.example'])
    expect(await restoreAdmin(acme, acme.id, { email }, bySomebody(acme))).toBeUndefined()
  for (const name of ['ada', 'vera'])
    expect(await acme.row('users', acme.user(name))).toMatchObject({ role: 'admin', status: 'active' })
})

test('an address whose account is another user by now is said to be, and nothing is written', async () => {
  const acme = await served({ users: { ada: { role: 'admin' } } }, ['ingrid', 'ada'])
  const moved = { email: 'berg@tern.example', emailKey: 'berg@tern.example' as never }
  await acme.store.db.updateTable('users').set(moved).where('id', '=', acme.user('ada')).execute()
  const before = await acme.rows('users')
  const again = { email: 'ada@tern.example', name: 'Ada Berg' }
  await expect(addAdmin(acme, acme.id, again, bySomebody(acme))).rejects.toThrow(
    'Another user signs in as ada@tern.example, whose address here is another one.',
  )
  expect(await acme.rows('users')).toEqual(before)
  expect(await admins(acme)).toBe(2)
})
