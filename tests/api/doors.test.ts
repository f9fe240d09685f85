// Authority by one door: whatever an admin can do is done by one definition, wherever it comes from. Each operation by each role at the
// door of sync; and a list of all doors and of all who write rows, which a new one fails until somebody has said why it is there.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as v from 'valibot'
import { expect, test, vi } from 'vitest'
import { parseCall } from '#shared/operations/index.ts'
import { OperationId, type Role } from '#shared/model.ts'
import { actions } from '#shared/operations/registry.ts'
import { undo } from '#shared/operations/undo.ts'
import { served, type Served } from '../support/app.ts'
import { everythingOf } from '../support/everything.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const world = () =>
  served(
    {
      products: { 'Sales Pro': 10, Spare: 3 },
      groups: ['Sales', 'Empty'],
      users: {
        ana: {},
        ben: { status: 'deactivated' },
        ada: { role: 'admin' },
        vera: { role: 'viewer' },
        mia: { role: 'viewer' },
        dora: { role: 'admin' },
      },
    },
    ['ada', 'vera', 'mia', 'dora'],
  )

/** One call of each operation that would change something. */
const calls: Readonly<Record<string, (acme: Served) => unknown>> = {
  'add-users': (acme) => ({
    users: [
      {
        id: acme.newId(),
        email: 'new@tern.example',
        firstName: 'New',
        lastName: '',
        title: '',
        phone: '',
        externalId: '',
        productId: acme.product('Sales Pro'),
        groupId: null,
        limit: null,
        role: 'member',
      },
    ],
  }),
  'update-user': (acme) => ({ userId: acme.user('ana'), changes: { title: { from: '', to: 'Lead' } } }),
  'update-users': (acme) => ({ users: [{ id: acme.user('ana'), changes: { title: { from: '', to: 'Lead' } } }] }),
  'assign-group': (acme) => ({ userIds: [acme.user('ana')], groupId: acme.group('Sales') }),
  'change-product': (acme) => ({ userIds: [acme.user('ana')], productId: acme.product('Spare') }),
  'manage-limit': (acme) => ({ userIds: [acme.user('ana')], limit: { credits: 5, term: 'month' } }),
  'reset-usage': (acme) => ({ userIds: [acme.user('ana')] }),
  'reset-password': (acme) => ({ userIds: [acme.user('ana')] }),
  'set-role': (acme) => ({ userIds: [acme.user('ana')], role: 'admin' }),
  'deactivate-users': (acme) => ({ userIds: [acme.user('ana')] }),
  'reactivate-users': (acme) => ({ userIds: [acme.user('ben')] }),
  'erase-user': (acme) => ({ userId: acme.user('ana') }),
  'add-group': (acme) => ({ group: { id: acme.newId(), name: 'New', memberLimit: null, poolLimit: null } }),
  'update-group': (acme) => ({ groupId: acme.group('Sales'), changes: { name: { from: 'Sales', to: 'Sellers' } } }),
  'delete-groups': (acme) => ({ groupIds: [acme.group('Empty')], onMembers: 'refuse' }),
  'update-organisation': () => ({ changes: { weekStart: { from: 1, to: 7 } } }),
  'update-policies': () => ({ changes: { lockMinutes: { from: null, to: 5 } } }),
  'record-export': () => EXPORT,
  undo: () => ({ operationId: v.parse(OperationId, '01a20cc8-8e80-7409-8dc5-b6ec568b618f') }),
}
const EXPORT = { what: 'users', rows: 3, scope: 'all', filter: '', columns: ['E-mail'] }

test('every operation has its call here, and each is one that the door of sync reads', () => {
  expect(Object.keys(calls).toSorted()).toEqual([...actions.map(({ type }) => type), undo.type].toSorted())
})

const acme = await world()
const cookies = {
  viewer: await acme.signIn('vera'),
  member: await acme.signIn('mia'),
  deactivated: await acme.signIn('dora'),
}
const devices = {
  viewer: await acme.deviceOf('vera', cookies.viewer),
  member: await acme.deviceOf('mia', cookies.member),
  deactivated: await acme.deviceOf('dora', cookies.deactivated),
}
await acme.settle()
const user = (name: string) => acme.store.db.updateTable('users').where('id', '=', acme.user(name))
await user('mia').set({ role: 'member' }).execute()
await user('dora').set({ status: 'deactivated' }).execute()

/** What an operation may leave although it was refused: its entry in the log, and how far the client has come. */
const LEFT: ReadonlySet<string> = new Set(['log', 'heads', 'clients', 'auth_devices', 'auth_sessions', 'auth_tries'])
const rows = async (one: Served) => [...(await everythingOf(one.store))].filter(([table]) => !LEFT.has(table))

const MAY_VIEW: ReadonlySet<string> = new Set(['record-export'])
test.each(Object.keys(calls))(
  '%s by a viewer is forbidden by its own definition, by a member and a deactivated one refused at the door',
  async (type) => {
    const args = calls[type]?.(acme)
    const before = await rows(acme)
    const sent = devices.viewer.operation(type, args)
    const answer = await acme.post('/api/sync', devices.viewer.request([sent]), cookies.viewer)
    const { outcomes } = (await answer.json()) as { outcomes: { notApplied: { code: string }[] }[] }
    const codes = outcomes[0]?.notApplied.map(({ code }) => code) ?? []
    expect([...new Set(codes)]).toEqual(MAY_VIEW.has(type) ? [] : ['forbidden'])
    for (const who of ['member', 'deactivated'] as const) {
      const refused = await acme.post(
        '/api/sync',
        devices[who].request([devices[who].operation(type, args)]),
        cookies[who],
      )
      expect([401, 403]).toContain(refused.status)
    }
    expect(await rows(acme)).toEqual(before)
  },
)

test('by an admin each of them is applied: what the others were refused was the role, and nothing else', async () => {
  for (const type of Object.keys(calls).filter((one) => one !== 'undo')) {
    const own = await world()
    const ada = await own.signIn('ada')
    const device = await own.deviceOf('ada', ada)
    const answer = await own.post('/api/sync', device.request([device.operation(type, calls[type]?.(own))]), ada)
    const { outcomes } = (await answer.json()) as { outcomes: { total: number; notApplied: object[] }[] }
    // Nothing was used yet, so that there is nothing to reset.
    const expected =
      type === 'reset-usage' ? [{ total: 1, notApplied: [{ result: 'unchanged' }] }] : [{ total: 1, notApplied: [] }]
    expect(outcomes, type).toMatchObject(expected)
  }
})

test('no definition lets anybody in but admins, save those that are named here', () => {
  const open = actions.flatMap((action) => {
    const { may } = action as { may?: readonly Role[] }
    return may ? [[action.type, may]] : []
  })
  expect(open).toEqual([['record-export', ['viewer', 'admin']]])
})

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
/** All sources of a room, by path. */
function sources(room: string): Map<string, string> {
  const files = readdirSync(join(ROOT, room), { recursive: true, encoding: 'utf8' })
  return new Map(
    files
      .filter((file) => /\.(ts|svelte)$/.test(file))
      .map((file) => [`${room}/${file}`, readFileSync(join(ROOT, room, file), 'utf8')]),
  )
}
const where = (room: string, pattern: RegExp): string[] =>
  [...sources(room)].flatMap(([file, text]) => (pattern.test(text) ? [file] : [])).toSorted()

test('the doors at which operations are run are these', () => {
  const runs =
    /import\s*(type\s*)?\{[^}]*\b(run|parseCall|routedDefinition)\b[^}]*\}\s*from\s*'[^']*shared\/operations\/index\.ts'/
  expect(where('sync-server', runs)).toEqual(['sync-server/erasure/redact.ts', 'sync-server/sync/perform.ts'])
  expect(where('web', runs)).toEqual([
    // Foreseen over rows of this device, and judged again by the server.
    'web/lib/components/queue/AskingLine.svelte',
    'web/lib/components/queue/Outcomes.svelte',
    'web/lib/components/queue/WaitingLine.svelte',
    'web/lib/replica/dependents.ts',
    'web/lib/replica/draft.ts',
    'web/lib/replica/exchange.ts',
    'web/lib/replica/line-words.ts',
    'web/lib/replica/meanwhile.ts',
    'web/lib/replica/pending.ts',
    'web/lib/replica/repairs.ts',
    'web/routes/(app)/activity/EntryItems.svelte',
  ])
})

test('rows of an organisation are written at these places alone', () => {
  const tables = 'organisations|products|grants|groups|users|meters|months'
  const direct = new RegExp(
    `(insertInto|updateTable|deleteFrom)\\(\\s*'(${tables})'|(insert into|update|delete from) "?(${tables})"?\\b`,
  )
  expect(where('sync-server', direct).filter((file) => !file.includes('/migrations/'))).toEqual([
    // What counts usage, and what publishes it.
    'sync-server/usage/grants-now.ts',
    'sync-server/usage/grants.ts',
    'sync-server/usage/publish.ts',
  ])
})

test('what the server itself writes by, beside operations, is this', () => {
  expect(where('sync-server', /\brecordChange\(/)).toEqual(WRITERS)
})
/** Each of them leaves an entry of its own in the log (audit-trail.test.ts), and none takes an operation's args. */
const WRITERS = [
  'sync-server/accounts/break-glass.ts',
  'sync-server/accounts/factors/reset.ts',
  'sync-server/accounts/follow.ts',
  'sync-server/activity/deeds.ts',
  // By the definition of the operation, and not by another one.
  'sync-server/erasure/command.ts',
  'sync-server/provider.ts',
  'sync-server/provider/keys.ts',
  'sync-server/provider/products.ts',
  'sync-server/sign-on/settings.ts',
  'sync-server/sync/record.ts',
]

test('what the log knows beside operations nobody may send', () => {
  for (const type of [
    'remove-added',
    'restore-groups',
    'stop-mails',
    'take-back-reset',
    'add-admin',
    'restore-admin',
    'accept-invitation',
    'set-product',
    '__proto__',
    'constructor',
  ])
    expect(parseCall(type, {}), type).toMatchObject({ ok: false, fault: { path: 'type' } })
})

test('an import makes calls of operations alone, of these', () => {
  const made = [...sources('web/lib/import').values()].flatMap((text) => [...text.matchAll(/\b(\w+)\.with\(/g)])
  expect([...new Set(made.map(([, name]) => name))].toSorted()).toEqual([
    'addGroup',
    'addUsers',
    'assignGroup',
    'changeProduct',
    'manageLimit',
    'setRole',
    'updateUsers',
  ])
  // And asks no server by itself.
  expect(where('web/lib/import', /\b(fetch|XMLHttpRequest|sendBeacon)\b/)).toEqual([])
})

test('the host’s commands are these', () => {
  const main = readFileSync(join(ROOT, 'sync-server/main.ts'), 'utf8')
  const [, list = ''] = /\nconst options = \{\n([\s\S]*?)\n\} satisfies/.exec(main) ?? []
  const commands = [...list.matchAll(/^ {2}'?([a-z-]+)'?:/gm)].map(([, name]) => name)
  expect(commands).toEqual(COMMANDS)
})
const COMMANDS = [
  'serve',
  'seed',
  'create-organisation',
  'add-admin',
  'restore-admin',
  'erase-user',
  'reset-factors',
  'set-product',
  'add-grant',
  'add-provider-key',
  'provider-keys',
  'revoke-provider-key',
  'audit-verify',
  'backup',
]
