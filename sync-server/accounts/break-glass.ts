// The way back in for an admin who has lost the password where no mail reaches anybody: a link, made on the server's host.
import type { OrganisationId } from '#shared/model.ts'
import { toEmailKey } from '#shared/email.ts'
import type { Store } from '../store/index.ts'
import { rowsBy } from '../store/rows.ts'
import { recordChange, type By } from '../sync/record.ts'
import { accountOf } from './credentials.ts'
import { addressOf, makeLink } from './links.ts'

/** @param email of the user, which need not be the address of the account @returns the address to open, for one hour */
export const resetLink = (
  store: Store,
  base: string,
  organisation: OrganisationId,
  email: string,
  by: By,
): Promise<string | undefined> =>
  store.transaction(async (tx) => {
    const [user] = await rowsBy(tx, organisation, 'users', 'emailKey', [toEmailKey(email) ?? ''])
    const account = user && (await accountOf(tx, organisation, user.id))
    if (!user) return undefined
    const made = { type: 'make-reset-link', args: { userId: user.id } }
    await recordChange(tx, organisation, made, by, [], () => undefined)
    const wanted = { purpose: 'reset-password', orgId: organisation, userId: user.id } as const
    const token = await makeLink(
      tx,
      { ...wanted, accountId: account?.id ?? null, email: account?.email ?? user.emailKey },
      by.now,
    )
    return addressOf(base, 'reset-password', token)
  })
