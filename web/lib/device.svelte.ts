// The replica of this tab, opened for the account that signed in last, with everything that moves it: the driver, the other tabs, the
// server's pokes. Components read rows through here and perform through here; nothing else touches the store.
import { toBlocks } from '#shared/blocks.ts'
import type {
  CreditGrant,
  Group,
  GroupId,
  Instant,
  Meter,
  Organisation,
  Product,
  ProductId,
  Term,
  User,
  UserId,
} from '#shared/model.ts'
import type { OperationId } from '#shared/model.ts'
import type { Call } from '#shared/operations/definition.ts'
import { undo } from '#shared/operations/undo.ts'
import * as v from 'valibot'
import { v7 as newId } from 'uuid'
import { ApiError, request } from './api.ts'
import { askToBeWoken, whenWoken } from './background.ts'
import { createFacets, createTermStarts } from './facets.ts'
import { forget, remember, remembered, SignedIn } from './remembered.ts'
import { createBreathe } from './replica/breathe.ts'
import { databaseName, dexieStorage } from './replica/dexie.ts'
import { createDriver } from './replica/driver.ts'
import { createExchange, type Exchanged } from './replica/exchange.ts'
import { createReplica, type Changed, type Performed, type Replica } from './replica/replica.ts'
import { createRoster, type Found, type Query } from './replica/roster.ts'
import { baseLayer, emptyRows, putBlock, type Layer } from './replica/rows.ts'
import { asksId, attentionItems, statusOf, waitingLines } from './replica/status.ts'
import type { OutboxRecord, Storage } from './replica/storage.ts'
import { createTidy } from './replica/tidy.ts'
import { openTabs, type Tabs } from './tabs.ts'
import { session } from './session.svelte.ts'

/** `signed-out`: nobody has signed in here; the rest are the replica's phases. */
export type DevicePhase = 'signed-out' | Replica['phase']

/** Why this device holds nothing any more; `elsewhere`: another tab, or the browser itself. */
export type Ending = 'elsewhere' | 'revoked' | 'no-console'

interface Open {
  who: SignedIn
  storage: Storage
  replica: Replica
  driver: ReturnType<typeof createDriver>
  tabs: Tabs
  close(): void
}

const breathe = createBreathe(() => performance.now())
const termStartsOf = createTermStarts()

let opened: Open | undefined
let screenLayer: { layer: Layer; users: number } | undefined
let phase = $state.raw<DevicePhase>('closed')
/** Rises with each change of what is shown: reading it makes a component follow. */
let tick = $state.raw(0)
let exchanged = $state.raw<Exchanged>()
let online = $state.raw(true)
let fetched = $state.raw<{ done: number; total: number }>()
let offlineSince = $state.raw<Instant>()
let failure = $state.raw<string>()
let ending = $state.raw<Ending>()

const nobody = baseLayer(emptyRows())

const layer = (): Layer => {
  void tick
  const replica = opened?.replica
  if (replica && (replica.phase === 'ready' || replica.phase === 'loading' || replica.phase === 'erased'))
    return replica.layer
  return screenLayer?.layer ?? nobody
}
const organisation = (): Organisation | undefined => opened && layer().get('organisations', opened.who.organisation.id)
/** The device's clock, mended by the offset measured at the last answer of the server. */
const now = (): Instant => Date.now() + (opened?.replica.sync?.offset ?? 0)

const starts = (): Record<Term, Instant> | undefined => {
  const found = organisation()
  return found && termStartsOf(layer(), found, now())
}

const facets = createFacets(() => {
  const [found, since] = [organisation(), starts()]
  return found && since && { layer: layer(), organisation: found, starts: since }
})
const roster = createRoster({ breathe, facets })
let rosterFilled: Promise<void> | undefined

function report(error: unknown): void {
  failure = error instanceof Error ? error.message : String(error)
  // As any fault that nobody has caught: the browser's console and the tests see it.
  reportError(error)
}

/**
 * Opens this device's data for the last signed-in admin, or for the session that the browser has. Answers false where somebody must
 * sign in first.
 */
async function start(): Promise<boolean> {
  if (opened) return true
  online = navigator.onLine
  const last = remembered()
  if (last) {
    await open(last)
    // The session is asked for beside: the app is usable at once, and offline for good.
    void refreshSession()
    return true
  }
  const who = await askSession()
  if (!who) {
    phase = 'signed-out'
    return false
  }
  await open(who)
  return true
}

/** Who the server says is signed in; null where nobody is or it can't be reached. */
async function askSession(): Promise<SignedIn | null> {
  try {
    return v.parse(SignedIn, await request('/api/session'))
  } catch (error) {
    if (error instanceof ApiError) return null
    throw error
  }
}

async function refreshSession(): Promise<void> {
  const who = await askSession()
  if (who && opened && who.account.id === opened.who.account.id) remember({ ...who, waiting: waiting() })
}

/** After a sign-in: opens that account's data, which is the same as before where it is the same account. */
async function signedIn(): Promise<void> {
  const who = await askSession()
  if (!who) throw new ApiError(0, 'unreachable', 'The server did not keep the session. Try again.')
  if (opened && opened.who.account.id !== who.account.id) close()
  if (opened) opened.driver.nudge()
  else await open(who)
}

async function open(who: SignedIn): Promise<void> {
  const name = databaseName(who.account.id, who.organisation.id)
  const storage = dexieStorage({
    name,
    onClosed: () => report(new Error('Another tab uses a newer version. Reload this one.')),
  })
  const replica = createReplica({ storage, clock: () => Date.now(), newId: () => newId(), breathe, report })
  const exchange = createExchange({ replica, network, clock: () => Date.now() })
  const tidy = createTidy({ storage, replica, clock: () => Date.now(), breathe })
  const driver = createDriver({
    exchange: async () => {
      const before = replica.revision
      const result = await exchange()
      if (replica.revision !== before) tabs.tell({ kind: 'moved' })
      return result
    },
    after: (milliseconds, run) => {
      const timer = setTimeout(run, milliseconds)
      return () => clearTimeout(timer)
    },
    random: Math.random,
    onState: (state) => {
      setExchanged(state)
      tabs.tell({ kind: 'state', state })
      if (state.kind === 'idle') tidy().catch(report)
    },
    report,
  })
  const tabs = openTabs(name, {
    visible: () => document.visibilityState === 'visible',
    lead: () => {
      const stopPokes = listenForPokes(() => driver.nudge())
      driver.start()
      return () => {
        driver.stop()
        stopPokes()
      }
    },
    onmessage: (message) => {
      if (message.kind === 'state') setExchanged(message.state as Exchanged)
      else if (message.kind === 'performed') replica.catchUp().then(() => driver.nudge(), report)
      else replica.catchUp().catch(report)
    },
  })
  const wake = () => {
    online = navigator.onLine
    if (!online) offlineSince ??= Date.now()
    if (document.visibilityState === 'visible') replica.catchUp().then(() => driver.nudge(), report)
  }
  addEventListener('online', wake)
  addEventListener('offline', wake)
  document.addEventListener('visibilitychange', wake)
  const unsubscribe = replica.subscribe(follow)
  const stopWaking = whenWoken(() => driver.nudge())

  opened = {
    who,
    storage,
    replica,
    driver,
    tabs,
    close: () => {
      removeEventListener('online', wake)
      removeEventListener('offline', wake)
      document.removeEventListener('visibilitychange', wake)
      unsubscribe()
      stopWaking()
      tabs.close()
      storage.close()
    },
  }
  remember({ ...who, waiting: 0 })
  session.update({ account: who.account, organisation: who.organisation })
  phase = 'opening'
  const screen = await storage.screen()
  if (screen) {
    const rows = emptyRows()
    for (const block of screen.blocks) putBlock(rows, block)
    screenLayer = { layer: baseLayer(rows), users: screen.totals.users }
    tick += 1
  }
  if (!(await replica.open()))
    await replica.create({ account: who.account.id, organisation: who.organisation.id, userId: who.userId })
  screenLayer = undefined
  driver.nudge()
  void navigator.storage?.persist?.()
}

function close(): void {
  opened?.close()
  opened = undefined
  rosterFilled = undefined
  screenLayer = undefined
  exchanged = undefined
  phase = 'closed'
  session.clear()
}

/** Posts JSON; every answer is a value, only silence rejects. Counts the rows of a first copy for its progress line. */
async function network(path: string, body: unknown): Promise<{ status: number; body: unknown }> {
  try {
    const answer = await request(path as `/api/${string}`, { method: 'POST', json: body })
    countProgress(answer)
    return { status: 200, body: answer }
  } catch (error) {
    if (!(error instanceof ApiError) || error.status === 0) throw error
    return {
      status: error.status,
      body: { title: error.message, status: error.status, code: error.code, fact: error.fact ?? {} },
    }
  }
}

function countProgress(answer: unknown): void {
  const page = v.safeParse(v.object({ more: v.boolean(), total: v.number() }), answer)
  if (!page.success) return
  if (!page.output.more) fetched = undefined
  else {
    const total = Math.max(fetched?.total ?? 0, page.output.total)
    fetched = { done: total - page.output.total, total }
  }
}

/** The server's pokes, by one stream of the syncing tab; the browser itself opens it again when it breaks. */
function listenForPokes(onpoke: () => void): () => void {
  const source = new EventSource('/api/events')
  source.addEventListener('poke', onpoke)
  return () => source.close()
}

function setExchanged(state: Exchanged): void {
  if (state.kind === 'offline') offlineSince ??= Date.now()
  else if (state.kind !== 'failed') offlineSince = undefined
  exchanged = state
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
  opened.driver.stop()
  await opened.replica.erase()
  opened.tabs.tell({ kind: 'erased' })
  forget()
}

/** Brings the list and the frame of the page along with the replica. */
function follow(changed: Changed): void {
  const replica = opened?.replica
  if (!replica) return
  phase = replica.phase
  if (replica.phase === 'ready' || replica.phase === 'loading') {
    if (changed.all || !rosterFilled) rosterFilled = roster.fill(replica.layer)
    else roster.update(replica.layer, changed.ids)
  }
  tick += 1
  tell()
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
    users: replica.phase === 'opening' ? (screenLayer?.users ?? null) : replica.layer.sizeOf('users'),
    sync: { ...status, asOf: sync?.asOf ? new Date(sync.asOf) : null },
  })
  const count = waiting()
  if (count !== toldWaiting) {
    toldWaiting = count
    remember({ ...who, waiting: count })
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

function announce(): void {
  opened?.tabs.tell({ kind: 'performed' })
  if (!online) askToBeWoken().catch(report)
  opened?.driver.nudge()
}

async function afterwards<T>(work: Promise<T>): Promise<T> {
  const result = await work
  announce()
  return result
}

/** Takes back what has no outcome yet and undoes what has one, the latest first. */
async function undoAll(ids: readonly OperationId[]): Promise<void> {
  const records = replica().records.filter(({ id }) => ids.includes(id))
  const unsettled = records.filter(({ settlement }) => !settlement)
  if (unsettled.length > 0) await replica().takeBack(unsettled.map(({ id }) => id))
  const settled = records.filter(({ settlement }) => settlement).toReversed()
  if (settled.length > 0) await replica().perform(settled.map(({ id }) => undo.with({ operationId: id })))
  announce()
}

/** Signs out on this device: erases what it holds, unless operations wait for their author. */
async function signOut({ keep }: { keep: boolean }): Promise<void> {
  await request('/api/auth/sign-out', { method: 'POST', json: {} })
  const leaving = opened
  if (leaving && !keep) {
    await leaving.replica.erase()
    leaving.tabs.tell({ kind: 'erased' })
    forget()
  }
  close()
  phase = 'signed-out'
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
  perform,
  undo: undoAll,
  now,
  takeBack: (ids: readonly OperationId[]) => afterwards(replica().takeBack(ids)),
  dismiss: (id: OperationId, items: readonly string[]) => afterwards(replica().dismiss(id, items)),
  confirm: (id: OperationId) => afterwards(replica().confirm(id)),
  preview: (call: Call, options?: { atomic?: boolean }) => replica().preview(call, options),
  forecast: (call: Call, onprogress?: (done: number, total: number) => unknown) => replica().forecast(call, onprogress),
  /** Erases this device's data, also without a network. */
  erase: async () => {
    await replica().erase()
    opened?.tabs.tell({ kind: 'erased' })
    forget()
  },
  sync: () => opened?.driver.nudge(),

  get phase() {
    return phase
  },
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
  user: (id: UserId | null | undefined): User | undefined => (id ? layer().get('users', id) : undefined),
  group: (id: GroupId | null | undefined): Group | undefined => (id ? layer().get('groups', id) : undefined),
  product: (id: ProductId | null | undefined): Product | undefined => (id ? layer().get('products', id) : undefined),
  meter: (id: UserId | GroupId | null | undefined): Meter | undefined => (id ? layer().get('meters', id) : undefined),
  get userCount() {
    return followed(() => (opened?.replica.phase === 'opening' ? (screenLayer?.users ?? 0) : layer().sizeOf('users')))
  },

  /** What is not saved yet of a row: `field` as the model has it, or any. */
  isPending(entity: 'users' | 'groups' | 'products' | 'organisations' | 'meters', id: string, field?: string): boolean {
    void tick
    const guess = opened?.replica.guessed[entity]
    if (!guess?.has(id)) return false
    const mine = guess.get(id) as Record<string, unknown> | undefined
    const theirs = opened?.replica.settledLayer.get(entity, id) as Record<string, unknown> | undefined
    if (!mine || !theirs) return true
    if (field === undefined) return mine !== theirs
    return JSON.stringify(mine[field]) !== JSON.stringify(theirs[field])
  },

  /** How many users have taken, left or changed a seat in what is not saved yet. */
  get unsavedSeats(): number {
    void tick
    if (!opened) return 0
    const { guessed, settledLayer } = opened.replica
    const seat = (user: User | undefined) => (user && user.status !== 'deactivated' ? user.productId : null)
    let count = 0
    for (const [id, user] of guessed.users) if (seat(user) !== seat(settledLayer.get('users', id))) count += 1
    return count
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
  predicted: (id: OperationId) => followed(() => opened?.replica.predictedFor(id) ?? []),
  /** Why this device holds nothing any more, once the phase says `erased`. */
  get ending(): Ending | undefined {
    return ending
  },
  /** Operations that have no outcome, also when the store behind them is gone. */
  get unsent(): number {
    return followed(waiting)
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
    return opened && databaseName(opened.who.account.id, opened.who.organisation.id)
  },

  /** Writes what the list shows first, so that the next opening shows it at once. */
  async rememberScreen(users: readonly User[]): Promise<void> {
    if (!opened || opened.replica.phase !== 'ready') return
    const settled = opened.replica.settledLayer
    const rows = users.flatMap(({ id }) => settled.get('users', id) ?? [])
    await opened.storage.putScreen({
      key: 'screen',
      version: opened.replica.sync?.shown.version ?? 0,
      totals: { users: settled.sizeOf('users') },
      blocks: [
        ...toBlocks('organisations', [...settled.values('organisations')]),
        ...toBlocks('products', [...settled.values('products')]),
        ...toBlocks('grants', [...settled.values('grants')]),
        ...toBlocks('groups', [...settled.values('groups')]),
        ...toBlocks('users', rows),
        ...toBlocks(
          'meters',
          rows.flatMap(({ id }) => settled.get('meters', id) ?? []),
        ),
      ],
    })
  },
}
