// The door to the usage on this device: components ask here, the worker answers. The device opens it with the account's store, tells it
// what the replica knows, and closes it; it never touches a block itself.
import { dayOf } from '#shared/periods.ts'
import type { Instant, UserId } from '#shared/model.ts'
import type { Replica } from '#lib/replica/replica.ts'
import { monthAfter } from './days.ts'
import { createDoor } from './door.ts'
import type { HeldState, Told } from './messages.ts'
import { isSettled } from './settled.ts'
import type { UsageAnswer, UsageQuery } from './types.ts'

/** The current month and the twelve before it. */
const KEPT_MONTHS = 13

const nothing: HeldState = { months: [], memoryBytes: 0, diskBytes: 0, fault: undefined }

const door = createDoor(() => new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'usage' }))

let state = $state.raw(nothing)
let version = $state.raw(0)
/** What the replica knows. */
let told = $state.raw<Told>()
let toldKey = ''

const versionsOf = ({ months }: HeldState): string => months.map(({ month, version: of }) => `${month} ${of}`).join()

function setState(next: HeldState): void {
  const moved = versionsOf(state) !== versionsOf(next)
  state = next
  if (moved) version += 1
}

/** What pages use. */
export const usage = {
  /** Sums of a range. Never waits for the network: what is missing is named in the answer, and `version` moves when it has come. */
  ask: (query: UsageQuery, top = 10): Promise<UsageAnswer> => door.ask(query, top),
  /** Who used anything in a range, most credits first. */
  usersOf: (query: UsageQuery): Promise<UserId[]> => door.usersOf(query),
  /** Moves whenever other usage is here: whoever shows sums asks again. */
  get version(): number {
    return version
  },
  /** What is kept here, newest first; `entries` are rows by day, user, product and group. */
  get state(): HeldState {
    return state
  },
  /**
   * Whether what is here is as the replica's rows say: then sums and the credits of the grants add up. Until then whoever shows both goes
   * on showing the pair that he has.
   */
  get settled(): boolean {
    return told !== undefined && isSettled(told, state)
  },
}

/** What the device moves it by. */
export const usageWorker = {
  /** Opens the usage in the account's database, beside the replica; or in memory, where the device keeps nothing. */
  open: (where: { name: string; keeps: boolean }, onfault: (error: unknown) => void): void =>
    door.open(where, { onstate: setState, onfault }),

  /** Tells the worker what the replica shows, where that has changed. */
  follow(replica: Replica, now: Instant): void {
    const { sync, phase, settledLayer } = replica
    const organisation = sync && settledLayer.get('organisations', sync.organisation)
    if (!door.isOpen || phase !== 'ready' || !sync || !organisation) return
    const keepFrom = monthAfter(dayOf(now, organisation).slice(0, 7), 1 - KEPT_MONTHS)
    const key = [sync.born, sync.shown.generation, sync.shown.version, keepFrom, sync.asOf].join()
    if (key === toldKey) return
    toldKey = key
    told = {
      organisation: sync.organisation,
      born: sync.born,
      generation: sync.shown.generation,
      months: Object.fromEntries(
        [...settledLayer.values('months')].map(({ id, version: of, entries }) => [id, { version: of, entries }]),
      ),
      keepFrom,
      upTo: sync.asOf ? sync.asOf + sync.offset : undefined,
    }
    door.send({ kind: 'follow', told })
  },

  /** The network may be back: what is missing is asked for again. */
  nudge: (): void => door.send({ kind: 'nudge' }),

  /** Signed out or erased: nothing stays in memory, and who still waits is told that nothing is here. */
  close(): void {
    door.close()
    told = undefined
    toldKey = ''
    setState(nothing)
  },
}
