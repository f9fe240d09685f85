// Two admins work offline on the same rows, and sync one after the other: what each is told, by the app's own replica and the server.
import { assignGroup } from '#shared/operations/assign-group.ts'
import { addUsers } from '#shared/operations/add-users.ts'
import { changeProduct } from '#shared/operations/change-product.ts'
import { deactivateUsers } from '#shared/operations/deactivate-users.ts'
import { deleteGroups } from '#shared/operations/delete-groups.ts'
import { setRole } from '#shared/operations/set-role.ts'
import { updateUser } from '#shared/operations/update-user.ts'
import { UserId } from '#shared/model.ts'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { replicaDevice } from '../support/replica.ts'
import { organisation, type Wish } from '../support/server.ts'

const two = async (wish: Wish) => {
  const world = await organisation({ ...wish, users: { kwame: { role: 'admin' }, ...wish.users } })
  return { world, ingrid: await replicaDevice(world, 'ingrid'), kwame: await replicaDevice(world, 'kwame') }
}

const newUser = (world: Awaited<ReturnType<typeof organisation>>, email: string) => ({
  id: v.parse(UserId, world.newId()),
  email,
  firstName: 'Mei',
  lastName: 'Tanaka',
  title: '',
  phone: '',
  externalId: '',
  productId: world.product('Sales Pro'),
  groupId: null,
  limit: null,
  role: 'member' as const,
})

describe('two admins offline', () => {
  test('the last seat goes to who syncs first; the other is told who took it and when', async () => {
    const { world, ingrid, kwame } = await two({
      products: { 'Sales Pro': 5, 'Data API': 1 },
      users: { ada: {}, bo: {} },
    })
    const productId = world.product('Data API')
    await ingrid.perform(changeProduct.with({ userIds: [world.user('ada')], productId }))
    await kwame.perform(changeProduct.with({ userIds: [world.user('bo')], productId }))
    expect(kwame.row('bo')?.productId).toBe(productId)
    await ingrid.sync()
    const taken = world.clock.now
    await kwame.sync()
    expect(ingrid.rejected()).toEqual([])
    expect(kwame.rejected()).toEqual([
      {
        item: world.user('bo'),
        result: 'rejected',
        code: 'no-seat-left',
        fact: expect.objectContaining({
          productId,
          free: 0,
          purchased: 1,
          used: 1,
          lastSeat: { by: world.user('ingrid'), at: taken },
        }),
      },
    ])
    expect(kwame.row('bo')?.productId).toBe(world.product('Sales Pro'))
  })

  test('the same field: the second is told what the first set, who and when; other fields both apply', async () => {
    const { world, ingrid, kwame } = await two({ users: { ada: {} } })
    const userId = world.user('ada')
    await ingrid.perform(
      updateUser.with({ userId, changes: { title: { from: '', to: 'Recruiter' }, phone: { from: '', to: '1' } } }),
    )
    await kwame.perform(
      updateUser.with({
        userId,
        changes: { title: { from: '', to: 'Lead recruiter' }, externalId: { from: '', to: 'x' } },
      }),
    )
    await ingrid.sync()
    const set = world.clock.now
    await kwame.sync()
    await ingrid.sync()
    expect(kwame.rejected()).toEqual([
      {
        item: 'title',
        result: 'rejected',
        code: 'changed-meanwhile',
        fact: { row: userId, field: 'title', theirs: 'Recruiter', by: world.user('ingrid'), at: set },
      },
    ])
    for (const device of [ingrid, kwame])
      expect(device.row('ada')).toMatchObject({ title: 'Recruiter', phone: '1', externalId: 'x' })
  })

  test('a group that the other deleted is unknown to an assignment that comes later', async () => {
    const { world, ingrid, kwame } = await two({ groups: ['Sales'], users: { ada: {} } })
    const groupId = world.group('Sales')
    await ingrid.perform(deleteGroups.with({ groupIds: [groupId], onMembers: 'refuse' }))
    await kwame.perform(assignGroup.with({ userIds: [world.user('ada')], groupId }))
    await ingrid.sync()
    await kwame.sync()
    expect(kwame.rejected()).toEqual([
      { item: world.user('ada'), result: 'rejected', code: 'group-unknown', fact: { groupId } },
    ])
    expect(kwame.row('ada')?.groupId).toBe(null)
  })

  test('… and a deletion that comes later is refused, since the group has members now', async () => {
    const { world, ingrid, kwame } = await two({ groups: ['Sales'], users: { ada: {} } })
    const groupId = world.group('Sales')
    await ingrid.perform(deleteGroups.with({ groupIds: [groupId], onMembers: 'refuse' }))
    await kwame.perform(assignGroup.with({ userIds: [world.user('ada')], groupId }))
    await kwame.sync()
    await ingrid.sync()
    expect(ingrid.rejected()).toEqual([
      { item: groupId, result: 'rejected', code: 'group-not-empty', fact: { members: 1 } },
    ])
    expect(ingrid.replica.layer.get('groups', groupId)?.members).toBe(1)
  })

  test('demoting each other: the second is no longer an admin and is told so', async () => {
    const { world, ingrid, kwame } = await two({})
    await ingrid.perform(setRole.with({ userIds: [world.user('kwame')], role: 'viewer' }))
    await kwame.perform(setRole.with({ userIds: [world.user('ingrid')], role: 'viewer' }))
    await ingrid.sync()
    await kwame.sync()
    await ingrid.sync()
    expect(kwame.rejected()).toEqual([{ item: world.user('ingrid'), result: 'rejected', code: 'forbidden', fact: {} }])
    expect(ingrid.row('ingrid')?.role).toBe('admin')
    expect(ingrid.row('kwame')?.role).toBe('viewer')
  })

  test('the last admin can’t be taken away, judged in the server’s order', async () => {
    const { world, ingrid, kwame } = await two({})
    await ingrid.perform(setRole.with({ userIds: [world.user('ingrid')], role: 'viewer' }))
    await kwame.perform(deactivateUsers.with({ userIds: [world.user('kwame')] }))
    await ingrid.sync()
    await kwame.sync()
    expect(kwame.rejected()).toEqual([{ item: world.user('kwame'), result: 'rejected', code: 'last-admin', fact: {} }])
  })

  test('the same e-mail added twice: the second is told whose it is', async () => {
    const { world, ingrid, kwame } = await two({})
    const [first, second] = [newUser(world, 'Mei@tern.example'), newUser(world, 'mei@TERN.example')]
    await ingrid.perform(addUsers.with({ users: [first] }))
    await kwame.perform(addUsers.with({ users: [second] }))
    await ingrid.sync()
    await kwame.sync()
    expect(kwame.rejected()).toEqual([
      {
        item: second.id,
        result: 'rejected',
        code: 'email-taken',
        fact: expect.objectContaining({ userId: first.id, status: 'invited' }),
      },
    ])
    expect(kwame.replica.layer.get('users', second.id)).toBeUndefined()
    expect(kwame.replica.layer.get('users', first.id)?.email).toBe('Mei@tern.example')
  })

  test('a deactivation and another change both apply', async () => {
    const { world, ingrid, kwame } = await two({ groups: ['Sales'], users: { ada: {} } })
    await ingrid.perform(deactivateUsers.with({ userIds: [world.user('ada')] }))
    await kwame.perform(assignGroup.with({ userIds: [world.user('ada')], groupId: world.group('Sales') }))
    await ingrid.sync()
    await kwame.sync()
    expect(kwame.rejected()).toEqual([])
    expect(kwame.row('ada')).toMatchObject({ status: 'deactivated', groupId: world.group('Sales') })
    expect(kwame.replica.layer.get('groups', world.group('Sales'))?.members).toBe(0)
  })
})
