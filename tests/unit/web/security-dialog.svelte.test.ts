// The dialog of the policies: one operation of what was changed, with what it does said beforehand; half typed it survives a reload.
import { mount, unmount } from 'svelte'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Call } from '#shared/operations/definition.ts'
import type { Organisation } from '#shared/model.ts'
import { organisation, type World } from '../../support/organisation.ts'
import SecurityDialog from '../../../web/routes/(app)/settings/SecurityDialog.svelte'
import { confirm, dialog, field, fill, press, text } from '../../support/dialog.ts'
import { settled } from '../../support/settled.ts'

let acme: World
let performed: Call[]

vi.mock('#lib/device.svelte.ts', () => ({
  device: {
    get me() {
      return acme.user('ingrid').id
    },
    undo: () => Promise.resolve(),
    perform: (call: Call) => {
      performed.push(call)
      return Promise.resolve({ ids: [], outcomes: [] })
    },
  },
}))

let shown: Record<string, unknown> | undefined
const props = $state<{ open: boolean; organisation: Organisation | undefined }>({ open: true, organisation: undefined })

async function open(): Promise<void> {
  props.open = true
  props.organisation = acme.rows.organisation
  shown = mount(SecurityDialog, {
    target: document.body,
    props: props as { open: boolean; organisation: Organisation },
  })
  await settled()
}
async function close(): Promise<void> {
  if (shown) await unmount(shown)
  shown = undefined
  document.body.innerHTML = ''
}
const [LEASE, LOCK] = ['Lock after days without contact', 'Lock after minutes without input']

beforeEach(() => {
  performed = []
  sessionStorage.clear()
  acme = organisation()
})
afterEach(close)

test('what was changed is one operation, and what it does is said before', async () => {
  await open()
  expect(text()).toContain('Nothing is changed yet')
  await fill(LEASE, '30')
  await fill(LOCK, ' 15 ')
  expect(text()).toContain('A device that is without contact for 30 days locks until somebody signs in there')
  expect(text()).toContain('locks after 15 minutes without a key, a touch or the pointer')
  await confirm()
  expect(performed).toEqual([
    {
      type: 'update-policies',
      args: { changes: { leaseDays: { from: null, to: 30 }, lockMinutes: { from: null, to: 15 } } },
    },
  ])
  expect(dialog()).toBeNull()
})

test.each([
  [LEASE, '0', 'Enter whole days from 1 to 365, or leave it empty for never.'],
  [LEASE, '366', 'Enter whole days from 1 to 365, or leave it empty for never.'],
  [LOCK, '1.5', 'Enter whole minutes from 1 to 1,440, or leave it empty for never.'],
  [LOCK, 'ten', 'Enter whole minutes from 1 to 1,440, or leave it empty for never.'],
])('%s takes no %s', async (name, value, why) => {
  await open()
  await fill(name, value)
  await confirm()
  expect(text()).toContain(why)
  expect(performed).toEqual([])
})

test('what was typed is there again after a reload, and gone once it is saved', async () => {
  await open()
  await fill(LOCK, '7')
  await close()
  await open()
  expect(field(LOCK).value).toBe('7')
  await confirm()
  await close()
  await open()
  expect(field(LOCK).value).toBe('')
})

test('it begins anew where that is wanted', async () => {
  await open()
  await fill(LOCK, '7')
  await close()
  await open()
  await press('Start over')
  expect(field(LOCK).value).toBe('')
  expect(text()).toContain('Nothing is changed yet')
})

test('what another admin saves meanwhile comes into untouched fields, and is told where one was touched', async () => {
  await open()
  await fill(LOCK, '7')
  acme.rows.put('organisations', { ...acme.rows.organisation, lockMinutes: 20, leaseDays: 3 })
  props.organisation = acme.rows.organisation
  await settled()
  expect(field(LEASE).value).toBe('3')
  expect(field(LOCK).value).toBe('7')
  expect(text()).toContain('Changed meanwhile: The console locks after 20 minutes without input. Saving puts yours')
  await confirm()
  expect(performed.map(({ args }) => args)).toEqual([{ changes: { lockMinutes: { from: 20, to: 7 } } }])
})
