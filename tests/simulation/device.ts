// A device of an admin with its tabs: the app's own replica, exchange and driver, on a store whose every call is a step of the
// scheduler and may fail, and on a network that loses, repeats, delays and cuts.
import { createDriver } from '#lib/replica/driver.ts'
import { createExchange, type Exchanged, type Network } from '#lib/replica/exchange.ts'
import { createForget } from '#lib/replica/forget.ts'
import { createReplica, type Replica } from '#lib/replica/replica.ts'
import { StoreUnreachable } from '#lib/replica/healing.ts'
import { createTidy } from '#lib/replica/tidy.ts'
import { DeviceFull, type Storage } from '#lib/replica/storage.ts'
import type { OperationId } from '#shared/model.ts'
import type { Session } from './server.ts'
import type { Disk } from './disk.ts'
import type { Random } from './random.ts'
import type { Owner, Scheduler } from './scheduler.ts'

export interface Device {
  name: string
  session: Session
  disk: Disk
  tabs: Tab[]
  /** Its clock − the true one. */
  clockIsOff: number
  /** Signed out: the store is erased and nobody has signed in again. */
  signedOut: boolean
  /** Grows with each sign-out: what was done before it need not be there any more. */
  life: number
  tabsMade: number
}

export interface Tab {
  device: Device
  life: number
  owner: Owner
  replica: Replica
  driver: ReturnType<typeof createDriver>
  /** What its last exchange came to. */
  state: Exchanged | undefined
  /** What was performed here and not failed, in order. */
  performed: OperationId[]
  /** Could not open its store: closed and opened again later. */
  failed: boolean
  /** What laws have looked at. */
  looked: { revision: number; shown: number; generation: number }
}

export interface TabDoors {
  scheduler: Scheduler
  random: Random
  newId: () => string
  network: (tab: Owner, device: Device) => Network
  /** How likely a call of the store fails. */
  storeFaults: () => number
  happened: (event: string) => void
  unexpected: (error: unknown, where: string) => void
}

/** Errors that say what they are, with nothing kept: a person is told, nothing else is wrong. */
const TOLD = new Set(['DeviceFull', 'StoreUnreachable', 'Erased', 'NotReady'])
export const isTold = (error: unknown): boolean => error instanceof Error && TOLD.has(error.name)

export function openTab(device: Device, doors: TabDoors): Tab {
  const { scheduler, random, newId } = doors
  device.tabsMade += 1
  const owner = scheduler.owner(`${device.name}.${device.tabsMade}`)
  const clock = () => scheduler.clock() + device.clockIsOff
  const report = (error: unknown) => {
    if (!isTold(error)) doors.unexpected(error, owner.name)
  }
  const storage = gatedStorage(device.disk.connect(), owner, doors)
  const breathe = () => (random.chance(0.3) ? scheduler.gate(owner, 'breathes') : undefined)
  const replica = createReplica({ storage, clock, newId, breathe, report })
  const exchange = createExchange({ replica, network: doors.network(owner, device), clock })
  const driver = createDriver({
    exchange,
    after: (milliseconds, run) => scheduler.after(owner, milliseconds, run),
    random: random.next,
    onState: (state) => {
      tab.state = state
      for (const other of device.tabs) if (other !== tab) tell(other, doors)
      chore(forgetWhoIsGone)
      if (state.kind === 'idle' && random.chance(0.3)) chore(tidyUp)
    },
    report,
  })
  const tidy = createTidy({ storage, replica, clock, breathe, spareBlocks: 6 })
  const tidyUp = async () => {
    doors.happened('tidied')
    await tidy()
  }
  const forget = createForget({ storage, replica, breathe })
  const forgetWhoIsGone = async () => {
    if (await forget()) doors.happened('forgot who is gone')
  }
  // One after the other, as in the app.
  let chores = Promise.resolve()
  const chore = (work: () => Promise<void>) => {
    chores = chores.then(work).catch(report)
  }
  const tab: Tab = {
    device,
    life: device.life,
    owner,
    replica,
    driver,
    state: undefined,
    performed: [],
    failed: false,
    looked: { revision: -1, shown: -1, generation: -1 },
  }
  device.tabs.push(tab)
  const begin = async () => {
    if (!(await replica.open())) {
      const made = await replica.create({
        account: device.session.account,
        organisation: device.session.organisation,
        userId: device.session.userId,
      })
      // A sign-in leaves nothing of the one before; where another tab was first, its life goes on.
      if (made) device.life += 1
      tab.life = device.life
      device.signedOut = false
    }
    driver.start()
  }
  begin().catch((error: unknown) => {
    tab.failed = true
    report(error)
  })
  return tab
}

export function closeTab(tab: Tab, scheduler: Scheduler): void {
  scheduler.kill(tab.owner)
  tab.driver.stop()
  tab.device.tabs = tab.device.tabs.filter((other) => other !== tab)
}

/** As a BroadcastChannel does: the other tab catches up, some time later or never. */
export function tell(tab: Tab, { scheduler, random, unexpected, happened }: TabDoors): void {
  if (random.chance(0.1)) return happened('tab not told')
  const hear = async () => {
    await scheduler.gate(tab.owner, 'is told')
    if (tab.replica.phase !== 'closed' && tab.replica.phase !== 'opening') await tab.replica.catchUp()
  }
  hear().catch((error: unknown) => {
    if (!isTold(error)) unexpected(error, tab.owner.name)
  })
}

/** The store behind gates: a tab can die before each call and between its end and the answer. */
function gatedStorage(inner: Storage, owner: Owner, { scheduler, random, storeFaults, happened }: TabDoors): Storage {
  async function call<T>(what: string, work: () => Promise<T>): Promise<T> {
    await scheduler.gate(owner, what)
    const fault = random.chance(storeFaults()) ? random.pick(['full', 'unreachable', 'lost'] as const) : undefined
    if (fault) happened(`store ${fault}`)
    if (fault === 'full') throw new DeviceFull('This device is full.')
    if (fault === 'unreachable') throw new StoreUnreachable('The store can’t be reached.')
    const result = await scheduler.working(work)
    await scheduler.gate(owner, `${what} done`)
    if (fault === 'lost') throw new StoreUnreachable('The connection died after the transaction.')
    return result
  }
  return {
    open: () => call('open', inner.open),
    create: (sync) => call('create', () => inner.create(sync)),
    outbox: (after) => call('outbox', () => inner.outbox(after)),
    append: (drafts, from) => call('append', () => inner.append(drafts, from)),
    transact: (mode, after, decide) => call('transact', () => inner.transact(mode, after, decide)),
    readBlocks: (range, order, visit) =>
      call('blocks', () => inner.readBlocks(range, order, (blocks) => scheduler.pausing(async () => visit(blocks)))),
    replaceBlocks: (keys, by) => call('replace', () => inner.replaceBlocks(keys, by)),
    keepGeneration: (generation) => call('keep generation', () => inner.keepGeneration(generation)),
    prune: (before) => call('prune', () => inner.prune(before)),
    screen: () => call('screen', inner.screen),
    putScreen: (screen) => call('put screen', () => inner.putScreen(screen)),
    erase: () => call('erase', inner.erase),
    close: inner.close,
  }
}
