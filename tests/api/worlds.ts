// Worlds of API tests: each is closed after its test, and its chain of hashes must hold whatever the test did.
import { afterEach, expect } from 'vitest'
import { verifyChain } from '../../sync-server/sync.ts'
import { organisation, type Wish, type World } from '../support/server.ts'

let worlds: World[] = []

/** An organisation that is checked and closed after the test. */
export async function world(wish?: Wish): Promise<World> {
  const made = await organisation(wish)
  worlds.push(made)
  return made
}

afterEach(async () => {
  const made = worlds
  worlds = []
  for (const one of made) expect(await verifyChain(one.store, one.id)).toEqual([])
  for (const store of new Set(made.map((one) => one.store))) await store.close()
})

/** All that is stored of an organisation, for asserting that nothing was. */
export async function everythingIn(one: Pick<World, 'store' | 'id'>): Promise<Record<string, unknown[]>> {
  const tables = [
    'organisations',
    'products',
    'grants',
    'groups',
    'users',
    'meters',
    'tombstones',
    'log',
    'clients',
    'mails',
    'heads',
  ] as const
  const found: Record<string, unknown[]> = {}
  for (const table of tables)
    found[table] = await one.store.db.selectFrom(table).selectAll().where('orgId', '=', one.id).execute()
  return found
}
