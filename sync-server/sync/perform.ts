// One operation on the server: parse, load, run, write, log. The rules are those of its definition; what is added here is that they
// see the authoritative rows, and that everything it did is in the log.
import * as v from 'valibot'
import { read } from '#shared/faults.ts'
import { type ClientId, OperationId, type Instant, type OrganisationId, type UserId } from '#shared/model.ts'
import type { Names, Past, Reads } from '#shared/operations/definition.ts'
import { imagesOf, noImages } from '#shared/operations/images.ts'
import { parseCall, run, type Malformed, type ParsedCall } from '#shared/operations/index.ts'
import { rejected, withItem, type Outcome } from '#shared/operations/outcome.ts'
import { readsOfUndo, undo } from '#shared/operations/undo.ts'
import { MAX_OPERATION_BYTES } from '#shared/operations/definition.ts'
import { SentOperation, WITHDRAWN } from '#shared/protocol.ts'
import { createView } from '#shared/view.ts'
import type { Loaded } from '../source.ts'
import type { Tx } from '../store/index.ts'
import { nameWhoChanged } from './blame.ts'
import { recounts, type Ledger } from './ledger.ts'
import { noVersions, pastOf, type Entry } from './log.ts'
import { previousVersions } from './write.ts'

/** Who sends: everything here comes from the session, never from the request. */
export interface Device {
  account: string
  organisation: OrganisationId
  userId: UserId
}

/** What could be read of a sent operation: at least its id and place, else the whole request is refused. */
export interface Received {
  id: OperationId
  sequence: number
  /** Undefined where the operation could not be parsed. */
  sent: SentOperation | undefined
  fault: Malformed | undefined
  raw: unknown
}

const Place = v.object({ id: OperationId, sequence: SentOperation.entries.sequence })

/** Parses one operation by itself. @returns the fault alone where not even its id and sequence can be read */
export function receive(raw: unknown): Received | Malformed {
  const parsed = read(SentOperation, raw)
  if (parsed.ok)
    return { id: parsed.output.id, sequence: parsed.output.sequence, sent: parsed.output, fault: undefined, raw }
  const { fault } = parsed
  const place = v.safeParse(Place, raw)
  return place.success ? { ...place.output, sent: undefined, fault, raw } : fault
}

export interface Given {
  device: Device
  clientId: ClientId
  at: Instant
}

/**
 * Judges one operation and keeps what it did in the ledger.
 * @throws what its definition throws; then the ledger is as it was
 */
export async function perform(tx: Tx, ledger: Ledger, received: Received, given: Given): Promise<readonly Outcome[]> {
  const { sent } = received
  if (!sent || received.fault) return setAside(ledger, received, malformed(received.id, received.fault), given)
  if (sent.type === WITHDRAWN) return setAside(ledger, received, [], given)
  if (Buffer.byteLength(JSON.stringify(sent)) > MAX_OPERATION_BYTES)
    return setAside(
      ledger,
      received,
      malformed(sent.id, { path: '', message: 'Is too large for one operation.' }),
      given,
    )
  const parsed = parseCall(sent.type, sent.args)
  if (!parsed.ok) return setAside(ledger, received, malformed(sent.id, parsed.fault), given)

  const { device, at } = given
  const past = await pastFor(tx, ledger, device.organisation, parsed.call)
  const loaded = await ledger.load(readsFor(parsed.call, past), device.userId)
  const view = createView(loaded.source)
  const decided = run(view, parsed.call, { actor: device.userId, now: at, past }, sent.atomic)
  const outcomes = await named(tx, ledger, device.organisation, decided, loaded)
  const did = { outcomes, images: imagesOf(view.changes), rows: previousVersions(view.changes) }
  await ledger.keep(view, { ...entryFor(received, given), ...did })
  if (view.effects.some(recounts)) await ledger.flush()
  return outcomes
}

/** Logs an operation that has thrown too often, as failed on each of its items, so that the queue behind it goes on. */
export const fail = (ledger: Ledger, received: Received, given: Given): Promise<readonly Outcome[]> =>
  setAside(
    ledger,
    received,
    itemsOf(received).map((item) => withItem(item, rejected('failed', {}))),
    given,
  )

async function setAside(
  ledger: Ledger,
  received: Received,
  outcomes: Outcome[],
  given: Given,
): Promise<readonly Outcome[]> {
  const nothing = { images: noImages, rows: noVersions }
  await ledger.keep(undefined, { ...entryFor(received, given), ...nothing, outcomes })
  return outcomes
}

/** The log is asked only where somebody else's change is to be named; it must hold all that was kept so far. */
async function named(
  tx: Tx,
  ledger: Ledger,
  organisation: OrganisationId,
  outcomes: readonly Outcome[],
  loaded: Loaded,
): Promise<readonly Outcome[]> {
  if (!outcomes.some((outcome) => outcome.result === 'rejected' && outcome.code === 'changed-meanwhile'))
    return outcomes
  await ledger.flush()
  return await nameWhoChanged(tx, organisation, outcomes, loaded)
}

const malformed = (id: OperationId, fault: Malformed = { path: '', message: 'Could not be read.' }): Outcome[] => [
  withItem(id, rejected('malformed', fault)),
]

function itemsOf({ id, sent }: Received): readonly string[] {
  if (!sent) return [id]
  const parsed = parseCall(sent.type, sent.args)
  const items = parsed.ok ? parsed.call.definition.items(parsed.call.args) : []
  return items.length > 0 ? items : [id]
}

const noNames: Names = { users: {}, groups: {}, products: {} }

/** The operation as it was sent; of one that could not be parsed, the whole of it in place of the args. */
function entryFor(
  { id, sequence, sent, raw }: Received,
  { device, clientId, at }: Given,
): Omit<Entry, 'outcomes' | 'images' | 'rows'> {
  return {
    id,
    sequence,
    clientId,
    actor: device.userId,
    type: sent && /^[a-z-]{1,40}$/.test(sent.type) ? sent.type : 'malformed',
    args: sent ? sent.args : raw,
    names: sent?.names ?? noNames,
    batch: sent?.batch ?? null,
    atomic: sent?.atomic ?? false,
    madeAt: sent?.madeAt ?? at,
    at,
  }
}

/** Undefined for anything but an undo, so that no other definition comes to lean on the past. */
async function pastFor(
  tx: Tx,
  ledger: Ledger,
  organisation: OrganisationId,
  { definition, args }: ParsedCall,
): Promise<Past | null | undefined> {
  if (definition.type !== undo.type) return undefined
  await ledger.flush()
  return await pastOf(tx, organisation, v.parse(undo.args, args).operationId)
}

function readsFor({ definition, args }: ParsedCall, past: Past | null | undefined): Reads[] {
  const own = definition.reads(args)
  return past ? [own, itemsAsReads(past.applied), ...readsOfUndo(past)] : [own]
}

/** An undo looks at each item as a user, a group and a meter: it finds it in one of them. */
function itemsAsReads(items: readonly string[]): Reads {
  const ids = items as readonly never[]
  return { users: ids, groups: ids, meters: ids }
}
