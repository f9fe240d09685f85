// The operations of one request, in order and one by one. What the log knows is answered from it, whoever sent it; a sequence is
// neither skipped nor used twice; one that throws takes back itself alone and stops those behind it, until it is set aside.
import type { UserId } from '#shared/model.ts'
import type { Outcome } from '#shared/operations/outcome.ts'
import type { Settlement, SyncRequest } from '#shared/protocol.ts'
import type { Logger } from '../logger.ts'
import { Refusal } from '../problem.ts'
import type { Store, Tx } from '../store/index.ts'
import { clientOf, judgeHistory, keepClient, type Client } from './judge.ts'
import { lockHead, settlementOf, type Random } from './log.ts'
import { fail, perform, receive, type Device, type Performed, type Received } from './perform.ts'
import { savepoint } from './savepoint.ts'

/** An operation that has thrown so often is logged as failed. */
const TRIES = 3

export interface PushParts {
  store: Store
  clock: () => number
  log: Logger
  random: Random
}

export interface Pushed {
  settlements: Settlement[]
  /** The organisation's new version, if it has one, and the users whose sessions ended. */
  moved: { version: number; ended: readonly UserId[] } | undefined
}

/** @throws {Refusal} of the request as a whole: the caller takes back what was done of it */
export async function push(
  { store, clock, log, random }: PushParts,
  tx: Tx,
  device: Device,
  request: SyncRequest,
): Promise<Pushed> {
  const { organisation } = device
  const { clientId } = request
  const received = request.operations.map(readable)
  let head = await lockHead(tx, organisation)
  if (!head) throw new Refusal(403, 'other-account', { what: 'organisation' })
  const before = head.version
  const client = await clientOf(tx, device, clientId)
  await judgeHistory(tx, device, head, request)

  const settlements: Settlement[] = []
  const ended: UserId[] = []

  for (const operation of received) {
    const { id, sequence } = operation
    const known = await settlementOf(tx, organisation, id)
    if (sequence > client.lastSequence + 1)
      throw new Refusal(409, 'client-expected', { expected: client.lastSequence + 1 })
    if (known) {
      client.lastSequence = Math.max(client.lastSequence, sequence)
      settlements.push(known)
      continue
    }
    if (sequence <= client.lastSequence) throw new Refusal(409, 'client-forked', { expected: client.lastSequence + 1 })

    const given = { device, clientId, head, at: clock(), random }
    const done = await tried(operation, client, {
      perform: () => savepoint(store, tx, 'operation', () => perform(tx, operation, given)),
      fail: () => savepoint(store, tx, 'operation', () => fail(tx, operation, given)),
    })
    if (!done) break
    head = done.head
    client.lastSequence = sequence
    ended.push(...done.ended)
    settlements.push({ id, version: head.version, at: given.at, ...summary(done.outcomes) })
  }

  await keepClient(tx, device, clientId, client)
  return { settlements, moved: head.version > before ? { version: head.version, ended } : undefined }

  /** Undefined where the operation has thrown and is to be tried again. */
  async function tried(
    { id, sequence }: Received,
    client: Client,
    { perform, fail }: { perform: () => Promise<Performed>; fail: () => Promise<Performed> },
  ): Promise<Performed | undefined> {
    try {
      const performed = await perform()
      client.failing = null
      client.tries = 0
      return performed
    } catch (error) {
      if (store.isFault(error)) throw error
      client.tries = client.failing === id ? client.tries + 1 : 1
      client.failing = id
      log.error(
        { err: error, organisation, clientId, sequence, operation: id, tries: client.tries },
        'an operation threw',
      )
      if (client.tries < TRIES) return undefined
      client.failing = null
      client.tries = 0
      return await fail()
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
