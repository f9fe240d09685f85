// One account's replica with everything that moves it: the driver, the other tabs, the server's pokes, and the page itself when the
// network or the person comes back. Opened and closed as a whole.
import { v7 as newId } from 'uuid'
import { askToBeWoken, whenWoken } from '#lib/background.ts'
import type { SignedIn } from '#lib/remembered.ts'
import { accountStore, databaseName } from '#lib/replica/account-store.ts'
import { createDriver } from '#lib/replica/driver.ts'
import type { Exchanged } from '#lib/replica/exchange.ts'
import type { Disk } from '#lib/replica/memory.ts'
import { createReplica, type Changed, type Replica } from '#lib/replica/replica.ts'
import type { Storage } from '#lib/replica/storage.ts'
import type { Tabs } from '#lib/tabs.ts'
import { keptOnce } from './once.ts'
import { postTo } from './requests.ts'
import { eachItsOwn, overOneStore } from './together.ts'

export interface Connection {
  who: SignedIn
  /** The database's name. */
  name: string
  /** This tab's own copy, where the device keeps nothing. */
  disk: Disk | undefined
  storage: Storage
  replica: Replica
  /** There is something to send or to fetch. */
  nudge(): void
  /** Something was queued here: the other tabs follow, and it is sent. */
  announce(): void
  /** Sends and fetches nothing more: what is under way ends unheard. */
  quiet(): void
  /** The store has been emptied here: the other tabs look. */
  gone(): void
  /** Erases what this device holds of the account, here and in the other tabs. */
  erase(): Promise<void>
  close(): void
}

export interface Handlers {
  breathe: () => Promise<void> | void
  onchange: (changed: Changed) => void
  onstate: (state: Exchanged) => void
  /** Each answer of the server, as it came. */
  onanswer: (answer: unknown) => void
  onnetwork: (online: boolean) => void
  report: (error: unknown) => void
}

/** This tab's own copy, where the device keeps nothing. */
export interface Own {
  disk: Disk
  storage: Storage
}

/** @param own without it the store is in the browser */
export function connect(who: SignedIn, own: Own | undefined, handlers: Handlers): Connection {
  const { breathe, onchange, onanswer, onnetwork } = handlers
  /** What is under way when all is closed concerns nobody, nor does its failing. */
  let over = false
  const report = (error: unknown): void => {
    if (!over) handlers.report(error)
  }
  const onstate = (state: Exchanged): void => {
    if (!over) handlers.onstate(state)
  }
  const tell: Tabs['tell'] = (message) => {
    if (!over) tabs.tell(message)
  }
  const name = databaseName(who.account.id, who.organisation.id)
  const clock = () => Date.now()
  const onClosed = () => report(new Error('Another tab uses a newer version. Reload this one.'))
  const storage = own?.storage ?? accountStore({ name, onClosed })
  const replica = createReplica({ storage, clock, newId: () => newId(), breathe, report })
  // The first rows are shown without the server, and long before anything is tidied.
  const exchanging = keptOnce(async () => {
    const { createExchange } = await import('#lib/replica/exchange.ts')
    const unsent = () => replica.records.filter(({ settlement }) => !settlement).length
    return createExchange({ replica, network: postTo(onanswer, unsent), clock })
  })
  const forgetting = keptOnce(async () => {
    const { forgetIn } = await import('./beside.ts')
    return forgetIn(name, { storage, replica, breathe })
  })
  const tidying = keptOnce(async () => {
    const { createTidy } = await import('#lib/replica/tidy.ts')
    return createTidy({ storage, replica, clock, breathe })
  })
  const forget = async () => {
    const run = await forgetting()
    if (await run()) tell({ kind: 'moved' })
  }
  const tidy = async () => {
    const run = await tidying()
    await run()
  }
  /** What the syncing tab sees to between exchanges, one after the other. */
  let chores = Promise.resolve()
  const chore = (work: () => Promise<void>) => {
    chores = chores.then(() => (over ? undefined : work())).catch(report)
  }

  const driver = createDriver({
    exchange: async () => {
      const exchange = await exchanging()
      const before = replica.revision
      const result = await exchange()
      if (replica.revision !== before) tell({ kind: 'moved' })
      return result
    },
    after: (milliseconds, run) => {
      const timer = setTimeout(run, milliseconds)
      return () => clearTimeout(timer)
    },
    random: Math.random,
    onState: (state) => {
      onstate(state)
      tell({ kind: 'state', state })
      if (state.kind !== 'offline') chore(forget)
      if (state.kind === 'idle') chore(tidy)
    },
    report,
  })
  const catchUp = (then?: () => void) => void replica.catchUp().then(then, report)

  const tabs = (own ? eachItsOwn : overOneStore)({
    name,
    driver,
    catchUp,
    onstate,
    onerased: () => void replica.erase().catch(report),
  })

  const wake = () => {
    onnetwork(navigator.onLine)
    catchUp(() => driver.nudge())
  }
  const comeToFront = () => {
    if (document.visibilityState === 'visible') wake()
  }
  addEventListener('online', wake)
  addEventListener('offline', wake)
  document.addEventListener('visibilitychange', comeToFront)
  const stopListening = [replica.subscribe(onchange), whenWoken(() => driver.nudge())]

  return {
    who,
    name,
    disk: own?.disk,
    storage,
    replica,
    nudge: () => driver.nudge(),
    announce: () => {
      tabs.tell({ kind: 'performed' })
      if (!navigator.onLine) askToBeWoken().catch(report)
      driver.nudge()
    },
    quiet: () => {
      driver.stop()
      over = true
    },
    gone: () => tabs.tell({ kind: 'erased' }),
    erase: async () => {
      driver.stop()
      await replica.erase()
      tabs.tell({ kind: 'erased' })
    },
    close: () => {
      over = true
      removeEventListener('online', wake)
      removeEventListener('offline', wake)
      document.removeEventListener('visibilitychange', comeToFront)
      for (const stop of stopListening) stop()
      tabs.close()
      storage.close()
    },
  }
}
