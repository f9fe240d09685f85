// "Forgot your password?": a link by mail to whoever has an account, and the same answer at once for everybody. What is done for an
// account is done after the answer, so that its time tells nothing either.
import type { Store } from '../store/index.ts'
import { mailedSince, mailTo, type Member } from './warn.ts'

const HOUR = 60 * 60 * 1000
/** Mails an hour to one account: nobody's mailbox is filled by strangers. */
const MOST = 3

/** @param email as a key @returns whom it is mailed to; undefined where nobody is */
export const mailReset = (store: Store, email: string, now: number): Promise<Member | undefined> =>
  store.transaction(async (tx) =>
    (await mailedSince(tx, email, 'reset-password', now - HOUR)) < MOST
      ? await mailTo(tx, email, 'reset-password', now)
      : undefined,
  )
