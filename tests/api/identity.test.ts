// Who may come in, what an ended session still hears, and what a stream of pokes tells.
import { expect, test, vi } from 'vitest'
import { PASSWORD, served } from '../support/app.ts'

// A password's hash takes its time, on a busy machine more of it.
vi.setConfig({ testTimeout: 30_000 })

test('an admin signs in, is known, syncs, and signs out', async () => {
  const acme = await served({ users: { ada: {} } })
  const cookie = await acme.signIn('ingrid')
  const session = await acme.call('/api/session', { as: cookie })
  expect(await session.json()).toMatchObject({
    account: { email: 'ingrid@tern.example', name: 'ingrid' },
    organisation: { id: acme.id, name: 'Tern & Sable' },
    userId: acme.user('ingrid'),
    role: 'admin',
  })
  const device = await acme.deviceOf('ingrid', cookie)
  const answer = await acme.post('/api/sync', device.request(), cookie)
  expect(answer.status).toBe(200)
  expect(await answer.json()).toMatchObject({ more: false, outcomes: [] })

  expect((await acme.post('/api/auth/sign-out', {}, cookie)).status).toBe(200)
  expect((await acme.call('/api/session', { as: cookie })).status).toBe(401)
})

test('the cookie is no script’s business, and behind TLS it is the host’s alone', async () => {
  const signIn = { email: 'ingrid@tern.example', password: PASSWORD }
  const plain = await (await served()).post('/api/auth/sign-in/email', signIn)
  expect(plain.headers.getSetCookie()).toEqual([
    expect.stringMatching(/^quartermaster\.session_token=.*HttpOnly; SameSite=Lax$/),
    expect.stringMatching(/^quartermaster\.browser=.*HttpOnly; SameSite=Lax$/),
  ])
  expect(await plain.text()).not.toContain('token')
  const behind = await (
    await served({}, ['ingrid'], 'https://console.example')
  ).post('/api/auth/sign-in/email', signIn, undefined, { origin: 'https://console.example' })
  expect(behind.headers.getSetCookie()).toEqual([
    expect.stringMatching(/^__Host-quartermaster\.session_token=.*Path=\/; HttpOnly; Secure; SameSite=Lax$/),
    expect.stringMatching(/^__Host-quartermaster\.browser=.*Path=\/; HttpOnly; Secure; SameSite=Lax$/),
  ])
})

test.each([
  ['deactivated', 'deactivate-users', {}],
  ['now a member', 'set-role', { role: 'member' }],
])('who was %s is told once, and the session is over', async (_name, type, args) => {
  const acme = await served({ users: { ada: { role: 'admin' }, joan: {} } }, ['ingrid', 'ada'])
  const [ingrid, ada] = [await acme.signIn('ingrid'), await acme.signIn('ada')]
  const device = await acme.deviceOf('ingrid', ingrid)
  await acme.post(
    '/api/sync',
    device.request([device.operation(type, { userIds: [acme.user('ada')], ...args })]),
    ingrid,
  )
  const answers = [await acme.call('/api/session', { as: ada }), await acme.call('/api/session', { as: ada })]
  expect(answers.map(({ status }) => status)).toEqual([403, 401])
  expect(await answers[0]?.json()).toMatchObject({ code: 'no-console' })
  const again = await acme.post('/api/auth/sign-in/email', { email: 'ada@tern.example', password: PASSWORD })
  expect(await again.json()).toMatchObject({ status: 403, code: 'no-console' })
  expect(again.headers.getSetCookie()).toEqual([])
})

test('tries are counted by the socket’s address, whatever the request says', async () => {
  const acme = await served()
  // Without a password none of them costs a hash.
  const tries = Array.from({ length: 31 }, (_, index) =>
    acme.post('/api/auth/sign-in/email', { email: 'ingrid@tern.example' }, undefined, {
      'x-forwarded-for': `192.0.2.${index}`,
      'x-quartermaster-address': `192.0.2.${index}`,
    }),
  )
  const statuses = (await Promise.all(tries)).map(({ status }) => status)
  expect(statuses.filter((status) => status === 400)).toHaveLength(30)
  expect(statuses.filter((status) => status === 429)).toHaveLength(1)
})

test('a stream pokes the devices of its organisation after a commit, and ends with the session', async () => {
  const acme = await served({ users: { ada: { role: 'admin' }, joan: {} }, groups: ['Sales'] }, ['ingrid', 'ada'])
  const [ingrid, ada] = [await acme.signIn('ingrid'), await acme.signIn('ada')]
  const stream = await acme.call('/api/events', { as: ada })
  expect(stream.headers.get('content-type')).toBe('text/event-stream')
  const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader()
  const until = async (wanted: string) => {
    for (let text = ''; ;) {
      const part = await reader?.read()
      text += part?.value ?? ''
      if (text.includes(wanted) || part?.done !== false) return text
    }
  }
  await until('listening')
  const device = await acme.deviceOf('ingrid', ingrid)
  const response = await acme.post(
    '/api/sync',
    device.request([device.operation('assign-group', { userIds: [acme.user('joan')], groupId: acme.group('Sales') })]),
    ingrid,
  )
  const { cursor } = (await response.json()) as { cursor: { version: number } }
  expect(await until('poke')).toContain(`event: poke\ndata: ${JSON.stringify({ version: cursor.version })}`)

  await acme.post(
    '/api/sync',
    device.request([device.operation('deactivate-users', { userIds: [acme.user('ada')] })]),
    ingrid,
  )
  await until('never said')
  expect((await reader?.read())?.done).toBe(true)
})
