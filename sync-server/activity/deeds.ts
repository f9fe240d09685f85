// Entries of the log that no operation is: who did it, by which device, in a version of its own that the organisation's devices are told of.
import type { OrganisationId, UserId } from '#shared/model.ts'
import type { Identity } from '../identity.ts'
import type { Logger } from '../logger.ts'
import { Refusal } from '../problem.ts'
import type { Store, Tx } from '../store/index.ts'
import type { Commit } from '../sync.ts'
import { readHead, type Random } from '../sync/log.ts'
import { recordChange } from '../sync/record.ts'

export interface DeedParts {
  store: Store
  identity: Identity
  clock: () => number
  random: Random
  log: Logger
  committed: (commit: Commit) => void
  /** Does something once the answer is on its way. */
  later: (work: () => Promise<void>) => void
}

export interface Deed {
  organisation: OrganisationId
  /** Who did it, and by which device where that is known; nobody for what a stranger did. */
  by?: { userId: UserId; device?: string | undefined } | undefined
  type: string
  args: object
}

export interface Deeds {
  /** Writes an entry of its own, and tells the organisation's devices. */
  record(deed: Deed): Promise<void>
  /** Does it once the answer is on its way: what fails then is logged. */
  later(work: () => Promise<void>): void
  /** Records it once the answer is on its way. */
  note(deed: Deed): void
}

export function createDeeds({ store, clock, random, log, committed, later: afterwards }: DeedParts): Deeds {
  const record = async ({ organisation, by, type, args }: Deed): Promise<void> => {
    const { userId: actor = null, device } = by ?? {}
    const version = await store.transaction(async (tx) => {
      const given = { ...args, ...(await deviceIn(tx, organisation, device)) }
      await recordChange(tx, organisation, { type, args: given }, { now: clock(), random, actor }, [], () => undefined)
      return (await readHead(tx, organisation))?.version ?? 0
    })
    committed({ organisation, version, ended: [] })
  }
  const later = (work: () => Promise<void>) =>
    afterwards(() =>
      work().catch((error: unknown) => {
        // Whose session has ended again by now.
        if (!(error instanceof Refusal)) log.error({ err: error }, 'an entry of the log failed')
      }),
    )
  return { record, later, note: (deed) => later(() => record(deed)) }
}

/** Its name as it is now: the device itself may be forgotten one day. */
async function deviceIn(tx: Tx, organisation: OrganisationId, id: string | undefined): Promise<object> {
  if (id === undefined) return {}
  const row = await tx.db
    .selectFrom('auth_devices')
    .select('name')
    .where('orgId', '=', organisation)
    .where('id', '=', id)
    .executeTakeFirst()
  return { device: id, ...(row ? { deviceName: row.name } : {}) }
}
