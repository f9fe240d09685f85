// What one run knows: the devices, the server, the oracle's histories of it, and every operation that anybody made.
import type { OperationId } from '#shared/model.ts'
import type { Call } from '#shared/operations/definition.ts'
import type { Device } from './device.ts'
import { stateOf, type Epoch, type Judged, type State } from './model.ts'
import type { Provider } from './provider.ts'
import type { Random } from './random.ts'
import type { Reached } from './reach.ts'
import type { Scheduler } from './scheduler.ts'
import type { Observed, Server } from './server.ts'

export type Tier = 'A' | 'B'

export interface Made {
  id: OperationId
  device: Device
  /** The life of the device's store in which it was made. */
  life: number
  call: Call
  /** `perform` has answered: it must never be lost. */
  kept: boolean
  /** A person took it back, and was told that it is. */
  takenBack: boolean
}

/** What happens in this run, and how often; chosen by the seed. */
export interface Plan {
  actions: number
  devices: number
  pageRows: number
  lose: number
  repeat: number
  tooLarge: number
  crashTab: number
  crashServer: number
  storeFault: number
  fine: boolean
  deviceStore: number
  fork: boolean
  restore: boolean
  tombstones: boolean
  poison: boolean
  clocks: boolean
  signOut: boolean
  demote: boolean
  /** Milliseconds between two publications of usage. */
  publishEvery: number
}

export interface Run {
  seed: number
  tier: Tier
  plan: Plan
  scheduler: Scheduler
  random: Random
  newId: () => string
  reached: Reached
  server: Server
  /** The last one is the server's present history. */
  epochs: Epoch[]
  devices: Device[]
  provider: Provider
  made: Map<OperationId, Made>
  poisoned: Set<OperationId>
  failures: string[]
}

/** What one transaction of the server added to the log. */
export interface Committed {
  observed: Observed
  /** The version before it. */
  after: number
  judged: { judged: Judged; before: State; state: State }[]
  /** What was counted, allowed or promised and should not have been, in words. */
  miscounted: readonly string[]
}

export const epochOf = (run: Pick<Run, 'epochs'>): Epoch => {
  const epoch = run.epochs.at(-1)
  if (!epoch) throw new Error('There is no history.')
  return epoch
}
export const headOf = (run: Pick<Run, 'epochs'>): State => stateOf(epochOf(run))

/** Whether a device's admin may still read the console: another one gets nothing but `no-console`. */
export function hasConsole(run: Pick<Run, 'epochs'>, device: Device): boolean {
  const user = headOf(run).tables.users.get(device.session.userId)
  return user?.status === 'active' && user.role !== 'member'
}

/** A promise that the run must keep: a name in words, and where it is looked at. Each finding is one breach, in words. */
export interface Law {
  promise: string
  afterCommit?(run: Run, committed: Committed): Iterable<string>
  afterStep?(run: Run): Iterable<string>
  whenQuiet?(run: Run): Promise<Iterable<string>> | Iterable<string>
}
