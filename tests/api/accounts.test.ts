// Links that were mailed: what each is good for, that it works once, and what ends it. An admin never gets at an account by them.
import { expect, test, vi } from 'vitest'
import { PASSWORD, served, type Served } from '../support/app.ts'
import { postOf } from './post.ts'

// A password's hash takes its time, on a busy machine more of it.
vi.setConfig({ testTimeout: 60_000 })

const NEW = 'seven purple kayaks'

const perform = async (acme: Served, cookie: string, type: string, args: unknown) => {
  const device = await acme.deviceOf('ingrid', cookie)
  const response = await acme.post('/api/sync', device.request([device.operation(type, args)]), cookie)
  expect(await response.json()).toMatchObject({ outcomes: [{ notApplied: [] }] })
}
const link = async (acme: Served, token: string, password?: string, headers = {}) => {
  const response = await acme.post(
    '/api/links/use',
    { token, ...(password === undefined ? {} : { password }) },
    undefined,
    headers,
  )
  return { status: response.status, body: (await response.json()) as Record<string, unknown>, response }
}
const invite = async (acme: Served, cookie: string, role: 'admin' | 'member') => {
  const id = acme.newId()
  await perform(acme, cookie, 'add-users', {
    users: [
      {
        id,
        email: 'mei@tern.example',
        firstName: 'Mei',
        lastName: 'Tan',
        title: '',
        phone: '',
        externalId: '',
        productId: acme.product('Sales Pro'),
        groupId: null,
        limit: null,
        role,
      },
    ],
  })
  return id
}

test('an invited admin chooses a password, is active from then on, and is signed in', async () => {
  const acme = await served({ products: { 'Sales Pro': 10 } })
  const ingrid = await acme.signIn('ingrid')
  const id = await invite(acme, ingrid, 'admin')
  const token = await postOf(acme).token()
  const seen = await acme.post('/api/links/look', { token })
  expect(await seen.json()).toEqual({
    purpose: 'invitation',
    organisation: 'Tern & Sable',
    name: 'Mei Tan',
    email: 'mei@tern.example',
    signInEmail: 'mei@tern.example',
    password: 'new',
  })
  const before = await acme.row('organisations', acme.id)
  const { status, body, response } = await link(acme, token, NEW)
  expect([status, body]).toEqual([200, { purpose: 'invitation', console: true, signedIn: true }])
  expect(response.headers.getSetCookie().join()).toContain('session_token')
  expect(await acme.row('users', id)).toMatchObject({ status: 'active', joinedAt: acme.clock.now })
  expect((await acme.row('organisations', acme.id)).activeAdmins).toBe(before.activeAdmins + 1)
  const again = await link(acme, token, NEW)
  expect([again.status, again.body]).toMatchObject([410, { code: 'link-dead', fact: { why: 'used' } }])
})

test('a member who accepts has no console, and no session', async () => {
  const acme = await served()
  await invite(acme, await acme.signIn('ingrid'), 'member')
  const { body, response } = await link(acme, await postOf(acme).token(), NEW)
  expect(body).toEqual({ purpose: 'invitation', console: false, signedIn: false })
  expect(response.headers.getSetCookie()).toEqual([])
})

test('of 64 who follow one link at once, one wins', async () => {
  const acme = await served()
  await invite(acme, await acme.signIn('ingrid'), 'admin')
  const token = await postOf(acme).token()
  const all = await Promise.all(
    Array.from({ length: 64 }, (_, index) => link(acme, token, NEW, { 'x-test-address': `192.0.2.${index}` })),
  )
  expect(all.filter(({ status }) => status === 200)).toHaveLength(1)
  expect(all.filter(({ status, body }) => status === 410 && body.code === 'link-dead')).toHaveLength(63)
})

const invitationEnds: [string, (acme: Served, cookie: string, id: string) => Promise<unknown>, string][] = [
  ['deactivation', (acme, cookie, id) => perform(acme, cookie, 'deactivate-users', { userIds: [id] }), 'ended'],
  [
    'deactivation and its undoing',
    async (acme, cookie, id) => {
      await perform(acme, cookie, 'deactivate-users', { userIds: [id] })
      await perform(acme, cookie, 'reactivate-users', { userIds: [id] })
    },
    'ended',
  ],
  [
    'another e-mail address',
    (acme, cookie, userId) =>
      perform(acme, cookie, 'update-user', {
        userId,
        changes: { email: { from: 'mei@tern.example', to: 'mei.tan@tern.example' } },
      }),
    'ended',
  ],
  ['seven days', async (acme) => void (acme.clock.now += 7 * 86_400_000 + 1), 'expired'],
]
test.each(invitationEnds)('an invitation dies by %s, and says so', async (_name, end, why) => {
  const acme = await served()
  const ingrid = await acme.signIn('ingrid')
  const id = await invite(acme, ingrid, 'admin')
  const token = await postOf(acme).token()
  await end(acme, ingrid, id)
  const { status, body } = await link(acme, token, NEW)
  expect([status, body]).toMatchObject([410, { code: 'link-dead', fact: { why, purpose: 'invitation' } }])
  expect((await acme.row('users', id)).status).not.toBe('active')
})

test('a newer link of its kind replaces the older one', async () => {
  const acme = await served({ users: { ada: { role: 'admin' } } }, ['ingrid', 'ada'])
  const ingrid = await acme.signIn('ingrid')
  const post = postOf(acme)
  await perform(acme, ingrid, 'reset-password', { userIds: [acme.user('ada')] })
  const first = await post.token()
  await perform(acme, ingrid, 'reset-password', { userIds: [acme.user('ada')] })
  const second = await post.token()
  expect((await link(acme, first, NEW)).body).toMatchObject({ fact: { why: 'replaced' } })
  expect((await link(acme, second, NEW)).status).toBe(200)
})

test('a reset sets the password, ends the sessions and their streams, and nothing works that worked before', async () => {
  const acme = await served({ users: { ada: { role: 'admin' } } }, ['ingrid', 'ada'])
  const ada = await acme.signIn('ada')
  const stream = (await acme.call('/api/events', { as: ada })).body?.getReader()
  await stream?.read()
  expect((await acme.post('/api/forgot', { email: ' ADA@tern.example ' })).status).toBe(200)
  await acme.settle()
  const token = await postOf(acme).token()
  expect((await link(acme, token, NEW)).body).toEqual({ purpose: 'reset-password', console: true, signedIn: true })
  expect((await acme.call('/api/session', { as: ada })).status).toBe(401)
  // What was under way may still come: sign-ins are logged, and each entry is a poke.
  while (!(await stream?.read())?.done);
  const signIn = (password: string) => acme.post('/api/auth/sign-in/email', { email: 'ada@tern.example', password })
  expect((await signIn(PASSWORD)).status).toBe(401)
  expect((await signIn(NEW)).status).toBe(200)
})

test('a weak password is refused and the link still works', async () => {
  const acme = await served()
  await invite(acme, await acme.signIn('ingrid'), 'admin')
  const token = await postOf(acme).token()
  for (const [password, why] of [
    ['eleven char', 'short'],
    ['password1234', 'well-known'],
    ['mei@tern.example', 'guessable'],
    ['aaaaaaaaaaaaaaaa', 'guessable'],
  ] as const)
    expect([password, (await link(acme, token, password)).body]).toMatchObject([
      password,
      { code: 'password-weak', fact: { why } },
    ])
  expect((await link(acme, token, NEW)).status).toBe(200)
})

test('who has forgotten a password is answered alike, known or not, and mailed three times an hour at most', async () => {
  const acme = await served()
  const post = postOf(acme)
  const answers = []
  for (const email of ['ingrid@tern.example', 'nobody@tern.example', 'no address', 'ingrid@tern.example']) {
    const response = await acme.post('/api/forgot', { email })
    answers.push([response.status, await response.text()])
  }
  expect(new Set(answers.map(String)).size).toBe(1)
  for (let more = 0; more < 5; more += 1) await acme.post('/api/forgot', { email: 'ingrid@tern.example' })
  await acme.settle()
  await post.send()
  expect(post.sent.map(({ to }) => to.address)).toEqual(Array.from({ length: 3 }, () => 'ingrid@tern.example'))
})

test('an address that an admin enters takes no account over: links go to the confirmed one, and confirming asks for the password', async () => {
  const acme = await served({ users: { ada: { role: 'admin' } } }, ['ingrid', 'ada'])
  const ingrid = await acme.signIn('ingrid')
  const post = postOf(acme)
  await perform(acme, ingrid, 'update-user', {
    userId: acme.user('ada'),
    changes: { email: { from: 'ada@tern.example', to: 'mallory@evil.example' } },
  })
  await perform(acme, ingrid, 'reset-password', { userIds: [acme.user('ada')] })
  acme.clock.now += 60_000
  await post.send()
  const confirmation = post.sent.find(({ subject }) => subject.startsWith('Confirm'))
  const reset = post.sent.find(({ subject }) => subject.startsWith('Choose'))
  expect(reset?.to.address).toBe('ada@tern.example')
  expect(confirmation?.to.address).toBe('mallory@evil.example')
  await acme.post('/api/forgot', { email: 'mallory@evil.example' })
  await acme.settle()
  await post.send()
  expect(post.sent).toHaveLength(2)

  const token = /#([\w-]{43})/.exec(confirmation?.text ?? '')?.[1] ?? ''
  expect((await link(acme, token, 'a guess of mallory')).body).toMatchObject({ code: 'wrong-password' })
  const signIn = (email: string) => acme.post('/api/auth/sign-in/email', { email, password: PASSWORD })
  expect((await signIn('mallory@evil.example')).status).toBe(401)
  expect((await link(acme, token, PASSWORD)).body).toMatchObject({ purpose: 'confirm-email', signedIn: false })
  expect((await signIn('mallory@evil.example')).status).toBe(200)
  expect((await signIn('ada@tern.example')).status).toBe(401)
})

test.each([
  ['Host', { host: 'evil.example', origin: 'http://evil.example' }],
  ['X-Forwarded-Host', { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'http' }],
  ['Forwarded', { forwarded: 'host=evil.example;proto=http' }],
])('a forged %s never changes where a link leads', async (_name, headers) => {
  const acme = await served()
  await acme.post('/api/forgot', { email: 'ingrid@tern.example' }, undefined, headers)
  await acme.settle()
  const post = postOf(acme)
  await post.send()
  expect(post.sent[0]?.text).toContain('https://console.example/reset#')
  expect(JSON.stringify(post.sent)).not.toContain('evil')
})
