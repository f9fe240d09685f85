// The log against whoever writes into the database beside the server: of a thousand random changes each is found and named, and a log
// that nobody has touched never raises an alarm, also after users were erased from it, some of them by others who were erased later.
import { sql } from 'kysely'
import { expect, test, vi } from 'vitest'
import type { ChainFault } from '#shared/activity.ts'
import { brokenLinks, type Noted } from '../../sync-server/sync/chain.ts'
import { redactionsIn } from '../../sync-server/sync/redactions.ts'
import type { Tx } from '../../sync-server/store/index.ts'
import type { LogRow } from '../../sync-server/store/schema.ts'
import { organisation, seededRandom, type World } from '../support/server.ts'

vi.setConfig({ testTimeout: 120_000 })

const TAMPERS = 1_000
const TEXTS = ['operationId', 'clientId', 'actor', 'type', 'batch', 'args', 'outcomes', 'images', 'salts'] as const
const DEEP = ['digests', 'hash'] as const
const NUMBERS = ['sequence', 'atomic', 'madeAt', 'at', 'total'] as const

/** A log with every kind of entry: a load, changes, refusals, undos, something malformed, and erasures. */
async function filled(): Promise<World> {
  const acme = await organisation({
    groups: ['Sales', 'Nord — “Öl”'],
    users: { ada: { role: 'admin' }, bo: {}, cédric: {}, dee: {}, eve: { role: 'admin' } },
    products: { 'Sales Pro': 6, Viewer: 1 },
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
    await eraseSome(acme, round)
  }
  return acme
}

/** Dee is erased by Eve, and Eve later: of her and of Dee the log speaks together, and the entry of Dee's erasure names both. */
async function eraseSome(acme: World, round: number): Promise<void> {
  const [ingrid, eve, dee] = [acme.device('ingrid'), acme.user('eve'), acme.user('dee')]
  const names = { names: { users: { [eve]: 'Eve', [dee]: 'Dee' }, groups: {}, products: {} } }
  const title = (id: string, from: string, to: string) => ({ id, changes: { title: { from, to } } })
  if (round === 1) {
    await ingrid.perform('update-users', { users: [title(eve, '', 'Lead'), title(dee, '', 'Head')] }, names)
    await ingrid.perform('assign-group', { userIds: 'eve@tern.example and dee@tern.example' })
  }
  if (round === 2) await acme.device('eve').perform('erase-user', { userId: dee }, names)
  if (round === 4) await ingrid.perform('erase-user', { userId: eve }, names)
}

const entry = async (acme: World, version: number): Promise<LogRow> =>
  await acme.store.db.selectFrom('log').selectAll().where('version', '=', version).executeTakeFirstOrThrow()

const acme = await filled()
const total = await acme.count('log')
const listed = (
  await acme.store.db.selectFrom('log').select('outcomes').where('type', '=', 'erase-user').execute()
).flatMap(({ outcomes }) => redactionsIn(outcomes))
const redacted = [
  ...new Map(listed.map(([version, content]) => [`${version} ${content}`, { version, content }])).values(),
]
const erasures = (
  await acme.store.db.selectFrom('log').select('version').where('type', '=', 'erase-user').execute()
).map(({ version }) => [version])
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
    'redacted',
    'redacted',
    'list',
    'list',
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
    case 'redacted': {
      // Contents that an erasure has rewritten: other bytes, nothing at all, or a salt and a text that belong together.
      const { version: of, content } = redacted[whole(redacted.length)] ?? { version: 1, content: 'args' as const }
      const salt = 'ab'.repeat(16)
      const how = one([
        sql`${sql.ref(content)} = ${sql.ref(content)} || ' '`,
        sql`${sql.ref(content)} = replace(${sql.ref(content)}, '"', '"x')`,
        sql`${sql.ref(content)} = null, salts = json_remove(salts, ${`$.${content}`})`,
        sql`${sql.ref(content)} = '{}', salts = json_set(salts, ${`$.${content}`}, ${salt})`,
        sql`salts = json_set(salts, ${`$.${content}`}, ${salt})`,
      ])
      return {
        what: `${content} that was redacted`,
        version: of,
        by: async (tx) => {
          const before = await tx.db.selectFrom('log').select([content, 'salts']).where('version', '=', of).execute()
          await sql`update log set ${how} where version = ${of}`.execute(tx.db)
          const after = await tx.db.selectFrom('log').select([content, 'salts']).where('version', '=', of).execute()
          // A content of which nothing is left has nothing to change.
          if (JSON.stringify(after) === JSON.stringify(before))
            await sql`update log set ${sql.ref(content)} = '{}' where version = ${of}`.execute(tx.db)
        },
      }
    }
    case 'list': {
      // The list of an erasure: a digest, a version or a line of it made another, or all of it taken away.
      const [erasing] = one(erasures as [number[], ...number[][]])
      const place = `$.redacted[${whole(2)}]`
      const how = one([
        sql`json_set(outcomes, ${`${place}[2]`}, ${'0'.repeat(64)})`,
        sql`json_set(outcomes, ${`${place}[2]`}, iif(json_extract(outcomes, ${`${place}[2]`}) is null, 'x', null))`,
        sql`json_set(outcomes, ${`${place}[0]`}, 1)`,
        sql`json_remove(outcomes, ${place})`,
        sql`json_remove(outcomes, '$.redacted')`,
        sql`json_insert(outcomes, '$.redacted[#]', json_array(1, 'args', ${'f'.repeat(64)}))`,
      ])
      return {
        what: 'the list of an erasure',
        version: erasing ?? 0,
        by: run(sql`update log set outcomes = ${how} where version = ${erasing}`),
      }
    }
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

test('an erasure by who was erased later is believed by the word of that one, and the newest word on a content counts', async () => {
  const [first, second] = erasures.map(([version]) => version ?? 0)
  expect(redacted.length).toBeGreaterThan(8)
  // The entry of the first erasure was redacted by the second, and contents that both have touched are listed twice.
  expect(redacted.map(({ version }) => version)).toContain(first)
  expect(listed.length).toBeGreaterThan(redacted.length)
  expect(untouched).toEqual([])
  // Without the second one, what it has rewritten is nobody's word any more.
  const without = await faultsAfter((tx) =>
    sql`update log set outcomes = json_remove(outcomes, '$.redacted') where version = ${second}`.execute(tx.db),
  )
  expect(names(without, first ?? 0) && names(without, second ?? 0)).toBe(true)
})

test('what was erased and is put back is found, though it is what the entry had from the start', async () => {
  const other = await organisation({ users: { ada: {} } })
  const device = other.device('ingrid')
  const { version } = await device.perform('update-users', {
    users: [{ id: other.user('ada'), changes: { title: { from: '', to: 'Lead' } } }],
  })
  const before = await entry(other, version)
  await device.perform('erase-user', { userId: other.user('ada') })
  expect(await other.store.read((tx) => brokenLinks(tx, other.id))).toEqual([])
  const { args, outcomes, images, salts } = before
  await other.store.db
    .updateTable('log')
    .set({ args, outcomes, images, salts })
    .where('version', '=', version)
    .execute()
  expect(await other.store.read((tx) => brokenLinks(tx, other.id))).toEqual([
    { version, fault: 'args' },
    { version, fault: 'images' },
  ])
})

test('an erasure does not make good what somebody had changed before', async () => {
  const other = await organisation({ users: { ada: {}, bo: {} } })
  const device = other.device('ingrid')
  const edit = (name: string, to: string) => ({ id: other.user(name), changes: { title: { from: '', to } } })
  const { version } = await device.perform('update-users', { users: [edit('ada', 'Lead'), edit('bo', 'Lead')] })
  await sql`update log set args = replace(args, 'Lead', 'Boss') where version = ${version}`.execute(other.store.db)
  await device.perform('erase-user', { userId: other.user('ada') })
  await device.perform('erase-user', { userId: other.user('bo') })
  expect((await entry(other, version)).args).not.toContain('Boss')
  expect(await other.store.read((tx) => brokenLinks(tx, other.id))).toEqual([{ version, fault: 'args' }])
})

test('a content that is blank without the word of an erasure is found', async () => {
  const blank = sql`update log set args = null, salts = json_remove(salts, '$.args') where version = 4`
  expect(await faultsAfter((tx) => blank.execute(tx.db))).toEqual([{ version: 4, fault: 'args' }])
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
