// The rows that an operation may ask for are those that it declared.
import { expect, test } from 'vitest'
import { toEmailKey } from '#shared/email.ts'
import { createShelf } from '../../../sync-server/source.ts'
import { organisation } from '../../support/server.ts'

test('what was not declared throws, what was and is not there is undefined', async () => {
  const acme = await organisation({ users: { ada: { group: 'Sales' }, joan: {} }, groups: ['Sales', 'Support'] })
  await acme.store.read(async (tx) => {
    const shelf = createShelf(tx, acme.id)
    const key = toEmailKey('joan@tern.example')
    if (!key) throw new Error('No key.')
    const unknown = acme.device('ingrid').as.userId
    const { source } = await shelf.load([{ users: [acme.user('ada')], groupsOfUsers: [acme.user('ada')] }])
    expect(source.get('users', acme.user('ada'))).toMatchObject({ firstName: 'ada' })
    expect(source.get('groups', acme.group('Sales'))).toMatchObject({ members: 1 })
    expect(source.get('products', acme.product('Sales Pro'))).toBeDefined()
    for (const ask of [
      () => source.get('users', acme.user('joan')),
      () => source.get('groups', acme.group('Support')),
      () => source.wasRemoved('users', acme.user('joan')),
      () => source.userByEmail(key),
      () => source.groupByName('sales'),
      () => [...source.usersOfGroup(acme.group('Sales'))],
      () => source.get('meters', acme.user('ada')),
    ])
      expect(ask).toThrow('was not declared')
    // Loaded by one operation, a row is still not the next one's unless it says so.
    const next = await shelf.load([{ emails: [key] }], unknown)
    expect(next.source.userByEmail(key)).toMatchObject({ firstName: 'joan' })
    expect(next.source.get('users', acme.user('joan'))).toMatchObject({ firstName: 'joan' })
    expect(() => next.source.get('users', acme.user('ada'))).toThrow('was not declared')
  })
  await acme.close()
})
