// Who is signed in on this device, and what the frame of every page shows about it. The replica's side fills it in (`session.update`);
// components only read it, and ask for things by the functions below. Never holds a password or a token: the cookie is the browser's.
export type Account = { name: string; email: string }

/** The states of the sync pill, in the order in which one hides the other. */
export type SyncStatus = {
  state: 'sign-in' | 'offline' | 'held' | 'attention' | 'saving' | 'saved'
  /** What waits, is being sent or needs attention; 0 when all is saved. */
  count: number
  /** When this device was last in step with the server. */
  asOf: Date | null
  /** Rejections wait behind another state: a red dot. */
  alert: boolean
}

type Session = {
  account: Account | null
  organisation: { name: string } | null
  /** The account's other organisations. */
  others: readonly { id: string; name: string }[]
  /** How many users the copy on this device holds; null before the first sync. */
  users: number | null
  sync: SyncStatus
  /** Changes of somebody else who was signed in on this device before; only their author can send them. */
  waitingOfOthers: { name: string; count: number } | null
}

const nobody = (): Session => ({
  account: null,
  organisation: null,
  others: [],
  users: null,
  sync: { state: 'saved', count: 0, asOf: null, alert: false },
  waitingOfOthers: null,
})

let current = $state.raw<Session>(nobody())

export const session = {
  get account() {
    return current.account
  },
  get organisation() {
    return current.organisation
  },
  get others() {
    return current.others
  },
  get users() {
    return current.users
  },
  get sync() {
    return current.sync
  },
  get waitingOfOthers() {
    return current.waitingOfOthers
  },
  /** Replaces what changed. */
  update(change: Partial<Session>): void {
    current = { ...current, ...change }
  },
  clear(): void {
    current = nobody()
  },
}
