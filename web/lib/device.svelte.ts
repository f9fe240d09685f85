// The replica of this tab, opened for the account that signed in last, with everything that moves it: the driver, the other tabs, the
// server's pokes. Components read rows through here and perform through here; nothing else touches the store.
import type {
  CreditGrant,
  Group,
  GroupId,
  Instant,
  Meter,
  OperationId,
  Organisation,
  Product,
  ProductId,
  Term,
  UsageMonth,
  User,
  UserId,
} from '#shared/model.ts'
import type { Call } from '#shared/operations/definition.ts'
import type { Seen } from '#shared/protocol.ts'
import * as v from 'valibot'
import { ApiError, request } from './api.ts'
import { connect, type Connection } from './device/connection.ts'
import { databaseOf, forgetHere, heedSession, holdsRows, rememberHere } from './device/here.ts'
import { createKeeping } from './device/keeping.svelte.ts'
import { readScreen, writeScreen, type FirstScreen } from './device/screen.ts'
import { askSession, lookForSession, progressAfter, serversTime, type Progress } from './device/requests.ts'
import { undoAll } from './device/undo.ts'
import { isUnsaved, unsavedSeats, type GuessedEntity } from './device/unsaved.ts'
import { elsewhere } from './elsewhere.svelte.ts'
import { createFacets, createTermStarts } from './facets.ts'
import { keptForTab } from './kept-for-tab.ts'
import { keepsHere, known } from './lock/known.ts'
import { lock } from './lock/lock.svelte.ts'
import { whileLocked } from './lock/while-locked.ts'
import { forget, leaveBehind, leftBehind, remembered, type SignedIn } from './remembered.ts'
import { createBreathe } from './replica/breathe.ts'
import { accountStore, databaseName } from './replica/account-store.ts'
import type { Exchanged } from './replica/exchange.ts'
import type { Changed, Performed, Replica } from './replica/replica.ts'
import { createRoster, type Found, type Query } from './replica/roster.ts'
import { baseLayer, emptyRows, type Layer } from './replica/rows.ts'
import { asksId, attentionItems, statusOf, waitingLines } from './replica/status.ts'
import type { OutboxRecord } from './replica/storage.ts'
import { session } from './session.svelte.ts'
import { shell } from './shell.svelte.ts'
import { toasts } from './toasts.svelte.ts'
import { setOf } from './users/sets.ts'
import { usageWorker } from './usage/usage.svelte.ts'

/**
 * `signed-out`: nobody has signed in here; `locked`: somebody must sign in again; `needs-network`: nothing is kept here, and the server
 * can't be reached. The rest are the replica's phases.
 */
export type DevicePhase = 'signed-out' | 'locked' | 'needs-network' | Replica['phase']

/** Why this device holds nothing any more; `elsewhere`: another tab, or the browser itself. */
export type Ending = 'elsewhere' | 'revoked' | 'no-console'

const breathe = createBreathe(() => performance.now())
const termStartsOf = createTermStarts()

let opened: Connection | undefined
let firstScreen: FirstScreen | undefined
let phase = $state.raw<DevicePhase>('closed')
/** Rises with each change of what is shown: reading it makes a component follow. */
let tick = $state.raw(0)
let exchanged = $state.raw<Exchanged>()
let online = $state.raw(true)
let fetched = $state.raw<Progress>()
let offlineSince = $state.raw<Instant>()
let failure = $state.raw<string>()
let ending = $state.raw<Ending>()
let removals = $state.raw(0)

const nobody = baseLayer(emptyRows())

const layer = (): Layer => {
  void tick
  const replica = opened?.replica
  if (replica && (replica.phase === 'ready' || replica.phase === 'loading' || replica.phase === 'erased'))
    return replica.layer
  return firstScreen?.layer ?? nobody
}
const organisation = (): Organisation | undefined => opened && layer().get('organisations', opened.who.organisation.id)
/** The device's clock, mended by the offset measured at the last answer of the server. */
const now = (): Instant => Date.now() + (opened?.replica.sync?.offset ?? 0)

const starts = (): Record<Term, Instant> | undefined => {
  const found = organisation()
  return found && termStartsOf(layer(), found, now())
}

/** What a hundred thousand keys are derived from, put together once per change and hour. */
let world: { tick: number; hour: number; of: Connection | undefined; parts: ReturnType<World> } | undefined
type World = Parameters<typeof createFacets>[0]
const facets = createFacets(() => {
  const hour = Math.floor(now() / 3_600_000)
  if (!world || world.tick !== tick || world.hour !== hour || world.of !== opened) {
    const [found, since] = [organisation(), starts()]
    const parts = found && since && { layer: layer(), organisation: found, starts: since }
    world = { tick, hour, of: opened, parts }
  }
  return world.parts
})
const roster = createRoster({ breathe, facets })
let rosterFilled: Promise<void> | undefined

function report(error: unknown): void {
  failure = error instanceof Error ? error.message : String(error)
  // As any fault that nobody has caught: the browser's console and the tests see it.
  reportError(error)
}

const keeping = createKeeping({
  opened: () => opened,
  waiting: () => waiting(),
  reopen: async (who) => {
    close()
    await open(who)
  },
  report,
})

/** What comes before the data can be shown, if anything does; `here`: the page itself says what is the matter. */
export type Started = 'open' | 'sign-in' | 'second-factor' | 'here'

let starting: Promise<Started> | undefined

/** Opens this device's data for the last signed-in admin, or for the session that the browser has. */
function start(): Promise<Started> {
  starting ??= begin().finally(() => (starting = undefined))
  return starting
}

async function begin(): Promise<Started> {
  if (opened) return 'open'
  online = navigator.onLine
  if (ending || lock.watch(guarding)) return 'here'
  const last = remembered()
  if (last && (keepsHere() || (await holdsRows(databaseOf(last))))) {
    await open(last)
    // The session is asked for beside: the app is usable at once, and offline for good.
    void refreshSession()
    return 'open'
  }
  const who = await lookForSession().catch(unlessFactorNeeded)
  if (who === 'second-factor') return who
  if (typeof who !== 'string') {
    heedSession(who)
    await open(who)
    return 'open'
  }
  if (who === 'unreachable' && !keepsHere()) {
    phase = 'needs-network'
    return 'here'
  }
  phase = 'signed-out'
  session.update({ waitingOfOthers: leftBehind() })
  return 'sign-in'
}

let unlocked = () => {}
const guarding = {
  /** Nothing can be read or done by this tab until somebody has signed in. */
  onlock: () => {
    keeping.hold()
    close()
    toasts.dismiss()
    shell.queueOpen = shell.paletteOpen = false
    phase = 'locked'
    unlocked()
    unlocked = whileLocked({ onrevoked: (why) => void eraseLocked(why).catch(report), report })
  },
  onunlock: () => {
    unlocked()
    phase = 'closed'
  },
  oncontact: () => opened?.nudge(),
}

/** A locked device hears that its access has ended. */
async function eraseLocked(why: Ending): Promise<void> {
  const of = known()
  const name = of && databaseName(of.account, of.organisation)
  if (name !== undefined && (await holdsRows(name))) await accountStore({ name, onClosed: () => undefined }).erase()
  ending = why
  forgetHere()
  lock.lookAnew()
  phase = 'erased'
}

async function refreshSession(): Promise<void> {
  // Where a second factor is needed, the next exchange says so too, and the page leads there.
  const who = await askSession().catch(unlessFactorNeeded)
  if (!who || who === 'second-factor' || !opened || !isOf(opened, who)) return
  heedSession(who)
  lock.lookAnew()
  if (!opened) return
  tellOf(who)
  keeping.obey()
}

function unlessFactorNeeded(error: unknown): 'second-factor' {
  if (error instanceof ApiError && error.code === 'second-factor-needed') return 'second-factor'
  throw error
}

const isOf = ({ who }: Connection, other: SignedIn): boolean =>
  who.account.id === other.account.id && who.organisation.id === other.organisation.id

function tellOf(who: SignedIn): void {
  rememberHere(who, waiting())
  session.update({ others: who.organisations.filter(({ id }) => id !== who.organisation.id) })
}

/** Goes on in another organisation of the account: its copy is another database; what waits in this one's stays. */
async function enterOrganisation(organisation: string): Promise<void> {
  if (opened?.disk && waiting() > 0)
    throw new ApiError(409, 'unsent', 'what you did waits in this tab alone. Wait until it is saved, then try again.')
  await request('/api/session/organisation', { method: 'POST', json: { organisation } })
  const who = await askSession()
  if (!who) throw new ApiError(0, 'unreachable', 'The server cannot be reached. Try again when you are back online.')
  close()
  keptForTab.clear()
  heedSession(who)
  forget()
  rememberHere(who, 0)
}

const Revoked = v.object({ account: v.string(), organisation: v.string() })

/** The server has said at a sign-in that this device was revoked for an account: what it holds of it goes first. */
async function eraseRevoked(fact: unknown): Promise<void> {
  const { account, organisation } = v.parse(Revoked, fact)
  const name = databaseName(account, organisation)
  if (opened?.name === name) {
    await eraseAtOnce('revoked')
    close()
    return
  }
  if (await holdsRows(name)) await accountStore({ name, onClosed: () => undefined }).erase()
  if (known()?.account === account) forgetHere()
}

/**
 * After a sign-in: opens that account's data, which is the same as before where it is the same account.
 * @throws {ApiError} `second-factor-needed` where one is to be set up first; what is on this device stays
 */
async function signedIn(): Promise<void> {
  const who = await askSession()
  if (!who) throw new ApiError(0, 'unreachable', 'The server did not keep the session. Try again.')
  unlocked()
  heedSession(who)
  lock.release()
  if (opened && !isOf(opened, who)) close()
  if (!opened) return await open(who)
  // What was refused before says nothing of this session. Another tab may be the one that sends.
  exchanged = undefined
  tell()
  opened.announce()
}

async function open(who: SignedIn): Promise<void> {
  const own = await keeping.ownFor(who)
  const connection = connect(who, own, {
    breathe,
    onchange: follow,
    onstate: setExchanged,
    onanswer: (answer) => {
      fetched = progressAfter(fetched, answer)
      const told = serversTime(answer)
      if (told !== undefined) lock.contact(Date.now(), told - Date.now())
    },
    onnetwork: (is) => {
      online = is
      if (is) usageWorker.nudge()
      else offlineSince ??= Date.now()
      tell()
    },
    report,
  })
  opened = connection
  online = navigator.onLine
  const { disk, name, replica, storage } = connection
  usageWorker.open({ name, keeps: !disk }, report)
  if (disk) forget()
  else rememberHere(who, 0)
  if (leftBehind()?.account === who.account.id) leaveBehind(null)
  session.update({
    account: who.account,
    organisation: who.organisation,
    others: who.organisations.filter(({ id }) => id !== who.organisation.id),
  })
  phase = 'opening'
  firstScreen = keeping.leaving ? undefined : await readScreen(storage)
  if (firstScreen) tick += 1
  if (!(await replica.open()))
    await replica.create({ account: who.account.id, organisation: who.organisation.id, userId: who.userId })
  if (opened !== connection) return
  firstScreen = undefined
  connection.nudge()
  if (!disk) void navigator.storage?.persist?.()
  lock.watch(guarding)
}

function close(): void {
  usageWorker.close()
  opened?.close()
  opened = undefined
  rosterFilled = undefined
  firstScreen = undefined
  exchanged = undefined
  phase = 'closed'
  session.clear()
}

function setExchanged(state: Exchanged): void {
  if (state.kind === 'offline') offlineSince ??= Date.now()
  else if (state.kind !== 'failed') offlineSince = undefined
  exchanged = state
  if (state.kind === 'idle') usageWorker.nudge()
  tell()
  const end = endingOf(state)
  if (end) eraseAtOnce(end).catch(report)
}

const endingOf = (state: Exchanged): Ending | undefined => {
  if (state.kind !== 'refused') return undefined
  return { 'device-revoked': 'revoked' as const, 'no-console': 'no-console' as const }[state.problem.code]
}

/** The server has ended this account's or this device's access: nothing may stay, not even until the next start. */
async function eraseAtOnce(why: Ending): Promise<void> {
  if (!opened || opened.replica.phase === 'erased') return
  ending = why
  await opened.erase()
  forgetHere()
}

/** Brings the list and the frame of the page along with the replica. */
function follow(changed: Changed): void {
  const replica = opened?.replica
  if (!replica) return
  phase = replica.phase
  if (phase === 'erased') usageWorker.close()
  else usageWorker.follow(replica, now())
  if (replica.phase === 'ready' || replica.phase === 'loading') {
    if (changed.all || !rosterFilled) rosterFilled = roster.fill(() => replica.layer)
    else if (changed.ids.size <= UPDATED_AT_ONCE) roster.update(replica.layer, changed.ids)
    else rosterFilled = updateInSlices(replica, changed.ids, rosterFilled)
  }
  if (changed.gone?.length) tellRemoved(changed.gone)
  tick += 1
  tell()
  keeping.obey()
}

/** Users are gone: what was loaded of them elsewhere is asked for anew, what is half typed and has an address of theirs is named. */
function tellRemoved(users: readonly User[]): void {
  removals += 1
  const database = opened?.name
  if (database === undefined) return
  const emails = setOf(users.map(({ emailKey }) => emailKey))
  import('./device/beside.ts').then(({ nameUnfinished }) => nameUnfinished(database, emails)).catch(report)
}

/** More changed rows than this would stop the page. */
const UPDATED_AT_ONCE = 2_000

async function updateInSlices(of: Replica, ids: ReadonlySet<string>, before: Promise<void>): Promise<void> {
  await before
  // Another account's by now: it has a roster's fill of its own.
  if (opened?.replica !== of) return
  await roster.updateMany(() => of.layer, ids)
  tick += 1
}

const waiting = () =>
  opened ? waitingLines(opened.replica.records, opened.replica.drafts, opened.replica.sync?.shown.version ?? 0) : 0

let toldWaiting = -1
function tell(): void {
  if (!opened) return
  const { replica, who } = opened
  const sync = replica.sync
  const status = statusOf({
    records: replica.records,
    drafts: replica.drafts,
    shownVersion: sync?.shown.version ?? 0,
    state: exchanged,
    online,
  })
  session.update({
    organisation: { name: organisation()?.name ?? who.organisation.name },
    users: replica.phase === 'opening' ? (firstScreen?.users ?? null) : replica.layer.sizeOf('users'),
    sync: { ...status, asOf: sync?.asOf ? new Date(sync.asOf) : null },
  })
  const count = waiting()
  if (count !== toldWaiting) {
    toldWaiting = count
    // Where this browser has gone on to in another tab stays remembered.
    if (!opened.disk && !elsewhere.there) rememberHere(who, count)
  }
}

/** The open replica. @throws where nobody is signed in: pages behind the sign-in never see that. */
function replica(): Replica {
  if (!opened) throw new Error('Sign in first.')
  return opened.replica
}

/** Performs, tells the other tabs, and has it sent. */
async function perform(call: Call | readonly Call[], options: { atomic?: boolean } = {}): Promise<Performed> {
  const done = await replica().perform(call, options)
  announce()
  return done
}

const announce = () => opened?.announce()

async function afterwards<T>(work: Promise<T>): Promise<T> {
  const result = await work
  announce()
  return result
}

/** Signs out on this device: erases what it holds, unless operations wait for their author. */
async function signOut({ keep }: { keep: boolean }): Promise<void> {
  await request('/api/auth/sign-out', { method: 'POST', json: keep ? { keep: true } : {} })
  if (opened && keep) {
    const { account } = opened.who
    leaveBehind({ account: account.id, name: account.name, count: waiting() })
  } else await opened?.erase()
  forgetHere()
  close()
  phase = 'signed-out'
  session.update({ waitingOfOthers: leftBehind() })
}

const followed = <T>(read: () => T): T => {
  void tick
  return read()
}
const byName = <Row extends { name: string }>(rows: Iterable<Row>): Row[] =>
  [...rows].sort((a, b) => a.name.localeCompare(b.name))

export const device = {
  start,
  signedIn,
  signOut,
  enterOrganisation,
  eraseRevoked,
  perform,
  /** Takes back what has no outcome yet and undoes what has one, the latest first. */
  undo: (ids: readonly OperationId[]) => afterwards(undoAll(replica(), ids)),
  now,
  takeBack: (ids: readonly OperationId[]) => afterwards(replica().takeBack(ids)),
  dismiss: (id: OperationId, items: readonly string[]) => afterwards(replica().dismiss(id, items)),
  confirm: (id: OperationId) => afterwards(replica().confirm(id)),
  preview: (call: Call, options?: { atomic?: boolean }) => replica().preview(call, options),
  forecast: (call: Call, onprogress?: (done: number, total: number) => unknown) => replica().forecast(call, onprogress),
  /** Tries calls one after the other on a copy: what each would do after those before it. */
  rehearse: () => replica().rehearse(),
  /** Erases this device's data, also without a network. */
  erase: async () => {
    await opened?.erase()
    forgetHere()
  },
  sync: () => opened?.nudge(),

  get phase() {
    return phase
  },
  /** Whether rows are kept in this browser; else in this tab's memory. */
  get keeps(): boolean {
    return followed(() => !opened?.disk)
  },
  /** The organisation lets devices keep nothing any more, and what waits here is not sent. */
  get leaving(): boolean {
    return keeping.leaving
  },
  /** What is not sent waits in this tab's memory, while it is locked. */
  get waitsInThisTab(): boolean {
    return keeping.holdsUnsent
  },
  /** Empties the store in this browser; what waits goes on waiting in this tab. */
  goOnInMemory: keeping.leave,
  /** Rows can be asked for: all of them, or the first ones of a copy that is still being opened. */
  get layer() {
    return layer()
  },
  get organisation() {
    return followed(organisation)
  },
  get starts() {
    return followed(starts)
  },
  get me(): UserId | undefined {
    return opened?.who.userId
  },
  get products(): Product[] {
    return byName(layer().values('products'))
  },
  get groups(): Group[] {
    return byName(layer().values('groups'))
  },
  get grants(): CreditGrant[] {
    return [...layer().values('grants')].sort((a, b) => a.endsOn.localeCompare(b.endsOn))
  },
  /** Which days of usage the server has, by month: the usage itself is asked for through `usage`. */
  get months(): UsageMonth[] {
    return [...layer().values('months')].sort((a, b) => (a.id < b.id ? -1 : 1))
  },
  user: (id: UserId | null | undefined): User | undefined => (id ? layer().get('users', id) : undefined),
  group: (id: GroupId | null | undefined): Group | undefined => (id ? layer().get('groups', id) : undefined),
  product: (id: ProductId | null | undefined): Product | undefined => (id ? layer().get('products', id) : undefined),
  meter: (id: UserId | GroupId | null | undefined): Meter | undefined => (id ? layer().get('meters', id) : undefined),
  get userCount() {
    return followed(() => (opened?.replica.phase === 'opening' ? (firstScreen?.users ?? 0) : layer().sizeOf('users')))
  },

  /** Whether a row is not saved yet as it is shown: `field` as the model has it, or any. */
  isPending: (entity: GuessedEntity, id: string, field?: string): boolean =>
    followed(() => opened !== undefined && isUnsaved(opened.replica, entity, id, field)),

  /** How many users have taken, left or changed a seat in what is not saved yet. */
  get unsavedSeats(): number {
    return followed(() => (opened ? unsavedSeats(opened.replica) : 0))
  },

  /** Everybody that matches a query, in order. */
  async find(query: Query): Promise<Found> {
    await rosterFilled
    return roster.find(query)
  },
  get rosterVersion() {
    return followed(() => roster.version)
  },

  /** The outbox, oldest first. */
  get records(): readonly OutboxRecord[] {
    return followed(() => opened?.replica.records ?? [])
  },
  get shownVersion(): number {
    return followed(() => opened?.replica.sync?.shown.version ?? 0)
  },
  /** What this device's operations are sent under. */
  get clientId(): string | undefined {
    return followed(() => opened?.replica.sync?.clientId)
  },
  /** The last head of the server's log that this device knows. */
  get seen(): Seen | undefined {
    return followed(() => opened?.replica.sync?.seen)
  },
  predicted: (id: OperationId) => followed(() => opened?.replica.predictedFor(id) ?? []),
  /** Why this device holds nothing any more, once the phase says `erased`. */
  get ending(): Ending | undefined {
    return ending
  },
  /** Operations that have no outcome, also when the store behind them is gone. */
  get unsent(): number {
    return followed(waiting)
  },
  /** Rises when users have been removed. */
  get removals(): number {
    return removals
  },
  /** What the last exchange with the server came to. */
  get exchanged() {
    return exchanged
  },
  /** Rejected items that nobody has dealt with, and what asks before it is sent. */
  get attention(): number {
    return followed(() =>
      opened
        ? attentionItems(opened.replica.records, opened.replica.sync?.shown.version ?? 0) + Number(!!asksId(exchanged))
        : 0,
    )
  },
  /** The operation that asks before it is sent. */
  get asks(): OperationId | undefined {
    return asksId(exchanged)
  },
  get online() {
    return online && exchanged?.kind !== 'offline'
  },
  get offlineSince() {
    return offlineSince
  },
  get asOf(): Instant | undefined {
    return followed(() => opened?.replica.sync?.asOf || undefined)
  },
  /** Of the first copy, or of a fresh one. */
  get progress() {
    return fetched
  },
  /** The last fault with nobody waiting for it, for a note in the queue. */
  get failure() {
    return failure
  },
  get database(): string | undefined {
    return followed(() => opened?.name)
  },

  /** Writes what the list shows first, so that the next opening shows it at once. */
  rememberScreen: async (users: readonly User[]): Promise<void> => {
    if (opened && !opened.disk && !keeping.leaving) await writeScreen(opened.storage, opened.replica, users)
  },
}
