// Erasing a user on the server's host: the same operation, by nobody who has a row. For after a restore, which brings back whom somebody
// has erased since the backup.
import * as v from 'valibot'
import { UserId, type OrganisationId } from '#shared/model.ts'
import { erase, eraseUser } from '#shared/operations/erase-user.ts'
import { tidyMails } from '../mail/open.ts'
import type { Store } from '../store/index.ts'
import { recordChange, type By } from '../sync/record.ts'
import { prepare } from './log.ts'

/** @returns whether the files hold nothing any more; else another process read the database just then @throws Error in a sentence */
export async function eraseOnHost(
  { store, dataDir }: { store: Store; dataDir: string },
  organisation: OrganisationId,
  id: string,
  by: By,
): Promise<boolean> {
  const parsed = v.safeParse(UserId, id)
  if (!parsed.success) throw new Error('--user is the id of a user, as the address of the user’s panel has it.')
  const userId = parsed.output
  const pause = async () => undefined
  const prepared = await prepare(store, organisation, userId, { random: by.random, pause })
  await store.transaction((tx) =>
    recordChange(
      tx,
      organisation,
      eraseUser.with({ userId }),
      by,
      [eraseUser.reads({ userId })],
      (view) => {
        const user = view.users.get(userId)
        if (!user) throw new Error(`There is no user ${userId}. Who was erased, or removed, has no row any more.`)
        if (erase(view, user, { actor: null, now: by.now }).result !== 'applied')
          throw new Error('This is the last active admin. Make someone else admin first, or use restore-admin.')
      },
      new Map([[userId, prepared]]),
    ),
  )
  await tidyMails(store, { dataDir })
  return await store.scour()
}
