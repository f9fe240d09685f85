// The dialog of each action on users: what it previews is what it does, and it performs the one call that it names. The rows are those of
// a small organisation; the real definitions run on them.
import { flushSync, mount, unmount, type Component } from 'svelte'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { ActionProps } from '#lib/actions.svelte.ts'
import AssignGroup from '#lib/components/actions/AssignGroup.svelte'
import ChangeRole from '#lib/components/actions/ChangeRole.svelte'
import DeactivateUsers from '#lib/components/actions/DeactivateUsers.svelte'
import ManageLimit from '#lib/components/actions/ManageLimit.svelte'
import ReactivateUsers from '#lib/components/actions/ReactivateUsers.svelte'
import ResetPassword from '#lib/components/actions/ResetPassword.svelte'
import ResetUsage from '#lib/components/actions/ResetUsage.svelte'
import { attempt } from '#lib/replica/pending.ts'
import { baseLayer, Overlay, type RowSet } from '#lib/replica/rows.ts'
import type { GroupId, Organisation, ProductId, UserId } from '#shared/model.ts'
import type { Call } from '#shared/operations/definition.ts'
import type { Outcome } from '#shared/operations/outcome.ts'
import { termStarts } from '#shared/periods.ts'
import { build, NOON } from '../../support/blueprint.ts'
import type { MemorySource } from '../../support/memory-source.ts'
import { rowsOf } from '../../support/on-device.ts'
import { settled } from '../../support/settled.ts'

let rows: RowSet
let source: MemorySource
let performed: { call: Call; outcomes: Outcome[]; atomic: boolean }[]

const layer = () => baseLayer(rows)
const organisation = (): Organisation => source.organisation
const acting = () => ({ organisation: organisation(), userId: userId('ingrid') })
const run = (call: Call, atomic = false) => attempt(new Overlay(layer()), { ...call, madeAt: NOON, atomic }, acting())

vi.mock('#lib/device.svelte.ts', () => ({
  device: {
    get layer() {
      return layer()
    },
    get organisation() {
      return organisation()
    },
    get starts() {
      return termStarts(organisation(), rows.tables.grants.values(), NOON)
    },
    get products() {
      return [...rows.tables.products.values()]
    },
    get groups() {
      return [...rows.tables.groups.values()]
    },
    get grants() {
      return [...rows.tables.grants.values()]
    },
    get me() {
      return userId('ingrid')
    },
    now: () => NOON,
    get asOf() {
      return NOON
    },
    rosterVersion: 0,
    phase: 'ready',
    online: true,
    user: (id: UserId | null | undefined) => (id ? rows.tables.users.get(id) : undefined),
    group: (id: GroupId | null | undefined) => (id ? rows.tables.groups.get(id) : undefined),
    product: (id: ProductId | null | undefined) => (id ? rows.tables.products.get(id) : undefined),
    meter: (id: string | null | undefined) => (id ? rows.tables.meters.get(id) : undefined),
    isPending: () => false,
    undo: () => Promise.resolve(),
    forecast: (call: Call) => {
      const { outcomes, view } = run(call)
      const copy = new Overlay(layer())
      copy.takeOver(view.changes)
      return Promise.resolve({ outcomes, layer: copy, operations: 1 })
    },
    perform: (call: Call, { atomic = false } = {}) => {
      const { outcomes } = run(call, atomic)
      performed.push({ call, outcomes, atomic })
      return Promise.resolve({ ids: [], outcomes })
    },
  },
}))

function userId(name: string): UserId {
  const user = [...rows.tables.users.values()].find(({ firstName }) => firstName.toLowerCase() === name)
  if (!user) throw new Error(`Nobody is called ${name}.`)
  return user.id
}

let shown: Record<string, unknown> | undefined

async function open(Dialog: Component<ActionProps>, ...names: string[]): Promise<void> {
  shown = mount(Dialog, { target: document.body, props: { userIds: names.map(userId) } })
  flushSync()
  await settled()
}
const text = () => document.querySelector('[role="dialog"]')?.textContent.replace(/\s+/g, ' ') ?? ''
const button = () => document.querySelector<HTMLButtonElement>('[role="dialog"] button[type="submit"]')
const label = () => button()?.textContent.trim()
async function confirm(): Promise<void> {
  window.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', ctrlKey: true }))
  await settled()
}
async function choose(value: string): Promise<void> {
  const radio = document.querySelector<HTMLInputElement>(`[role="dialog"] input[type="radio"][value="${value}"]`)
  radio?.click()
  await settled()
}

beforeEach(() => {
  performed = []
  source = build({
    products: { Pro: 3, Lite: 2 },
    groups: { Sales: ['ada', 'bo'] },
    users: { cy: { product: 'Lite' }, back: { product: 'Lite' } },
    deactivated: ['old', 'back'],
  })
  rows = rowsOf(source)
})
afterEach(async () => {
  if (shown) await unmount(shown)
  shown = undefined
  document.body.innerHTML = ''
})

describe('an action', () => {
  test('Deactivate User frees seats and leaves alone who already is', async () => {
    await open(DeactivateUsers, 'ada', 'cy', 'old')
    expect(text()).toContain('3 selected: 2 are deactivated, 1 already is')
    expect(label()).toBe('Deactivate 2 users')
    await confirm()
    expect(performed.map(({ call }) => call.type)).toEqual(['deactivate-users'])
  })

  test('deactivating oneself is asked twice, and the last admin stays', async () => {
    await open(DeactivateUsers, 'ingrid', 'ada')
    expect(text()).toContain('is the last active admin')
    await confirm()
    expect(performed).toEqual([])
    expect(text()).toContain('Deactivate yourself?')
    await confirm()
    expect(performed).toHaveLength(1)
  })

  test('Reactivate User must win a seat', async () => {
    await open(ReactivateUsers, 'back', 'old', 'ada')
    expect(text()).toContain('3 selected: 1 comes back, 1 is not deactivated, 1 finds no seat: Pro 0 of 3 left')
    await confirm()
    expect(performed[0]?.outcomes.map(({ result }) => result)).toEqual(['applied', 'rejected', 'unchanged'])
  })

  test('all or nothing: nothing is done while one of them cannot', async () => {
    await open(ReactivateUsers, 'back', 'old')
    document.querySelector<HTMLInputElement>('[role="dialog"] input[type="checkbox"]')?.click()
    await settled()
    expect(text()).toContain("1 can't change, so nothing would")
    await confirm()
    expect(performed).toEqual([])
  })

  test('Reset Password says that mails leave', async () => {
    await open(ResetPassword, 'ada', 'old')
    expect(text()).toContain("can't be called back")
    expect(label()).toBe('Reset password of 1 user')
    await confirm()
    expect(performed[0]?.call.type).toBe('reset-password')
  })

  test('Reset Usage does nothing where nothing was used', async () => {
    await open(ResetUsage, 'ada')
    expect(text()).toContain('Nothing would change')
    await confirm()
    expect(performed).toEqual([])
  })

  test('Assign Group counts who is there already', async () => {
    const [group] = rows.tables.groups.values()
    shown = mount(AssignGroup, {
      target: document.body,
      props: { userIds: ['ada', 'cy'].map(userId), groupId: group?.id },
    })
    await settled()
    expect(text()).toContain('2 selected: 1 changes, 1 is already there')
    await confirm()
    expect(performed[0]?.call.args).toMatchObject({ groupId: group?.id })
  })

  test('Change Role waits for a role; stepping down is asked twice', async () => {
    await open(ChangeRole, 'ada', 'ingrid')
    expect(text()).toContain('Choose a role')
    await choose('viewer')
    expect(label()).toBe('Change role of 1 user')
    await confirm()
    expect(text()).toContain('Step down?')
    await confirm()
    expect(performed[0]?.call.args).toMatchObject({ role: 'viewer' })
  })

  test('Manage Limit says who changes and by how much limits pass the credits', async () => {
    await open(ManageLimit, 'ada', 'bo')
    await choose('blocked')
    expect(text()).toContain('2 selected: 2 change')
    expect(text()).toContain('Overcommitted by')
    await confirm()
    expect(performed[0]?.call.args).toMatchObject({ limit: { credits: 0 } })
  })
})
