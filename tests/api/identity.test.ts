// Who may come in, and what an ended session still hears.
import { expect, test } from 'vitest'
import { served } from '../support/app.ts'

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
