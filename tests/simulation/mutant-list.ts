// The places in which the engine is broken on purpose, each with the promise that stands on it.

export interface Mutant {
  name: string
  /** Where the fast tier can't see it. */
  tier?: 'A' | 'B'
  changes: { file: string; find: string; replace: string }[]
}

const one = (name: string, file: string, find: string, replace: string): Mutant => ({
  name,
  changes: [{ file, find, replace }],
})
const REPLICA = 'web/lib/replica/replica.ts'
const RECEIVE = 'web/lib/replica/receive.ts'
const PUSH = 'sync-server/sync/push.ts'
const SYNC = 'sync-server/sync.ts'

export const mutants: readonly Mutant[] = [
  // The cursor is written with its blocks, in one transaction.
  one(
    'cursor: written before its blocks, in a transaction of its own',
    REPLICA,
    `const written = await storage.transact('relaxed', after, receivePage(requestedFrom, response, moment()))`,
    `const decide = receivePage(requestedFrom, response, moment())
        let blocks: Plan['blocks'] = []
        const first = await storage.transact('relaxed', after, (found) => {
          const plan = decide(found)
          blocks = plan?.blocks ?? []
          return plan && { ...plan, blocks: [] }
        })
        if (first) await storage.transact('relaxed', after, ({ sync }) => ({ sync, records: [], blocks }))
        const written = first && { ...first, blocks }`,
  ),
  // What is pending is replayed over each page.
  one(
    'replay: not done after a page',
    REPLICA,
    `const built = first ? undefined : await build(delta ?`,
    `const built = first ? undefined : page ? { overlay: new Overlay(delta ? withDelta(under, delta) : under), predicted } : await build(delta ?`,
  ),
  // An operation is settled when the shown version has reached its own.
  one(
    'acknowledgement: settled by the outcome, not by the shown version',
    'web/lib/replica/storage.ts',
    `(record.settlement !== undefined && record.settlement.version <= shownVersion)`,
    `record.settlement !== undefined`,
  ),
  // Operations on one organisation are serial: one transaction, which holds the lock from its first look.
  one(
    'serial: operations run without a transaction of their own',
    'sync-server/store/sqlite.ts',
    `transaction: (work) => whenFree(() => db.transaction().execute((tx) => work({ db: tx, forms }))),`,
    `transaction: (work) => whenFree(() => work({ db, forms })),`,
  ),
  one(
    'serial: one after the other, but without a transaction that a crash takes back',
    'sync-server/store/sqlite.ts',
    `transaction: (work) => whenFree(() => db.transaction().execute((tx) => work({ db: tx, forms }))),`,
    `transaction: (work) => whenFree(() => db.connection().execute((connection) => work({ db: connection, forms }))),`,
  ),
  // A client's sequence is neither skipped nor used twice.
  one(
    'sequence: one that was used is taken again',
    PUSH,
    `    if (sequence <= client.lastSequence) throw new Refusal(409, 'client-forked', { expected: client.lastSequence + 1 })`,
    ``,
  ),
  // An undo takes back only what still stands as the operation left it.
  one(
    'undo: without looking at the after image',
    'shared/operations/undo.ts',
    `if (touched.every(({ image, fields }) => standsAt(fields, image.after))) return undefined`,
    `if (touched.length >= 0) return undefined`,
  ),
  // What else the engine stands on.
  one(
    'repeat: an operation that the log has is carried out again',
    PUSH,
    `const stored = known.get(id)`,
    `const stored = known.get(id) && undefined`,
  ),
  one(
    'between pages: memory moves before the last one',
    RECEIVE,
    `shown: more ? sync.shown : { generation: sync.generation, version: cursor.version },`,
    `shown: { generation: sync.generation, version: cursor.version },`,
  ),
  one(
    'late: a page is written without looking at the sync row',
    RECEIVE,
    `if (sync.revision !== requestedFrom.revision || sync.clientId !== requestedFrom.clientId) return undefined`,
    ``,
  ),
  one(
    'history: another one is not noticed',
    'sync-server/sync/judge.ts',
    `if (!(await sameHistory(tx, device.organisation, seen)))`,
    `if (!(await sameHistory(tx, device.organisation, seen)) && seen.version < 0)`,
  ),
  one(
    'history: an answer names where its page ends, not the history that it was read from',
    SYNC,
    `const seen = { version: head.version, hash: head.hash }`,
    `const seen = { version: page.cursor.version, hash: (await tx.db.selectFrom('log').select('hash').where('orgId', '=', device.organisation).where('version', '=', page.cursor.version).executeTakeFirst())?.hash ?? '' }`,
  ),
  one(
    'history: what was settled in a lost one is not offered again',
    RECEIVE,
    `.map(({ settlement: _, ...record }) => record)`,
    `.map((record) => record)`,
  ),
  one(
    'history: an operation that stands at another version keeps its former outcome',
    'web/lib/replica/exchange.ts',
    `versions: asked.map(({ version }) => version),`,
    ``,
  ),
  one(
    'tombstones: forgotten ones are not missed',
    'sync-server/sync/judge.ts',
    `const forgotten = Math.max(cursor.version, cursor.since) < head.horizon`,
    `const forgotten = head.horizon < 0`,
  ),
  one(
    'tombstones: judged when the operations are, not when the page is read',
    SYNC,
    `    await judgeHistory(tx, device, head, request)`,
    `    if (!pushed) await judgeHistory(tx, device, head, request)`,
  ),
  one(
    'erased: a store filled anew is taken for the one before',
    REPLICA,
    `if (!stored || (sync && stored.born !== sync.born)) return lose()`,
    `if (!stored) return lose()`,
  ),
  {
    name: 'erased: nobody looks again after reading',
    changes: [
      { file: REPLICA, find: `if (found.sync?.born !== stored.born) return lose()`, replace: `` },
      { file: REPLICA, find: `const { shown } = found.sync`, replace: `const { shown } = found.sync ?? stored` },
    ],
  },
  one(
    'snapshot: begun anew over the rows of the unfinished one',
    REPLICA,
    `if (generation !== stored.generation) next =`,
    `if (generation < 0) next =`,
  ),
  one(
    'replay: what is settled by now is guessed once more',
    REPLICA,
    `const done = new Set([...(without ?? []), ...all.map(({ id }) => id)])`,
    `const done = new Set(without)`,
  ),
  one(
    'taken back too late: no undo follows',
    RECEIVE,
    `      undos.unshift({ ...undoOf(record, moment), place: 0 })`,
    ``,
  ),
  one(
    'taken back: what came to nothing is offered again as it was',
    RECEIVE,
    `const tooLate = takenBack && settlement.notApplied.length < settlement.total`,
    `const tooLate = takenBack && settlement.total > 0`,
  ),
  one(
    'taken back: the record leaves a gap',
    RECEIVE,
    `const withdrawn = named.filter(({ settlement }) => !settlement).map(withdraw)`,
    `const withdrawn = named.filter(({ settlement }) => !settlement).map((record) => ({ ...withdraw(record), aside: 'too-large' as const }))`,
  ),
  one(
    'forked: the new client begins behind what was not judged',
    RECEIVE,
    `base: baseBefore(records, (r) => !r.settlement, lastPlace)`,
    `base: lastPlace`,
  ),
  one(
    'versions: a page ends inside a version',
    'sync-server/sync/pages.ts',
    `for (const entity of paged) changes.push(...(await rowBlocks(tx, organisation, entity, from, to)))`,
    `for (const entity of paged)
    changes.push(...(await rowBlocks(tx, organisation, entity, from, entity === 'meters' && to > from + 1 ? to - 1 : to)))`,
  ),
  one(
    'tombstones: a removed group takes the meter of its pool with it',
    'web/lib/replica/rows.ts',
    `          into.delete(id)`,
    `          for (const table of Object.values(rows.tables)) table.delete(id)`,
  ),
  // Who is gone is gone from the device, and nobody else.
  one(
    'forgotten: a row stays in the last of its blocks',
    'web/lib/replica/forget.ts',
    `for (const key of held.keys) {`,
    `for (const key of held.keys.slice(0, -1)) {`,
  ),
  one(
    'forgotten: what settled operations say of them stays',
    'web/lib/replica/forget.ts',
    `changed = (await replica.redact(redactSettled(gone))) || changed`,
    `changed = true`,
  ),
  one(
    'forgotten: what is pending loses what it was made of',
    'web/lib/replica/redact.ts',
    `if (!isSettled(record, shownVersion)) return undefined`,
    ``,
  ),
  // The provider's side: what is used counts once, and on its own day, term and grant.
  one(
    'usage: a repeated event is counted twice',
    'sync-server/usage/ingest.ts',
    `if (!fresh) return { result: 'repeated' }`,
    `if (!fresh) {
      books.count(event)
      return { result: 'repeated' }
    }`,
  ),
  one(
    'usage: a meter is not rolled over',
    'shared/meters.ts',
    `next[term] = (current ? meter[term] : 0) +`,
    `next[term] = meter[term] +`,
  ),
  one(
    'usage: grants are burnt in the order of their starts',
    'shared/credits.ts',
    `compare(a.endsOn, b.endsOn) || compare(a.startsOn, b.startsOn)`,
    `compare(a.startsOn, b.startsOn) || compare(a.endsOn, b.endsOn)`,
  ),
  one(
    'usage: a new grant does not take over what was used past the credits',
    'sync-server/usage/grants.ts',
    `  await takeOver(tx, organisation, grants, grant)\n`,
    ``,
  ),
  // Nothing passes a limit; what is promised is promised once, and for a time.
  one(
    'spends: judged without what is reserved',
    'sync-server/usage/spend.ts',
    `const reserved = await reservedFor(tx, organisation, payer, by.now)`,
    `const reserved = { user: 0, pool: 0, all: 0 }`,
  ),
  one(
    'reservations: an expired one is still confirmed',
    'sync-server/usage/reservations.ts',
    `if (state === 'expired') throw new Refusal(409, 'reservation-expired', { expiresAt: row.expiresAt })`,
    ``,
  ),
  // What is published of one moment adds up.
  one(
    'publication: a day that was counted is left out',
    'sync-server/usage/publish.ts',
    `for (const day of days) await publishDay(`,
    `for (const day of days.slice(1)) await publishDay(`,
  ),
]
