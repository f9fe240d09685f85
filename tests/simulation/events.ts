// What befalls devices and server beside the network: tabs die and sleep, profiles are copied, clocks are off, the server crashes, is
// restored from a backup, forgets tombstones; users accept their invitations. What the provider does stands in provider.ts.
import { copyDisk, indexedDbDisk, memoryDisk } from './disk.ts'
import { closeTab, isTold, openTab, type Device, type Tab, type TabDoors } from './device.ts'
import { happened } from './reach.ts'
import type { Backup, Provided } from './server.ts'
import { epochOf, headOf, type Run } from './state.ts'
import type { User } from '#shared/model.ts'

const HOUR = 60 * 60 * 1000

export function createEvents(run: Run, doors: TabDoors, restored: () => void) {
  const { random, scheduler, reached, plan } = run
  let backups: Backup[] = []
  let copying = false

  /** Something that takes its time beside all else. */
  const started = (what: string, work: Promise<unknown>) => {
    scheduler.note(what)
    happened(reached, what)
    work.catch((error: unknown) => {
      if (!isTold(error)) doors.unexpected(error, what)
    })
  }

  function crashTab(tab: Tab): void {
    happened(reached, 'tab dies')
    scheduler.asleep.delete(tab.owner)
    closeTab(tab, scheduler)
  }

  function openAnother(device: Device): void {
    if (device.tabs.length < 2) openTab(device, doors)
  }

  function sleepOrWake(tab: Tab): void {
    if (scheduler.asleep.delete(tab.owner)) return
    happened(reached, 'tab sleeps')
    scheduler.asleep.add(tab.owner)
  }

  /** A copied profile: from now on two devices have one client id. */
  async function fork(device: Device): Promise<void> {
    if (copying || run.devices.length >= 5) return
    copying = true
    const disk = run.tier === 'A' ? memoryDisk() : indexedDbDisk(device.session.account)
    const copied = await scheduler.working(() => copyDisk(device.disk, disk))
    copying = false
    if (!copied) return
    scheduler.note(`${device.name} is copied`)
    happened(reached, 'device copied')
    const copy: Device = { ...device, name: `${device.name}'`, disk, tabs: [], tabsMade: 0 }
    run.devices.push(copy)
    openTab(copy, doors)
  }

  function signOut(tab: Tab): void {
    const { device, replica } = tab
    const erased = async () => {
      await replica.erase()
      device.signedOut = true
      device.life += 1
    }
    if (replica.phase === 'ready') started('signs out', erased())
  }

  function takeBackup(): void {
    const of = epochOf(run)
    const take = async () => {
      const backup = await run.server.backup()
      // Of a server that was itself restored while it was copied nobody knows which history it has.
      if (epochOf(run) === of) backups.push(backup)
    }
    started('backup', take())
  }

  function restore(): void {
    const chosen = random.pick(backups)
    if (!chosen) return
    backups = backups.filter((other) => other !== chosen)
    scheduler.note(`server restored to version ${chosen.epoch.states.length - 1}`)
    happened(reached, 'server restored')
    run.epochs.push(chosen.epoch)
    run.server.restore(chosen.store)
    restored()
  }

  /** Somebody accepts an invitation. */
  function join(): void {
    started(
      'somebody joins',
      run.server.provide(() => {
        const { users, organisations } = headOf(run).tables
        const invited = random.pick([...users.values()].filter(({ status }) => status === 'invited'))
        const [organisation] = organisations.values()
        return invited && organisation ? joined(invited, organisation) : {}
      }),
    )
  }

  const joined = (user: User, organisation: NonNullable<Provided['organisations']>[number]): Provided => ({
    users: [{ ...user, status: 'active', joinedAt: scheduler.clock() }],
    ...(user.role === 'admin' && {
      organisations: [{ ...organisation, activeAdmins: organisation.activeAdmins + 1 }],
    }),
  })

  const deviceAndTab = (): [Device | undefined, Tab | undefined] => {
    const device = random.pick(run.devices)
    return [device, device && random.pick(device.tabs)]
  }

  /** One thing that befalls somebody, of those that this run has. */
  async function befall(): Promise<void> {
    const [device, tab] = deviceAndTab()
    if (!device) return
    if (!run.server.running) return run.server.start()
    if (!tab || tab.failed || tab.replica.phase === 'erased') {
      if (tab) closeTab(tab, scheduler)
      return openAnother(device)
    }
    const roll = random.next() * 10
    if (roll < 2.2) return openAnother(device)
    if (roll < 3.6) return random.chance(plan.crashTab) ? crashTab(tab) : undefined
    if (roll < 4.2) return sleepOrWake(tab)
    if (roll < 4.9)
      return random.chance(plan.crashServer) ? (happened(reached, 'server killed'), run.server.crash()) : undefined
    if (roll < 5.3) return plan.fork ? await fork(device) : undefined
    if (roll < 6.0) return plan.restore ? takeBackup() : undefined
    if (roll < 6.3) return restore()
    if (roll < 6.7) {
      if (plan.tombstones) started('tombstones forgotten', run.server.forgetTombstones(headOf(run).version))
      return
    }
    if (roll < 7.6) return plan.restore && random.chance(0.4) ? restore() : join()
    if (roll < 8.1) return started('mails leave', run.server.sendMails())
    if (roll < 8.5) {
      if (plan.clocks) device.clockIsOff = (random.int(72) - 36) * HOUR
      return
    }
    if (roll < 8.9) {
      if (plan.clocks) happened(reached, 'a day passes')
      return scheduler.pass(plan.clocks ? (random.pick([26, 26, 200]) ?? 26) * HOUR : 61_000)
    }
    if (roll < 9.1) return plan.signOut ? signOut(tab) : undefined
  }

  return { befall, openAnother }
}
