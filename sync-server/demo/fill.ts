// Writes the demo organisation into an empty database, with accounts for those who may sign in.
import { randomBytes } from 'node:crypto'
import type { Data } from '../data.ts'
import { loadOrganisation } from '../load.ts'
import { DEMO_PASSWORD, demoOrganisation } from './organisation.ts'

export const DEMO_USERS = 2500

/** @returns who signs in to it; undefined where the database already holds an organisation, which is left as it is */
export async function fillDemo(
  { store, identity }: Data,
  { users, seed, now }: { users: number; seed: number; now: number },
): Promise<{ email: string; password: string } | undefined> {
  if (await store.db.selectFrom('heads').select('orgId').limit(1).executeTakeFirst()) return undefined
  const demo = demoOrganisation({ seed, users, now })
  await loadOrganisation(store, demo, { now, random: randomBytes })
  for (const account of demo.accounts) await identity.addAccount({ ...account, organisation: demo.organisation.id })
  return demo.accounts[0]
}

/** Who signs in to a demo that was filled at an earlier start; undefined where the database holds something else. */
export async function demoSignIn({
  store,
}: Pick<Data, 'store'>): Promise<{ email: string; password: string } | undefined> {
  const email = 'ingrid.solberg@tern.example'
  const account = await store.db.selectFrom('auth_users').select('email').where('email', '=', email).executeTakeFirst()
  return account && { email, password: DEMO_PASSWORD }
}
