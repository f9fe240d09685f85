// Two organisations: no request of one ever reads or changes a row of the other, whatever ids it names. Random requests of sync, as an
// admin of the other organisation may send them; routes.test.ts walks every route by every role.
import fc from 'fast-check'
import { beforeAll, expect, test, vi } from 'vitest'
import type { OrganisationId } from '#shared/model.ts'
import { addAdmin, createOrganisation } from '../../sync-server/provider.ts'
import { PASSWORD, served, type Served } from '../support/app.ts'
import { everythingIn } from './worlds.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

let acme: Served
let other: OrganisationId

beforeAll(async () => {
  acme = await served({ users: { ada: { role: 'admin' }, vera: { role: 'viewer' } } })
  const by = { now: acme.clock.now, random: acme.random }
  other = await createOrganisation(acme.store, { name: 'Other', timeZone: 'UTC', weekStart: 1, fiscalYearStart: 1 }, by)
  // Nobody has a second factor in this world.
  await acme.store.db.updateTable('organisations').set({ secondFactor: 'off' }).where('orgId', '=', other).execute()
  await addAdmin(acme, other, { email: 'mallory@tern.example', name: 'Mallory', password: PASSWORD }, by)
})

test('no request of one organisation reads or changes a row of the other, whatever ids it names', async () => {
  acme.clock.now += 60_000
  const cookie = await acme.signIn('mallory')
  const { account } = (await (await acme.call('/api/session', { as: cookie })).json()) as { account: { id: string } }
  const ids = {
    user: [acme.user('ingrid'), acme.user('ada'), acme.user('vera')],
    product: [acme.product('Sales Pro')].slice(0, 1),
  }
  const user = fc.constantFrom(...ids.user)
  const users = fc.record({ userIds: fc.array(user, { minLength: 1, maxLength: 3 }) })
  const call = fc.oneof(
    fc.record({ type: fc.constantFrom('deactivate-users', 'reset-password', 'reset-usage'), args: users }),
    users.map((args) => ({ type: 'set-role', args: { ...args, role: 'viewer' } })),
    users.map((args) => ({ type: 'change-product', args: { ...args, productId: ids.product[0] } })),
    user.map((userId) => ({
      type: 'update-user',
      args: { userId, changes: { email: { from: 'x', to: 'mallory@evil.example' } } },
    })),
    user.map((id) => ({
      type: 'add-users',
      args: {
        users: [
          {
            id,
            email: 'taken@evil.example',
            firstName: 'A',
            lastName: 'B',
            title: '',
            phone: '',
            externalId: '',
            productId: ids.product[0],
            groupId: null,
            limit: null,
            role: 'admin',
          },
        ],
      },
    })),
  )
  const before = await everythingIn(acme)
  const mallory = acme.world.device('ingrid')
  await fc.assert(
    fc.asyncProperty(fc.array(call, { minLength: 1, maxLength: 4 }), fc.boolean(), async (calls, forged) => {
      mallory.as.account = account.id
      const operations = calls.map(({ type, args }) => mallory.operation(type, args))
      const request = mallory.request(operations, { organisation: forged ? acme.id : other })
      const answer = await acme.post('/api/sync', request, cookie)
      const text = await answer.text()
      if (forged) {
        expect(answer.status).toBe(403)
        mallory.sequence -= operations.length
      } else expect(answer.status).toBe(200)
      for (const name of ['ingrid@tern', 'ada@tern', 'vera@tern', 'Sable']) expect(text).not.toContain(name)
      expect(await everythingIn(acme)).toEqual(before)
    }),
    { numRuns: 60 },
  )
})
