// Changing the own password: by who knows the one of before alone. Everything else that opened the account ends, and the owner is told.
import { beforeEach, expect, test, vi } from 'vitest'
import { PASSWORD, served, type Served } from '../support/app.ts'
import { browserOf, type Browser } from '../support/second-factor.ts'
import { postOf } from './post.ts'

// A password's hash takes its time, on a busy machine more of it.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const CHOSEN = 'seven lanterns over harbour'
let acme: Served
let here: Browser

beforeEach(async () => {
  acme = await served({ users: { ada: { role: 'admin' } } }, ['ingrid', 'ada'])
  here = browserOf(acme)
  await here.signIn('ingrid')
})

const change = (current: string, password: string, browser = here) =>
  browser.post('/api/password', { current, password })
const signIn = async (password: string) =>
  (await acme.post('/api/auth/sign-in/email', { email: 'ingrid@tern.example', password })).status

test('the new one signs in and the old one doesn’t; other sessions end, this one and other people’s go on', async () => {
  const [elsewhere, ada] = [browserOf(acme), browserOf(acme)]
  await elsewhere.signIn('ingrid')
  await ada.signIn('ada')
  const stream = (await acme.call('/api/events', { as: elsewhere.cookies() })).body?.getReader()
  await stream?.read()
  expect((await change(PASSWORD, CHOSEN)).status).toBe(200)
  while (!(await stream?.read())?.done);
  const statuses = []
  for (const browser of [here, elsewhere, ada]) statuses.push((await browser.get('/api/session')).status)
  expect(statuses).toEqual([200, 401, 200])
  expect([await signIn(PASSWORD), await signIn(CHOSEN)]).toEqual([401, 200])
})

test('who does not know the one of before changes nothing, and soon tries no more', async () => {
  const answers = []
  for (let tries = 0; tries < 6; tries += 1) answers.push((await change('not the right one', CHOSEN)).body['code'])
  expect(answers).toEqual([...Array<string>(5).fill('wrong-password'), 'too-many-tries'])
  expect((await change(PASSWORD, CHOSEN)).body['code']).toBe('too-many-tries')
})

test.for([
  ['short', 'short'],
  ['well-known', 'password1234'],
  ['about the person', 'ingrid@tern.example'],
])('a weak one is refused: %s', async ([, password]) => {
  const { status, body } = await change(PASSWORD, password ?? '')
  expect([status, body['code']]).toEqual([400, 'password-weak'])
  expect(await signIn(PASSWORD)).toBe(200)
})

test('links that were mailed before lead nowhere, and the owner is told by mail and in the log', async () => {
  await acme.post('/api/forgot', { email: 'ingrid@tern.example' })
  await acme.settle()
  expect((await change(PASSWORD, CHOSEN)).status).toBe(200)
  const links = await acme.store.db.selectFrom('auth_links').select('state').where('state', '=', 'open').execute()
  expect(links).toEqual([])
  const post = postOf(acme)
  await post.send()
  expect(post.sent.map(({ to, subject }) => `${to.address}: ${subject}`)).toContain(
    'ingrid@tern.example: Your password was changed',
  )
  await acme.settle()
  const entry = await acme.store.db
    .selectFrom('log')
    .select(['type', 'args'])
    .where('type', '=', 'change-password')
    .executeTakeFirstOrThrow()
  expect(entry.args).not.toContain(CHOSEN)
})

test('two changes at once by one password: one of them holds', async () => {
  const answers = await Promise.all([change(PASSWORD, CHOSEN), change(PASSWORD, `${CHOSEN} too`)])
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 401])
})
