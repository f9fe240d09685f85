// The door of usage: puts its parts behind the interface that the provider's API and the sync server see. Whoever asks at the same moment
// shares a transaction, and so one flush to the disk.
import { randomBytes } from 'node:crypto'
import type { OrganisationId } from '#shared/model.ts'
import type { Logger } from '../logger.ts'
import type { Store, Tx } from '../store/index.ts'
import type { Commit } from '../sync.ts'
import { createGroup } from '../sync/group.ts'
import type { Random } from '../sync/log.ts'
import type { By } from '../sync/record.ts'
import { hasCalls } from './calls.ts'
import { ingest } from './ingest.ts'
import { publishNow } from './publish.ts'
import { balance, balanceOf, ids, month, sources } from './read.ts'
import { confirm, release, reservationOf, reserve } from './reservations.ts'
import { createSchedule, type After } from './schedule.ts'
import { spend } from './spend.ts'
import type { Usage } from './usage.ts'

/** Devices are let see what was counted once in so many milliseconds. */
const PUBLISH_EVERY = 60_000

export interface UsageParts {
  store: Store
  clock: () => number
  log: Logger
  random?: Random
  /** Told after each commit that moved an organisation's version. */
  committed?: (commit: Commit) => void
  /** Waits for what arrives at the same moment; by default for nothing. */
  gather?: () => Promise<void>
  publishEvery?: number
  /** Timers; those of the process by default. */
  after?: After
}

export function createUsage({
  store,
  clock,
  log,
  random = randomBytes,
  committed,
  gather = async () => undefined,
  publishEvery = PUBLISH_EVERY,
  after,
}: UsageParts): Usage {
  const grouped = createGroup(store, gather, (error, requests) =>
    log.error({ err: error, requests }, 'the store failed while usage was counted'),
  )
  const by = (key?: string): By => ({ now: clock(), random, key })
  const schedule = createSchedule({ every: publishEvery, clock, log, publish, after })

  /** Carries out what counts usage, and sees to it that devices learn of it. */
  async function counting<T>(
    organisation: OrganisationId,
    key: string | undefined,
    work: (tx: Tx, by: By) => Promise<T>,
  ): Promise<T> {
    const { result, publishedAt } = await grouped(async (tx) => ({
      result: await work(tx, by(key)),
      publishedAt: await publishedLast(tx, organisation),
    }))
    if (publishedAt !== undefined) schedule.counted(organisation, publishedAt)
    return result
  }

  async function publish(organisation: OrganisationId): Promise<boolean> {
    const version = await store.transaction((tx) => publishNow(tx, organisation, by()))
    if (version !== undefined) committed?.({ organisation, version, ended: [] })
    return version !== undefined
  }

  /** What an earlier process has left unpublished. */
  async function resume(): Promise<void> {
    const left = await store.read(async (tx) => {
      const days = tx.db.selectFrom('unpublished').select('orgId')
      const grants = tx.db.selectFrom('burnt').select('orgId')
      return await days.union(grants).union(tx.db.selectFrom('provider_calls').select('orgId')).execute()
    })
    for (const { orgId } of left) schedule.left(orgId as OrganisationId)
  }
  void resume().catch((error: unknown) => log.error({ err: error }, 'unpublished usage could not be looked for'))

  return {
    ingest: (organisation, events, key) =>
      counting(organisation, key, (tx, by) => ingest(tx, organisation, events, by)),
    spend: (organisation, request, key) =>
      counting(organisation, key, (tx, by) => spend(tx, organisation, request, by)),
    reserve: (organisation, request, key) =>
      counting(organisation, key, (tx, by) => reserve(tx, organisation, request, by)),
    confirm: (organisation, id, credits, key) =>
      counting(organisation, key, (tx, by) => confirm(tx, organisation, id, credits, by)),
    release: (organisation, id, key) => counting(organisation, key, (tx, by) => release(tx, organisation, id, by)),
    reservation: (organisation, id) => store.read((tx) => reservationOf(tx, organisation, id, clock())),
    balance: (organisation) => store.read((tx) => balance(tx, organisation, clock())),
    balanceOf: (organisation, user) => store.read((tx) => balanceOf(tx, organisation, user, by())),
    sources: (organisation) => store.read((tx) => sources(tx, organisation)),
    month: (organisation, id, since = 0) => store.read((tx) => month(tx, organisation, id, since)),
    ids: (organisation, from) => store.read((tx) => ids(tx, organisation, from)),
    publish,
    close: () => schedule.close(),
  }
}

/** When devices were last let see; undefined where there is nothing that they have not seen. */
async function publishedLast(tx: Tx, organisation: OrganisationId): Promise<number | undefined> {
  const left = await tx.db
    .selectFrom('unpublished')
    .select('id')
    .where('orgId', '=', organisation)
    .limit(1)
    .executeTakeFirst()
  if (!left && !(await hasCalls(tx, organisation))) return undefined
  const head = await tx.db
    .selectFrom('usage_heads')
    .select('publishedAt')
    .where('orgId', '=', organisation)
    .executeTakeFirst()
  return head?.publishedAt ?? 0
}
