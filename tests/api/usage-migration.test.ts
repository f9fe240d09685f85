// A database from before the ledger: its usage is put into it, its grants are burnt by it, and devices are let see all of it.
import { Kysely, SqliteDialect, sql } from 'kysely'
import { mkdtempSync, rmSync } from 'node:fs'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { CreditGrant } from '#shared/model.ts'
import { isPolicy } from '#shared/policies.ts'
import { demoOrganisation, type Demo } from '../../sync-server/demo/organisation.ts'
import { ground } from '../../sync-server/store/migrations/0001-ground.ts'
import { openStore } from '../../sync-server/store/sqlite.ts'
import { createUsage } from '../../sync-server/usage/create.ts'
import { wrongSums } from '../support/books-hold.ts'
import { silent } from '../support/server.ts'

const NOW = Date.UTC(2026, 10, 24, 9)

test.each([
  ['covers', (grants: readonly CreditGrant[]) => grants],
  [
    'is more than the credits of',
    (grants: readonly CreditGrant[]) => grants.map((grant) => ({ ...grant, credits: 40_000 })),
  ],
])('usage that %s the grants goes into the ledger', { timeout: 60_000 }, async (_, sold) => {
  const demo = demoOrganisation({ seed: 3, users: 60, now: NOW })
  const grants = sold(demo.grants)
  const file = await databaseOf({ ...demo, grants: [...grants] })
  const store = await openStore({ file, now: NOW })
  expect(await wrongSums(store)).toEqual([])
  const events = await store.db.selectFrom('usage_events').select(['position', 'day']).orderBy('position').execute()
  expect(events.map(({ position }) => position)).toEqual(demo.usage.map((__, index) => index + 1))
  expect(events.map(({ day }) => day)).toEqual(events.map(({ day }) => day).toSorted())
  const usage = createUsage({ store, clock: () => NOW, log: silent })
  onTestFinished(async () => {
    usage.close()
    await store.close()
  })
  const { id } = demo.organisation
  const total = demo.usage.reduce((sum, { credits }) => sum + credits, 0)
  const balance = await usage.balance(id)
  expect(balance.grants.reduce((sum, { grant }) => sum + grant.used, 0)).toBe(total)
  if (grants === demo.grants)
    for (const grant of grants)
      expect(balance.grants).toContainEqual(
        expect.objectContaining({ grant: { ...grant, version: expect.any(Number) as number } }),
      )
  else expect(balance.grants.find(({ grant }) => grant.kind === 'overage')?.grant.used).toBeGreaterThan(0)
  // The new server lets devices see it.
  await expect.poll(() => usage.month(id, '2026-11')).toBeDefined()
  expect(await wrongSums(store)).toEqual([])
  const rows = await store.db.selectFrom('months').select('entries').execute()
  expect(rows.reduce((sum, { entries }) => sum + entries, 0)).toBe(demo.usage.length)
  expect(await usage.ingest(id, [{ ...event(demo), id: 'new' }])).toMatchObject([{ result: 'taken' }])
  expect(await wrongSums(store)).toEqual([])
})

const event = ({ users, products }: Demo) => ({
  source: 'urn:billing',
  at: NOW,
  user: users[0]?.id ?? '',
  product: products[0]?.id ?? '',
  credits: 3,
  contactViews: 0,
})

const withoutPolicies = (organisation: Demo['organisation']) =>
  Object.fromEntries(Object.entries(organisation).filter(([name]) => !isPolicy(name)))

/** A file as the first schema had it, with the rows that this is about. */
async function databaseOf({ organisation, grants, usage, users, products, meters }: Demo): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'quartermaster-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'old.db')
  const database = new DatabaseSync(file)
  const prepare = (text: string) => {
    const statement = database.prepare(text)
    const values = (given: readonly unknown[]) => given as SQLInputValue[]
    return {
      reader: statement.columns().length > 0,
      all: (given: readonly unknown[]) => statement.all(...values(given)),
      run: (given: readonly unknown[]) => statement.run(...values(given)),
      iterate: (given: readonly unknown[]) => statement.iterate(...values(given)),
    }
  }
  const db = new Kysely<unknown>({
    dialect: new SqliteDialect({ database: { close: () => database.close(), prepare } }),
  })
  await ground(db)
  await sql`create table migrations ("name" text primary key, "at" bigint not null)`.execute(db)
  await sql`insert into migrations values ('0001-ground', 0)`.execute(db)
  const put = (table: string, rows: readonly object[]) => {
    for (const row of rows) {
      const fields = Object.entries({ orgId: organisation.id, ...row })
      const names = fields.map(([name]) => `"${name}"`).join(', ')
      const values = fields.map(([, value]) =>
        value !== null && typeof value === 'object' ? JSON.stringify(value) : (value as SQLInputValue),
      )
      database.prepare(`insert into ${table} (${names}) values (${fields.map(() => '?').join(', ')})`).run(...values)
    }
  }
  database.exec('begin')
  put('heads', [{ version: 0, hash: '', horizon: 0 }])
  put('organisations', [withoutPolicies(organisation)])
  put('products', products)
  put('users', users)
  put('meters', meters)
  put(
    'grants',
    grants.map(({ voided: _voided, usedBy: _usedBy, ...grant }) => ({ ...grant, version: 0 })),
  )
  put(
    'usage_days',
    usage.map(({ at: _at, ...day }) => ({ ...day, groupId: day.groupId ?? '' })),
  )
  database.exec('commit')
  await db.destroy()
  return file
}
