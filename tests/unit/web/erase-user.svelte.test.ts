// Erase User: says with numbers what goes and what stays, asks twice, and does nothing until the user was named. Without a network it waits
// in the queue, and says so. The rows are those of a small organisation; the real definition runs on them.
import 'fake-indexeddb/auto'
import { flushSync, mount, unmount } from 'svelte'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import EraseUser from '#lib/components/actions/EraseUser.svelte'
import { attempt } from '#lib/replica/pending.ts'
import { baseLayer, Overlay, type RowSet } from '#lib/replica/rows.ts'
import { toasts } from '#lib/toasts.svelte.ts'
import { isSamePerson } from '#lib/users/erase.ts'
import { selection } from '#lib/users/selection.svelte.ts'
import { newMeter } from '#shared/meters.ts'
import type { User, UserId } from '#shared/model.ts'
import type { Call } from '#shared/operations/definition.ts'
import { termStarts } from '#shared/periods.ts'
import { build, found, NOON } from '../../support/blueprint.ts'
import type { MemorySource } from '../../support/memory-source.ts'
import { rowsOf } from '../../support/on-device.ts'
import { settled } from '../../support/settled.ts'

let rows: RowSet
let source: MemorySource
let performed: Call[]
const state = vi.hoisted(() => ({ online: true }))

const layer = () => baseLayer(rows)
const starts = () => termStarts(source.organisation, rows.tables.grants.values(), NOON)

vi.mock('#lib/device.svelte.ts', () => ({
  device: {
    get layer() {
      return layer()
    },
    get organisation() {
      return source.organisation
    },
    get starts() {
      return starts()
    },
    get online() {
      return state.online
    },
    database: 'quartermaster/a/o',
    rosterVersion: 0,
    now: () => NOON,
    user: (id: UserId | undefined) => (id ? rows.tables.users.get(id) : undefined),
    product: (id: string) => rows.tables.products.get(id),
    meter: (id: string) => rows.tables.meters.get(id),
    forecast: (call: Call) => {
      const who = { organisation: source.organisation, userId: person('ingrid').id }
      const { outcomes, view } = attempt(new Overlay(layer()), { ...call, madeAt: NOON, atomic: false }, who)
      const copy = new Overlay(layer())
      copy.takeOver(view.changes)
      return Promise.resolve({ outcomes, layer: copy, operations: 1 })
    },
    perform: (call: Call) => {
      performed.push(call)
      return Promise.resolve({ ids: [], outcomes: [] })
    },
  },
}))

function person(name: string): User {
  return found(
    [...rows.tables.users.values()].find(({ firstName }) => firstName === name),
    name,
  )
}

let shown: Record<string, unknown> | undefined
async function open(name: string): Promise<User> {
  const user = person(name)
  selection.replaceWith([user.id])
  shown = mount(EraseUser, { target: document.body, props: { userIds: [user.id] } })
  flushSync()
  await settled()
  return user
}
const dialog = () => found(document.querySelector<HTMLElement>('[role="dialog"]') ?? undefined, 'dialog')
const text = () => dialog().textContent.replace(/\s+/g, ' ')
const button = (label: string) =>
  [...dialog().querySelectorAll('button')].find(({ textContent }) => textContent.trim() === label)
const press = async (label: string) => {
  found(button(label), label).click()
  await settled()
}
/** Happy DOM submits no form from a button outside of it: the key does the same. */
const confirm = async () => {
  window.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', ctrlKey: true }))
  await settled()
}
const field = () => dialog().querySelector<HTMLInputElement>('input')
async function type(value: string): Promise<void> {
  const input = found(field() ?? undefined, 'field')
  input.value = value
  input.dispatchEvent(new Event('input', { bubbles: true }))
  await settled()
}
const asked: string[] = []
const answer = (entries: number, next: number | null) => {
  vi.stubGlobal('fetch', (path: string) => {
    asked.push(path)
    const entry = {
      ...{ version: 1, id: 'x', type: 'load', sentence: 'Load data', actor: null, key: null, clientId: null },
      ...{ device: null, madeAt: 1, at: 1, batch: null, applied: 0, unchanged: 0, rejected: 0, undoneBy: null },
      ...{ undoes: null, erased: false, items: [], more: 0, names: { users: {}, groups: {}, products: {} } },
    }
    return Promise.resolve(
      Response.json({ entries: Array.from({ length: entries }, () => entry), next, head: 9, now: NOON }),
    )
  })
}

beforeEach(() => {
  performed = []
  asked.length = 0
  state.online = true
  source = build({ products: { Pro: 3 }, groups: { Sales: ['ada'] }, users: { ada: {} }, deactivated: ['old'] })
  rows = rowsOf(source)
  const meter = newMeter(person('ada').id, 'user', starts())
  rows.tables.meters.set(meter.id, { ...meter, contract: 1240 })
  answer(12, null)
})
afterEach(async () => {
  if (shown) await unmount(shown)
  shown = undefined
  document.body.innerHTML = ''
  toasts.dismiss()
  vi.unstubAllGlobals()
})

test('what goes and what stays is told in numbers, and that nobody can undo it', async () => {
  const ada = await open('ada')
  expect(text()).toContain('is erased for good. Nobody can undo it.')
  expect(text()).toContain('1 seat of Pro is free at once.')
  expect(text()).toContain('12 entries stay, without name, e-mail or any value of the user.')
  expect(text()).toMatch(/1,240 credits of this contract stay in the totals/)
  expect(asked[0]).toContain(`item=${ada.id}`)
})

test('it is asked twice, and done only once the user was named', async () => {
  const ada = await open('ada')
  await confirm()
  expect(document.activeElement).toBe(field())
  expect(performed).toEqual([])
  await confirm()
  expect(text()).toContain('That is neither the name nor the e-mail of this user.')
  await type('old@tern.example')
  await confirm()
  expect(performed).toEqual([])
  await type('  ADA@tern.example ')
  await confirm()
  expect(performed).toEqual([{ type: 'erase-user', args: { userId: ada.id } }])
  expect(selection.has(ada.id)).toBe(false)
  expect(toasts.current?.undo).toBeUndefined()
})

test('back from the second question leads to the first, with nothing typed', async () => {
  await open('ada')
  await confirm()
  await type('ada')
  await press('Back')
  expect(field()).toBeNull()
  await confirm()
  expect(field()?.value).toBe('')
  expect(performed).toEqual([])
})

test('without a network it says that it waits in the queue, and counts what the device knows', async () => {
  state.online = false
  await open('ada')
  expect(text()).toContain('It waits in the queue until you are back; until it is sent it can be taken back there.')
  expect(text()).toContain('Every entry that speaks of the user stays')
  expect(asked).toEqual([])
  await confirm()
  await type('ada')
  await confirm()
  expect(performed).toHaveLength(1)
  expect(toasts.current?.text).toContain('until then it can be taken back')
})

test('more entries than were counted are said to be more', async () => {
  answer(200, 17)
  await open('ada')
  expect(text()).toContain('At least 200 entries stay')
})

test('nobody erases himself, and who has no seat frees none', async () => {
  await open('ingrid')
  expect(text()).toContain('Not done: this is you. Ask another admin to do it.')
  await confirm()
  expect(field()).toBeNull()
  if (shown) await unmount(shown)
  document.body.innerHTML = ''
  await open('old')
  expect(text()).toContain('No seat: the user has none.')
})

test.each([
  ['Zoë  silva', true],
  ['zoe silva', true],
  ['ZOE@tern.example', true],
  ['zoe', false],
  ['', false],
  ['zoe@tern.example.org', false],
])('“%s” names Zoë Silva: %s', (typed, names) => {
  const user = { firstName: 'Zoë', lastName: 'Silva', email: 'zoe@tern.example', emailKey: 'zoe@tern.example' as never }
  expect(isSamePerson(typed, user)).toBe(names)
})
