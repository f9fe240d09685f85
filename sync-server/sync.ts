// The door of sync: judges a request as a whole, has its operations carried out in order, and answers what changed since.
// Keeps nothing in memory but the requests that wait: all that is known is read under the lock, so that a crash at any moment, or a
// second process, changes nothing. Clock and chance come in by the door.
import { sql } from 'kysely'
import { randomBytes } from 'node:crypto'
import type { ChainFault } from '#shared/activity.ts'
import type { OperationId, OrganisationId, UserId } from '#shared/model.ts'
import { PAGE_ROWS, PROTOCOL, type KnownResponse, type SyncRequest, type SyncResponse } from '#shared/protocol.ts'
import { prepareErasures } from './erasure/ahead.ts'
import type { Logger } from './logger.ts'
import { Refusal } from './problem.ts'
import type { Store, Tx } from './store/index.ts'
import { brokenLinks } from './sync/chain.ts'
import { createGroup } from './sync/group.ts'
import { clientOf, judgeHistory, judgeOwner, judgeProtocol } from './sync/judge.ts'
import { readHead, type Random } from './sync/log.ts'
import { readPage } from './sync/pages.ts'
import type { Device } from './sync/perform.ts'
import { push, type Pushed } from './sync/push.ts'

export type { Device } from './sync/perform.ts'

export interface Commit {
  organisation: OrganisationId
  version: number
  /** Users whose sessions it ended. */
  ended: readonly UserId[]
}

export interface SyncParts {
  store: Store
  /** Milliseconds since 1970 UTC. It may go back; versions never do. */
  clock: () => number
  log: Logger
  random?: Random
  /** Told after each commit that moved an organisation's version. */
  committed?: (commit: Commit) => void
  /** Waits for requests that arrive at the same moment, so that they share a transaction; by default for none. */
  gather?: () => Promise<void>
  /** Has to be done before a first copy is read, so that it is complete: usage that was counted is published. */
  beforeSnapshot?: (organisation: OrganisationId) => Promise<unknown>
  /** Gives everybody else a turn, between parts of work that take a while. */
  pause?: () => Promise<void>
  /** After the commit in which somebody was erased: what was written over must be gone from the files too. */
  erased?: () => Promise<void>
  /** How many rows a page of changes has; few in the simulation, so that little data pages. */
  pageRows?: number
}

export interface Sync {
  /**
   * One request of a device. Asked again with the same operations, it answers the stored outcomes.
   * @throws {Refusal} of the whole request; then nothing has changed
   */
  sync(device: Device, request: SyncRequest): Promise<SyncResponse>
  /** Which of these operations the log does not have, and the history of which that is true. */
  unknown(device: Device, ids: readonly OperationId[], versions?: readonly number[]): Promise<KnownResponse>
}

export function createSync({
  store,
  clock,
  log,
  random = randomBytes,
  committed,
  gather = async () => undefined,
  beforeSnapshot,
  pause = async () => undefined,
  erased = async () => void (await store.scour()),
  pageRows = PAGE_ROWS,
}: SyncParts): Sync {
  const grouped = createGroup(store, gather, (error, requests) =>
    log.error({ err: error, requests }, 'the store failed'),
  )
  const parts = { store, clock, log, random }

  async function pushed(device: Device, request: SyncRequest): Promise<Pushed | undefined> {
    if (request.operations.length === 0) return undefined
    const prepared = await prepareErasures(store, device, request.operations, { random, pause })
    const done = await grouped((tx) => push({ ...parts, prepared }, tx, device, request))
    if (done.moved?.erased) await erased()
    return done
  }

  async function answer(
    tx: Tx,
    device: Device,
    request: SyncRequest,
    pushed: Pushed | undefined,
  ): Promise<SyncResponse> {
    const head = await readHead(tx, device.organisation)
    if (!head) throw new Refusal(403, 'other-account', { what: 'organisation' })
    if (!pushed) await clientOf(tx, device, request.clientId)
    // Also after a push, which was judged in another transaction: tombstones may have been forgotten since.
    await judgeHistory(tx, device, head, request)
    const page = await readPage(tx, device.organisation, head, request.cursor, pageRows)
    // A device that speaks the protocol before does not know of months of usage; its cursor passes them by.
    const changes = request.protocol < 2 ? page.changes.filter(({ entity }) => entity !== 'months') : page.changes
    // The head, not where the page ends: rows that changed since are in later pages of this history alone.
    const seen = { version: head.version, hash: head.hash }
    return {
      protocol: Math.min(PROTOCOL, request.protocol),
      now: clock(),
      outcomes: pushed?.settlements ?? [],
      ...page,
      changes,
      seen,
    }
  }

  return {
    sync: async (device, request) => {
      judgeProtocol(request.protocol)
      judgeOwner(device, request)
      const done = await pushed(device, request)
      if (done?.moved) {
        const { version, ended } = done.moved
        committed?.({ organisation: device.organisation, version, ended })
      }
      if (!request.cursor) await beforeSnapshot?.(device.organisation)
      return await store
        .read((tx) => answer(tx, device, request, done))
        .catch((error: unknown) => {
          throw error instanceof Refusal ? error : new Refusal(503, 'store-failed', undefined, error)
        })
    },

    unknown: (device, ids, versions) =>
      store.read(async (tx) => {
        const { rows } = await sql<{ id: string; version: number }>`
          select "operationId" as id, "version" from log
          where "orgId" = ${device.organisation} and "operationId" in ${tx.forms.list(ids)}`.execute(tx.db)
        const known = new Map(rows.map(({ id, version: at }) => [id, at]))
        const { version, hash } = (await readHead(tx, device.organisation)) ?? { version: 0, hash: '' }
        const stands = (id: string, at: number | undefined) =>
          known.has(id) && (at === undefined || known.get(id) === at)
        return { unknown: ids.filter((id, index) => !stands(id, versions?.[index])), seen: { version, hash } }
      }),
  }
}

/** Walks the log's chain of hashes. @returns where it does not hold; empty when every byte stands as it was written */
export const verifyChain = (store: Store, organisation: OrganisationId): Promise<ChainFault[]> =>
  store.read((tx) => brokenLinks(tx, organisation))
