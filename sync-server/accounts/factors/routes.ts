// The routes of the second factor: the second step of a sign-in, signing in by a passkey alone, and what an account shows and changes of
// its own factors. None of them is behind the organisation's demand for a factor: it is here that one is added.
import { Hono, type Context } from 'hono'
import * as v from 'valibot'
import type { Deeds } from '../../activity/deeds.ts'
import type { Events } from '../../events.ts'
import type { Identity, SignedIn } from '../../identity.ts'
import { parsed } from '../../parsed.ts'
import { Refusal } from '../../problem.ts'
import type { Store } from '../../store/index.ts'
import { membershipsOf, type Account } from '../credentials.ts'
import { withEach } from '../entry.ts'
import { isFresh, mustBeFresh } from '../fresh.ts'
import { NewApp, NewPasskey, type Enrolment } from './enrol.ts'
import { createFirstSteps } from './first-steps.ts'
import { Assertion } from './passkeys.ts'
import { codesLeft } from './recovery.ts'
import { factorsOf, isAsked } from './rows.ts'
import { Answer } from './second-step.ts'

export interface FactorParts {
  store: Store
  identity: Identity
  events: Pick<Events, 'end'>
  deeds: Deeds
  clock: () => number
  address: (c: Context) => string | undefined
}

const Nothing = v.strictObject({})
const Confirm = v.strictObject({ password: v.pipe(v.string(), v.nonEmpty(), v.maxLength(1_000)) })
const BySignIn = v.strictObject({ response: Assertion })
const NO_STORE = { 'cache-control': 'no-store' }

export function factorRoutes(parts: FactorParts): Hono {
  const { store, identity, events, deeds, clock, address } = parts
  const { enrolments } = identity
  const app = new Hono()
  const { answerOf, askHalf, askAnybody, signIn } = createFirstSteps(parts)

  app.post('/auth/second-factor/passkey/options', async (c) => {
    await identity.gate.question(address(c))
    await parsed(c, Nothing)
    return c.json(await askHalf(c.req.raw.headers), 200, NO_STORE)
  })
  app.post('/auth/second-factor', async (c) => {
    await identity.gate.address(address(c))
    return await answerOf(await parsed(c, Answer), c.req.raw.headers)
  })
  app.post('/auth/passkey/options', async (c) => {
    await identity.gate.question(address(c))
    await parsed(c, Nothing)
    return await askAnybody(c.req.raw.headers)
  })
  app.post('/auth/passkey', async (c) => {
    await identity.gate.address(address(c))
    return await signIn((await parsed(c, BySignIn)).response, c.req.raw.headers)
  })

  const who = (c: Context): Promise<SignedIn> => identity.enrolling(c.req.raw.headers)
  /** Whose password it is, and who has just proved it. @throws {Refusal} 403 `not-by-sign-on`, `confirm-first` */
  const owner = async (c: Context): Promise<{ who: SignedIn; account: Account }> => {
    const signedIn = await who(c)
    notBySignOn(signedIn)
    mustBeFresh(signedIn, clock())
    return { who: signedIn, account: accountOf(signedIn) }
  }
  /** In the log of each organisation of the account: its protection is all of theirs. */
  const note = (signedIn: SignedIn, type: string, args: object) =>
    deeds.later(async () => {
      for (const { organisation, userId } of await store.read((tx) => membershipsOf(tx, signedIn.account))) {
        const here = organisation === signedIn.organisation
        const by = { userId, ...(here ? { device: signedIn.device } : {}) }
        await deeds.record({ organisation, by, type, args })
      }
    })

  app.get('/second-factor', async (c) => {
    const signedIn = await who(c)
    // Whose provider answers for the sign-in sees nothing of the account's own.
    const own = signedIn.factor !== 'sign-on'
    const told = await store.read(async (tx) => ({
      required: await isAsked(tx, signedIn.account),
      factors: own ? await factorsOf(tx, signedIn.account) : [],
      recoveryLeft: own ? await codesLeft(tx, signedIn.account) : 0,
    }))
    const factors = told.factors.map(({ id, kind, name, createdAt, lastUsedAt }) => ({
      id,
      kind,
      name,
      createdAt,
      lastUsedAt,
    }))
    const answer = { ...told, factors, whole: signedIn.factor !== null, fresh: isFresh(signedIn, clock()) }
    return c.json(answer, 200, NO_STORE)
  })

  app.post('/second-factor/confirm', async (c) => {
    const signedIn = await who(c)
    notBySignOn(signedIn)
    const { password } = await parsed(c, Confirm)
    const guess = await identity.gate.account(signedIn.email, c.req.raw.headers)
    await identity.confirm(signedIn.email, password)
    guess.passed()
    await store.transaction((tx) =>
      tx.db.updateTable('auth_sessions').set({ freshAt: clock() }).where('id', '=', signedIn.session).execute(),
    )
    return c.json({ fresh: true }, 200, NO_STORE)
  })

  const enrolled = async (c: Context, signedIn: SignedIn, enrolment: Enrolment) => {
    const { recoveryCodes, cookies, ended } = await identity.enrol(signedIn, c.req.raw.headers, enrolment)
    const gone = new Set(ended)
    events.end(({ session }) => gone.has(session))
    note(signedIn, 'add-factor', { kind: enrolment.kind })
    return withEach(c.json(recoveryCodes ? { recoveryCodes } : {}, 200, NO_STORE), cookies)
  }
  app.post('/second-factor/totp/begin', async (c) => {
    const { who: signedIn, account } = await owner(c)
    await parsed(c, Nothing)
    return c.json(await enrolments.beginApp(signedIn.session, account), 200, NO_STORE)
  })
  app.post('/second-factor/totp', async (c) => {
    const { who: signedIn, account } = await owner(c)
    return await enrolled(c, signedIn, await enrolments.app(signedIn.session, account, await parsed(c, NewApp)))
  })
  app.post('/second-factor/passkey/begin', async (c) => {
    const { who: signedIn, account } = await owner(c)
    await parsed(c, Nothing)
    return c.json(await enrolments.beginPasskey(signedIn.session, account), 200, NO_STORE)
  })
  app.post('/second-factor/passkey', async (c) => {
    const { who: signedIn, account } = await owner(c)
    return await enrolled(c, signedIn, await enrolments.passkey(signedIn.session, account, await parsed(c, NewPasskey)))
  })

  app.post('/second-factor/recovery', async (c) => {
    const { who: signedIn, account } = await owner(c)
    await parsed(c, Nothing)
    const recoveryCodes = await enrolments.renewCodes(account)
    note(signedIn, 'renew-recovery-codes', {})
    return c.json({ recoveryCodes }, 200, NO_STORE)
  })
  app.post('/second-factor/:id/remove', async (c) => {
    const { who: signedIn, account } = await owner(c)
    const { kind } = await enrolments.remove(account, c.req.param('id'))
    note(signedIn, 'remove-factor', { kind })
    return c.json({ removed: true }, 200, NO_STORE)
  })
  return app
}

const accountOf = ({ account: id, email, name }: SignedIn): Account => ({ id, email, name })

function notBySignOn({ factor }: SignedIn): void {
  if (factor === 'sign-on') throw new Refusal(403, 'not-by-sign-on')
}
