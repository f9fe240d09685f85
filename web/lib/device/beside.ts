// What this device keeps of users beside the rows and the queue, when they have been removed. Copies go: the kept part of the activity,
// and a database that one of them left here by signing out with work unsent, which nobody else would ever open. Unfinished work stays and
// is named: a file or rows that are being typed belong to the admin, and the address may be meant for somebody else. A half-typed Add User
// is about one person alone, and goes.
import { accountStore } from '#lib/replica/account-store.ts'
import { createForget, type Beside, type ForgetDoors } from '#lib/replica/forget.ts'
import { leaveBehind, leftBehind } from '#lib/remembered.ts'

/** Forgets who is gone, in the store and beside it: for the tab that syncs. */
export const forgetIn = (database: string, doors: Omit<ForgetDoors, 'beside'>) =>
  createForget({ ...doors, beside: besideStore(database) })

/** Told before their rows go, and again where it could not be done whole. */
const besideStore =
  (database: string): Beside =>
  async ({ ids, emails }) => {
    const { forgetRecent } = await import('#lib/activity/recent.ts')
    await forgetRecent(database)
    await eraseLeftBehind(database, ids)
    await nameUnfinished(database, emails)
  }

/** Says where a file or rows that are not queued yet hold an address of theirs. Each tab has typed rows of its own. */
export async function nameUnfinished(database: string, emails: ReadonlySet<string>): Promise<void> {
  if (emails.size === 0) return
  const { nameWhatHolds } = await import('#lib/import/remains.svelte.ts')
  await nameWhatHolds(database, emails)
}

/** Other accounts' databases of the same organisation whose owner is one of them. */
async function eraseLeftBehind(own: string, ids: ReadonlySet<string>): Promise<void> {
  const organisation = own.split('/').at(-1)
  const all = (await indexedDB.databases?.()) ?? []
  for (const { name } of all) {
    const [app, account, of] = name?.split('/') ?? []
    if (!name || name === own || app !== own.split('/')[0] || of !== organisation) continue
    const storage = accountStore({ name })
    const sync = await storage.open()
    if (!sync || !ids.has(sync.userId)) storage.close()
    else {
      await storage.erase()
      if (leftBehind()?.account === account) leaveBehind(null)
    }
  }
}
