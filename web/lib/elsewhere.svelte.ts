// Where this browser has gone on to in another tab: another organisation of the account, or another account. The session is one for all
// tabs, so this one can't be in step with the server any more until it follows.
import { remembered, REMEMBERED_IN, type SignedIn } from './remembered.ts'

let there = $state.raw<SignedIn>()

/** Looks at what the other tabs remember, each time that one of them does. @param me the user that this tab is open for */
export function watchElsewhere(me: () => string | undefined): () => void {
  const onstorage = ({ key }: StorageEvent) => {
    if (key !== REMEMBERED_IN) return
    const last = remembered()
    // A user is of one organisation.
    there = last && me() !== undefined && last.userId !== me() ? last : undefined
  }
  addEventListener('storage', onstorage)
  return () => removeEventListener('storage', onstorage)
}

export const elsewhere = {
  /** Who is signed in by now, and where; undefined while that is this tab's. */
  get there() {
    return there
  },
}
