// The whole app over a small world: real identity, real routes, no port.
import type { UserId } from '#shared/model.ts'
import { accountByEmail, join } from '../../sync-server/accounts/credentials.ts'
import { createApp, type AppParts } from '../../sync-server/app.ts'
import { createEvents } from '../../sync-server/events.ts'
import { createIdentity } from '../../sync-server/identity.ts'
import { readNamedHosts } from '../../sync-server/outgoing/named-hosts.ts'
import { createSync } from '../../sync-server/sync.ts'
import { createUsage } from '../../sync-server/usage/create.ts'
import { organisation, silent, type TestDevice, type Wish, type World } from './server.ts'

export const PASSWORD = 'correct horse battery'
export const ORIGIN = 'http://127.0.0.1:8080'

export type Served = Awaited<ReturnType<typeof served>>

/** A world behind its routes; each name in `accounts` can sign in. */
export async function served(
  wish: Wish = {},
  accounts: readonly string[] = ['ingrid'],
  publicUrl?: string,
  over: Partial<AppParts> = {},
) {
  const world = await organisation(wish)
  const identity = createIdentity({
    store: world.store,
    secret: 'a secret of tests that is long enough',
    url: publicUrl ?? ORIGIN,
    clock: () => world.clock.now,
  })
  const events = createEvents()
  const doors = {
    store: world.store,
    clock: () => world.clock.now,
    log: silent,
    random: world.random,
    committed: events.committed,
  }
  const usage = createUsage(doors)
  const sync = createSync({ ...doors, beforeSnapshot: usage.publish })
  const afterwards: (() => Promise<void>)[] = []
  const parts: AppParts = {
    identity,
    sync,
    usage,
    events,
    provider: { store: world.store, clock: doors.clock, random: world.random, committed: events.committed },
    log: silent,
    ready: () => world.store.db.selectFrom('heads').select('version').execute(),
    publicUrl,
    address: (c) => c.req.header('x-test-address'),
    accounts: {
      store: world.store,
      clock: () => world.clock.now,
      random: world.random,
      later: (work) => void afterwards.push(work),
    },
    signOn: { privateHosts: readNamedHosts(''), base: () => publicUrl ?? ORIGIN },
    ...over,
  }
  const app = createApp(parts)
  for (const name of accounts) await account(identity, world, name)

  /** Does what was put off until after an answer. */
  const settle = async () => {
    for (const work of afterwards.splice(0)) await work()
  }

  const call = (path: string, init: RequestInit & { as?: string } = {}) => {
    const headers = new Headers(init.headers)
    if (init.as) headers.set('cookie', init.as)
    return app.request(`${ORIGIN}${path}`, { ...init, headers })
  }
  const post = (path: string, body: unknown, as?: string, headers: Record<string, string> = {}) =>
    call(path, {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
      ...(as ? { as } : {}),
    })

  return {
    ...world,
    world,
    parts,
    app,
    usage,
    identity,
    settle,
    events,
    call,
    post,
    /** @returns the session's cookie */
    signIn: async (name: string): Promise<string> => {
      const response = await post('/api/auth/sign-in/email', { email: `${name}@tern.example`, password: PASSWORD })
      if (!response.ok) throw new Error(`${name} could not sign in: ${response.status} ${await response.text()}`)
      return cookieOf(response)
    },
    /** A device that speaks for the signed-in account of this name. */
    deviceOf: async (name: string, cookie: string): Promise<TestDevice> => {
      const device = world.device(name)
      const { account: signedIn } = (await (await call('/api/session', { as: cookie })).json()) as {
        account: { id: string }
      }
      device.as.account = signedIn.id
      return device
    },
  }
}

const account = (identity: ReturnType<typeof createIdentity>, world: World, name: string) =>
  identity.addAccount({
    email: `${name}@tern.example`,
    password: PASSWORD,
    name,
    organisation: world.id,
    userId: world.user(name),
  })

/** Has the account of an address be a user of another organisation too. */
export const joined = (world: Served, email: string, userId: UserId) =>
  world.store.transaction(async (tx) => {
    const account = await accountByEmail(tx, email)
    if (!account) throw new Error(`${email} has no account.`)
    await join(tx, account.id, world.id, userId)
  })

export const cookieOf = (response: Response): string =>
  response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ')
