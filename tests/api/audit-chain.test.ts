// The log against whoever writes into the database beside the server: of a thousand random changes each is found and named, and a log
// that nobody has touched never raises an alarm, also after some of its contents were erased.
import { sql } from 'kysely'
import { expect, test, vi } from 'vitest'
import type { ChainFault } from '#shared/activity.ts'
import { brokenLinks, type Noted } from '../../sync-server/sync/chain.ts'
import type { Tx } from '../../sync-server/store/index.ts'
import type { LogRow } from '../../sync-server/store/schema.ts'
import { organisation, seededRandom, type World } from '../support/server.ts'

vi.setConfig({ testTimeout: 120_000 })

const TAMPERS = 1_000
const TEXTS = ['operationId', 'clientId', 'actor', 'type', 'batch', 'args', 'outcomes', 'images', 'salts'] as const
const DEEP = ['digests', 'hash'] as const
const NUMBERS = ['sequence', 'atomic', 'madeAt', 'at', 'total'] as const

/** A log with every kind of entry: a load, changes, refusals, undos, something malformed, and some erased contents. */
async function filled(): Promise<World> {
  const acme = await organisation({
    groups: ['Sales', 'Nord — “Öl”'],
    users: { ada: { role: 'admin' }, bo: {}, cédric: {} },
    products: { 'Sales Pro': 4, Viewer: 1 },
  })
  const [ingrid, ada] = [acme.device('ingrid'), acme.device('ada')]
  const userIds = [acme.user('bo'), acme.user('cédric')]
  for (let round = 0; round < 6; round += 1) {
    acme.clock.now += 61_000
    await ingrid.perform('assign-group', { userIds, groupId: acme.group('Sales') })
    await ada.perform('change-product', { userIds, productId: acme.product('Viewer') })
    const { version } = await ada.perform('assign-group', { userIds, groupId: acme.group('Nord — “Öl”') })
    const { operationId } = await entry(acme, version)
    await ingrid.perform('undo', { operationId })
    await ingrid.perform('assign-group', { userIds: 'everybody' })
  }
  await sql`update log set args = null, images = null, salts = json_remove(salts, '$.args', '$.images')
    where version in (4, 9)`.execute(acme.store.db)
  return acme
}

const entry = async (acme: World, version: number): Promise<LogRow> =>
  await acme.store.db.selectFrom('log').selectAll().where('version', '=', version).executeTakeFirstOrThrow()

const acme = await filled()
const total = await acme.count('log')
const untouched = await acme.store.read((tx) => brokenLinks(tx, acme.id))

/** Changes the database, looks, and takes the change back. */
async function faultsAfter(tamper: (tx: Tx) => Promise<unknown>, noted: readonly Noted[] = []): Promise<ChainFault[]> {
  let faults: ChainFault[] = []
  const enough = new Error('Looked at.')
  await acme.store
    .transaction(async (tx) => {
      await tamper(tx)
      faults = await brokenLinks(tx, acme.id, noted)
      throw enough
    })
    .catch((error: unknown) => {
      if (error !== enough) throw error
    })
  return faults
}

const names = (faults: readonly ChainFault[], version: number) =>
  faults.some((fault) => fault.version <= version && version <= (fault.to ?? fault.version))

test('a log that nobody has touched raises no alarm', async () => {
  expect(untouched).toEqual([])
  expect(total).toBeGreaterThan(30)
  const notes = await acme.store.db.selectFrom('log').select(['version', 'hash']).execute()
  expect(await faultsAfter(async () => undefined, [...notes, { version: 0, hash: '' }])).toEqual([])
})

type Tamper = { what: string; version: number; by: (tx: Tx) => Promise<unknown> }

/** One of all that somebody could do to a byte, a number, an entry or the end. */
function tamperOf(chance: () => number): Tamper {
  const whole = (below: number) => Math.floor(chance() * below)
  const one = <T>(of: readonly [T, ...T[]]): T => of[whole(of.length)] ?? of[0]
  const version = 1 + whole(total)
  const other = 1 + ((version + whole(total - 1)) % total)
  const at = sql`where version = ${version}`
  const run = (statement: ReturnType<typeof sql>) => (tx: Tx) => statement.execute(tx.db)
  const kinds = [
    'byte',
    'byte',
    'byte',
    'byte',
    'number',
    'number',
    'null',
    'add',
    'remove',
    'insert',
    'swap',
    'cut',
    'head',
  ] as const
  switch (one(kinds)) {
    case 'byte': {
      // Any byte of any text, made another one that is still text.
      const column = one([...TEXTS, ...DEEP])
      return {
        what: `a byte of ${column}`,
        version,
        by: async (tx) => {
          const row = await tx.db
            .selectFrom('log')
            .select(column)
            .where('version', '=', version)
            .executeTakeFirstOrThrow()
          const text: string | null = row[column]
          if (text === null || text === '') {
            await sql`update log set ${sql.ref(column)} = 'x' ${at}`.execute(tx.db)
            return
          }
          const bytes = Buffer.from(text)
          const place = whole(bytes.length)
          bytes[place] = ((bytes[place] ?? 0) + 1 + whole(255)) % 256
          await sql`update log set ${sql.ref(column)} = cast(${bytes} as text) ${at}`.execute(tx.db)
        },
      }
    }
    case 'number': {
      const column = one(NUMBERS)
      const by = one([1, -1, 1_000, 2 ** 54, 0.5])
      return {
        what: `${column} by ${by}`,
        version,
        by: run(sql`update log set ${sql.ref(column)} = coalesce(${sql.ref(column)}, 0) + ${by} ${at}`),
      }
    }
    case 'null': {
      const column = one(['args', 'outcomes', 'images', 'clientId', 'actor', 'batch', 'sequence'])
      return {
        what: `${column} emptied`,
        version,
        by: run(sql`update log set ${sql.ref(column)} = case when ${sql.ref(column)} is null then '7' end ${at}`),
      }
    }
    case 'add': {
      const column = one([...TEXTS, ...DEEP])
      const more = one([' ', '\0', '\0more', '\n'])
      return {
        what: `${JSON.stringify(more)} behind ${column}`,
        version,
        by: run(sql`update log set ${sql.ref(column)} = coalesce(${sql.ref(column)}, '') || ${more} ${at}`),
      }
    }
    case 'remove':
      return { what: 'an entry taken out', version, by: run(sql`delete from log ${at}`) }
    case 'insert': {
      const place = one([0, -3, total + 1, total + 5, version + 0.5, 2 ** 53 + 2])
      const columns = [...TEXTS, ...DEEP, ...NUMBERS].filter((name) => name !== 'operationId')
      const list = sql.join(columns.map((name) => sql.ref(name)))
      return {
        what: `an entry put in at ${place}`,
        version: place,
        by: run(sql`insert into log ("orgId", "version", "operationId", ${list})
          select "orgId", ${place}, 'new', ${list} from log ${at}`),
      }
    }
    case 'swap':
      return {
        what: `swapped with ${other}`,
        version,
        by: async (tx) => {
          await sql`update log set version = -1 ${at}`.execute(tx.db)
          await sql`update log set version = ${version} where version = ${other}`.execute(tx.db)
          await sql`update log set version = ${other} where version = -1`.execute(tx.db)
        },
      }
    case 'cut':
      return { what: 'the end cut off', version, by: run(sql`delete from log where version >= ${version}`) }
    case 'head': {
      const how = one([
        sql`hash = 'f' || substr(hash, 2) || 'x'`,
        sql`version = version + 1`,
        sql`version = version - 1`,
      ])
      return { what: 'another head', version: total, by: run(sql`update heads set ${how}`) }
    }
  }
}

test(`of ${TAMPERS} random changes each is found, and named`, { timeout: 60_000 }, async () => {
  const bytes = seededRandom(8)
  const chance = () => Buffer.from(bytes(4)).readUInt32LE() / 2 ** 32
  const missed: string[] = []
  const kinds = new Map<string, number>()
  for (let round = 0; round < TAMPERS; round += 1) {
    const { what, version, by } = tamperOf(chance)
    const faults = await faultsAfter(by)
    kinds.set(what.replace(/[\d.-]+/g, 'n'), (kinds.get(what.replace(/[\d.-]+/g, 'n')) ?? 0) + 1)
    // A swap is named at one of both; a head at the end that it no longer has.
    const near = what === 'another head' ? [version, version + 1] : [version]
    if (!near.some((each) => names(faults, each)))
      missed.push(`${round}: ${what} at ${version}: ${JSON.stringify(faults.slice(0, 3))}`)
  }
  expect(missed).toEqual([])
  expect(kinds.size).toBeGreaterThan(40)
  expect(await acme.store.read((tx) => brokenLinks(tx, acme.id))).toEqual([])
})

test('an end that was cut off with the head set back is told by the rows, or by who has seen more', async () => {
  const [last, before, first] = [await entry(acme, total), await entry(acme, total - 1), await entry(acme, 1)]
  const cut = async (tx: Tx) => {
    await tx.db.deleteFrom('log').where('version', '=', total).execute()
    await tx.db
      .updateTable('heads')
      .set({ version: total - 1, hash: before.hash })
      .execute()
  }
  const seen = { version: total, hash: last.hash }
  expect(await faultsAfter(cut, [seen])).toContainEqual({ version: total, fault: 'cut' })
  // The entry before it changed rows, which carry its version.
  const deeper = async (tx: Tx) => {
    await cut(tx)
    await tx.db.deleteFrom('log').where('version', '>', 1).execute()
    await tx.db.updateTable('heads').set({ version: 1, hash: first.hash }).execute()
  }
  expect(await faultsAfter(deeper)).toContainEqual(expect.objectContaining({ version: 2, fault: 'cut' }))
  expect(await faultsAfter((tx) => tx.db.deleteFrom('heads').execute())).toEqual([{ version: total, fault: 'head' }])
})

test('a log that was written anew throughout is told by whoever has seen the one before', async () => {
  const { hash } = await entry(acme, 5)
  const noted = { version: 5, hash: hash.replace(/^./, (first) => (first === '0' ? '1' : '0')) }
  expect(await faultsAfter(async () => undefined, [noted])).toEqual([{ version: 5, fault: 'noted' }])
})
