// What a user's panel says of credits: which ceiling binds and what is used of it, and what was used over time, with resets and months
// that are not here yet.
import { mount, unmount, type Component } from 'svelte'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import UserLimit from '#lib/components/users/UserLimit.svelte'
import UserUsage from '#lib/components/users/UserUsage.svelte'
import { baseLayer, type RowSet } from '#lib/replica/rows.ts'
import type { UsageAnswer, UsageQuery } from '#lib/usage/types.ts'
import { newMeter } from '#shared/meters.ts'
import {
  type Group,
  type GroupId,
  type Limit,
  type LimitChoice,
  type Meter,
  type Organisation,
  type Term,
  type User,
  type UserId,
} from '#shared/model.ts'
import { addDays, termStarts } from '#shared/periods.ts'
import { build, found, NOON } from '../../support/blueprint.ts'
import type { MemorySource } from '../../support/memory-source.ts'
import { rowsOf } from '../../support/on-device.ts'
import { settled } from '../../support/settled.ts'

let rows: RowSet
let source: MemorySource
let asked: UsageQuery[]
let useOf: (day: string) => number
let missing: string[]
const device = vi.hoisted(() => ({ online: true }))

const organisation = (): Organisation => source.organisation
const starts = (): Record<Term, number> => termStarts(organisation(), rows.tables.grants.values(), NOON)

vi.mock('#lib/device.svelte.ts', () => ({
  device: {
    get layer() {
      return baseLayer(rows)
    },
    get organisation() {
      return organisation()
    },
    get starts() {
      return starts()
    },
    get grants() {
      return [...rows.tables.grants.values()]
    },
    get online() {
      return device.online
    },
    now: () => NOON,
    rosterVersion: 0,
    phase: 'ready',
    user: (id: UserId | null | undefined) => (id ? rows.tables.users.get(id) : undefined),
    group: (id: GroupId | null | undefined) => (id ? rows.tables.groups.get(id) : undefined),
    meter: (id: string | null | undefined) => (id ? rows.tables.meters.get(id) : undefined),
    isPending: () => false,
  },
}))
vi.mock('#lib/usage/usage.svelte.ts', () => ({
  usage: {
    version: 1,
    settled: true,
    ask: (query: UsageQuery): Promise<UsageAnswer> => {
      asked.push(query)
      const days: { day: string; credits: number; contactViews: number }[] = []
      for (let day = query.from; day <= query.to; day = addDays(day, 1))
        days.push({ day, credits: useOf(day), contactViews: 0 })
      const credits = days.reduce((sum, { credits }) => sum + credits, 0)
      return Promise.resolve({
        sums: { credits, contactViews: 0, days, top: [], users: 1, products: [], groups: [] },
        missing,
        upTo: NOON,
        version: 1,
      })
    },
  },
}))

const stamped = (limit: LimitChoice): Limit => ({ ...limit, setBy: person('ingrid').id, setAt: NOON, was: null })
function person(name: string): User {
  return found(
    [...rows.tables.users.values()].find(({ firstName }) => firstName === name),
    name,
  )
}
const group = (): Group => found([...rows.tables.groups.values()][0], 'group')
const meterOf = (id: UserId | GroupId, of: Meter['of'], about: Partial<Meter>) =>
  rows.tables.meters.set(id, { ...newMeter(id, of, starts()), ...about })

let shown: Record<string, unknown> | undefined
async function show<Props extends Record<string, unknown>>(Part: Component<Props>, props: Props): Promise<void> {
  shown = mount(Part, { target: document.body, props })
  await settled()
}
const text = () => document.body.textContent.replace(/\s+/g, ' ')
const press = async (name: string) => {
  const buttons = [...document.querySelectorAll('button')]
  found(
    buttons.find(
      (button) => (button.ariaLabel ?? button.getAttribute('aria-label') ?? button.textContent.trim()) === name,
    ),
    name,
  ).click()
  await settled()
}

beforeEach(() => {
  asked = []
  missing = []
  useOf = () => 0
  device.online = true
  source = build({ groups: { Sales: ['ada', 'bo'] }, users: { ada: { limit: { credits: 1_500, term: 'month' } } } })
  rows = rowsOf(source)
})
afterEach(async () => {
  if (shown) await unmount(shown)
  shown = undefined
  document.body.innerHTML = ''
})

test('an own limit binds, and says what is used of it', async () => {
  meterOf(person('ada').id, 'user', { month: 1_612 })
  await show(UserLimit, { user: person('ada'), blocked: undefined })
  expect(text()).toContain('0 left over by 112 1,612 used of 1,500 this month')
  expect(text()).toContain('Own limit1,500 a month, 1,612 used')
})

test('after a reset the words say since when', async () => {
  meterOf(person('ada').id, 'user', { month: 40, monthSince: Date.UTC(2026, 10, 12, 9) })
  await show(UserLimit, { user: person('ada'), blocked: undefined })
  expect(text()).toMatch(/40 used of 1,500 since the reset on .*12/)
})

test('a pool of a quarter that has less left binds before the own limit', async () => {
  rows.tables.groups.set(group().id, { ...group(), poolLimit: stamped({ credits: 24_000, term: 'quarter' }) })
  meterOf(person('ada').id, 'user', { month: 300, quarter: 900 })
  meterOf(group().id, 'pool', { month: 100, quarter: 23_800 })
  await show(UserLimit, { user: person('ada'), blocked: undefined })
  expect(text()).toContain('200 left 23,800 used of the pool’s 24,000 this quarter')
  expect(text()).toContain('The pool of Sales binds.')
  // The fiscal year begins in April.
  expect(text()).toMatch(/200 left until it starts anew on .*Jan/)
  expect(text()).toContain('24,000 a quarter, shared by 2 members, 23,800 used')
})

test('what is past the credits binds everybody', async () => {
  const [grant] = rows.tables.grants.values()
  if (!grant) throw new Error('No grant.')
  rows.tables.grants.set(grant.id, { ...grant, used: 100_000, usedBy: { '2026-04-01': 100_000 } })
  const overage = { ...grant, id: 'overage' as typeof grant.id, kind: 'overage' as const, credits: 0 }
  rows.tables.grants.set(overage.id, { ...overage, used: 250, usedBy: { '2026-04-01': 250 } })
  await show(UserLimit, { user: person('bo'), blocked: undefined })
  expect(text()).toContain('0 left over by 250 100,250 used of all 100,000 in this contract')
  expect(text()).toContain('The credits of the organisation bind. Further use is denied until credits are added.')
})

test('a limit by contract starts anew with the next one', async () => {
  const user = { ...person('bo'), limit: stamped({ credits: 5_000, term: 'contract' }) }
  meterOf(user.id, 'user', { contract: 1_000 })
  await show(UserLimit, { user, blocked: undefined })
  expect(text()).toContain('1,000 used of 5,000 in this contract')
  expect(text()).toContain('4,000 left until the next contract begins.')
})

test('twelve months, then the running one by day', async () => {
  useOf = (day) => (day.startsWith('2026-10') ? 10 : day.startsWith('2026-11') ? 5 : 0)
  await show(UserUsage, { user: person('ada') })
  expect(asked).toEqual([{ userId: person('ada').id, from: '2025-12-01', to: '2026-11-24' }])
  expect(text()).toContain('430 credits and 0 contact views')
  expect(text()).toMatch(/Highest in October( 2026)?, 310\./)
  expect(text()).toContain('The dotted line is the own limit, 1,500 a month.')
  await press('Table')
  const table = found(document.querySelector('table') ?? undefined, 'table')
  expect(table.rows).toHaveLength(1 + 12 + 1)
  await press('November')
  expect(asked.at(-1)).toMatchObject({ from: '2026-11-01', to: '2026-11-24' })
  expect(text()).toContain('120 credits')
  // A monthly limit is no line across days.
  expect(text()).not.toContain('dotted line')
  await press('Chart')
})

test('resets are told at their day', async () => {
  useOf = () => 5
  meterOf(person('ada').id, 'user', {
    markers: [
      { at: Date.UTC(2026, 10, 12, 9), used: { month: 420, quarter: 0, year: 0, contract: 0 }, since: starts() },
    ],
  })
  await show(UserUsage, { user: person('ada') })
  expect(text()).toMatch(
    /Usage was reset on .*12.*, 420 used before\. The limit counts from there; the chart shows all\./,
  )
})

test('says what is missing here, and when it comes', async () => {
  missing = ['2025-12']
  await show(UserUsage, { user: person('ada') })
  expect(text()).toContain('Nothing was used in the months that are here.')
  expect(text()).toContain('December 2025 is not on this device yet; it is being fetched.')
  await unmount(found(shown, 'part'))
  device.online = false
  await show(UserUsage, { user: person('ada') })
  expect(text()).toContain('it is fetched when the network returns.')
})

test('nothing used is no empty chart', async () => {
  await show(UserUsage, { user: { ...person('ada'), status: 'invited' } })
  expect(text()).toContain('Nothing yet: the invitation is not accepted.')
  expect(document.querySelector('svg[role], table')).toBeNull()
})
