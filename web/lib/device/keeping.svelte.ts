// Where this device keeps an account's rows: in the browser, or in this tab's memory where the organisation says that devices keep nothing.
// Follows the policy as it changes: a store that may not stay is emptied once its queue is sent, or once the person says so.
import { databaseOf, heedRow, holdsRows, isKnownOf } from './here.ts'
import type { Connection, Own } from './connection.ts'
import { keptForTab } from '#lib/kept-for-tab.ts'
import { keepsHere } from '#lib/lock/known.ts'
import { lock } from '#lib/lock/lock.svelte.ts'
import { forget, leaveBehind, type SignedIn } from '#lib/remembered.ts'
import type { Disk } from '#lib/replica/memory.ts'
import { waitingLines } from '#lib/replica/status.ts'
import type { Organisation } from '#shared/model.ts'

interface Doors {
  opened: () => Connection | undefined
  /** Lines of the queue that have no outcome. */
  waiting: () => number
  /** Closes what is open, and opens it for the same account where it may be now. */
  reopen: (who: SignedIn) => Promise<void>
  report: (error: unknown) => void
}

export function createKeeping({ opened, waiting, reopen, report }: Doors) {
  /** A copy in memory that nobody sees just now: it waits for its author to sign in again. */
  let held: { who: SignedIn; disk: Disk } | undefined
  let moving = false
  let heeded: Organisation | undefined
  /** What is in the browser may not stay there, and its queue is not sent. */
  let leaving = $state.raw(false)

  const isOf = (one: SignedIn, other: SignedIn) => databaseOf(one) === databaseOf(other)
  const heldLines = () => (held ? waitingLines(held.disk.outbox, [], held.disk.sync?.shown.version ?? 0) : 0)

  addEventListener('beforeunload', (event) => {
    if ((opened()?.disk && waiting() > 0) || heldLines() > 0) event.preventDefault()
  })

  async function inTurn(work: () => Promise<void>): Promise<void> {
    if (moving) return
    moving = true
    try {
      await work()
    } catch (error) {
      report(error)
    } finally {
      moving = false
    }
  }

  async function layAside(): Promise<void> {
    const { mayLayAside } = await import('#lib/import/arrivals.ts')
    await mayLayAside(keepsHere())
  }

  const leave = () =>
    inTurn(async () => {
      const connection = opened()
      if (!connection || connection.disk) return
      const { who, storage, name } = connection
      const { moveToMemory, forgetColumns } = await import('./keeps-nothing.ts')
      // Another tab may have ended it meanwhile.
      if (opened() !== connection) return
      connection.quiet()
      const disk = await moveToMemory(storage)
      if (disk) held = { who, disk }
      connection.gone()
      forget()
      leaveBehind(null)
      forgetColumns()
      leaving = false
      await reopen(who)
      // What is empty already may be held up by another tab; nothing waits for it.
      indexedDB.deleteDatabase(name)
    })

  return {
    /** This tab's own copy, where nothing may be kept; undefined for the store in the browser. */
    async ownFor(who: SignedIn): Promise<Own | undefined> {
      const keeps = keepsHere() || (await holdsRows(databaseOf(who)))
      leaving = keeps && !keepsHere()
      layAside().catch(report)
      if (keeps) {
        keptForTab.inBrowser()
        return undefined
      }
      keptForTab.inMemoryAlone()
      const { emptyDisk, memoryStorage } = await import('./keeps-nothing.ts')
      const mine = held && isOf(held.who, who) ? held.disk : undefined
      if (mine) held = undefined
      const disk = mine ?? emptyDisk()
      return { disk, storage: memoryStorage(disk) }
    },

    /** Does what the server's row of the organisation says. */
    obey(): void {
      const connection = opened()
      if (!connection) return
      const { who, replica, disk } = connection
      if (!isKnownOf(who)) return
      const row = replica.settledLayer.get('organisations', who.organisation.id)
      if (row && row !== heeded) {
        heeded = row
        if (heedRow(who, row)) lock.lookAnew()
        // It may have locked just now.
        if (opened() !== connection) return
      }
      const keeps = keepsHere()
      leaving = !keeps && !disk
      const left = replica.phase === 'erased' && leaving
      if (left) void inTurn(() => reopen(who))
      else if (replica.phase !== 'ready' || waiting() > 0) return
      else if (leaving) void leave()
      else if (keeps && disk) void inTurn(() => reopen(who))
    },

    /** The person says so: what is not sent waits in this tab alone. */
    leave,

    /** The device locks: what waits in memory alone must not go with it. */
    hold(): void {
      const { who, disk } = opened() ?? {}
      if (who && disk && waiting() > 0) held = { who, disk }
    },
    get holdsUnsent(): boolean {
      return heldLines() > 0
    },
    get leaving(): boolean {
      return leaving
    },
  }
}
