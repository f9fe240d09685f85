// From half signed in, or from nothing but a passkey, to a session: what the routes of a sign-in's second step do.
import type { Deeds } from '../../activity/deeds.ts'
import type { Identity } from '../../identity.ts'
import { Refusal } from '../../problem.ts'
import type { Store, Tx } from '../../store/index.ts'
import { accountById, membershipsOf, type Account } from '../credentials.ts'
import { withEach } from '../entry.ts'
import { mailTo } from '../warn.ts'
import type { Half } from './half.ts'
import type { Assertion } from './passkeys.ts'
import { factorsOf } from './rows.ts'
import type { Answer, Proof } from './second-step.ts'

export interface StepRouteParts {
  store: Store
  identity: Identity
  deeds: Deeds
  clock: () => number
}

export function createFirstSteps({ store, identity, deeds, clock }: StepRouteParts) {
  const { halves, proofs, gate } = identity
  const stepOf = ({ hash }: Half) => ({ purpose: 'second-step', boundTo: hash }) as const

  async function proofOf(half: Half, answer: Answer): Promise<Proof> {
    if (answer.way === 'totp') return await proofs.byApp(half.account.id, answer.code)
    if (answer.way === 'recovery') return proofs.byRecovery(half.account.id, answer.code)
    return await proofs.byPasskey(answer.response, stepOf(half))
  }

  /** A code that lets somebody in who has lost the other factors is worth a mail, and a line in the log of each organisation. */
  const noteRecovery = (account: Account) =>
    deeds.later(async () => {
      for (const { organisation, userId } of await store.read((tx) => membershipsOf(tx, account.id)))
        await deeds.record({ organisation, by: { userId }, type: 'use-recovery-code', args: {} })
    })

  return {
    /** @throws {Refusal} 401 `half-over` */
    askHalf: async (headers: Headers) => {
      const half = await halves.of(headers)
      const all = await store.read((tx) => factorsOf(tx, half.account.id))
      const passkeys = all.filter(({ kind }) => kind === 'passkey')
      return await proofs.ask(stepOf(half), half.account.id, passkeys)
    },

    /** @throws {Refusal} 401 `half-over`, `wrong-code`, `wrong-passkey`; 429 `too-many-tries` */
    answerOf: async (answer: Answer, headers: Headers): Promise<Response> => {
      const half = await halves.of(headers)
      const { account } = half
      const guess = await gate.factor(account.email, headers)
      const { factor, use } = await proofOf(half, answer)
      const claim = async (tx: Tx) => {
        await halves.use(tx, half)
        await use(tx)
        if (factor === 'recovery') await mailTo(tx, account.email, 'recovery-used', clock())
      }
      const entered = await identity.open(account, { headers, factor, claim })
      guess.passed()
      if (factor === 'recovery') noteRecovery(account)
      return withEach(entered, [halves.forget])
    },

    /** Any passkey of the site may answer: who asks is not known yet. */
    askAnybody: async (headers: Headers): Promise<Response> => {
      const { digest, cookie } = halves.passkeys.keep(headers)
      const options = await proofs.ask({ purpose: 'sign-in', boundTo: digest }, null)
      return withEach(Response.json(options, { headers: { 'cache-control': 'no-store' } }), [cookie])
    },

    /** @throws {Refusal} 401 `wrong-passkey` */
    signIn: async (assertion: Assertion, headers: Headers): Promise<Response> => {
      const digest = halves.passkeys.of(headers)
      if (digest === undefined) throw new Refusal(401, 'wrong-passkey')
      const proof = await proofs.byPasskey(assertion, { purpose: 'sign-in', boundTo: digest })
      const account = await store.read((tx) => accountById(tx, proof.account))
      if (!account) throw new Refusal(401, 'wrong-passkey')
      const entered = await identity.open(account, { headers, factor: proof.factor, claim: proof.use })
      return withEach(entered, [halves.passkeys.forget])
    },
  }
}
