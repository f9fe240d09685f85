// The routes of accounts: links, forgotten passwords, devices, organisations, mails. Tokens and addresses come in bodies alone, never in
// an address that a log would keep.
import { Hono, type Context } from 'hono'
import * as v from 'valibot'
import { toEmailKey } from '#shared/email.ts'
import { OrganisationId } from '#shared/model.ts'
import { createDeeds } from '../activity/deeds.ts'
import type { Events } from '../events.ts'
import { withCookies, type Identity, type SignedIn } from '../identity.ts'
import type { Logger } from '../logger.ts'
import type { Outgoing } from '../mail/transport.ts'
import { parsed } from '../parsed.ts'
import { Refusal } from '../problem.ts'
import type { Store } from '../store/index.ts'
import type { Random } from '../sync/log.ts'
import { membershipsOf } from './credentials.ts'
import { listDevices, revokeDevice, signOutOthers } from './devices.ts'
import { setUp, Setup } from './first-admin.ts'
import { follow, lookAt } from './follow.ts'
import { mailReset } from './forgot.ts'
import { Token } from './links.ts'
import { mailState, sendAgain } from './mails.ts'
import { changePassword, ChangePassword } from './own-password.ts'

export interface AccountParts {
  store: Store
  identity: Identity
  events: Events
  log: Logger
  clock: () => number
  random: Random
  address: (c: Context) => string | undefined
  /** Does something once the answer is on its way. */
  later: (work: () => Promise<void>) => void
  /** In the demo: the mails that went to the folder, for its admins to see. */
  demoMails?: (() => readonly Outgoing[]) | undefined
}

const Look = v.strictObject({ token: Token })
const Use = v.strictObject({ token: Token, password: v.optional(v.pipe(v.string(), v.maxLength(1_000))) })
const Forgot = v.strictObject({ email: v.pipe(v.string(), v.maxLength(1_000)) })
const Asked = v.object({ secondFactor: v.object({ ways: v.array(v.string()) }) })
const Enter = v.strictObject({ organisation: OrganisationId })
const NO_STORE = { 'cache-control': 'no-store' }

export function accountRoutes(parts: AccountParts): Hono {
  const { store, identity, events, log, clock, random, address, demoMails } = parts
  const app = new Hono()
  const { note, record, later } = createDeeds({ ...parts, committed: events.committed })
  const who = (c: Context): Promise<SignedIn> => identity.signedIn(c.req.raw.headers)
  const admin = async (c: Context): Promise<SignedIn> => {
    const signedIn = await who(c)
    if (signedIn.role !== 'admin') throw new Refusal(403, 'admins-only')
    return signedIn
  }

  app.post('/links/look', async (c) => {
    await identity.gate.address(address(c))
    return c.json(await lookAt(store, (await parsed(c, Look)).token, clock()), 200, NO_STORE)
  })

  app.post('/links/use', async (c) => {
    await identity.gate.address(address(c))
    const { token, password } = await parsed(c, Use)
    const seen = await lookAt(store, token, clock())
    // A password that is asked for can be guessed at: by the same budget as at the sign-in.
    const guess =
      seen.password === 'current' ? await identity.gate.account(seen.signInEmail, c.req.raw.headers) : undefined
    const done = await follow(store, { token, password }, { now: clock(), random })
    guess?.passed()
    const { organisation, version, ended, admit, console, purpose } = done
    if (ended !== undefined) events.end((listener) => listener.account === ended)
    events.committed({ organisation, version, ended: [] })
    for (const { type, organisation: other, userId } of done.elsewhere)
      note({ organisation: other, by: { userId }, type, args: { userId } })
    const answer = { purpose, console, signedIn: admit !== undefined }
    if (!admit) return c.json(answer, 200, NO_STORE)
    const entered = await identity.admit(admit.email, admit.password, c.req.raw.headers)
    // A revoked browser must erase what it holds before anybody enters by it again.
    if (!entered.ok) return entered
    // No link goes round a second factor: it is asked for as at the sign-in.
    const asked = v.safeParse(Asked, await entered.json())
    const told = asked.success ? { ...answer, signedIn: false, ...asked.output } : answer
    return withCookies(c.json(told, 200, NO_STORE), entered.headers)
  })

  app.post('/setup', async (c) => {
    await identity.gate.address(address(c))
    const made = await setUp({ store, identity }, await parsed(c, Setup), { now: clock(), random })
    return await identity.admit(made.email, made.password, c.req.raw.headers)
  })

  app.post('/forgot', async (c) => {
    await identity.gate.address(address(c))
    const { email } = await parsed(c, Forgot)
    const key = toEmailKey(email)
    if (key)
      later(async () => {
        const mailed = await mailReset(store, key, clock())
        if (!mailed) return
        const organisation = v.parse(OrganisationId, mailed.orgId)
        await record({ organisation, type: 'ask-reset', args: { userId: mailed.userId } })
      })
    return c.json({ asked: true }, 200, NO_STORE)
  })

  app.post('/password', async (c) => {
    const signedIn = await who(c)
    if (signedIn.factor === 'sign-on') throw new Refusal(403, 'not-by-sign-on')
    const wanted = await parsed(c, ChangePassword)
    // Whoever sits at an open console may guess at the password as little as anybody.
    const guess = await identity.gate.account(signedIn.email, c.req.raw.headers)
    const ended = new Set(await changePassword(store, signedIn, wanted, clock()))
    guess.passed()
    events.end((listener) => ended.has(listener.session))
    for (const { organisation, userId } of await store.read((tx) => membershipsOf(tx, signedIn.account)))
      note({
        organisation,
        by: organisation === signedIn.organisation ? signedIn : { userId },
        type: 'change-password',
        args: { userId },
      })
    return c.json({ changed: true }, 200, NO_STORE)
  })

  app.post('/session/organisation', async (c) => {
    const signedIn = await who(c)
    const { organisation } = await parsed(c, Enter)
    await identity.enter(signedIn, organisation)
    const entered = signedIn.organisations.find((one) => one.organisation === organisation)
    if (entered && organisation !== signedIn.organisation) {
      note({ organisation: signedIn.organisation, by: signedIn, type: 'leave-organisation', args: {} })
      // Its device there is another one, entered at its first request.
      note({ organisation, by: { userId: entered.userId }, type: 'enter-organisation', args: {} })
    }
    // The stream that is open tells of the organisation that was left.
    events.endSession(signedIn.session)
    return c.json({ entered: true }, 200, NO_STORE)
  })

  app.get('/devices', async (c) => c.json({ devices: await listDevices(store, await who(c), clock()) }, 200, NO_STORE))
  app.post('/devices/:id/revoke', async (c) => {
    const signedIn = await who(c)
    const id = c.req.param('id')
    const revoked = await revokeDevice(store, signedIn, id, clock())
    if (revoked)
      note({ organisation: signedIn.organisation, by: signedIn, type: 'revoke-device', args: { id, ...revoked } })
    log.info({ organisation: signedIn.organisation, by: signedIn.userId, device: id }, 'a device was revoked')
    events.end((listener) => listener.device === id)
    return c.json({ revoked: true }, 200, NO_STORE)
  })
  app.post('/devices/sign-out-others', async (c) => {
    const signedIn = await who(c)
    const ended = new Set(await signOutOthers(store, signedIn))
    const places = await store.read((tx) => membershipsOf(tx, signedIn.account))
    for (const { organisation, userId } of places.filter(
      (one) => (signedIn.bound ?? one.organisation) === one.organisation,
    ))
      note({
        organisation,
        by: organisation === signedIn.organisation ? signedIn : { userId },
        type: 'sign-out-others',
        args: {},
      })
    events.end((listener) => ended.has(listener.session))
    return c.json({ ended: ended.size }, 200, NO_STORE)
  })

  app.get('/mails', async (c) => c.json(await mailState(store, (await admin(c)).organisation), 200, NO_STORE))
  app.post('/mails/:id/again', async (c) => {
    const signedIn = await admin(c)
    const { organisation } = signedIn
    const mail = await sendAgain(store, organisation, c.req.param('id'), clock())
    note({ organisation, by: signedIn, type: 'send-mail-again', args: mail })
    return c.json({ queued: true }, 200, NO_STORE)
  })

  if (demoMails) {
    const shown = demoMails
    app.get('/demo/mails', async (c) => {
      await admin(c)
      const mails = shown().map(({ id, to, subject, text }) => ({ id, to: to.address, subject, text }))
      return c.json({ mails }, 200, NO_STORE)
    })
  }
  return app
}
