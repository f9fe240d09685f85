// Another password for who knows the one of before. It ends the account's other sessions, sign-ins under way and links; the owner is told
// by mail, in case somebody else has sat down at the open console.
import * as v from 'valibot'
import { Refusal } from '../problem.ts'
import type { Store } from '../store/index.ts'
import { hashOf, setHash } from './credentials.ts'
import { endSessionsBut } from './devices.ts'
import { judgePassword } from './follow.ts'
import { endLinksOfAccount } from './links.ts'
import { hashPassword, isPassword } from './passwords.ts'
import type { SignedIn } from './signed-in.ts'
import { mailTo } from './warn.ts'

const password = v.pipe(v.string(), v.nonEmpty(), v.maxLength(1_000))
export const ChangePassword = v.strictObject({ current: password, password })
export type ChangePassword = v.InferOutput<typeof ChangePassword>

/**
 * @returns the ids of the sessions that ended
 * @throws {Refusal} 401 `wrong-password`, 400 `password-weak`; then nothing has changed
 */
export async function changePassword(
  store: Store,
  who: SignedIn,
  { current, password: chosen }: ChangePassword,
  now: number,
): Promise<string[]> {
  const stored = await store.read((tx) => hashOf(tx, who.account))
  if (stored === undefined || !(await isPassword(stored, current))) throw new Refusal(401, 'wrong-password')
  judgePassword(chosen, [who.name, who.email, who.organisationName])
  const hash = await hashPassword(chosen)
  return await store.transaction(async (tx) => {
    // A reset that came between goes before: whoever knew the password of then knows nothing now.
    if ((await hashOf(tx, who.account)) !== stored) throw new Refusal(401, 'wrong-password')
    await setHash(tx, who.account, hash, now)
    await endLinksOfAccount(tx, who.account)
    await mailTo(tx, who.email, 'password-changed', now)
    return await endSessionsBut(tx, who)
  })
}
