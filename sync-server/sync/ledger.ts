// The rows of one organisation as the operations of one request see and change them: each is read once and written once, however many
// operations touch it. It lives inside one transaction and behind the organisation's lock, so nobody else changes what it remembers.
// What is kept is in memory alone until `flush`; after a throw in between, the ledger is as it was before that operation.
import type { Entity, OrganisationId, UserId } from '#shared/model.ts'
import { ENTITIES } from '#shared/model.ts'
import type { Reads } from '#shared/operations/definition.ts'
import type { Effect, View } from '#shared/view.ts'
import { eraseUser } from '../erasure/erase.ts'
import { createLate } from '../erasure/late.ts'
import type { Prepared } from '../erasure/log.ts'
import { createShelf, type Loaded } from '../source.ts'
import type { Tx } from '../store/index.ts'
import type { LogRow } from '../store/schema.ts'
import { seal, writeEntries, type Entry, type Head, type Random } from './log.ts'
import type { Redaction } from './redactions.ts'
import { carryOut, writeChanged, type Changed } from './write.ts'

export interface Ledger {
  /** The last version, kept ones included. */
  readonly head: Head
  /** Users whose sessions end by what was kept. */
  readonly ended: readonly UserId[]
  /** Whether somebody was erased by what was kept. */
  readonly erased: boolean
  /** Whether a flush has failed: then the transaction holds half of it, and must be taken back. */
  readonly broken: boolean
  /** The rows that `reads` name, as they stand after what was kept. */
  load(reads: readonly Reads[], actor?: UserId): Promise<Loaded>
  /**
   * Keeps what an operation did as the next version. A view that is undefined did nothing. After one that has everything counted anew
   * (`recounts`) comes a flush, before the next operation looks at what was counted. Who is erased is erased at once from all that was
   * written before; and of who was, nothing is kept but the id.
   */
  keep(view: View | undefined, entry: Entry): Promise<void>
  /** Writes what was kept: rows, tombstones, entries of the log, mails, ended sessions. */
  flush(): Promise<void>
}

export const recounts = ({ kind }: Effect): boolean => kind === 'recount'

/** @param prepared what was looked up of users who are to be erased, before the organisation was locked */
export function createLedger(
  tx: Tx,
  organisation: OrganisationId,
  start: Head,
  random: Random,
  prepared: ReadonlyMap<string, Prepared> = new Map(),
): Ledger {
  const shelf = createShelf(tx, organisation)
  const changed = Object.fromEntries(ENTITIES.map((entity) => [entity, new Map()])) as { [E in Entity]: Changed<E> }
  const effects: { entry: Entry; version: number; effects: readonly Effect[] }[] = []
  const ended: UserId[] = []
  const late = createLate(tx, organisation)
  let erased = false
  let entries: LogRow[] = []
  let head = start
  let broken = false

  function note<E extends Entity>(entity: E, view: View, version: number, at: number): void {
    for (const [id, { before, after }] of view.changes[entity]) {
      if (!before && !after) continue
      const row = after && { ...after, version }
      const known = changed[entity].get(id)
      changed[entity].set(id, { existed: known ? known.existed : before !== undefined, after: row, version, at })
      shelf.put(entity, id, row, version)
    }
  }

  async function write(): Promise<void> {
    await writeChanged(tx, organisation, changed)
    if (entries.length > 0) await writeEntries(tx, organisation, entries, head)
    for (const { entry, version, effects: caused } of effects) {
      await carryOut(tx, organisation, caused, { id: entry.id, at: entry.at, random, version })
      if (caused.some(recounts)) shelf.forgetCounted()
    }
    for (const rows of Object.values(changed)) rows.clear()
    entries = []
    effects.length = 0
  }

  /** After a throw in the middle the transaction holds half of it. */
  async function whole<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      broken = true
      throw error
    }
  }

  /** @returns what earlier contents of the log read as now; undefined where nobody is erased */
  async function eraseThose(caused: readonly Effect[], at: number): Promise<Redaction[] | undefined> {
    const users = caused.flatMap((effect) => (effect.kind === 'erase' ? [effect.userId] : []))
    if (users.length === 0) return undefined
    return await whole(async () => {
      await write()
      const redacted: Redaction[] = []
      for (const userId of users) {
        const given = { at, random, version: head.version + 1, prepared: prepared.get(userId) }
        redacted.push(...(await eraseUser(tx, organisation, userId, given)))
      }
      late.erased()
      erased = true
      return redacted
    })
  }

  return {
    get head() {
      return head
    },
    get broken() {
      return broken
    },
    get erased() {
      return erased
    },
    ended,
    load: (reads, actor) => shelf.load(reads, actor),
    keep: async (view, entry) => {
      const redacted = await eraseThose(view?.effects ?? [], entry.at)
      const sealed = seal(organisation, head, await late.withoutErased({ ...entry, redacted }), random)
      if (view) {
        for (const entity of ENTITIES) note(entity, view, sealed.head.version, entry.at)
        if (view.effects.length > 0) effects.push({ entry, version: sealed.head.version, effects: view.effects })
        for (const effect of view.effects) if (effect.kind === 'end-sessions') ended.push(effect.userId)
      }
      entries.push(sealed.row)
      head = sealed.head
    },
    flush: () => whole(write),
  }
}
