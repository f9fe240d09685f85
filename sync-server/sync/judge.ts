// What a request as a whole must fulfil before any of its operations is looked at. Each refusal names what the device has to do.
import type { ClientId } from '#shared/model.ts'
import { OLDEST_PROTOCOL, PROTOCOL, type SyncRequest } from '#shared/protocol.ts'
import { Refusal } from '../problem.ts'
import type { Tx } from '../store/index.ts'
import { sameHistory, type Head } from './log.ts'
import type { Device } from './perform.ts'

/** Refuses what this server does not speak; asked before the envelope is parsed, since another protocol's may look different. */
export function judgeProtocol(protocol: number): void {
  if (protocol < OLDEST_PROTOCOL)
    throw new Refusal(426, 'protocol-too-old', { oldest: OLDEST_PROTOCOL, newest: PROTOCOL })
  if (protocol > PROTOCOL) throw new Refusal(426, 'protocol-too-new', { oldest: OLDEST_PROTOCOL, newest: PROTOCOL })
}

/** A queue is sent by its own account alone. */
export function judgeOwner(device: Device, named: { account: string; organisation: string }): void {
  if (named.account !== device.account) throw new Refusal(403, 'other-account', { what: 'account' })
  if (named.organisation !== device.organisation) throw new Refusal(403, 'other-account', { what: 'organisation' })
}

/** The history that the device has seen must be this one, and its cursor within what is kept. */
export async function judgeHistory(tx: Tx, device: Device, head: Head, { seen, cursor }: SyncRequest): Promise<void> {
  if (!(await sameHistory(tx, device.organisation, seen)))
    throw new Refusal(409, 'other-history', { head: head.version })
  if (!cursor) return
  const above = cursor.version > head.version || cursor.since > head.version
  // A first sync that takes long is judged by where it began: else it would start anew for ever.
  const forgotten = Math.max(cursor.version, cursor.since) < head.horizon
  if (above || forgotten) throw new Refusal(409, 'resnapshot', { head: head.version, horizon: head.horizon })
}

/** How far a client's queue is settled. */
export interface Client {
  lastSequence: number
  /** The operation that threw last, and how often it did. */
  failing: string | null
  tries: number
}

/** The client as the server knows it, a new one if it does not. @throws {Refusal} when it is another account's */
export async function clientOf(tx: Tx, device: Device, clientId: ClientId): Promise<Client> {
  const row = await tx.db
    .selectFrom('clients')
    .select(['account', 'lastSequence', 'failing', 'tries'])
    .where('orgId', '=', device.organisation)
    .where('clientId', '=', clientId)
    .executeTakeFirst()
  if (!row) return { lastSequence: 0, failing: null, tries: 0 }
  const { account, ...client } = row
  if (account !== device.account) throw new Refusal(403, 'other-account', { what: 'client' })
  return client
}

export async function keepClient(tx: Tx, device: Device, clientId: ClientId, client: Client): Promise<void> {
  const row = { orgId: device.organisation, clientId, account: device.account, ...client }
  await tx.db
    .insertInto('clients')
    .values(row)
    .onConflict((conflict) => conflict.columns(['orgId', 'clientId']).doUpdateSet({ ...client }))
    .execute()
}
