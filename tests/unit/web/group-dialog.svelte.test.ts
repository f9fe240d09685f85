// The dialog of a group, half typed: neither a reload nor a lock loses it, and what somebody else saves meanwhile is told, never overwritten.
import { mount, unmount } from 'svelte'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import GroupDialog from '#lib/components/groups/GroupDialog.svelte'
import { baseLayer, type RowSet } from '#lib/replica/rows.ts'
import type { Group } from '#shared/model.ts'
import type { Call } from '#shared/operations/definition.ts'
import { termStarts } from '#shared/periods.ts'
import { NOON } from '../../support/blueprint.ts'
import { confirm, description, dialog, field, fill, press, text } from '../../support/dialog.ts'
import { rowsOf, tried } from '../../support/on-device.ts'
import { organisation, type World } from '../../support/organisation.ts'
import { settled } from '../../support/settled.ts'

let acme: World
let rows: RowSet
let performed: Call[]

const run = (call: Call) => tried(call, acme, rows)

vi.mock('#lib/device.svelte.ts', () => ({
  device: {
    get layer() {
      return baseLayer(rows)
    },
    get organisation() {
      return acme.rows.organisation
    },
    get starts() {
      return termStarts(acme.rows.organisation, acme.rows.grants(), NOON)
    },
    get me() {
      return acme.user('ingrid').id
    },
    meter: (id: string) => rows.tables.meters.get(id),
    now: () => NOON,
    rosterVersion: 0,
    phase: 'ready',
    undo: () => Promise.resolve(),
    preview: (call: Call) => run(call),
    perform: (call: Call) => {
      performed.push(call)
      return Promise.resolve({ ids: [], outcomes: run(call).outcomes })
    },
  },
}))

let shown: Record<string, unknown> | undefined
const props = $state<{ open: boolean; group: Group | undefined }>({ open: true, group: undefined })

async function open(name?: string): Promise<void> {
  props.open = true
  props.group = name === undefined ? undefined : acme.group(name)
  shown = mount(GroupDialog, { target: document.body, props })
  await settled()
}
async function close(): Promise<void> {
  if (shown) await unmount(shown)
  shown = undefined
  document.body.innerHTML = ''
}
/** As a reload does, or a lock. */
async function again(name?: string): Promise<void> {
  await close()
  await open(name)
}
/** As another admin's change arrives. */
async function arrives(name: string, changes: Partial<Group>): Promise<void> {
  const group = { ...acme.group(name), ...changes }
  acme.rows.put('groups', group)
  rows = rowsOf(acme.rows)
  props.group = group
  await settled()
}
const kept = () => JSON.stringify({ ...sessionStorage })
const EACH = 'For each member, credits'
const SHARED = 'Shared by the group, credits'

beforeEach(() => {
  performed = []
  sessionStorage.clear()
  acme = organisation({ groups: { Sales: ['ada'], Field: ['bo'] }, credits: 1_000 })
  rows = rowsOf(acme.rows)
})
afterEach(close)

test('a half-typed new group is there again, and gone once it is added', async () => {
  await open()
  expect(kept()).toBe('{}')
  await fill('Name', 'Half ty')
  await fill(SHARED, '12x')
  await again()
  expect([field('Name').value, field(EACH).value, field(SHARED).value]).toEqual(['Half ty', '', '12x'])
  expect(description()).toBe('What you had typed is here again. Start over')
  await fill(SHARED, '12')
  await confirm()
  expect(performed.map(({ args }) => args)).toEqual([
    { group: expect.objectContaining({ name: 'Half ty', poolLimit: { credits: 12, term: 'month' } }) as unknown },
  ])
  expect(kept()).toBe('{}')
})

test('each group has its own half-typed edit, and a new one another', async () => {
  await open('Sales')
  await fill('Name', 'Sails')
  await again('Field')
  expect(field('Name').value).toBe('Field')
  await again()
  expect(field('Name').value).toBe('')
  await again('Sales')
  expect(field('Name').value).toBe('Sails')
})

test('Start over goes back to the group as it stands, and to its name; Cancel forgets', async () => {
  await open('Sales')
  await fill('Name', ' ')
  await fill(EACH, '10')
  await again('Sales')
  await press('Start over')
  expect([field('Name').value, field(EACH).value]).toEqual(['Sales', ''])
  expect(document.activeElement).toBe(field('Name'))
  expect(text()).toContain('Nothing is changed yet')
  expect(kept()).toBe('{}')
  await fill('Name', 'Sails')
  await press('Cancel')
  expect(kept()).toBe('{}')
})

test('what another admin saves meanwhile comes into untouched fields, and is told where one was touched', async () => {
  await open('Sales')
  await fill('Name', 'Mine')
  await fill(SHARED, '30')
  await arrives('Sales', {
    name: 'Theirs',
    nameKey: 'theirs',
    memberLimit: { credits: 20, term: 'month', setBy: acme.user('ingrid').id, setAt: NOON, was: null },
  })
  expect([field('Name').value, field(EACH).value, field(SHARED).value]).toEqual(['Mine', '20', '30'])
  expect(text()).toContain('The name was changed meanwhile to “Theirs”. Saving puts yours in its place.')
  expect(text()).not.toContain('The limit for each member was changed')
  await confirm()
  expect(performed.map(({ args }) => args)).toEqual([
    {
      groupId: acme.group('Theirs').id,
      changes: {
        name: { from: 'Theirs', to: 'Mine' },
        poolLimit: { from: null, to: { credits: 30, term: 'month' } },
      },
    },
  ])
  expect(dialog()).toBeNull()
})

test('a limit that was typed and changed meanwhile is told by its name', async () => {
  await open('Sales')
  await fill(EACH, '10')
  const { id } = acme.user('ingrid')
  await arrives('Sales', { memberLimit: { credits: 20, term: 'month', setBy: id, setAt: NOON, was: null } })
  expect(text()).toContain('The limit for each member was changed meanwhile to 20 a month. Saving puts yours in its')
})

test('a page that goes on to another group leaves what is typed with its own', async () => {
  await open('Sales')
  await fill(EACH, '10')
  props.group = acme.group('Field')
  await settled()
  expect(field('Name').value).toBe('Sales')
  await confirm()
  expect(performed.map(({ args }) => args)).toMatchObject([{ groupId: acme.group('Sales').id }])
})
