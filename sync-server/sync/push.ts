// The operations of one request, in order and one by one. What the log knows is answered from it, whoever sent it; a sequence is
// neither skipped nor used twice; one that throws takes back itself alone and stops those behind it, until it is set aside.
import type { ClientId, OperationId, UserId } from '#shared/model.ts'
import type { Outcome } from '#shared/operations/outcome.ts'
import type { Settlement, SyncRequest } from '#shared/protocol.ts'
import type { Logger } from '../logger.ts'
import { Refusal } from '../problem.ts'
import type { Prepared } from '../erasure/log.ts'
import type { Store, Tx } from '../store/index.ts'
import { clientOf, judgeHistory, keepClient, type Client } from './judge.ts'
import { createLedger, type Ledger } from './ledger.ts'
import { lockHead, settlementsOf, type Head, type Random } from './log.ts'
import { fail, perform, receive, type Device, type Given, type Received } from './perform.ts'
import { savepoint } from './savepoint.ts'

/** An operation that has thrown so often is logged as failed. */
const TRIES = 3

export interface PushParts {
  store: Store
  clock: () => number
  log: Logger
  random: Random
  /** What was looked up of users whom the request erases. */
  prepared: ReadonlyMap<string, Prepared>
}

export interface Pushed {
  settlements: Settlement[]
  /** The organisation's new version, if it has one, and the users whose sessions ended. */
  moved: { version: number; ended: readonly UserId[]; erased: boolean } | undefined
}

/** @throws {Refusal} of the request as a whole: the caller takes back what was done of it */
export async function push(parts: PushParts, tx: Tx, device: Device, request: SyncRequest): Promise<Pushed> {
  const { store, log } = parts
  const received = request.operations.map(readable)
  const head = await lockHead(tx, device.organisation)
  if (!head) throw new Refusal(403, 'other-account', { what: 'organisation' })
  const client = await clientOf(tx, device, request.clientId)
  await judgeHistory(tx, device, head, request)
  const known = await settlementsOf(
    tx,
    device.organisation,
    received.map(({ id }) => id),
  )
  const begin = { ...parts, tx, device, clientId: request.clientId, head, known }
  if (received.length > 1)
    try {
      return await savepoint(store, tx, 'request', () => together(begin, received, { ...client }))
    } catch (error) {
      if (error instanceof Refusal || store.isFault(error)) throw error
      // What was written together could not be: one by one shows which operation it is.
      log.error({ err: error, organisation: device.organisation, clientId: request.clientId }, 'a request threw')
    }
  return await oneByOne(begin, received, client)
}

interface Begin extends PushParts {
  tx: Tx
  device: Device
  clientId: ClientId
  head: Head
  known: ReadonlyMap<OperationId, Settlement>
}

/** All operations over one ledger, which is written once: the rule, and many times faster. */
async function together(begin: Begin, received: readonly Received[], client: Client): Promise<Pushed> {
  const { tx, device, head, random, prepared } = begin
  const ledger = createLedger(tx, device.organisation, head, random, prepared)
  return await inOrder(begin, received, client, {
    perform: (operation, given) => perform(tx, ledger, operation, given),
    fail: (operation, given) => fail(ledger, operation, given),
    finish: () => ledger.flush(),
    hopeless: () => ledger.broken,
    state: () => ledger,
  })
}

/** Each operation over a ledger of its own, written at once: so one that the database refuses is taken back alone. */
async function oneByOne(begin: Begin, received: readonly Received[], client: Client): Promise<Pushed> {
  const { store, tx, device, random, prepared } = begin
  const state = { head: begin.head, ended: [] as UserId[], erased: false }
  const alone = <T>(work: (ledger: Ledger) => Promise<T>): Promise<T> =>
    savepoint(store, tx, 'operation', async () => {
      const ledger = createLedger(tx, device.organisation, state.head, random, prepared)
      const result = await work(ledger)
      await ledger.flush()
      state.head = ledger.head
      state.ended.push(...ledger.ended)
      state.erased ||= ledger.erased
      return result
    })
  return await inOrder(begin, received, client, {
    perform: (operation, given) => alone((ledger) => perform(tx, ledger, operation, given)),
    fail: (operation, given) => alone((ledger) => fail(ledger, operation, given)),
    finish: async () => undefined,
    hopeless: () => false,
    state: () => state,
  })
}

interface Way {
  perform(operation: Received, given: Given): Promise<readonly Outcome[]>
  fail(operation: Received, given: Given): Promise<readonly Outcome[]>
  finish(): Promise<void>
  /** Whether nothing can be tried any more in what was begun. */
  hopeless(): boolean
  state(): { readonly head: Head; readonly ended: readonly UserId[]; readonly erased: boolean }
}

async function inOrder(begin: Begin, received: readonly Received[], client: Client, way: Way): Promise<Pushed> {
  const { store, tx, clock, log, device, clientId, head: before } = begin
  const known = new Map(begin.known)
  const settlements: Settlement[] = []

  for (const operation of received) {
    const { id, sequence } = operation
    if (sequence > client.lastSequence + 1)
      throw new Refusal(409, 'client-expected', { expected: client.lastSequence + 1 })
    const stored = known.get(id)
    if (stored) {
      client.lastSequence = Math.max(client.lastSequence, sequence)
      settlements.push(stored)
      continue
    }
    if (sequence <= client.lastSequence) throw new Refusal(409, 'client-forked', { expected: client.lastSequence + 1 })

    const at = clock()
    const outcomes = await tried(operation, { device, clientId, at })
    if (!outcomes) break
    client.lastSequence = sequence
    const settlement = { id, version: way.state().head.version, at, ...summary(outcomes) }
    known.set(id, settlement)
    settlements.push(settlement)
  }

  await way.finish()
  await keepClient(tx, device, clientId, client)
  const { head, ended, erased } = way.state()
  return { settlements, moved: head.version > before.version ? { version: head.version, ended, erased } : undefined }

  /** Undefined where the operation has thrown and is to be tried again. */
  async function tried(operation: Received, given: Given): Promise<readonly Outcome[] | undefined> {
    const { id, sequence } = operation
    try {
      const outcomes = await way.perform(operation, given)
      client.failing = null
      client.tries = 0
      return outcomes
    } catch (error) {
      if (store.isFault(error) || way.hopeless()) throw error
      client.tries = client.failing === id ? client.tries + 1 : 1
      client.failing = id
      const { organisation } = device
      log.error(
        { err: error, organisation, clientId, sequence, operation: id, tries: client.tries },
        'an operation threw',
      )
      if (client.tries < TRIES) return undefined
      client.failing = null
      client.tries = 0
      return await way.fail(operation, given)
    }
  }
}

/** Each operation is parsed by itself; one without so much as an id and a sequence makes the request unreadable. */
function readable(raw: unknown, index: number): Received {
  const received = receive(raw)
  if ('id' in received) return received
  throw new Refusal(400, 'malformed', {
    path: ['operations', index, received.path].filter((part) => part !== '').join('.'),
    message: received.message,
  })
}

const summary = (outcomes: readonly Outcome[]) => ({
  total: outcomes.length,
  notApplied: outcomes.filter(({ result }) => result !== 'applied'),
})
