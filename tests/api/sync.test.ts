// What the sync server promises each device, told through requests of devices; no port, no identity.
import { afterEach, describe, expect, test } from 'vitest'
import { verifyChain } from '../../sync-server/sync.ts'
import { organisation, type Wish, type World } from '../support/server.ts'

let worlds: World[] = []
const world = async (wish?: Wish) => {
  const made = await organisation(wish)
  worlds.push(made)
  return made
}
afterEach(async () => {
  for (const made of worlds) {
    expect(await verifyChain(made.store, made.id)).toEqual([])
    await made.close()
  }
  worlds = []
})

describe('a device that syncs', () => {
  test('takes all rows first and then what changed', async () => {
    const acme = await world({ products: { 'Sales Pro': 5, Insights: 5 }, users: { ada: {} } })
    const [one, two] = [acme.device('ingrid'), acme.device('ingrid')]
    await one.send()
    await two.send()
    expect(one.rows.size).toBe(1 + 2 + 1 + 2)
    expect(one.cursor).toEqual({ version: one.seen.version, since: one.seen.version })

    const settled = await one.perform('change-product', {
      userIds: [acme.user('ada')],
      productId: acme.product('Insights'),
    })
    expect(settled).toMatchObject({ total: 1, notApplied: [] })
    await two.send()
    expect(two.rows).toEqual(one.rows)
    expect(two.rows.get(`users ${acme.user('ada')}`)).toMatchObject({
      productId: acme.product('Insights'),
      version: settled.version,
    })
    expect(await acme.row('products', acme.product('Sales Pro'))).toMatchObject({ seatsUsed: 1 })
  })

  test('has one effect of an operation that it sends again', async () => {
    const acme = await world({ products: { 'Sales Pro': 5, Insights: 5 }, users: { ada: {} } })
    const device = acme.device('ingrid')
    const operation = device.operation('change-product', {
      userIds: [acme.user('ada')],
      productId: acme.product('Insights'),
    })
    const lost = await device.post([operation])
    const again = await device.post([operation])
    expect(again.outcomes).toEqual(lost.outcomes)
    expect(await acme.row('products', acme.product('Insights'))).toMatchObject({ seatsUsed: 1 })
  })
})
