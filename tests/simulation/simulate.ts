// One run: a seed chooses who there is, what they do and what befalls them; laws look after every step and every commit; then faults
// are over, and what must hold when all is quiet is asked. Nothing in a run depends on anything but the seed.
import { noImages } from '#shared/operations/images.ts'
import { createEvents } from './events.ts'
import { indexedDbDisk, memoryDisk } from './disk.ts'
import { closeTab, openTab, type Device, type TabDoors } from './device.ts'
import { laws } from './laws/index.ts'
import { hearUsage } from './hearing.ts'
import { append, copyOf, judge, newEpoch, stateWith, type Epoch, type Logged, type State } from './model.ts'
import { createNetwork } from './network.ts'
import { createPeople } from './people.ts'
import { planFor } from './plan.ts'
import { createProviding, newProvider } from './provider.ts'
import { afterProvider, soldOf } from './publishing.ts'
import { createIds, createRandom } from './random.ts'
import { happened, judged as countJudged, nothingReached, type Reached } from './reach.ts'
import { createScheduler } from './scheduler.ts'
import { openServer, type Observed, type Provided } from './server.ts'
import { epochOf, headOf, type Committed, type Run, type Tier } from './state.ts'
import { isFailed } from './laws/one-effect.ts'
import { ADA, beginning, BO, ORGANISATION, START } from './world.ts'

export interface Simulated {
  seed: number
  tier: Tier
  hash: string
  reached: Reached
  /** Breaches of laws, in words; empty when all held. */
  failures: string[]
  /** The last steps before the first breach. */
  last: readonly string[]
}

const MINUTE = 60_000
/** So often each tab asks the server again before it must be equal to it. */
const SYNCS_WHEN_QUIET = 2
const QUIET_STEPS = 20_000

export interface Asked {
  seed: number
  tier: Tier
  /** How many of the last steps a failure tells. */
  stepsKept?: number | undefined
}

export async function simulate({ seed, tier, stepsKept }: Asked): Promise<Simulated> {
  const random = createRandom(seed * 2 + (tier === 'A' ? 0 : 1))
  const plan = planFor(random, tier)
  const scheduler = createScheduler(random, START, stepsKept)
  const newId = createIds(random, scheduler.clock)
  const reached = nothingReached()
  const failures: string[] = []
  const epochs = [newEpoch()]
  let quiet = false

  const fail = (text: string) => {
    if (failures.length < 20) failures.push(text)
  }
  const unexpected = (error: unknown, where = 'the server') =>
    fail(`${where}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)

  const server = await openServer({
    scheduler,
    random,
    file: tier === 'B',
    pageRows: plan.pageRows,
    faults: { crash: plan.crashServer * 0.04, store: plan.storeFault, fine: plan.fine },
    publishEvery: plan.publishEvery,
    knownVersion: () => headOf({ epochs }).version,
    knownUsage: () => epochOf({ epochs }).books,
    history: () => copyOf(epochOf({ epochs })),
    observed: (observed, provided) => observe(observed, provided),
    mailsLeft: (mails) => mails.forEach((mail) => epochOf({ epochs }).left.add(mail)),
    tombstonesForgotten: (upTo) => forget(epochOf({ epochs }), upTo),
    happened: (event) => happened(reached, event),
    unexpected,
  })
  const run: Run = {
    seed,
    tier,
    plan,
    scheduler,
    random,
    newId,
    reached,
    server,
    epochs,
    devices: [],
    provider: newProvider(),
    made: new Map(),
    poisoned: new Set(),
    failures,
  }
  const wire = scheduler.owner('wire')
  const doors: TabDoors = {
    scheduler,
    random,
    newId,
    network: createNetwork(run, wire, () => quiet),
    storeFaults: () => (quiet ? 0 : plan.deviceStore),
    happened: (event) => happened(reached, event),
    unexpected,
  }
  const people = createPeople(run, doors)
  const provider = createProviding(run, wire, () => quiet, fail)
  const events = createEvents(run, doors, provider.restored)

  /** The oracle hears what a transaction did, before it commits. */
  function observe(observed: Observed, provided: ReadonlyMap<number, Provided>): void {
    const current = epochOf({ epochs })
    const miscounted = hearUsage(current, observed.usage, (key) => run.provider.asked.get(key) ?? [])
    const committed: Committed = { observed, after: headOf({ epochs }).version, judged: [], miscounted }
    for (const entry of observed.entries) {
      const before = headOf({ epochs })
      if (entry.version !== before.version + 1) fail(`version ${entry.version} was logged after ${before.version}`)
      const state = providedAt(entry, provided.get(entry.version))
      if (state) {
        append(current, state)
        const outcome = { entry, outcomes: [], images: noImages, changes: undefined, mails: [] }
        committed.judged.push({ judged: outcome, before, state })
        scheduler.note(`log ${entry.version} ${entry.type}`)
        happened(reached, entry.type)
        continue
      }
      const one = judge(current, ORGANISATION, entry, isFailed(entry.notApplied, entry.total))
      committed.judged.push({ judged: one, before, state: headOf({ epochs }) })
      if (!current.judged.has(entry.operationId)) current.judged.set(entry.operationId, one)
      scheduler.note(`log ${entry.version} ${entry.type} ${entry.operationId} ${JSON.stringify(entry.notApplied)}`)
      count(one.outcomes, entry.type)
    }
    // Before the first device comes, the organisation is still being filled.
    if (run.devices.length === 0) return
    for (const { afterCommit, promise } of laws)
      for (const text of afterCommit?.(run, committed) ?? []) fail(`${promise} ${text}`)
  }

  /** The state after an entry that no device asked for. */
  function providedAt(entry: Logged, rows: Provided | undefined): State | undefined {
    if (!rows) return afterProvider(epochOf({ epochs }), entry)
    for (const grant of rows.grants ?? []) epochOf({ epochs }).books.sold.set(grant.id, soldOf(grant))
    return stateWith(headOf({ epochs }), rows, entry.version)
  }

  function count(outcomes: Committed['judged'][number]['judged']['outcomes'], type: string): void {
    reached.operations += 1
    if (outcomes.length === 0) countJudged(reached, type, 'nothing')
    for (const outcome of outcomes) {
      if (outcome.result === 'rejected') reached.rejections += 1
      countJudged(reached, type, outcome.result === 'rejected' ? outcome.code : outcome.result)
    }
  }

  function look(): void {
    for (const { afterStep, promise } of laws) for (const text of afterStep?.(run) ?? []) fail(`${promise} ${text}`)
  }

  async function steps(most: number): Promise<void> {
    for (let taken = 0; taken < most && failures.length === 0; taken += 1) {
      if (!(await scheduler.step(false))) return
      look()
    }
  }

  async function live(): Promise<void> {
    for (let n = 0; n < plan.devices; n += 1) {
      const name = n % 2 === 0 ? 'ada' : 'bo'
      const device: Device = {
        name: `${name}-${n}`,
        session: { account: name, organisation: ORGANISATION, userId: n % 2 === 0 ? ADA : BO },
        disk: tier === 'A' ? memoryDisk() : indexedDbDisk(name),
        tabs: [],
        clockIsOff: 0,
        signedOut: false,
        life: 0,
        tabsMade: 0,
      }
      run.devices.push(device)
      openTab(device, doors)
    }
    for (let action = 0; action < plan.actions && failures.length === 0; action += 1) {
      await steps(random.int(30))
      const tab = random.pick(random.pick(run.devices)?.tabs ?? [])
      const roll = random.next()
      if (roll < 0.25 || !tab) await events.befall()
      else if (roll < 0.4) provider.act()
      else if (roll < 0.75) people.act(tab)
      else if (roll < 0.82) people.undo(tab)
      else if (roll < 0.87) people.takeBack(tab)
      else if (roll < 0.9) people.dismiss(tab)
      else if (roll < 0.94) people.answer(tab)
      else tab.driver.nudge()
      await scheduler.rest()
      look()
    }
  }

  /** Until nobody waits and no timer runs. */
  async function untilQuiet(): Promise<void> {
    const until = scheduler.clock() + 10 * MINUTE
    for (let taken = 0; failures.length === 0; taken += 1) {
      if (!(await scheduler.step(true))) return
      look()
      if (taken > QUIET_STEPS) return fail(`Nothing is stuck when faults are over: no quiet after ${taken} steps`)
      if (scheduler.clock() > until) return fail('Nothing is stuck when faults are over: no quiet after 10 minutes')
    }
  }

  async function heal(): Promise<void> {
    quiet = true
    server.calm()
    scheduler.asleep.clear()
    if (!server.running) server.start()
    for (let round = 0; round < 60 && failures.length === 0; round += 1) {
      for (const device of run.devices) {
        for (const tab of device.tabs) if (tab.failed || tab.replica.phase === 'erased') closeTab(tab, scheduler)
        if (device.tabs.length === 0) openTab(device, doors)
        for (const tab of device.tabs) tab.driver.nudge()
      }
      provider.sendOn()
      await scheduler.rest()
      await untilQuiet()
      const tabs = run.devices.flatMap((device) => device.tabs)
      const asked = tabs.filter(({ state }) => state?.kind === 'waits-for-confirmation')
      const lost = tabs.some(({ failed, replica }) => failed || replica.phase === 'erased')
      if (asked.length === 0 && !lost && !provider.isPending() && round > 1) break
      for (const tab of asked) people.answer(tab)
      await untilQuiet()
    }
    for (let sync = 0; sync < SYNCS_WHEN_QUIET; sync += 1) {
      for (const device of run.devices) for (const tab of device.tabs) tab.driver.nudge()
      await untilQuiet()
    }
  }

  try {
    await server.begin(beginning(random))
    await live()
    if (failures.length === 0) await heal()
    if (failures.length === 0)
      for (const { whenQuiet, promise } of laws)
        for (const text of (await whenQuiet?.(run)) ?? []) fail(`${promise} ${text}`)
  } catch (error) {
    unexpected(error, 'the simulation')
  }
  reached.steps = scheduler.steps
  for (const device of run.devices) for (const tab of [...device.tabs]) closeTab(tab, scheduler)
  await server.close()
  return { seed, tier, hash: scheduler.hash(), reached, failures, last: failures.length > 0 ? scheduler.last() : [] }
}

function forget(epoch: Epoch, upTo: number): void {
  const last = epoch.states.at(-1)
  if (!last) return
  const removed = new Map([...last.removed].filter(([, version]) => version > upTo))
  epoch.states[epoch.states.length - 1] = { ...last, removed }
}

export const failureText = ({ seed, tier, failures, last }: Simulated): string =>
  [
    `Seed ${seed} of tier ${tier} failed. Replay it with: npm run simulate -- --tier ${tier} --seed ${seed}`,
    ...last,
    ...failures.map((text) => `✗ ${text}`),
  ].join('\n')
