import { describe, expect, test } from 'vitest'
import { confirmLabel, doneSentence, previewSentence, waitedSentence } from '#shared/action-words.ts'
import { bindingSentence, limitWords } from '#shared/limit-words.ts'
import type { Bound } from '#shared/limits.ts'
import type { GroupId, LimitChoice, ProductId, UserId } from '#shared/model.ts'
import { definitionOf } from '#shared/operations/registry.ts'
import {
  applied,
  rejected,
  unchanged,
  withItem,
  type FieldValue,
  type Outcome,
  type Result,
} from '#shared/operations/outcome.ts'
import { sentence, shortForm, type Said } from '#shared/words.ts'
import { idOf } from '../../support/blueprint.ts'

const [mei, ingrid, kwame] = [idOf<UserId>(1), idOf<UserId>(2), idOf<UserId>(3)]
const api = idOf<ProductId>(10)
const emea = idOf<GroupId>(20)
const names = {
  users: { [mei]: 'Mei Tanaka', [ingrid]: 'Ingrid Solberg', [kwame]: 'Kwame Mensah' },
  groups: { [emea]: 'EMEA Sales' },
  products: { [api]: 'Data API' },
}
const EIGHT = 8
const when = (at: number) => (at === EIGHT ? 'today at 08:02' : 'on 3 Sep 2026')
const say = (type: string, item: string, result: Result, more: Partial<Said> = {}) => {
  const said: Said = { type, args: {}, names, when, ...more }
  const { title, fact } = sentence(withItem(item, result), said)
  return [title, fact, shortForm(withItem(item, result), said)]
}
const noSeat = (more: object = {}) =>
  rejected('no-seat-left', {
    productId: api,
    free: 0,
    needed: 1,
    purchased: 25,
    used: 25,
    lastSeat: null,
    lastContract: null,
    ...more,
  })

describe('what was not done', () => {
  test('no seat left, since the provider lowered it', () => {
    expect(say('add-users', mei, noSeat({ used: 28, lastContract: { from: 28, at: EIGHT } }))).toEqual([
      'Mei Tanaka was not added: no seat left in Data API.',
      '0 of 25 left, over by 3: the provider lowered it from 28 today at 08:02.',
      'No seat left in Data API',
    ])
  })

  test('no seat left, since somebody took the last one', () => {
    const [, fact] = say(
      'change-product',
      mei,
      noSeat({ lastSeat: { by: kwame, at: EIGHT }, lastContract: { from: 20, at: 1 } }),
    )
    expect(fact).toBe('0 of 25 left: Kwame Mensah took the last one today at 08:02.')
  })

  test('e-mail taken', () => {
    const fact = { email: 'mei@tern.example', userId: ingrid, status: 'deactivated', since: 0 } as const
    expect(say('add-users', mei, rejected('email-taken', fact)).slice(0, 2)).toEqual([
      'Mei Tanaka was not added: the e-mail is taken.',
      'It belongs to a user deactivated on 3 Sep 2026.',
    ])
    expect(say('add-users', mei, rejected('email-taken', { ...fact, status: 'active' }))[1]).toBe(
      'It belongs to Ingrid Solberg.',
    )
  })

  test('changed meanwhile, field by field', () => {
    const args = { userId: mei, changes: { title: { from: '', to: 'Lead recruiter' } } }
    const fact = { row: mei, field: 'title', theirs: 'Recruiter', by: kwame, at: EIGHT }
    expect(say('update-user', 'title', rejected('changed-meanwhile', fact), { args, madeAt: EIGHT })).toEqual([
      'Title was changed meanwhile: Kwame Mensah set “Recruiter” today at 08:02.',
      'Yours, made today at 08:02: “Lead recruiter”',
      'Changed meanwhile',
    ])
  })

  test('changed meanwhile, of a user whose change was to be undone', () => {
    const fact = { row: mei, field: 'groupId', theirs: emea, by: kwame, at: EIGHT }
    const [title] = say('undo', mei, rejected('changed-meanwhile', fact))
    expect(title).toBe('Mei Tanaka was changed meanwhile: Kwame Mensah set group to “EMEA Sales” today at 08:02.')
    expect(say('undo', mei, rejected('changed-meanwhile', { ...fact, by: null, at: null }))[0]).toBe(
      'Mei Tanaka was changed meanwhile.',
    )
  })

  test('changed meanwhile, of a setting of the organisation: weekdays and months by name', () => {
    const fact = { row: ingrid, by: kwame, at: EIGHT }
    const of = (field: string, from: unknown, to: unknown, theirs: FieldValue) =>
      say('update-organisation', field, rejected('changed-meanwhile', { ...fact, field, theirs }), {
        args: { changes: { [field]: { from, to } } },
      }).slice(0, 2)
    expect(of('weekStart', 1, 7, 6)).toEqual([
      'First day of the week was changed meanwhile: Kwame Mensah set Saturday today at 08:02.',
      'Yours: Sunday',
    ])
    expect(of('fiscalYearStart', 1, 2, 12)[0]).toMatch(/^First month .* set December today/)
    expect(of('timeZone', 'UTC', 'America/New_York', 'Asia/Tokyo')).toEqual([
      'Time zone was changed meanwhile: Kwame Mensah set Asia/Tokyo today at 08:02.',
      'Yours: America/New York',
    ])
    const [undone] = say('undo', 'weekStart', rejected('changed-meanwhile', { ...fact, field: 'weekStart', theirs: 6 }))
    expect(undone).toMatch(/^First day of the week was changed meanwhile/)
  })

  test('last admin, group with members, limit too high, name taken', () => {
    expect(say('set-role', ingrid, rejected('last-admin', {})).slice(0, 2)).toEqual([
      'Not done: Ingrid Solberg is the last active admin.',
      'Make someone else admin first.',
    ])
    expect(say('delete-groups', emea, rejected('group-not-empty', { members: 38 })).slice(0, 2)).toEqual([
      'Not deleted: EMEA Sales has 38 members.',
      'Move them, or delete the group and leave them without one.',
    ])
    expect(
      say('manage-limit', mei, rejected('limit-exceeds-credits', { credits: 600_000, available: 550_000 }))[0],
    ).toBe('Not set: 600,000 is more than the 550,000 credits your organisation has.')
    expect(
      say('update-group', 'name', rejected('group-name-taken', { groupId: emea, members: 22 })).slice(0, 2),
    ).toEqual(['Name was not changed: a group has this name.', 'Taken: a group with 22 members has this name.'])
  })

  test('the short forms', () => {
    const short = (result: Result, more: Partial<Said> = {}) => say('add-users', mei, result, more)[2]
    expect(short(rejected('email-invalid', { email: 'x' }))).toBe('E-mail not valid')
    expect(short(rejected('user-unknown', {}))).toBe('Not known here any more')
    expect(short(rejected('product-unknown', { productId: api }))).toBe('No such product')
    expect(short(rejected('group-unknown', { groupId: emea }))).toBe('No such group')
    expect(short(rejected('user-deactivated', { since: 0 }))).toBe('Deactivated: reactivate first')
    expect(short(rejected('group-name-taken', { groupId: emea, members: 1 }))).toBe('A group has this name')
    expect(short(rejected('forbidden', {}))).toBe('Not done: you are no longer an admin')
    const dependency = rejected('dependency-rejected', { operationId: idOf(5), code: 'no-seat-left' })
    expect(short(dependency, { describe: () => 'Add 5 users' })).toBe('Depends on “Add 5 users”, which was rejected')
    expect(short(rejected('failed', {}))).toBe('The server could not do this; it is set aside and nothing else waits')
  })

  test('a user who was never added is called as the operation calls him, and a code of a newer server gets a sentence', () => {
    const args = { users: [{ id: mei, firstName: 'Mei', lastName: 'Tanaka', email: 'mei@tern.example' }] }
    const unknown = { result: 'rejected', code: 'moon-phase', fact: {} } as unknown as Result
    expect(say('add-users', mei, unknown, { args, names: { users: {}, groups: {}, products: {} } })).toEqual([
      'Mei Tanaka was not added: the server refused it.',
      'Its reason: moon-phase.',
      'Refused by the server',
    ])
  })
})

describe('the preview', () => {
  const many = (n: number, result: Result): Outcome[] =>
    Array.from({ length: n }, (_, item) => withItem(`${item}`, result))
  const options = { type: 'change-product', names: { ...names, products: { [api]: 'Sales Pro' } }, asOf: '09:41' }

  test('counts what changes, what is so already, and who finds no seat', () => {
    const outcomes = [...many(9, applied()), ...many(1, unchanged()), ...many(2, noSeat({ purchased: 50 }))]
    expect(previewSentence(outcomes, options)).toBe(
      '12 selected: 9 change, 1 already has it, 2 find no seat: Sales Pro 0 of 50 left, as of 09:41',
    )
  })

  test('says how many a lower limit blocks at once', () => {
    expect(previewSentence(many(12, applied()), { ...options, type: 'manage-limit', blocked: 3 })).toBe(
      '12 selected: 12 change. 3 of them have used more already and are blocked at once.',
    )
  })
})

test('the button says what it does and to how many', () => {
  expect(confirmLabel('change-product', 9)).toBe('Change product of 9 users')
  expect(confirmLabel('deactivate-users', 12)).toBe('Deactivate 12 users')
  expect(confirmLabel('add-users', 21)).toBe('Add 21 users')
  expect(confirmLabel('manage-limit', 12)).toBe('Set limit of 12 users')
  expect(confirmLabel('update-group', 1, { limits: 35 })).toBe('Save and change 35 limits')
  expect(confirmLabel('delete-groups', 1, { move: 38 })).toBe('Move 38 and delete group')
})

test('the toast says what was done', () => {
  const done = (n: number) => Array.from({ length: n }, (_, item) => withItem(`${item}`, applied()))
  expect(doneSentence('change-product', done(9))).toBe('Product changed for 9 users')
  expect(doneSentence('add-users', done(21))).toBe(
    'Invited 21 users. Undo removes them; invitations that have left stop working.',
  )
  const kept = rejected('changed-meanwhile', { row: mei, field: null, theirs: null, by: null, at: null })
  expect(doneSentence('undo', [...done(7), withItem('a', kept), withItem('b', kept)])).toBe(
    'Undone for 7 users. 2 were changed since and stay as they are.',
  )
  expect(waitedSentence('deactivate-users', 4, 'yesterday')).toBe(
    'Deactivating 4 users has waited since yesterday. Send it now or discard it?',
  )
})

describe('limits', () => {
  test('are called by their number and term', () => {
    const words = (credits: number | null, term: LimitChoice['term']) => limitWords({ credits, term })
    expect([words(2_000, 'month'), words(6_000, 'quarter'), words(0, 'year'), words(null, 'month')]).toEqual([
      '2,000 a month',
      '6,000 a quarter',
      'blocked',
      'unlimited',
    ])
  })

  test('say which one binds, who set it, and when use goes on', () => {
    const limit = {
      credits: 1_500,
      term: 'month',
      setBy: ingrid,
      setAt: EIGHT,
      was: { credits: 2_000, term: 'month' },
    } as const
    const bound: Bound = { kind: 'own', limit, used: 1_612, left: 0, over: 112 }
    const words = {
      names,
      number: (n: number) => n.toLocaleString('en'),
      when,
      day: () => '1 December',
      group: 'EMEA Sales',
      next: 9,
    }
    expect(bindingSentence(bound, words)).toBe(
      'The own limit binds. Ingrid Solberg set it today at 08:02, down from 2,000. ' +
        'Further use is denied until it starts anew on 1 December, or until you raise it.',
    )
    expect(bindingSentence({ ...bound, kind: 'pool', left: 7_518 }, words)).toBe(
      'The pool of EMEA Sales binds. Ingrid Solberg set it today at 08:02, down from 2,000. 7,518 left until it starts anew on 1 December.',
    )
    expect(bindingSentence({ kind: 'credits', limit: null, used: 0, left: 0, over: 0 }, words)).toBe(
      'The credits of the organisation bind. Further use is denied until credits are added.',
    )
  })
})

test('each action is described in the imperative, by name for one and by number for several', () => {
  const describe = (type: string, args: unknown) => definitionOf(type)?.describe(args, names)
  const setting = (changes: object) => describe('update-organisation', { changes })
  const one = { userIds: [mei] }
  const four = { userIds: [mei, ingrid, kwame, idOf(9)] }
  expect([
    describe('assign-group', { ...four, groupId: emea }),
    describe('assign-group', { ...one, groupId: null }),
    describe('manage-limit', { ...one, limit: { credits: 500, term: 'month' } }),
    describe('manage-limit', { ...four, limit: null }),
    describe('reset-password', one),
    describe('reset-usage', one),
    describe('deactivate-users', four),
    describe('reactivate-users', one),
    describe('set-role', { ...one, role: 'admin' }),
    describe('change-product', { ...four, productId: api }),
    describe('add-group', { group: { name: 'Field' } }),
    describe('update-group', { groupId: emea, changes: { name: { from: 'EMEA Sales', to: 'EMEA' } } }),
    describe('update-group', {
      groupId: emea,
      changes: { poolLimit: { from: null, to: { credits: 24_000, term: 'month' } } },
    }),
    describe('delete-groups', { groupIds: [emea], onMembers: 'refuse' }),
    setting({ name: { from: 'Tern', to: 'Sable' } }),
    setting({ timeZone: { from: 'UTC', to: 'America/New_York' } }),
    setting({ weekStart: { from: 1, to: 7 } }),
    setting({ fiscalYearStart: { from: 1, to: 2 } }),
    setting({ defaultLimit: { from: null, to: { credits: 500, term: 'quarter' } } }),
    setting({ defaultLimit: { from: null, to: null }, weekStart: { from: 1, to: 7 } }),
  ]).toEqual([
    'Assign 4 users to EMEA Sales',
    'Take Mei Tanaka out of the group',
    'Set the limit of Mei Tanaka to 500 a month',
    'Let 4 users inherit the limit',
    'Reset the password of Mei Tanaka',
    'Reset the usage of Mei Tanaka',
    'Deactivate 4 users',
    'Reactivate Mei Tanaka',
    'Make Mei Tanaka an admin',
    'Change product of 4 users to Data API',
    'Add the group Field',
    'Rename EMEA Sales to EMEA',
    'Set the limit shared by EMEA Sales to 24,000 a month',
    'Delete EMEA Sales',
    'Rename Tern to Sable',
    'Set the time zone to America/New York',
    'Let the week begin on Sunday',
    'Let the fiscal year begin in February',
    'Set the default limit to 500 a quarter',
    'Change 2 settings of the organisation',
  ])
})
