// What admins do in a tab: act, undo, take back, dismiss, say yes or no to an old risky operation, come back to a page.
import type { GroupId, OperationId, UserId } from '#shared/model.ts'
import type { Call } from '#shared/operations/definition.ts'
import { rejectedOf } from '#lib/replica/storage.ts'
import { isTold, tell, type Tab, type TabDoors } from './device.ts'
import { randomCall } from './generators.ts'
import { happened } from './reach.ts'
import { headOf, type Run } from './state.ts'
import { ADA, BO } from './world.ts'

export function createPeople(run: Run, doors: TabDoors) {
  const { random, newId, reached } = run

  /** Runs what a person started; errors that say what they are concern him alone. */
  const started = (tab: Tab, what: string, work: Promise<unknown>) => {
    run.scheduler.note(`${tab.owner.name}: ${what}`)
    work.catch((error: unknown) => {
      if (isTold(error)) happened(reached, `told ${(error as Error).name}`)
      else doors.unexpected(error, `${tab.owner.name}: ${what}`)
    })
  }

  function act(tab: Tab): void {
    const everywhere = run.epochs.flatMap(({ states }) => states.at(-1) ?? [])
    const groups = everywhere.flatMap(({ tables, removed }) => [...tables.groups.keys(), ...goneIn(removed, 'groups')])
    const users = everywhere.flatMap(({ tables, removed }) => [...tables.users.keys(), ...goneIn(removed, 'users')])
    const call = randomCall({
      random,
      newId,
      layer: tab.replica.layer,
      elsewhere: {
        users: [...users, ...createdIn(run, 'users')] as UserId[],
        groups: [...groups, ...createdIn(run, 'groups')] as GroupId[],
      },
      spare: run.plan.demote ? [] : [ADA, BO],
    })
    perform(tab, call, random.chance(0.1))
  }

  function perform(tab: Tab, call: Call, atomic = false): void {
    const { replica, device } = tab
    if (replica.phase !== 'ready') return
    const before = new Set(replica.drafts.map(({ id }) => id))
    const done = replica.perform(call, { atomic })
    const ids = replica.drafts.map(({ id }) => id).filter((id) => !before.has(id))
    for (const id of ids) {
      tab.performed.push(id)
      run.made.set(id, { id, device, life: tab.life, call, kept: false, takenBack: false })
      if (run.plan.poison && random.chance(0.08)) {
        run.poisoned.add(id)
        run.server.poison.set(id, 1 + random.int(10))
      }
    }
    const kept = done.then(
      async () => {
        if (tab.life !== device.life) return
        for (const id of ids) {
          const made = run.made.get(id)
          if (made) made.kept = true
        }
        tab.driver.nudge()
        for (const other of device.tabs) if (other !== tab) tell(other, doors)
      },
      (error: unknown) => {
        tab.performed = tab.performed.filter((id) => !ids.includes(id))
        throw error
      },
    )
    started(tab, `performs ${call.type} ${ids.map((id) => id.slice(-6)).join(' ')}`, kept)
  }

  function undo(tab: Tab): void {
    const own = tab.replica.records.map(({ id }) => id)
    const anyone = [...run.made.keys()]
    const operationId = random.pick(random.chance(0.8) && own.length > 0 ? own : anyone) ?? newId()
    const applied = random.chance(0.3) ? [...(headOf(run).tables.users.keys() as Iterable<UserId>)].slice(0, 3) : []
    perform(tab, { type: 'undo', args: { operationId, ...(applied.length > 0 && { ids: applied }) } })
  }

  function takeBack(tab: Tab): void {
    const { replica } = tab
    if (replica.phase !== 'ready') return
    const pending = replica.pending.filter(({ was }) => !was)
    const ids = random.some(random.chance(0.9) ? pending : replica.records, 2).map(({ id }) => id)
    if (ids.length === 0) return
    const undone = ids.flatMap((id) => replica.records.find((one) => one.id === id && one.type === 'undo')?.args ?? [])
    const taken = async () => {
      await replica.takeBack(ids)
      // Whoever takes an undo back wants again what it would have undone.
      for (const args of undone) stands((args as { operationId: OperationId }).operationId)
      happened(reached, 'taken back')
      if (tab.life === tab.device.life) for (const id of ids) markTakenBack(id)
      tab.driver.nudge()
    }
    started(tab, `takes back ${ids.map((id) => id.slice(-6)).join(' ')}`, taken())
  }

  function markTakenBack(id: OperationId): void {
    const made = run.made.get(id)
    // An undo is not undone: taking a settled one back is answered so.
    if (made && made.call.type !== 'undo') made.takenBack = true
  }

  function stands(id: OperationId): void {
    const made = run.made.get(id)
    if (made) made.takenBack = false
  }

  function dismiss(tab: Tab): void {
    const record = random.pick(tab.replica.records.filter((one) => rejectedOf(one).length > 0))
    if (!record) return
    const items = rejectedOf(record).map(({ item }) => item)
    started(tab, 'dismisses', tab.replica.dismiss(record.id, random.some(items, 3)))
  }

  /** Yes or no to an operation that has waited for a day. */
  function answer(tab: Tab): void {
    if (tab.state?.kind !== 'waits-for-confirmation' || tab.replica.phase !== 'ready') return
    const { id } = tab.state
    const yes = random.chance(0.7)
    happened(reached, yes ? 'old risky operation confirmed' : 'old risky operation taken back')
    const answered = async () => {
      if (yes) await tab.replica.confirm(id)
      else {
        await tab.replica.takeBack([id])
        if (tab.life === tab.device.life) markTakenBack(id)
      }
      tab.driver.nudge()
    }
    started(tab, yes ? 'confirms' : 'says no', answered())
  }

  return { act, undo, takeBack, dismiss, answer }
}

const goneIn = (removed: ReadonlyMap<string, number>, entity: 'users' | 'groups'): string[] =>
  [...removed.keys()].flatMap((key) => (key.startsWith(entity) ? [key.slice(entity.length + 1)] : []))

/** Ids of what somebody has made, whatever became of it. */
function createdIn(run: Run, entity: 'users' | 'groups'): string[] {
  const ids: string[] = []
  for (const { call } of run.made.values()) {
    const args = call.args as { users?: { id: string }[]; group?: { id: string } }
    if (entity === 'users' && call.type === 'add-users') ids.push(...(args.users ?? []).map(({ id }) => id))
    if (entity === 'groups' && call.type === 'add-group' && args.group) ids.push(args.group.id)
  }
  return ids
}
