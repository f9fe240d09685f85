// Browsers as devices: listed, revoked, told so and shut out at once; and accounts that administer several organisations.
import { expect, test, vi } from 'vitest'
import { NO_POLICIES } from '#shared/policies.ts'
import { addAdmin, createOrganisation } from '../../sync-server/provider.ts'
import { cookieOf, PASSWORD, served, type Served } from '../support/app.ts'

vi.setConfig({ testTimeout: 60_000 })

interface Listed {
  id: string
  name: string
  unsent: number
  own: boolean
  current: boolean
  signedIn: boolean
}
const FIREFOX = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0'

const signIn = async (acme: Served, name: string, agent = FIREFOX, cookie = '') => {
  const body = { email: `${name}@tern.example`, password: PASSWORD }
  const response = await acme.post('/api/auth/sign-in/email', body, cookie, { 'user-agent': agent })
  const answer = (await response.json()) as Record<string, unknown>
  return { status: response.status, cookie: cookieOf(response), body: answer }
}
const devices = async (acme: Served, cookie: string): Promise<Listed[]> => {
  const answer = (await (await acme.call('/api/devices', { as: cookie })).json()) as { devices: Listed[] }
  return answer.devices
}
const found = (list: readonly Listed[], which: (one: Listed) => boolean): Listed => {
  const one = list.find(which)
  if (!one) throw new Error('There is no such device in the list.')
  return one
}
const code = async (response: Response) => ((await response.json()) as { code?: string }).code
const three = () => served({ users: { ada: { role: 'admin' }, vera: { role: 'viewer' } } }, ['ingrid', 'ada', 'vera'])
const browserOf = (cookie: string): string =>
  cookie.split('; ').find((one) => one.startsWith('quartermaster.browser')) ?? ''

test('an admin sees all devices of the organisation, a viewer the own ones; a header is never a name', async () => {
  const acme = await three()
  const ingrid = await signIn(acme, 'ingrid')
  const vera = await signIn(acme, 'vera', 'Mozilla/5.0 (iPhone) Safari/605 <b>bold</b>')
  await devices(acme, vera.cookie)
  const all = await devices(acme, ingrid.cookie)
  expect(all.map(({ name }) => name).toSorted()).toEqual(['Firefox on Windows', 'Safari on iPhone'])
  expect(found(all, ({ current }) => current)).toMatchObject({ name: 'Firefox on Windows', own: true, signedIn: true })
  expect(await devices(acme, vera.cookie)).toMatchObject([{ name: 'Safari on iPhone', own: true, current: true }])
})

test('what a device holds is told before it is revoked; then nothing of it applies, its stream ends, and it hears why', async () => {
  const acme = await three()
  const [ingrid, ada] = [await signIn(acme, 'ingrid'), await signIn(acme, 'ada')]
  const device = await acme.deviceOf('ada', ada.cookie)
  await acme.post('/api/sync', device.request(), ada.cookie, { 'quartermaster-unsent': '3' })
  const stream = (await acme.call('/api/events', { as: ada.cookie })).body?.getReader()
  await stream?.read()
  const lost = found(await devices(acme, ingrid.cookie), ({ own }) => !own)
  expect(lost.unsent).toBe(3)

  const started = performance.now()
  expect((await acme.post(`/api/devices/${lost.id}/revoke`, {}, ingrid.cookie)).status).toBe(200)
  expect((await stream?.read())?.done).toBe(true)
  expect(performance.now() - started).toBeLessThan(1_000)

  const version = (await acme.row('organisations', acme.id)).version
  const queued = device.request([device.operation('deactivate-users', { userIds: [acme.user('vera')] })])
  const refused = await acme.post('/api/sync', queued, ada.cookie)
  expect([refused.status, await code(refused)]).toEqual([403, 'device-revoked'])
  expect((await acme.row('users', acme.user('vera'))).status).toBe('active')
  expect((await acme.row('organisations', acme.id)).version).toBe(version)
  // The session is over, and the browser is still told.
  expect(await code(await acme.post('/api/sync', queued, browserOf(ada.cookie)))).toBe('device-revoked')
  expect(await code(await acme.call('/api/session', { as: ada.cookie.split('; ')[0] ?? '' }))).toBe('sign-in-needed')
})

test('who signs in by a revoked browser is told once to erase, and is another device then', async () => {
  const acme = await three()
  const [ingrid, ada] = [await signIn(acme, 'ingrid'), await signIn(acme, 'ada')]
  const lost = found(await devices(acme, ingrid.cookie), ({ own }) => !own)
  await acme.post(`/api/devices/${lost.id}/revoke`, {}, ingrid.cookie)
  const first = await signIn(acme, 'ada', FIREFOX, browserOf(ada.cookie))
  expect(first.body).toMatchObject({ code: 'device-revoked', fact: { organisation: acme.id } })
  // The browser's cookie is taken away with that answer.
  expect(browserOf(first.cookie)).toBe('quartermaster.browser=')
  const second = await signIn(acme, 'ada')
  expect(second.status).toBe(200)
  expect(found(await devices(acme, second.cookie), ({ current }) => current).id).not.toBe(lost.id)
})

test('nobody revokes what is another’s: as unknown for a viewer, and for an admin elsewhere', async () => {
  const acme = await three()
  const [ingrid, vera] = [await signIn(acme, 'ingrid'), await signIn(acme, 'vera')]
  const target = found(await devices(acme, ingrid.cookie), ({ current }) => current)
  const by = { now: acme.clock.now, random: acme.random }
  const wanted = { name: 'Other', timeZone: 'UTC', weekStart: 1, fiscalYearStart: 1, ...NO_POLICIES }
  const other = await createOrganisation(acme.store, wanted, by)
  await addAdmin(acme, other, { email: 'mallory@tern.example', name: 'Mallory', password: PASSWORD }, by)
  const mallory = await signIn(acme, 'mallory')
  for (const cookie of [vera.cookie, mallory.cookie])
    expect((await acme.post(`/api/devices/${target.id}/revoke`, {}, cookie)).status).toBe(404)
  expect((await devices(acme, mallory.cookie)).map(({ own }) => own)).toEqual([true])
  expect((await acme.call('/api/session', { as: ingrid.cookie })).status).toBe(200)
})

test('signing out elsewhere ends every other session of the account, and no one else’s', async () => {
  const acme = await three()
  const [here, there, ada] = [await signIn(acme, 'ingrid'), await signIn(acme, 'ingrid'), await signIn(acme, 'ada')]
  const answer = await acme.post('/api/devices/sign-out-others', {}, here.cookie)
  expect(await answer.json()).toEqual({ ended: 1 })
  const statuses = []
  for (const { cookie } of [here, there, ada]) statuses.push((await acme.call('/api/session', { as: cookie })).status)
  expect(statuses).toEqual([200, 401, 200])
})

test('a device that was signed out is listed no more, unless its queue was kept there', async () => {
  const acme = await three()
  const ingrid = await signIn(acme, 'ingrid')
  for (const [body, listed] of [
    [{}, 0],
    [{ keep: true }, 1],
  ] as const) {
    const vera = await signIn(acme, 'vera')
    await acme.post('/api/auth/sign-out', body, vera.cookie)
    expect((await devices(acme, ingrid.cookie)).filter(({ own }) => !own)).toHaveLength(listed)
  }
})

test('one account administers two organisations, one at a time, and no third one', async () => {
  const acme = await three()
  const by = { now: acme.clock.now, random: acme.random }
  const make = (name: string) =>
    createOrganisation(acme.store, { name, timeZone: 'UTC', weekStart: 1, fiscalYearStart: 1, ...NO_POLICIES }, by)
  acme.clock.now += 1_000
  by.now = acme.clock.now
  const [second, third] = [await make('Second'), await make('Third')]
  await addAdmin(acme, second, { email: 'Ingrid@tern.example', name: 'Ingrid' }, by)
  const { cookie } = await signIn(acme, 'ingrid')
  const session = async () => {
    const answer = (await (await acme.call('/api/session', { as: cookie })).json()) as {
      organisation: { id: string }
      organisations: { name: string }[]
    }
    return { in: answer.organisation.id, of: answer.organisations.map(({ name }) => name).toSorted() }
  }
  const of = ['Second', 'Tern & Sable']
  expect(await session()).toEqual({ in: acme.id, of })
  const enter = (organisation: string) => acme.post('/api/session/organisation', { organisation }, cookie)
  expect((await enter(second)).status).toBe(200)
  expect(await session()).toEqual({ in: second, of })
  // The queue of the one is not taken for the other's.
  const device = await acme.deviceOf('ingrid', cookie)
  expect(await code(await acme.post('/api/sync', device.request(), cookie))).toBe('other-account')
  expect((await enter(third)).status).toBe(404)
  expect((await enter(acme.newId())).status).toBe(404)
  expect(await session()).toEqual({ in: second, of })
})

test.each([
  ['deactivated', 'deactivate-users', {}, 'no-console'],
  ['made a member', 'set-role', { role: 'member' }, 'no-console'],
])(
  'who is %s is shut out at once: the stream ends within a second, the queue is refused whole',
  async (_name, type, args, why) => {
    const acme = await three()
    const [ingrid, ada] = [await signIn(acme, 'ingrid'), await signIn(acme, 'ada')]
    const [mine, theirs] = [await acme.deviceOf('ingrid', ingrid.cookie), await acme.deviceOf('ada', ada.cookie)]
    const stream = (await acme.call('/api/events', { as: ada.cookie })).body?.getReader()
    await stream?.read()
    const call = mine.operation(type, { userIds: [acme.user('ada')], ...args })
    const started = performance.now()
    await acme.post('/api/sync', mine.request([call]), ingrid.cookie)
    // A poke may come before the end.
    for (let part = await stream?.read(); part && !part.done; part = await stream?.read());
    expect(performance.now() - started).toBeLessThan(1_000)
    const queued = theirs.request([theirs.operation('reset-password', { userIds: [acme.user('vera')] })])
    expect(await code(await acme.post('/api/sync', queued, ada.cookie))).toBe(why)
    expect(await acme.count('mails')).toBe(0)
  },
)

test('who is made a viewer has every queued operation rejected, and keeps reading', async () => {
  const acme = await three()
  const [ingrid, ada] = [await signIn(acme, 'ingrid'), await signIn(acme, 'ada')]
  const [mine, theirs] = [await acme.deviceOf('ingrid', ingrid.cookie), await acme.deviceOf('ada', ada.cookie)]
  const call = mine.operation('set-role', { userIds: [acme.user('ada')], role: 'viewer' })
  await acme.post('/api/sync', mine.request([call]), ingrid.cookie)
  const queued = theirs.request([theirs.operation('reset-password', { userIds: [acme.user('vera')] })])
  const answer = await acme.post('/api/sync', queued, ada.cookie)
  expect(await answer.json()).toMatchObject({ outcomes: [{ notApplied: [{ code: 'forbidden' }] }] })
  expect(await acme.count('mails')).toBe(0)
})
