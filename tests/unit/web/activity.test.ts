// The activity on a device: the filter and its address, what of the kept part fits, what a search looks through, and the words.
import { expect, test } from 'vitest'
import { addressOf, filterIn, fits, momentsOf, NO_FILTER, queryOf, type ActivityFilter } from '#lib/activity/filter.ts'
import { deviceWords, doneWords, matches, whoWords } from '#lib/activity/words.ts'
import { ERASED_USER, faultWords, type ActivityEntry } from '#shared/activity.ts'
import { activitySentence, changeWords, OTHER_TYPES, resultWords } from '#shared/activity-words.ts'
import { routedDefinition } from '#shared/operations/index.ts'
import { actions } from '#shared/operations/registry.ts'

const NOW = new Date(2026, 10, 24, 12).getTime()
const HOUR = 60 * 60_000
const names = {
  users: { ada: 'Ada Lovelace', bo: 'Bo Ek' },
  groups: { sales: 'Sales' },
  products: { pro: 'Sales Pro' },
}
const entry: ActivityEntry = {
  version: 7,
  id: 'id',
  type: 'assign-group',
  sentence: 'Assign Bo Ek to Sales',
  actor: 'ada',
  key: null,
  clientId: 'laptop',
  device: 'Firefox on Windows',
  madeAt: NOW - HOUR - 2_000,
  at: NOW - HOUR,
  batch: null,
  applied: 1,
  unchanged: 0,
  rejected: 0,
  undoneBy: null,
  undoes: null,
  erased: false,
  items: [
    {
      item: 'bo',
      outcome: { item: 'bo', result: 'applied' },
      change: { before: { groupId: null }, after: { groupId: 'sales' } },
    },
  ],
  more: 0,
  names,
}
const all = NO_FILTER

test('a filter goes into the address and comes back; what is no part of the lists does not', () => {
  const filter: ActivityFilter = {
    who: 'ada',
    actions: ['undo', 'set-role'],
    outcome: 'rejected',
    period: 'week',
    item: 'bo',
    device: 'laptop',
  }
  expect(filterIn(new URLSearchParams(addressOf(filter)))).toEqual(filter)
  expect(filterIn(new URLSearchParams('outcome=other&period=ever&action='))).toEqual(all)
  const { from } = momentsOf('week', NOW)
  expect(queryOf(filter, NOW)).toBe(
    `actor=ada&type=undo%2Cset-role&outcome=rejected&item=bo&client=laptop&from=${from}`,
  )
})

test.each<[boolean, Partial<ActivityFilter>]>([
  [true, {}],
  [true, { who: 'ada', actions: ['assign-group'], item: 'bo', period: 'today' }],
  [true, { item: 'ada' }],
  [false, { who: 'provider' }],
  [false, { actions: ['undo'] }],
  [false, { outcome: 'rejected' }],
  [false, { period: 'yesterday' }],
  [false, { item: 'else' }],
  [true, { device: 'laptop' }],
  [false, { device: 'phone' }],
])('of the kept part it is %s that an entry fits %o', (fitting, filter) => {
  expect(fits(entry, { ...all, ...filter }, NOW)).toBe(fitting)
})

test('published usage shows to whoever asks for it', () => {
  const usage = { ...entry, type: 'publish-usage' }
  expect([fits(usage, all, NOW), fits(usage, { ...all, actions: ['publish-usage'] }, NOW)]).toEqual([false, true])
})

test('a search looks through what is shown', () => {
  expect(matches(entry, ['bo', 'sales', 'ada'])).toBe(true)
  expect(matches(entry, ['firefox', 'group'])).toBe(true)
  expect(matches(entry, ['viewer'])).toBe(false)
})

test('who, where, and what came of it', () => {
  expect([whoWords(entry), deviceWords(entry, 'laptop'), doneWords(entry)]).toEqual([
    'Ada Lovelace',
    'This device',
    '1 changed',
  ])
  const provider = { ...entry, actor: null, key: 'Billing', clientId: null }
  expect([whoWords(provider), deviceWords(provider, 'laptop')]).toEqual(['Provider', 'Key Billing'])
  expect(whoWords({ ...provider, key: null })).toBe('Server')
  expect(
    changeWords(
      {
        change: {
          before: { groupId: null, limit: null },
          after: { groupId: 'sales', limit: { credits: 0, term: 'month' } },
        },
      },
      names,
    ),
  ).toEqual([
    { field: 'group', before: 'none', after: 'Sales' },
    { field: 'limit', before: 'inherited', after: 'blocked' },
  ])
  expect(
    resultWords({ item: 'x', outcome: { item: 'x', result: 'applied' }, change: { before: null, after: {} } }),
  ).toBe('added')
})

test('what was personal of an erased user is said to be erased', () => {
  const erased = { ...names, users: { ...names.users, bo: ERASED_USER } }
  const change = { before: { title: '', groupId: null }, after: { title: '', groupId: 'sales' } }
  expect(changeWords({ change }, erased)).toEqual([
    { field: 'title', before: 'erased', after: 'erased' },
    { field: 'group', before: 'none', after: 'Sales' },
  ])
  // Emptied by an admin is something else.
  const emptied = { before: { title: 'Clerk' }, after: { title: '' } }
  expect(changeWords({ change: emptied }, names)).toEqual([{ field: 'title', before: 'Clerk', after: 'none' }])
  const args = { userId: 'bo', changes: { title: { from: '', to: '' } } }
  expect(activitySentence({ type: 'update-user', args, names: erased })).toBe('Change title of Erased user')
})

test('every kind of entry has a sentence, whatever its args hold', () => {
  for (const type of [...actions.map((action) => action.type as string), 'undo', ...OTHER_TYPES, 'of-another-build'])
    for (const args of [null, {}, 'text', { userIds: 7, changes: null }])
      expect(activitySentence({ type, args, names }), type).not.toMatch(/^$|undefined|NaN/)
  expect(routedDefinition('undo')?.title).toBe('Undo')
})

test('faults are named by their operation', () => {
  expect(faultWords({ version: 1_200, fault: 'missing' })).toBe('Operation 1,200 is missing.')
  expect(faultWords({ version: 4, fault: 'cut', to: 9 })).toBe('Operations 4 to 9 are gone from the end.')
})
