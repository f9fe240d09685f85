// The second step of a sign-in: whether a code, a recovery code or a passkey is right, and the use of it, which counts in the one
// transaction that also uses the half sign-in up and makes the session.
import * as v from 'valibot'
import { Refusal } from '../../problem.ts'
import type { Store, Tx } from '../../store/index.ts'
import type { Seal } from '../seal.ts'
import type { Factor } from '../sessions.ts'
import { challengeIn, counterIn, requestOptions, usePasskey, Assertion } from './passkeys.ts'
import { keepChallenge, newChallenge, takeChallenge, type Challenge } from './challenges.ts'
import { useCode } from './recovery.ts'
import type { RelyingParty } from './relying.ts'
import { factorsOf, type FactorRow } from './rows.ts'
import { stepOf, useStep } from './totp.ts'

const Code = v.pipe(v.string(), v.maxLength(100))
export const Answer = v.variant('way', [
  v.strictObject({ way: v.literal('totp'), code: Code }),
  v.strictObject({ way: v.literal('recovery'), code: Code }),
  v.strictObject({ way: v.literal('passkey'), response: Assertion }),
])
export type Answer = v.InferOutput<typeof Answer>

export interface StepParts {
  store: Store
  seal: Seal
  relying: RelyingParty
  clock: () => number
}

export interface Proof {
  account: string
  factor: Factor
  /** Uses it up. @throws {Refusal} 401 where somebody was faster */
  use: (tx: Tx) => Promise<void>
}

/** Where the challenge of a passkey was given to, and for which account, where one is known. */
type Asked = Pick<Challenge, 'purpose' | 'boundTo'>

export function createProofs({ store, seal, relying, clock }: StepParts) {
  const wrongCode = () => new Refusal(401, 'wrong-code')
  const wrongPasskey = () => new Refusal(401, 'wrong-passkey')

  async function byApp(account: string, code: string): Promise<Proof> {
    const now = clock()
    const apps = (await store.read((tx) => factorsOf(tx, account))).filter(({ kind }) => kind === 'totp')
    for (const { id, secret } of apps) {
      const step = secret === null ? undefined : stepOf(seal.open(secret, id), code, now)
      if (step === undefined) continue
      const use = async (tx: Tx) => {
        if (!(await useStep(tx, id, step, now))) throw wrongCode()
      }
      return { account, factor: 'totp', use }
    }
    throw wrongCode()
  }

  const byRecovery = (account: string, code: string): Proof => ({
    account,
    factor: 'recovery',
    use: async (tx) => {
      if (!(await useCode(tx, account, code, clock()))) throw wrongCode()
    },
  })

  return {
    /** What a browser is asked. @param passkeys those of a known account; else any of the site */
    ask: async (asked: Asked, accountId: string | null, passkeys?: readonly FactorRow[]) => {
      const challenge = newChallenge()
      await store.transaction((tx) => keepChallenge(tx, challenge.text, { ...asked, accountId }, clock()))
      return await requestOptions(relying, challenge.bytes, passkeys)
    },

    /** @throws {Refusal} 401 `wrong-passkey` */
    byPasskey: async (assertion: Assertion, asked: Asked): Promise<Proof> => {
      const now = clock()
      const challenge = challengeIn(assertion)
      if (challenge === undefined) throw wrongPasskey()
      const { kept, factor } = await store.transaction(async (tx) => ({
        kept: await takeChallenge(tx, challenge, asked, now),
        factor: await tx.db
          .selectFrom('auth_factors')
          .selectAll()
          .where('credential', '=', assertion.id)
          .executeTakeFirst(),
      }))
      if (!kept || !factor || (kept.accountId !== null && kept.accountId !== factor.accountId)) throw wrongPasskey()
      const counter = await counterIn(relying, assertion, challenge, factor)
      if (counter === undefined) throw wrongPasskey()
      const use = async (tx: Tx) => {
        if (!(await usePasskey(tx, factor, counter, now))) throw wrongPasskey()
      }
      return { account: factor.accountId, factor: 'passkey', use }
    },

    byApp,
    byRecovery,
  }
}

export type Proofs = ReturnType<typeof createProofs>
