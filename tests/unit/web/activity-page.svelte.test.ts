// The Activity page: what the server tells is shown with what each item was before and after; filters go into the address, and so to the
// server; without a network the part that is kept here; of a user who was erased the name is gone, also from what was loaded before.
import { IDBFactory } from 'fake-indexeddb'
import 'fake-indexeddb/auto'
import { flushSync, mount, unmount } from 'svelte'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import ActivityPage from '../../../web/routes/(app)/activity/+page.svelte'
import { ERASED_USER, type ActivityEntry } from '#shared/activity.ts'
import { baseLayer, emptyRows } from '#lib/replica/rows.ts'
import { found, NOON } from '../../support/blueprint.ts'
import { went } from '../../support/app-navigation.ts'
import { page } from '../../support/app-state.svelte.ts'
import { settled } from '../../support/settled.ts'

const device = $state({ online: true, removals: 0, shownVersion: 9 })
vi.mock('#lib/device.svelte.ts', () => ({
  device: {
    get online() {
      return device.online
    },
    get removals() {
      return device.removals
    },
    get shownVersion() {
      return device.shownVersion
    },
    database: 'quartermaster/a/o',
    clientId: 'laptop',
    phase: 'ready',
    rosterVersion: 0,
    me: undefined,
    get layer() {
      return baseLayer(emptyRows())
    },
    now: () => NOON,
    user: () => undefined,
    group: () => undefined,
  },
}))

const [ADA, BO] = ['00000000-0000-7000-8000-000000000001', '00000000-0000-7000-8000-000000000002'] as const
const entry = (version: number, more: Partial<ActivityEntry> = {}): ActivityEntry => ({
  version,
  id: `operation ${version}`,
  type: 'update-user',
  sentence: `Change title of Bo Ek to “Clerk ${version}”`,
  actor: ADA,
  key: null,
  clientId: 'laptop',
  device: 'Firefox on Windows',
  madeAt: NOON - 5_000,
  at: NOON - 4_000,
  batch: null,
  applied: 1,
  unchanged: 0,
  rejected: 0,
  undoneBy: null,
  undoes: null,
  erased: false,
  items: [
    {
      item: 'title',
      outcome: { item: 'title', result: 'applied' },
      change: { before: { title: 'Trainee' }, after: { title: `Clerk ${version}` } },
    },
  ],
  more: 0,
  names: { users: { [ADA]: 'Ada Lovelace', [BO]: 'Bo Ek' }, groups: {}, products: {} },
  ...more,
})
const erased = entry(3, {
  sentence: `Change title of ${ERASED_USER}`,
  clientId: 'phone',
  device: 'Safari on iPhone',
  items: [
    {
      item: 'title',
      outcome: { item: 'title', result: 'applied' },
      change: { before: { title: '' }, after: { title: '' } },
    },
  ],
  names: { users: { [ADA]: 'Ada Lovelace', [BO]: ERASED_USER }, groups: {}, products: {} },
})

let entries: ActivityEntry[]
let next: number | null
let asked: URL[]
beforeEach(() => {
  globalThis.indexedDB = new IDBFactory()
  Object.assign(device, { online: true, removals: 0, shownVersion: 9 })
  entries = [entry(5), erased]
  next = null
  asked = []
  went.length = 0
  page.url = new URL('http://127.0.0.1/activity')
  vi.stubGlobal('fetch', (path: string) => {
    const url = new URL(path, page.url)
    asked.push(url)
    const before = Number(url.searchParams.get('before') ?? Infinity)
    const client = url.searchParams.get('client')
    const fitting = entries.filter(({ version, clientId }) => version < before && (!client || client === clientId))
    return Promise.resolve(Response.json({ entries: fitting, next, head: 9, now: NOON }))
  })
})

let shown: Record<string, unknown> | undefined
async function open(address = '/activity'): Promise<void> {
  page.url = new URL(address, page.url)
  shown = mount(ActivityPage, { target: document.body })
  await settled()
}
async function close(): Promise<void> {
  if (shown) await unmount(shown)
  shown = undefined
  document.body.innerHTML = ''
}
afterEach(async () => {
  await close()
  vi.unstubAllGlobals()
})
const text = () => document.body.textContent.replace(/\s+/g, ' ')
const rows = () => [...document.querySelectorAll('.act-t tr.plain')].map((row) => row.textContent.replace(/\s+/g, ' '))
const press = async (name: string) => {
  const buttons = [...document.querySelectorAll<HTMLElement>('button')]
  const nameOf = (button: HTMLElement) => button.getAttribute('aria-label') ?? button.textContent.trim()
  found(
    buttons.find((button) => nameOf(button) === name),
    name,
  ).click()
  await settled()
}

test('entries come newest first, and open to both clocks and to what was before and after', async () => {
  await open()
  expect(rows()).toHaveLength(2)
  expect(rows()[0]).toContain('Change title of Bo Ek to “Clerk 5”')
  await press('Details of Change title of Bo Ek to “Clerk 5”')
  const details = document.querySelector('.exp')?.textContent.replace(/\s+/g, ' ')
  expect(details).toMatch(/Made at .* by the device’s clock, received at .* by the server’s/)
  expect(details).toContain('Trainee')
  expect(details).not.toContain('erased')
})

test('of a user who was erased the name and the values are gone, and it says so', async () => {
  await open()
  await press(`Details of Change title of ${ERASED_USER}`)
  const details = document.querySelector('.exp')?.textContent.replace(/\s+/g, ' ')
  expect(details).toContain('Personal data of a user who was erased is gone from it')
  expect(document.querySelector('.exp .bf')?.textContent).toBe('erased')
  expect(document.querySelector('.exp .af')?.textContent).toBe('erased')
})

test('one device is asked for by the address, is named in its chip, and let go by it', async () => {
  await open('/activity?device=phone')
  expect(asked[0]?.searchParams.get('client')).toBe('phone')
  expect(rows()).toHaveLength(1)
  expect(text()).toContain('Safari on iPhone of Ada Lovelace')
  found(document.querySelector<HTMLElement>('.chip-x') ?? undefined, 'the cross').click()
  await settled()
  expect(went.at(-1)).toBe('/activity?')
  expect(rows()).toHaveLength(2)
})

test('the history of one user is asked for by id, and who is gone has no name in the filter', async () => {
  await open(`/activity?item=${BO}`)
  expect(asked[0]?.searchParams.get('item')).toBe(BO)
  expect(text()).toContain('History of Somebody who is gone')
})

test('older entries come when they are asked for, behind those that are here', async () => {
  next = 3
  entries = [entry(5), entry(4)]
  await open()
  entries = [entry(2)]
  next = null
  await press('Show older')
  expect(asked.at(-1)?.searchParams.get('before')).toBe('3')
  expect(rows().map((row) => /Clerk \d/.exec(row)?.[0])).toEqual(['Clerk 5', 'Clerk 4', 'Clerk 2'])
})

test('what was loaded before somebody was removed is loaded anew, not kept beside', async () => {
  next = 5
  await open()
  entries = [entry(4, { sentence: 'Change title of Bo Ek to “Before”' })]
  next = null
  await press('Show older')
  expect(text()).toContain('“Before”')
  // Somebody is removed elsewhere: the next answer says less of that user.
  entries = [entry(9, { sentence: `Erase ${ERASED_USER}` })]
  device.removals += 1
  device.shownVersion += 1
  flushSync()
  await vi.waitFor(() => expect(rows()[0]).toContain(`Erase ${ERASED_USER}`))
  expect(text()).not.toContain('“Before”')
})

test('where nothing is kept and no network is there, it says what to do', async () => {
  device.online = false
  await open()
  await vi.waitFor(() => expect(text()).toContain('Nothing is kept on this device yet'), { timeout: 5_000 })
  // What the device keeps for such a moment is fetched beside, 200 entries at a time.
  expect(asked.filter(({ searchParams }) => searchParams.get('limit') === '100')).toEqual([])
})
