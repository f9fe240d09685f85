// Adding and taking away what an account is entered with beside its password. Each is one transaction, with the mail to the owner in it.
// Who adds a factor gets a session with it, under a new id; sessions of the account that have none end.
import * as v from 'valibot'
import { v7 } from 'uuid'
import { filledText } from '#shared/text.ts'
import { Refusal } from '../../problem.ts'
import type { Tx } from '../../store/index.ts'
import type { Account } from '../credentials.ts'
import { mailTo } from '../warn.ts'
import { keepChallenge, newChallenge, seeChallenge, takeChallenge } from './challenges.ts'
import { challengeIn, creationOptions, madePasskey, Attestation } from './passkeys.ts'
import { forgetCodes, makeCodes } from './recovery.ts'
import { factorsOf, isAsked, MOST_FACTORS, type FactorRow } from './rows.ts'
import type { StepParts } from './second-step.ts'
import { newSecret, stepOf, uriOf } from './totp.ts'

const Name = filledText(60)
export const NewApp = v.strictObject({
  id: v.pipe(v.string(), v.regex(/^[\w-]{43}$/)),
  code: v.pipe(v.string(), v.maxLength(100)),
  name: Name,
})
export const NewPasskey = v.strictObject({ response: Attestation, name: Name })

/** A factor that may be added: how, in the transaction that makes its session. @returns recovery codes with the first one */
export interface Enrolment {
  kind: FactorRow['kind']
  add: (tx: Tx) => Promise<string[] | undefined>
}

export function createEnrolments({ store, seal, relying, clock }: StepParts) {
  /** @throws {Refusal} 409 `passkey-taken`, `too-many-factors` */
  async function add(tx: Tx, account: Account, factor: Partial<FactorRow> & Pick<FactorRow, 'kind' | 'name'>) {
    const now = clock()
    const before = await factorsOf(tx, account.id)
    if (before.length >= MOST_FACTORS) throw new Refusal(409, 'too-many-factors', { most: MOST_FACTORS })
    await tx.db
      .insertInto('auth_factors')
      .values({ id: v7({ msecs: now }), ...factor, accountId: account.id, createdAt: now })
      .execute()
    await mailTo(tx, account.email, 'factor-added', now)
    return before.length === 0 ? await makeCodes(tx, account.id) : undefined
  }

  return {
    /** A secret for an app, kept sealed until its first code comes. */
    beginApp: async (session: string, account: Account) => {
      const [{ text: id }, secret] = [newChallenge(), newSecret()]
      const asked = { purpose: 'new-totp', boundTo: session, accountId: account.id } as const
      await store.transaction((tx) => keepChallenge(tx, id, { ...asked, secret: seal.close(secret, id) }, clock()))
      return { id, secret, uri: uriOf(secret, account.email) }
    },

    /** @throws {Refusal} 400 `wrong-code`, 410 `enrolment-over` */
    app: async (
      session: string,
      account: Account,
      { id, code, name }: v.InferOutput<typeof NewApp>,
    ): Promise<Enrolment> => {
      const now = clock()
      const asked = { purpose: 'new-totp', boundTo: session } as const
      const kept = await store.read((tx) => seeChallenge(tx, id, asked, now))
      if (!kept || kept.secret === null) throw new Refusal(410, 'enrolment-over')
      const secret = seal.open(kept.secret, id)
      // A slip of the finger costs nothing: who is asked holds the secret.
      const step = stepOf(secret, code, now)
      if (step === undefined) throw new Refusal(400, 'wrong-code')
      const row = v7({ msecs: now })
      return {
        kind: 'totp',
        add: async (tx) => {
          if (!(await takeChallenge(tx, id, asked, now))) throw new Refusal(410, 'enrolment-over')
          const sealed = { id: row, secret: seal.close(secret, row), lastStep: step }
          return await add(tx, account, { ...sealed, kind: 'totp', name })
        },
      }
    },

    beginPasskey: async (session: string, account: Account) => {
      const challenge = newChallenge()
      const asked = { purpose: 'new-passkey', boundTo: session, accountId: account.id } as const
      const passkeys = await store.transaction(async (tx) => {
        await keepChallenge(tx, challenge.text, asked, clock())
        return await factorsOf(tx, account.id)
      })
      return await creationOptions(relying, challenge.bytes, account, passkeys)
    },

    /** @throws {Refusal} 400 `wrong-passkey`, 409 `passkey-taken`, 410 `enrolment-over` */
    passkey: async (
      session: string,
      account: Account,
      { response, name }: v.InferOutput<typeof NewPasskey>,
    ): Promise<Enrolment> => {
      const challenge = challengeIn(response) ?? ''
      const asked = { purpose: 'new-passkey', boundTo: session } as const
      const kept = await store.transaction((tx) => takeChallenge(tx, challenge, asked, clock()))
      if (!kept) throw new Refusal(410, 'enrolment-over')
      const made = await madePasskey(relying, response, challenge)
      if (!made) throw new Refusal(400, 'wrong-passkey')
      return {
        kind: 'passkey',
        add: async (tx) => {
          const holder = await tx.db
            .selectFrom('auth_factors')
            .select('id')
            .where('credential', '=', made.credential)
            .executeTakeFirst()
          if (holder) throw new Refusal(409, 'passkey-taken')
          return await add(tx, account, { ...made, kind: 'passkey', name })
        },
      }
    },

    /** Ten new recovery codes. @throws {Refusal} 409 `factor-first` */
    renewCodes: (account: Account): Promise<string[]> =>
      store.transaction(async (tx) => {
        if ((await factorsOf(tx, account.id)).length === 0) throw new Refusal(409, 'factor-first')
        await mailTo(tx, account.email, 'recovery-renewed', clock())
        return await makeCodes(tx, account.id)
      }),

    /** @throws {Refusal} 404 where the account has none such, 409 `last-factor` where an organisation asks for one */
    remove: (account: Account, id: string): Promise<FactorRow> =>
      store.transaction(async (tx) => {
        const all = await factorsOf(tx, account.id)
        const found = all.find((factor) => factor.id === id)
        if (!found) throw new Refusal(404, 'not-found')
        const last = all.length === 1
        if (last && (await isAsked(tx, account.id))) throw new Refusal(409, 'last-factor')
        await tx.db.deleteFrom('auth_factors').where('id', '=', id).execute()
        if (last) await withoutFactors(tx, account.id)
        await mailTo(tx, account.email, 'factor-removed', clock())
        return found
      }),
  }
}

/** Codes are worth nothing without a factor, and no session may say later that it was entered with one. */
async function withoutFactors(tx: Tx, account: string): Promise<void> {
  await forgetCodes(tx, account)
  await tx.db
    .updateTable('auth_sessions')
    .set({ factor: null })
    .where('userId', '=', account)
    .where('factor', '<>', 'sign-on')
    .execute()
}

export type Enrolments = ReturnType<typeof createEnrolments>
