// The way back in for who has lost phone, passkeys and recovery codes: done on the server's host, told to the owner by mail, and in the
// log of each organisation of the account.
import type { OrganisationId } from '#shared/model.ts'
import { toEmailKey } from '#shared/email.ts'
import type { Store } from '../../store/index.ts'
import { rowsBy } from '../../store/rows.ts'
import { recordChange, type By } from '../../sync/record.ts'
import { accountOf, endSessionsOf, membershipsOf } from '../credentials.ts'
import { mailTo } from '../warn.ts'
import { factorsOf, forgetFactors } from './rows.ts'

/**
 * Removes all second factors of an account and ends its sessions.
 * @param email of the user, which need not be the address of the account
 * @returns how many there were; undefined where the user has no account @throws Error where there is no such user
 */
export async function resetFactors(
  store: Store,
  organisation: OrganisationId,
  email: string,
  by: By,
): Promise<number | undefined> {
  const done = await store.transaction(async (tx) => {
    const [user] = await rowsBy(tx, organisation, 'users', 'emailKey', [toEmailKey(email) ?? ''])
    if (!user) throw new Error(`No user has the address ${email}.`)
    const account = await accountOf(tx, organisation, user.id)
    if (!account) return undefined
    const count = (await factorsOf(tx, account.id)).length
    await forgetFactors(tx, account.id)
    await endSessionsOf(tx, account.id)
    await mailTo(tx, account.email, 'factors-reset', by.now)
    await recordChange(tx, organisation, entryOf(user.id), by, [], () => undefined)
    return { count, places: await membershipsOf(tx, account.id) }
  })
  // No transaction touches two organisations.
  for (const place of done?.places ?? [])
    if (place.organisation !== organisation)
      await store.transaction((tx) =>
        recordChange(tx, place.organisation, entryOf(place.userId), by, [], () => undefined),
      )
  return done?.count
}

const entryOf = (userId: string) => ({ type: 'reset-factors', args: { userId } })
