// What this browser keeps of who is signed in, beside the store: the account, the policies that are known, and whether it is locked.
import { forgetInput } from '#lib/lock/idle.ts'
import { forgetKnown, know, known, keepsHere } from '#lib/lock/known.ts'
import { forgetLease } from '#lib/lock/lease.ts'
import { forgetLock } from '#lib/lock/locked.ts'
import { keptForTab } from '#lib/kept-for-tab.ts'
import { forget, remember, type SignedIn } from '#lib/remembered.ts'
import { accountStore, databaseName } from '#lib/replica/account-store.ts'
import type { Organisation } from '#shared/model.ts'
import { NO_POLICIES, type DevicePolicies } from '#shared/policies.ts'

/** The name of the database of one account in one organisation. */
export const databaseOf = ({ account, organisation }: SignedIn): string => databaseName(account.id, organisation.id)

/** What the server says with a session: the last word, also after a restore. */
export function heedSession(who: SignedIn): void {
  const { version, ...told } = who.policies ?? { ...NO_POLICIES, version: 0 }
  knowOf(who, told, version)
}

/** What the organisation's row says, as the server gave it. @returns whether that is news */
export function heedRow(who: SignedIn, row: Organisation): boolean {
  const before = known()
  return before && before.version > row.version ? false : knowOf(who, row, row.version)
}

/** Whether what is known is of who is open here: another tab may have gone on to another organisation. */
export function isKnownOf(who: SignedIn): boolean {
  const before = known()
  return !before || (before.account === who.account.id && before.organisation === who.organisation.id)
}

function knowOf(who: SignedIn, policies: DevicePolicies, version: number): boolean {
  const { localData, leaseDays, lockMinutes } = policies
  return know({
    account: who.account.id,
    organisation: who.organisation.id,
    policies: { localData, leaseDays, lockMinutes },
    version,
  })
}

/** Keeps who is signed in, where anything may be kept. */
export function rememberHere({ policies: _, ...who }: SignedIn, waiting: number): void {
  if (keepsHere()) remember({ ...who, waiting })
}

/** Whether the database holds somebody's rows. Makes none. */
export async function holdsRows(name: string): Promise<boolean> {
  const all = await indexedDB.databases?.()
  if (all && !all.some((one) => one.name === name)) return false
  const storage = accountStore({ name, onClosed: () => undefined })
  try {
    return (await storage.open()) !== undefined
  } finally {
    storage.close()
  }
}

/** All of it goes, with what this tab keeps: a selection, rows half typed. */
export function forgetHere(): void {
  forget()
  forgetKnown()
  forgetLease()
  forgetInput()
  forgetLock()
  keptForTab.clear()
}
