// What was done to a file that is being imported outlives a page that goes before the database has it.
import { IDBFactory } from 'fake-indexeddb'
import 'fake-indexeddb/auto'
import { beforeEach, expect, test, vi } from 'vitest'
import type { FileChanges } from '#lib/import/file-changes.ts'
import { keptForTab } from '#lib/kept-for-tab.ts'
import { blank, type DraftRow } from '#lib/import/rows.ts'
import { UNSET } from '#lib/import/settings.ts'
import { found } from '../../support/blueprint.ts'

const ACCOUNT = 'account'

/** A page that has just begun: what a module holds in memory is new. */
async function page() {
  vi.resetModules()
  return (await import('#lib/import/keep.ts')).keptImport
}

const row = (number: number, email: string): DraftRow => ({ ...blank({ email }), number })
const work = (changes: Partial<FileChanges>, removed = false) => ({
  touched: [],
  gone: [],
  ...changes,
  settings: UNSET,
  removed,
})
const file = (id: string) => ({ id, blob: new Blob(['a']), name: `${id}.csv`, chosen: {} })
/** The page goes soon after: its database answers so many times more. */
async function last(run: () => Promise<void>, answers = 0): Promise<void> {
  const { indexedDB } = globalThis
  const open = vi.fn((name: string) =>
    open.mock.calls.length > answers ? ({} as IDBOpenDBRequest) : indexedDB.open(name),
  )
  globalThis.indexedDB = Object.assign(new IDBFactory(), { open })
  void run()
  await vi.waitFor(() => expect(open).toHaveBeenCalledTimes(answers + 1))
  globalThis.indexedDB = indexedDB
}
/** What a page that begins now finds. */
const after = async () => found(await (await page()).read(ACCOUNT), 'import')
const emailsOf = ({ touched }: FileChanges) =>
  Object.fromEntries(touched.map(({ number, email }) => [String(number), email]))

beforeEach(async () => {
  keptForTab.clear()
  globalThis.indexedDB = new IDBFactory()
  await new Promise((resolve, reject) => {
    const opening = indexedDB.open(ACCOUNT)
    opening.onupgradeneeded = () => {
      opening.result.createObjectStore('imports', { keyPath: 'key' })
      opening.result.createObjectStore('sync', { keyPath: 'key' }).put({ key: 'sync' })
    }
    opening.onerror = () => reject(opening.error ?? new Error())
    opening.onsuccess = () => {
      opening.result.close()
      resolve(undefined)
    }
  })
})

test('a file comes back with what was done to it, and only for who asked', async () => {
  const kept = await page()
  await kept.file(ACCOUNT, file('joiners'))
  await kept.work(ACCOUNT, 'joiners', work({ touched: [row(2, 'ada@tern.example')], gone: [3] }, true))
  expect(Object.keys(sessionStorage)).toEqual([])

  const { file: again, work: done } = await after()
  expect(again.name).toBe('joiners.csv')
  expect(done).toMatchObject({ gone: [3], removed: true })
  expect(emailsOf(done)).toEqual({ 2: 'ada@tern.example' })
  expect(await (await page()).read('somebody else')).toBeUndefined()
})

test('an edit whose page went before it was written is there, beside those that were', async () => {
  const before = await page()
  await before.file(ACCOUNT, file('joiners'))
  const first = row(2, 'ada@tern.example')
  await before.work(ACCOUNT, 'joiners', work({ touched: [first] }))
  await last(() => before.work(ACCOUNT, 'joiners', work({ touched: [first, row(5, 'bo@tern.example')], gone: [7] })))

  // Twice: the next page goes at once, too.
  for (let time = 0; time < 2; time += 1) {
    const next = await page()
    const { work: done } = found(await next.read(ACCOUNT), 'import')
    expect(emailsOf(done)).toEqual({ 2: 'ada@tern.example', 5: 'bo@tern.example' })
    expect(done.gone).toEqual([7])
    await last(() => next.work(ACCOUNT, 'joiners', done))
  }

  const next = await page()
  await next.work(ACCOUNT, 'joiners', found(await next.read(ACCOUNT), 'import').work)
  expect(Object.keys(sessionStorage)).toEqual([])
  expect(emailsOf((await after()).work)).toEqual({ 2: 'ada@tern.example', 5: 'bo@tern.example' })
})

test('what was written stays beside what is not, where the page went between the two', async () => {
  const before = await page()
  await before.file(ACCOUNT, file('joiners'))
  const first = row(2, 'ada@tern.example')
  await last(() => {
    void before.work(ACCOUNT, 'joiners', work({ touched: [first] }))
    return before.work(ACCOUNT, 'joiners', work({ touched: [first, row(5, 'bo@tern.example')] }))
  }, 1)
  expect(emailsOf((await after()).work)).toEqual({ 2: 'ada@tern.example', 5: 'bo@tern.example' })
})

test('the later of two edits of a row wins', async () => {
  const before = await page()
  await before.file(ACCOUNT, file('joiners'))
  await before.work(ACCOUNT, 'joiners', work({ touched: [row(2, 'ada@tern')] }))
  await last(() => before.work(ACCOUNT, 'joiners', work({ touched: [row(2, 'ada@tern.example')] })))
  expect(emailsOf((await after()).work)).toEqual({ 2: 'ada@tern.example' })
})

test('what was done to one file is nothing of another', async () => {
  const before = await page()
  await before.file(ACCOUNT, file('joiners'))
  await before.work(ACCOUNT, 'joiners', work({ touched: [row(2, 'ada@tern.example')] }))
  await last(() => before.work(ACCOUNT, 'joiners', work({ gone: [2] })))
  await (await page()).file(ACCOUNT, file('leavers'))
  const { file: other, work: done } = await after()
  expect(other.name).toBe('leavers.csv')
  expect(done).toEqual({ touched: [], gone: [], settings: UNSET, removed: false })
})

test('what was done goes along where the file is read another way', async () => {
  const before = await page()
  await before.file(ACCOUNT, file('by commas'))
  const done = work({ touched: [row(2, 'ada@tern.example')] })
  await before.work(ACCOUNT, 'by commas', done)
  await before.file(ACCOUNT, file('by semicolons'))
  await last(() => before.work(ACCOUNT, 'by semicolons', done))
  expect(emailsOf((await after()).work)).toEqual({ 2: 'ada@tern.example' })
})

test('a file that was left leaves nothing', async () => {
  const kept = await page()
  await kept.file(ACCOUNT, file('joiners'))
  const writing = kept.work(ACCOUNT, 'joiners', work({ touched: [row(2, 'ada@tern.example')] }))
  await kept.forget(ACCOUNT)
  await writing
  expect(await (await page()).read(ACCOUNT)).toBeUndefined()
  expect(Object.keys(sessionStorage)).toEqual([])
})
