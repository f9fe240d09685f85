// The dialog of the organisation's settings: it performs one operation of what was changed, says beforehand what changes with it, and
// neither a reload nor somebody else's change loses what was typed.
import { mount, unmount } from 'svelte'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { baseLayer, type RowSet } from '#lib/replica/rows.ts'
import type { Limit, Organisation } from '#shared/model.ts'
import type { Call } from '#shared/operations/definition.ts'
import type { Outcome } from '#shared/operations/outcome.ts'
import { termStarts } from '#shared/periods.ts'
import { NOON } from '../../support/blueprint.ts'
import { rowsOf, tried } from '../../support/on-device.ts'
import { organisation, type World } from '../../support/organisation.ts'
import OrganisationDialog from '../../../web/routes/(app)/settings/OrganisationDialog.svelte'
import { confirm, description, dialog, field, fill, label, press, text } from '../../support/dialog.ts'
import { settled } from '../../support/settled.ts'

let acme: World
let rows: RowSet
let performed: { call: Call; outcomes: Outcome[] }[]

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
    get grants() {
      return acme.rows.all('grants')
    },
    get me() {
      return acme.user('ingrid').id
    },
    now: () => NOON,
    rosterVersion: 0,
    phase: 'ready',
    isPending: () => false,
    undo: () => Promise.resolve(),
    preview: (call: Call) => run(call),
    perform: (call: Call) => {
      const { outcomes } = run(call)
      performed.push({ call, outcomes })
      return Promise.resolve({ ids: [], outcomes })
    },
  },
}))

let shown: Record<string, unknown> | undefined
const props = $state<{ open: boolean; organisation: Organisation | undefined }>({ open: true, organisation: undefined })

async function open(): Promise<void> {
  props.open = true
  props.organisation = acme.rows.organisation
  shown = mount(OrganisationDialog, {
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
/** As another admin's change arrives. */
async function arrives(changes: Partial<Organisation>): Promise<void> {
  acme.rows.put('organisations', { ...acme.rows.organisation, ...changes })
  rows = rowsOf(acme.rows)
  props.organisation = acme.rows.organisation
  await settled()
}

const limit = (credits: number): Limit => ({
  credits,
  term: 'month',
  setBy: acme.user('ingrid').id,
  setAt: 0,
  was: null,
})

beforeEach(() => {
  performed = []
  sessionStorage.clear()
  acme = organisation({ users: { cy: { limit: { credits: 7, term: 'quarter' } }, dee: {} }, credits: 1_000 })
  acme.use('dee', 11)
  rows = rowsOf(acme.rows)
})
afterEach(close)

test('nothing is changed until something is; a name alone is saved alone', async () => {
  await open()
  expect(text()).toContain('Nothing is changed yet')
  await fill('Name', ' Tern & Sable ')
  expect(label()).toBe('Save organisation settings')
  await confirm()
  const name = { from: acme.rows.organisation.name, to: 'Tern & Sable' }
  expect(performed.map(({ call }) => call)).toEqual([{ type: 'update-organisation', args: { changes: { name } } }])
  expect(dialog()).toBeNull()
})

test('a default limit says whose limits change, who is blocked at once, and how far credits are overcommitted', async () => {
  await open()
  await fill('Default of every user, credits', '10')
  expect(label()).toBe('Save and change 2 limits')
  expect(text()).toContain(
    '2 users inherit it and get 10 a month instead of no limit. 1 has used as much already and is blocked at once.',
  )
  expect(text()).toContain('keeps a limit of their own or of their group')
  expect(text()).toContain('All limits together')
})

test('a limit above all credits is refused in its field, and nothing is performed', async () => {
  await open()
  await fill('Default of every user, credits', '1001')
  expect(text()).toContain('Not set: 1,001 is more than the 1,000 credits your organisation has.')
  await confirm()
  expect(performed).toEqual([])
})

test('an empty name is told', async () => {
  await open()
  await fill('Name', '  ')
  expect(text()).toContain('Enter a name.')
  await confirm()
  expect(performed).toEqual([])
})

test('what was typed is there again after a reload, and gone once it is saved', async () => {
  await open()
  await fill('Name', 'Half ty')
  await close()
  await open()
  expect(field('Name').value).toBe('Half ty')
  expect(description()).toBe('What you had typed is here again. Start over')
  await confirm()
  expect(performed).toHaveLength(1)
  await close()
  await open()
  expect(field('Name').value).toBe(acme.rows.organisation.name)
})

test('it begins anew where that is wanted; Cancel forgets it, the cross in the corner does not', async () => {
  await open()
  await fill('Name', 'Half ty')
  await close()
  await open()
  await press('Start over')
  expect(field('Name').value).toBe(acme.rows.organisation.name)
  expect(text()).toContain('Nothing is changed yet')
  await fill('Name', 'A slip')
  await press('Close')
  await close()
  await open()
  expect(field('Name').value).toBe('A slip')
  await press('Cancel')
  await close()
  await open()
  expect(description()).toBeUndefined()
  expect(field('Name').value).toBe(acme.rows.organisation.name)
})

test('what another admin saves meanwhile comes into untouched fields, and is told where one was touched', async () => {
  await open()
  await fill('Name', 'Mine')
  await arrives({ name: 'Theirs', timeZone: 'Pacific/Kiritimati', defaultLimit: limit(20) })
  expect(field('Name').value).toBe('Mine')
  expect(field('Time zone').value).toBe('Pacific/Kiritimati')
  expect(field('Default of every user, credits').value).toBe('20')
  expect(text()).toContain('Changed meanwhile to “Theirs”. Saving puts yours in its place.')
  await confirm()
  expect(performed.map(({ call }) => call.args)).toEqual([{ changes: { name: { from: 'Theirs', to: 'Mine' } } }])
})

test('a fiscal year and a time zone that were typed before a reload say what moves with them', async () => {
  sessionStorage.setItem(
    `quartermaster.organisation-form.${acme.user('ingrid').id}`,
    JSON.stringify({ timeZone: 'Pacific/Kiritimati', fiscalYearStart: 2 }),
  )
  await open()
  expect(text()).toMatch(/It is .*2[45].* there now, instead of /)
  expect(text()).toMatch(
    /1 user has a limit by quarter: use counts from .* instead of .*, and starts anew on .* instead of/,
  )
  expect(text()).toContain('Days counted so far stay as they were counted.')
  expect(text()).toContain('Quarter to date')
  expect(label()).toBe('Save organisation settings')
})
