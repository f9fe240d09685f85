// What a queue line says of users whom somebody else deactivated before its outcome: by two real replicas and the server.
import { assignGroup } from '#shared/operations/assign-group.ts'
import { deactivateUsers } from '#shared/operations/deactivate-users.ts'
import { deactivatedMeanwhile } from '#lib/replica/meanwhile.ts'
import { expect, test } from 'vitest'
import { replicaDevice } from '../../support/replica.ts'
import { organisation } from '../../support/server.ts'

const world = () =>
  organisation({ groups: ['Sales'], users: { kwame: { role: 'admin' }, ada: {}, bo: { status: 'deactivated' } } })

test('both apply, and who came second is told', async () => {
  const acme = await world()
  const [ingrid, kwame] = [await replicaDevice(acme, 'ingrid'), await replicaDevice(acme, 'kwame')]
  acme.clock.now += 1_000
  await kwame.perform(assignGroup.with({ userIds: [acme.user('ada'), acme.user('bo')], groupId: acme.group('Sales') }))
  await ingrid.perform(deactivateUsers.with({ userIds: [acme.user('ada')] }))
  await ingrid.sync()
  acme.clock.now += 1_000
  await kwame.sync()
  const told = kwame.replica.records.map((record) =>
    deactivatedMeanwhile(record, kwame.replica.layer).map(({ firstName }) => firstName),
  )
  // bo had been deactivated before: that is no news.
  expect(told).toEqual([['ada']])
  expect(ingrid.replica.records.map((record) => deactivatedMeanwhile(record, ingrid.replica.layer))).toEqual([[]])
})
