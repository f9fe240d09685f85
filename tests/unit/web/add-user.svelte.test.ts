// Add User, half typed: neither a reload, a lock nor a slip loses it; it is forgotten where it was sent, cancelled, or holds who was removed.
import { mount, unmount } from 'svelte'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import AddUser from '#lib/components/actions/AddUser.svelte'
import { keptForTab } from '#lib/kept-for-tab.ts'
import type { RowSet } from '#lib/replica/rows.ts'
import { emptyForm, forgetTypedUser, typedUser } from '#lib/users/user-form.ts'
import type { GroupId, ProductId } from '#shared/model.ts'
import type { Call } from '#shared/operations/definition.ts'
import { NOON } from '../../support/blueprint.ts'
import { confirm, description, dialog, field, fill, press, text } from '../../support/dialog.ts'
import { rowsOf, tried } from '../../support/on-device.ts'
import { organisation, type World } from '../../support/organisation.ts'
import { settled } from '../../support/settled.ts'

let acme: World
let rows: RowSet
let performed: Call[]
let database: string

const run = (call: Call) => tried(call, acme, rows)

vi.mock('#lib/device.svelte.ts', () => ({
  device: {
    get database() {
      return database
    },
    get organisation() {
      return acme.rows.organisation
    },
    get products() {
      return [...rows.tables.products.values()]
    },
    get groups() {
      return [...rows.tables.groups.values()]
    },
    product: (id: ProductId) => rows.tables.products.get(id),
    group: (id: GroupId | null) => (id ? rows.tables.groups.get(id) : undefined),
    user: () => undefined,
    now: () => NOON,
    get asOf() {
      return NOON
    },
    rosterVersion: 0,
    phase: 'ready',
    online: true,
    undo: () => Promise.resolve(),
    preview: (call: Call) => run(call),
    perform: (call: Call) => {
      performed.push(call)
      return Promise.resolve({ ids: [], outcomes: run(call).outcomes })
    },
  },
}))

let shown: Record<string, unknown> | undefined

async function open(groupId?: GroupId): Promise<void> {
  shown = mount(AddUser, { target: document.body, props: { userIds: [], groupId } })
  await settled()
}
async function close(): Promise<void> {
  if (shown) await unmount(shown)
  shown = undefined
  document.body.innerHTML = ''
}
/** As a reload does, or a lock. */
async function again(groupId?: GroupId): Promise<void> {
  await close()
  await open(groupId)
}
const chosen = (name: string) => {
  const of = [...(dialog()?.querySelectorAll('label') ?? [])].find(({ textContent }) => textContent.trim() === name)
  return document.getElementById(of?.htmlFor ?? '')?.textContent.trim()
}
const kind = () => dialog()?.querySelector<HTMLInputElement>('input[type="radio"]:checked')?.value
const kept = () => JSON.stringify({ ...sessionStorage })

beforeEach(() => {
  performed = []
  database = 'quartermaster/ingrid/acme'
  sessionStorage.clear()
  acme = organisation({ products: { Pro: 9, Lite: 9 }, groups: { Sales: ['ada'], Field: ['bo'] } })
  rows = rowsOf(acme.rows)
})
afterEach(close)

test('everything that was typed and chosen is there again, also an amount that is no limit yet', async () => {
  typedUser.keep(database, {
    productId: acme.product('Lite').id,
    groupId: acme.group('Field').id,
    role: 'viewer',
  })
  await open()
  await fill('First name', 'Nia')
  await fill('E-mail', 'nia@')
  await fill('Own limit, credits', '12x')
  await again()
  expect([field('First name').value, field('E-mail').value]).toEqual(['Nia', 'nia@'])
  expect([field('Own limit, credits').value, kind()]).toEqual(['12x', 'own'])
  expect([chosen('Product')?.startsWith('Lite'), field('Group').value, chosen('Role')]).toEqual([
    true,
    'Field',
    'Viewer',
  ])
  expect(description()).toBe('What you had typed is here again. Start over')
  expect(document.activeElement).toBe(field('First name'))
})

test('an untouched form keeps nothing, nor does the group from whose page it was opened', async () => {
  await open(acme.group('Sales').id)
  await field('E-mail').dispatchEvent(new FocusEvent('blur'))
  await settled()
  expect(kept()).toBe('{}')
  await fill('First name', 'Nia')
  await fill('First name', '')
  expect(kept()).toBe('{}')
  await again()
  expect(description()).toBeUndefined()
})

test('Start over empties it, back to the group from whose page it was opened, and goes to the first field', async () => {
  typedUser.keep(database, { ...emptyForm(null), role: 'admin', groupId: acme.group('Field').id })
  await open(acme.group('Sales').id)
  expect(field('Group').value).toBe('Field')
  await fill('First name', 'Nia')
  await fill('Own limit, credits', '12')
  await press('Start over')
  expect([field('First name').value, field('Group').value, chosen('Role'), kind()]).toEqual([
    '',
    'Sales',
    'Member',
    'inherit',
  ])
  expect(document.activeElement).toBe(field('First name'))
  expect(kept()).toBe('{}')
  expect(text()).not.toContain('here again')
  await fill('Last name', 'Sol')
  expect(kept()).toContain('Sol')
})

test('it is forgotten once the user is added', async () => {
  typedUser.keep(database, { productId: acme.product('Pro').id })
  await open()
  await fill('First name', 'Nia')
  await fill('E-mail', 'nia@new.example')
  await confirm()
  expect(performed).toHaveLength(1)
  expect(kept()).toBe('{}')
})

test('with Add another what is kept follows the emptied form', async () => {
  typedUser.keep(database, { productId: acme.product('Pro').id })
  await open()
  await fill('First name', 'Nia')
  await fill('E-mail', 'nia@new.example')
  await fill('Own limit, credits', '12')
  field('Add another').click()
  await confirm()
  expect(performed).toHaveLength(1)
  expect([field('First name').value, kind(), chosen('Product')?.startsWith('Pro')]).toEqual(['', 'inherit', true])
  expect(kept()).toBe('{}')
  expect(text()).not.toContain('here again')
  await fill('First name', 'Ola')
  await again()
  expect([field('First name').value, field('E-mail').value]).toEqual(['Ola', ''])
  expect(chosen('Product')).toMatch(/^Pro/)
})

test('Cancel forgets it; the cross in the corner may be a slip, and does not', async () => {
  await open()
  await fill('First name', 'Nia')
  await press('Close')
  await again()
  expect(field('First name').value).toBe('Nia')
  await press('Cancel')
  expect(kept()).toBe('{}')
})

test('a product and a group that are gone since are left out', async () => {
  const [product, group] = [acme.product('Lite'), acme.group('Field')]
  typedUser.keep(database, { ...emptyForm(group.id), role: 'viewer', productId: product.id })
  rows.tables.products.delete(product.id)
  rows.tables.groups.delete(group.id)
  await open()
  expect([chosen('Product'), field('Group').value, chosen('Role')]).toEqual(['Choose a product', 'No group', 'Viewer'])
  await fill('First name', 'Nia')
  await fill('E-mail', 'nia@new.example')
  await confirm()
  expect(text()).toContain('Choose a product.')
  expect(performed).toEqual([])
  expect(kept()).not.toContain(product.id)
  expect(kept()).not.toContain(group.id)
})

test('what can’t be read is forgotten', async () => {
  sessionStorage.setItem(`quartermaster.user-form.${database}`, '{"texts":{"firstName":1}}')
  await open()
  expect(field('First name').value).toBe('')
})

test('who signs in as somebody else in the same tab sees none of it', async () => {
  await open()
  await fill('First name', 'Nia')
  database = 'quartermaster/kwame/acme'
  await again()
  expect(field('First name').value).toBe('')
  expect(description()).toBeUndefined()
})

test('who was removed is forgotten in it too, and nobody else', async () => {
  await open()
  await fill('E-mail', 'Ana@Gone.example')
  await close()
  const has = (email: string) => (held: string) => held.toLowerCase().includes(email)
  expect(forgetTypedUser(database, has('bo@gone.example'))).toBe(false)
  expect(kept()).toContain('Ana@Gone.example')
  expect(forgetTypedUser(database, has('ana@gone.example'))).toBe(true)
  expect(kept()).toBe('{}')
})

test('a tab that has no room for it goes on without', () => {
  typedUser.keep(database, { role: 'viewer' })
  const full = vi.spyOn(keptForTab, 'set').mockImplementation(() => {
    throw new DOMException('full', 'QuotaExceededError')
  })
  typedUser.keep(database, { role: 'admin' })
  full.mockRestore()
  expect(kept()).toBe('{}')
})
