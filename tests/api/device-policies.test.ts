// The session tells what the organisation asks of a device, before that has any row of it.
import { expect, test, vi } from 'vitest'
import { served } from '../support/app.ts'

// A password's hash takes its time, on a busy machine more of it.
vi.setConfig({ testTimeout: 30_000 })

test('the session tells what the organisation asks of devices, as it is now', async () => {
  const acme = await served()
  const cookie = await acme.signIn('ingrid')
  const policies = async () => {
    const { policies } = (await (await acme.call('/api/session', { as: cookie })).json()) as { policies: unknown }
    return policies
  }
  const version = expect.any(Number) as number
  expect(await policies()).toEqual({ localData: 'kept', leaseDays: null, lockMinutes: null, version })
  const device = await acme.deviceOf('ingrid', cookie)
  const changes = { localData: { from: 'kept', to: 'none' }, lockMinutes: { from: null, to: 5 } }
  await acme.post('/api/sync', device.request([device.operation('update-policies', { changes })]), cookie)
  expect(await policies()).toEqual({ localData: 'none', leaseDays: null, lockMinutes: 5, version })
})
