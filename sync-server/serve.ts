// Runs the server: one port for app and API, until it is told to stop; then it ends what is open and closes the database in order.
import { serve as listen, type ServerType } from '@hono/node-server'
import { getConnInfo } from '@hono/node-server/conninfo'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { pino } from 'pino'
import { firstAdminLink } from './accounts/first-admin.ts'
import { clientAddress } from './address.ts'
import { createApp } from './app.ts'
import { BUILD } from './build.ts'
import type { Config } from './config.ts'
import { openData } from './data.ts'
import { DEMO_USERS, demoSignIn, fillDemo } from './demo/fill.ts'
import { createAftermath } from './erasure/aftermath.ts'
import { createEvents } from './events.ts'
import { linkBase, openMail, type OpenMail } from './mail/open.ts'
import { ownAddress } from './own-address.ts'
import { staticFiles } from './static.ts'
import { createSync } from './sync.ts'
import { forgetTombstones } from './sync/tidy.ts'
import { createUsage } from './usage/create.ts'

const DAY = 24 * 60 * 60 * 1000

/** @throws Error with one sentence: a busy port, a data folder that can't be written, a newer database */
export async function serve(
  config: Config,
  { demo, say }: { demo: boolean; say: (line: string) => void },
): Promise<void> {
  const log = pino({ level: config.logLevel })
  const data = await openData(config)
  const { store, identity } = data
  try {
    if (demo) await fillDemo(data, { users: DEMO_USERS, seed: 1, now: Date.now() })
    const signIn = demo ? await demoSignIn(data) : undefined
    const events = createEvents()
    const doors = { store, clock: () => Date.now(), log, committed: events.committed, gather: () => nextTurn() }
    const usage = createUsage(doors)
    // Known once the port is: where mails and providers lead back to.
    const post: { mail?: OpenMail; base?: string | undefined } = {}
    const erased = createAftermath({ store, log, mails: async () => await post.mail?.tidy() })
    const sync = createSync({ ...doors, beforeSnapshot: usage.publish, pause: () => nextTurn(), erased })
    const app = createApp({
      identity,
      sync,
      usage,
      events,
      provider: { store, clock: doors.clock, random: randomBytes, committed: events.committed },
      openDocs: demo || config.openDocs,
      log,
      ready: () => store.db.selectFrom('heads').select('orgId').limit(1).execute(),
      publicUrl: config.publicUrl,
      address: (c) => clientAddress(getConnInfo(c).remote.address, c.req.header('x-forwarded-for'), config.proxies),
      accounts: {
        store,
        clock: doors.clock,
        random: randomBytes,
        later,
        ...(demo ? { demoMails: () => post.mail?.kept?.() ?? [] } : {}),
      },
      signOn: { privateHosts: config.privateHosts, base: () => post.base },
      ...(existsSync(BUILD) ? { files: staticFiles(BUILD) } : {}),
    })
    const server = await listening(app, config)
    const bound = server.address()
    const port = typeof bound === 'object' && bound ? bound.port : config.port
    const base = linkBase(config, port, demo)
    post.base = base
    post.mail = openMail(config, { store, log, base })
    // What an earlier process was stopped in the middle of.
    await post.mail.tidy()
    const first = base === undefined ? undefined : await firstAdminLink(store, base, doors.clock())
    const tidy = setInterval(
      () =>
        void forgetTombstones(store, Date.now()).catch((error: unknown) => log.error({ err: error }, 'tidying failed')),
      DAY,
    )
    tidy.unref()
    say(`Quartermaster is at ${config.publicUrl ?? ownAddress(config.host, port)}`)
    if (signIn) say(`Demo: sign in as ${signIn.email} with the password ${signIn.password}`)
    if (first !== undefined) say(`Nobody is here yet. Make the first organisation and admin, within a day: ${first}`)

    const stop = () => {
      clearInterval(tidy)
      usage.close()
      events.close()
      const letters = post.mail?.stop()
      server.close(() => void Promise.resolve(letters).then(() => store.close()))
      // Connections that are kept alive would hold the process for as long as their browsers like.
      if ('closeIdleConnections' in server) server.closeIdleConnections()
    }
    process.once('SIGTERM', stop)
    process.once('SIGINT', stop)
  } catch (error) {
    await store.close()
    throw error
  }
}

/** A moment later, when the answer is on its way. */
const later = (work: () => Promise<void>): void => void setTimeout(() => void work(), 50)

function listening(app: ReturnType<typeof createApp>, { port, host }: Config): Promise<ServerType> {
  return new Promise((resolve, reject) => {
    const server = listen({ fetch: app.fetch, port, hostname: host }, () => resolve(server))
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE'
          ? new Error(`Port ${port} is in use. Stop what uses it, or name another in PORT.`)
          : error,
      )
    })
  })
}
