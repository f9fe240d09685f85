// One exchange with the server: what to send, and what each answer means. It decides nothing about rows or outcomes, and it never
// waits or retries: the driver does.
import * as v from 'valibot'
import type { OperationId } from '#shared/model.ts'
import { routedDefinition } from '#shared/operations/index.ts'
import {
  KnownResponse,
  MAX_REQUEST_BYTES,
  PROTOCOL,
  Problem,
  SyncResponse,
  type Seen,
  type SentOperation,
  type SyncRequest,
} from '#shared/protocol.ts'
import { newerOf } from './receive.ts'
import type { Replica } from './replica.ts'
import type { OutboxRecord, SyncRow } from './storage.ts'

/** Posts JSON to the server; rejects only where no answer came. */
export type Network = (path: string, body: unknown) => Promise<{ status: number; body: unknown }>

/** What an exchange came to. `again`: there is more to do at once; `idle`: all sent, all fetched. */
export type Exchanged =
  | { kind: 'again' }
  | { kind: 'idle' }
  | { kind: 'waits-for-confirmation'; id: OperationId }
  | { kind: 'refused'; problem: Problem }
  | { kind: 'offline' }
  | { kind: 'failed'; message: string }

export const RISKY_AFTER = 24 * 60 * 60 * 1000

export function createExchange({
  replica,
  network,
  clock,
}: {
  replica: Replica
  network: Network
  clock: () => number
}) {
  /** Halved by each 413, also of a proxy; grows back with each answer. */
  let room = MAX_REQUEST_BYTES
  const ask = (request: SyncRequest) => network('/api/sync', request).catch((error: unknown) => String(error))
  /** The next page of a snapshot, asked for while the one before is written; of use only if the sync row then asks for just that. */
  let ahead: { request: SyncRequest; answer: ReturnType<typeof ask> } | undefined

  return async function exchange(): Promise<Exchanged> {
    const { sync } = replica
    if (!sync || (replica.phase !== 'ready' && replica.phase !== 'loading')) return { kind: 'idle' }
    const { operations, waiting } = sendable(replica, clock(), room)
    const request: SyncRequest = {
      protocol: PROTOCOL,
      account: sync.account,
      organisation: sync.organisation,
      clientId: sync.clientId,
      cursor: sync.cursor,
      seen: sync.seen,
      operations,
    }
    const asked = ahead
    ahead = undefined
    const answer = await (asked && sameQuestion(asked.request, request) ? asked.answer : ask(request))
    if (typeof answer === 'string') return { kind: 'offline' }
    if (answer.status !== 200) return refused(sync, operations, answer)

    const response = v.safeParse(SyncResponse, answer.body)
    if (!response.success) return { kind: 'failed', message: 'The server’s answer could not be read.' }
    room = Math.min(MAX_REQUEST_BYTES, room * 2)
    const { cursor, more } = response.output
    // Operations wait for the end of a snapshot: what comes next is known already.
    if (more && (replica.phase === 'loading' || sync.generation !== sync.shown.generation)) {
      const next = { ...request, cursor, seen: newerOf(sync.seen, response.output.seen) }
      ahead = { request: next, answer: ask(next) }
    }
    await replica.receive(sync, response.output)
    if (more || sendable(replica, clock(), room).operations.length > 0) return { kind: 'again' }
    return waiting ? { kind: 'waits-for-confirmation', id: waiting } : { kind: 'idle' }
  }

  async function refused(
    from: SyncRow,
    sent: readonly SentOperation[],
    { status, body }: { status: number; body: unknown },
  ): Promise<Exchanged> {
    const parsed = v.safeParse(Problem, body)
    if (status === 413) return tooLarge(sent)
    if (!parsed.success) return { kind: 'failed', message: `The server answered ${status}.` }
    const problem = parsed.output
    switch (problem.code) {
      case 'client-forked':
      case 'client-expected':
        await replica.newClient(from)
        return { kind: 'again' }
      case 'resnapshot':
        await replica.newSnapshot(from)
        return { kind: 'again' }
      case 'other-history':
        return offerAgain(from)
      default:
        return { kind: 'refused', problem }
    }
  }

  async function tooLarge(sent: readonly SentOperation[]): Promise<Exchanged> {
    const [only] = sent
    if (sent.length === 1 && only) await replica.setAside(only.id)
    else if (sent.length === 0)
      return { kind: 'failed', message: 'The server refuses even an empty request for its size.' }
    else room = Math.max(1, Math.floor(sizeOf(sent) / 2))
    return { kind: 'again' }
  }

  /** The server was restored from a backup: from the first operation that it does not know, today's work is offered once more. */
  async function offerAgain(from: SyncRow): Promise<Exchanged> {
    // What has no outcome is offered in any case.
    const settled = replica.records.flatMap(({ id, settlement }) =>
      settlement ? [{ id, version: settlement.version }] : [],
    )
    const unknown = new Set<OperationId>()
    let seen: Seen | undefined
    for (let at = 0; at === 0 || at < settled.length; at += 10_000) {
      const asked = settled.slice(at, at + 10_000)
      const answer = await network('/api/sync/known', {
        account: from.account,
        organisation: from.organisation,
        ids: asked.map(({ id }) => id),
        versions: asked.map(({ version }) => version),
      }).catch(() => undefined)
      if (!answer) return { kind: 'offline' }
      const known = v.safeParse(KnownResponse, answer.body)
      if (!known.success) return { kind: 'failed', message: `The server answered ${answer.status}.` }
      for (const id of known.output.unknown) unknown.add(id)
      seen ??= known.output.seen
    }
    if (seen) await replica.otherHistory(from, unknown, seen)
    return { kind: 'again' }
  }
}

const sameQuestion = (a: SyncRequest, b: SyncRequest): boolean => JSON.stringify(a) === JSON.stringify(b)

/**
 * The whole operations that fit in one request, in order; none while a snapshot is under way. A risky one that has waited for a day
 * stops the line until the admin has said that it is still wanted: `waiting` is its id.
 */
export function sendable(
  replica: Replica,
  now: number,
  room: number,
): { operations: SentOperation[]; waiting: OperationId | undefined } {
  const { sync, phase } = replica
  const operations: SentOperation[] = []
  if (!sync || phase !== 'ready' || sync.cursor === null || sync.generation !== sync.shown.generation)
    return { operations, waiting: undefined }
  let size = 0
  for (const record of replica.records) {
    if (record.settlement || record.place <= sync.base) continue
    if (asksFirst(record, now)) return { operations, waiting: record.id }
    const operation = toSent(record, sync.base)
    size += sizeOf(operation, record)
    if (operations.length > 0 && size > room * 0.95) break
    operations.push(operation)
  }
  return { operations, waiting: undefined }
}

/** Whether an operation has waited so long that the admin is asked again before it is sent. */
export function asksFirst(
  { type, madeAt, confirmedAt }: Pick<OutboxRecord, 'type' | 'madeAt' | 'confirmedAt'>,
  now: number,
): boolean {
  return routedDefinition(type)?.risky === true && confirmedAt === undefined && now - madeAt > RISKY_AFTER
}

const toSent = (
  { place, id, type, args, names, madeAt, batch, atomic }: OutboxRecord,
  base: number,
): SentOperation => ({
  sequence: place - base,
  id,
  type,
  args,
  names,
  madeAt,
  batch,
  atomic,
})

/** Bytes as UTF-8 JSON. `of`: what it is the size of, which is asked for at each attempt and never changes. */
function sizeOf(value: unknown, of?: object): number {
  const known = of && sizes.get(of)
  if (known !== undefined) return known
  const text = JSON.stringify(value)
  const size = /^[\x20-\x7e]*$/.test(text) ? text.length : new TextEncoder().encode(text).length
  if (of) sizes.set(of, size)
  return size
}
const sizes = new WeakMap<object, number>()
