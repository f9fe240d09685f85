// A detail that is edited where it stands: saved by Enter, left by Esc, and where it can't be saved the reason is said and the text stays.
import { flushSync, mount, unmount } from 'svelte'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import InPlace from '#lib/components/users/InPlace.svelte'
import type { RowSet } from '#lib/replica/rows.ts'
import type { Call } from '#shared/operations/definition.ts'
import { rowsOf, tried } from '../../support/on-device.ts'
import { organisation, type World } from '../../support/organisation.ts'
import { settled } from '../../support/settled.ts'

let acme: World
let rows: RowSet
let performed: Call[]
let refusal: Error | undefined

vi.mock('#lib/device.svelte.ts', () => ({
  device: {
    isPending: () => false,
    preview: (call: Call) => {
      if (refusal) throw refusal
      return tried(call, acme, rows)
    },
    perform: (call: Call) => {
      performed.push(call)
      return Promise.resolve({ ids: [], outcomes: tried(call, acme, rows).outcomes })
    },
    undo: () => Promise.resolve(),
  },
}))

let shown: Record<string, unknown>
beforeEach(async () => {
  acme = organisation({ products: { Pro: 9 }, groups: { Sales: ['bo'] } })
  rows = rowsOf(acme.rows)
  performed = []
  refusal = undefined
  const props = { user: acme.user('bo'), field: 'title', label: 'Title', type: 'text', readonly: false } as const
  shown = mount(InPlace, { target: document.body, props })
  flushSync()
  document.querySelector('button')?.click()
  await settled()
})
afterEach(() => unmount(shown))

const input = () => document.querySelector('input')
async function type(text: string, key: string): Promise<void> {
  const field = input()
  if (!field) throw new Error('Nothing is edited.')
  field.value = text
  field.dispatchEvent(new Event('input', { bubbles: true }))
  field.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }))
  await settled()
}

test('Enter saves', async () => {
  await type('Clerk', 'Enter')
  expect(performed.map(({ args }) => args)).toMatchObject([{ changes: { title: { to: 'Clerk' } } }])
  expect(input()).toBeNull()
})

test('Esc leaves it as it was', async () => {
  await type('Clerk', 'Escape')
  expect(performed).toEqual([])
  expect(input()).toBeNull()
})

test('before the rows are here it says so, and what was typed stays', async () => {
  refusal = new Error('The data of this device is still being opened.')
  await type('Clerk', 'Enter')
  expect(document.body.textContent).toContain('The data of this device is still being opened.')
  expect(input()?.value).toBe('Clerk')

  refusal = undefined
  await type('Clerk', 'Enter')
  expect(performed).toHaveLength(1)
})
