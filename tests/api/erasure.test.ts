// Erasing a user, from the operation to the bytes on the disk: whatever door something personal came in by, no file of the data folder
// holds it afterwards, while the chain of the log holds and what it says of others stays.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { UserId } from '#shared/model.ts'
import { createRecipients } from '../../sync-server/accounts/recipients.ts'
import { tidyMails } from '../../sync-server/mail/open.ts'
import { createPost } from '../../sync-server/mail/post.ts'
import { folder } from '../../sync-server/mail/transport.ts'
import { openStore } from '../../sync-server/store/sqlite.ts'
import { verifyChain } from '../../sync-server/sync.ts'
import { PASSWORD, served, type Served } from '../support/app.ts'
import { EVENT_TYPE } from '../../sync-server/provider/schemas.ts'
import { keyOf, provider } from '../support/provider.ts'
import { silent } from '../support/server.ts'
import { BASE, tokenIn } from './post.ts'
import { world } from './worlds.ts'

vi.setConfig({ testTimeout: 120_000 })

const dataFolder = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'quartermaster-erasure-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** Which of these texts stand in a file of the folder, in whatever encoding. */
function foundIn(path: string, texts: readonly string[]): string[] {
  const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return files.flatMap((entry) => {
    const bytes = readFileSync(join(entry.parentPath, entry.name))
    return texts.flatMap((text) => {
      const forms = [text, text.toLowerCase()].flatMap((form) => {
        const wide = Buffer.from(form, 'utf16le')
        return [Buffer.from(form), wide, Buffer.from(wide).swap16(), Buffer.from(Buffer.from(form).toString('base64'))]
      })
      return forms.some((form) => bytes.includes(form)) ? [`${text} in ${entry.name}`] : []
    })
  })
}

/** Texts that stand nowhere else, each said once. */
function tellTales() {
  const said: string[] = []
  const one = (text: string) => {
    said.push(text)
    return text
  }
  let made = 0
  const details = () => {
    made += 1
    return {
      email: one(`Wren${made}.Aldous@erased${made}.example`),
      firstName: one(`Wrenfirst${made}`),
      lastName: one(`Aldouslast${made}`),
      title: one(`Wardentitle${made}`),
      phone: one(`+47 555 00${made}${made}${made}`),
      externalId: one(`external-wren-${made}`),
    }
  }
  return { said, one, details }
}

const changesFrom = <T extends Record<string, string>>(from: T, to: T) =>
  Object.fromEntries(Object.keys(to).map((field) => [field, { from: from[field] ?? '', to: to[field] ?? '' }]))

async function filed(path: string) {
  const acme = await served(
    {
      file: join(path, 'quartermaster.db'),
      users: { ada: { role: 'admin' }, bo: {}, cy: {} },
      groups: ['Sales'],
      products: { 'Sales Pro': 20 },
    },
    ['ingrid', 'ada'],
  )
  onTestFinished(() => acme.close())
  const transport = folder(join(path, 'mails'), { name: 'Tern', address: 'console@tern.example' })
  const sent: Parameters<typeof transport.send>[0][] = []
  let failing: Error | undefined
  const clock = () => acme.clock.now
  const post = createPost({
    store: acme.store,
    transport: {
      ...transport,
      send: async (mail) => {
        if (failing) throw failing
        sent.push(mail)
        await transport.send(mail)
      },
    },
    addressed: createRecipients({ store: acme.store, base: BASE, clock }),
    clock,
    chance: () => 1,
    log: silent,
  })
  const send = async (error?: Error) => {
    acme.clock.now += 61_000
    failing = error
    await post.send()
    return sent
  }
  return { acme, send }
}

/** Fills every text of one user by every door that there is. */
async function lived(acme: Served, send: Awaited<ReturnType<typeof filed>>['send']) {
  const { said, one, details } = tellTales()
  const [ingrid, ada] = [acme.device('ingrid'), acme.device('ada')]
  const id = acme.newId() as UserId
  const other = acme.newId()
  const [first, second, third, stale] = [details(), details(), details(), details()]
  const rest = { productId: acme.product('Sales Pro'), groupId: acme.group('Sales'), limit: null, role: 'admin' }
  const mei = {
    email: 'mei@tern.example',
    firstName: 'Mei',
    lastName: 'Tanaka',
    title: 'Lead',
    phone: '',
    externalId: '',
  }
  const called = (name: string) => ({
    names: { users: { [id]: name, [other]: 'Mei Tanaka' }, groups: {}, products: {} },
  })

  // Mistyped first, under an id that never comes to be; then added with somebody else, and once more by another admin.
  const [ghost, twin] = [acme.newId(), acme.newId()]
  await ingrid.perform(
    'add-users',
    { users: [{ id: ghost, ...first, ...rest, productId: acme.newId() }] },
    called(one('Wren Ghostname')),
  )
  await ingrid.perform(
    'add-users',
    {
      users: [
        { id, ...first, ...rest },
        { id: other, ...mei, ...rest, role: 'member' },
      ],
    },
    called(first.firstName),
  )
  await ada.perform('add-users', { users: [{ id: twin, ...first, lastName: one('Twinlastname'), ...rest }] })
  await ada.perform(
    'assign-group',
    { userIds: [twin], groupId: null },
    { names: { users: { [twin]: one('Twin Calledso') }, groups: {}, products: {} } },
  )

  // Comes by the invitation, and signs in.
  const token = tokenIn((await send()).find(({ to }) => to.address === first.email.toLowerCase()))
  await acme.post('/api/links/use', { token, password: PASSWORD })
  const signIn = (email: string) =>
    acme.post('/api/auth/sign-in/email', { email, password: PASSWORD }, undefined, {
      'user-agent': one('Wrenbrowser/1.0 Firefox/1'),
    })
  const cookies = (await signIn(first.email)).headers.getSetCookie()
  const cookie = cookies.map((each) => each.split(';')[0]).join('; ')
  await acme.call('/api/session', { as: cookie })
  await acme.post('/api/auth/sign-in/email', { email: first.email, password: 'wrong wrong wrong' })
  await acme.settle()

  // Is edited by the panel, by a file, and in vain.
  await ingrid.perform(
    'update-user',
    { userId: id, changes: changesFrom(first, second) },
    called(one('Wren Editedname')),
  )
  await send(new Error(`550 no mailbox ${second.email}`))
  await ada.perform('update-users', {
    users: [
      { id, changes: changesFrom(second, third) },
      { id: other, changes: { title: { from: 'Lead', to: 'Head' } } },
    ],
  })
  await ada.perform('update-user', { userId: id, changes: changesFrom(first, stale) })
  await ada.perform('update-user', {
    userId: id,
    changes: { email: { from: third.email, to: one('not-mailable-wren@') } },
  })
  await ada.perform('update-user', {
    userId: acme.user('bo'),
    changes: { email: { from: 'bo@tern.example', to: third.email } },
  })
  await send()

  // What nobody can read, and what somebody has looked for.
  await ada.perform('update-user', { userId: id, changes: { nickname: one('Wrennickname') } })
  await ada.perform('assign-group', { userIds: 'all', note: `about ${third.lastName}` })
  await ada.perform('record-export', {
    what: 'users',
    rows: 1,
    scope: 'filter',
    filter: `#text=${third.lastName}`,
    columns: ['E-mail'],
  })

  // The provider names the address.
  const ask = provider(acme, (await keyOf(acme)).key)
  const use = { user: third.email, product: 'Sales Pro', credits: 3 }
  const data = { ...use, contactViews: 1 }
  const attributes = {
    specversion: '1.0',
    type: EVENT_TYPE,
    source: '/search',
    id: '1',
    time: new Date(acme.clock.now).toISOString(),
  }
  const answers = [
    await ask('POST', '/spends', { ...use, idempotencyKey: 'job-1' }),
    await ask('POST', '/reservations', { ...use, idempotencyKey: 'job-2' }),
    await ask('POST', '/usage', [{ ...attributes, data }]),
    await ask('POST', '/spends', { ...use, user: one('nobody.wren@erased.example'), idempotencyKey: 'job-3' }),
  ]
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 422])
  await acme.usage.publish(acme.id)
  await acme.settle()

  // What else there is of the account.
  const { accountId } = await acme.store.db
    .selectFrom('auth_memberships')
    .select('accountId')
    .where('userId', '=', id)
    .executeTakeFirstOrThrow()
  const none = { lastUsedAt: null, lastStep: null, credential: null, publicKey: null, counter: null, transports: null }
  await acme.store.db
    .insertInto('auth_factors')
    .values({
      id: acme.newId(),
      accountId,
      kind: 'totp',
      name: one('Wrens telephone'),
      createdAt: 0,
      secret: one('sealed-secret-of-wren'),
      ...none,
    })
    .execute()
  await acme.store.db
    .insertInto('sign_on_identities')
    .values({ orgId: acme.id, issuer: 'https://id.example', subject: one('subject-of-wren'), userId: id, createdAt: 0 })
    .execute()
  return { id, other, accountId, cookie, said, email: third.email }
}

const entries = async (acme: Pick<Served, 'store'>, type: string) =>
  (await acme.store.db.selectFrom('log').selectAll().where('type', '=', type).orderBy('version').execute()).map(
    ({ args, outcomes, images, ...row }) => ({
      ...row,
      ...(JSON.parse(args ?? '{}') as { args?: unknown; names?: unknown; erased?: string[] }),
      outcomes: JSON.parse(outcomes ?? 'null') as { notApplied: unknown[]; redacted?: unknown[] } | null,
      images: JSON.parse(images ?? 'null') as { images: { users: Record<string, unknown> } } | null,
    }),
  )

test('of every text that came in by any door no file holds a byte afterwards, and the chain holds', async () => {
  const path = dataFolder()
  const { acme, send } = await filed(path)
  const wren = await lived(acme, send)
  const there = foundIn(path, wren.said).map((text) => text.split(' in ')[0])
  // The doors were open: all but what was never written down stood there before.
  expect(wren.said.filter((text) => !there.includes(text))).toEqual(['nobody.wren@erased.example'])

  const erased = await acme.device('ingrid').perform(
    'erase-user',
    { userId: wren.id },
    {
      names: { users: { [wren.id]: 'Wrenfirst3 Aldouslast3' }, groups: {}, products: {} },
    },
  )
  await tidyMails(acme.store, { dataDir: path })
  expect(erased.notApplied).toEqual([])
  expect(foundIn(path, [...wren.said, 'Wrenfirst3 Aldouslast3'])).toEqual([])
  expect(await verifyChain(acme.store, acme.id)).toEqual([])
})

test('what the log says of others stays, in the same entries too, and so do ids and what is not personal', async () => {
  const path = dataFolder()
  const { acme, send } = await filed(path)
  const { id, other } = await lived(acme, send)
  await acme.device('ingrid').perform('erase-user', { userId: id })
  const [, added] = await entries(acme, 'add-users')
  expect(added?.args).toMatchObject({
    users: [
      { id, email: '', firstName: '', lastName: '', title: '', phone: '', externalId: '', role: 'admin' },
      { id: other, email: 'mei@tern.example', firstName: 'Mei', lastName: 'Tanaka', title: 'Lead' },
    ],
  })
  expect(added?.names).toMatchObject({ users: { [other]: 'Mei Tanaka' } })
  expect(added?.erased).toContain(id)
  const [edited] = await entries(acme, 'update-users')
  expect(edited?.images?.images.users).toMatchObject({
    [id]: { before: { title: '' }, after: { title: '' } },
    [other]: { before: { title: 'Lead' }, after: { title: 'Head' } },
  })
  const [, , , refused] = await entries(acme, 'update-user')
  expect(refused?.args).toMatchObject({ changes: { email: { from: 'bo@tern.example', to: '' } } })
  expect(refused?.outcomes?.notApplied).toMatchObject([{ code: 'email-taken', fact: { email: '', userId: id } }])
  expect(await acme.row('users', other)).toMatchObject({ title: 'Head' })
})

test('an address that somebody else really had, or has now, stays in what is told of that one', async () => {
  const acme = await world({ users: { ada: {}, bo: {}, cy: {} } })
  const device = acme.device('ingrid')
  const [ada, bo, cy] = [acme.user('ada'), acme.user('bo'), acme.user('cy')]
  const move = (id: UserId, from: string, to: string) =>
    device.perform('update-users', { users: [{ id, changes: { email: { from, to } } }] })
  // Refused as long as Ada has it; Bo has it in the end.
  const wanted = { email: { from: 'bo@tern.example', to: 'ada@tern.example' } }
  await device.perform('update-user', { userId: bo, changes: wanted })
  await move(ada, 'ada@tern.example', 'desk@tern.example')
  await move(ada, 'desk@tern.example', 'new@tern.example')
  await move(bo, 'bo@tern.example', 'ada@tern.example')
  const { id: moved } = await move(cy, 'cy@tern.example', 'desk@tern.example')
  await move(cy, 'desk@tern.example', 'front@tern.example')
  await device.perform('erase-user', { userId: ada })
  const log = await entries(acme, 'update-users')
  expect(JSON.stringify(log.slice(0, 2))).not.toContain('@tern.example')
  expect(log.slice(2).map(({ args }) => args)).toMatchObject([
    { users: [{ changes: { email: { to: 'ada@tern.example' } } }] },
    { users: [{ changes: { email: { to: 'desk@tern.example' } } }] },
    { users: [{ changes: { email: { from: 'desk@tern.example' } } }] },
  ])
  expect((await entries(acme, 'update-user'))[0]?.args).toMatchObject({ changes: wanted })
  expect((await device.perform('undo', { operationId: moved })).notApplied).toMatchObject([
    { code: 'changed-meanwhile', fact: { theirs: 'front@tern.example' } },
  ])
})

test('what arrives later under the id is written down without what it says, and is refused', async () => {
  const acme = await world({ users: { ada: {}, bo: {} } })
  const [ingrid, late] = [acme.device('ingrid'), acme.device('ingrid')]
  const [ada, bo] = [acme.user('ada'), acme.user('bo')]
  const repeated = late.operation('update-user', {
    userId: ada,
    changes: { email: { from: 'wrong@tern.example', to: 'late-one@tern.example' } },
  })
  expect(JSON.stringify(await late.send(repeated))).toContain('ada@tern.example')
  await ingrid.perform('erase-user', { userId: ada })
  const names = { names: { users: { [ada]: 'Ada Lately', [bo]: 'Bo' }, groups: {}, products: {} } }
  const details = {
    email: 'late-two@tern.example',
    firstName: 'Lately',
    lastName: '',
    title: '',
    phone: '',
    externalId: '',
  }
  const rest = { productId: acme.product('Sales Pro'), groupId: null, limit: null, role: 'member' }
  const [again, ...answers] = await late.send(
    repeated,
    late.operation(
      'update-users',
      {
        users: [
          { id: ada, changes: { title: { from: '', to: 'Lately' } } },
          { id: bo, changes: { title: { from: '', to: 'Lead' } } },
        ],
      },
      names,
    ),
    late.operation('add-users', { users: [{ id: ada, ...details, ...rest }] }, names),
    late.operation('assign-group', { userIds: [ada], groupId: 'Lately' }, names),
    late.operation('assign-group', { userIds: [ada, bo], groupId: null }, names),
  )
  // The first one is answered from the log.
  expect(again).toMatchObject({ notApplied: [{ code: 'changed-meanwhile', fact: { theirs: '' } }] })
  expect(answers.map(({ notApplied }) => notApplied[0])).toMatchObject([
    { item: ada, code: 'user-unknown' },
    { item: ada, code: 'id-taken' },
    { code: 'malformed' },
    { item: ada, code: 'user-unknown' },
  ])
  const written = JSON.stringify(await acme.store.db.selectFrom('log').selectAll().execute())
  expect(written).not.toMatch(/Lately|late-one|late-two|ada@tern/)
  expect(written).toContain('Lead')
  expect((await acme.row('users', bo)).title).toBe('Lead')
})

test('a mail that was on its way is taken back from the folder, and from what the demo shows', async () => {
  const path = dataFolder()
  const acme = await world({ users: { ada: {} } })
  const ingrid = acme.device('ingrid')
  await ingrid.perform('reset-password', { userIds: [acme.user('ada')] })
  const filing = folder(path, { name: 'Tern', address: 'console@tern.example' })
  const clock = () => acme.clock.now
  const post = createPost({
    store: acme.store,
    transport: {
      ...filing,
      send: async (mail) => {
        await filing.send(mail)
        expect(foundIn(path, ['ada@tern.example'])).not.toEqual([])
        await ingrid.perform('erase-user', { userId: acme.user('ada') })
      },
    },
    addressed: createRecipients({ store: acme.store, base: BASE, clock }),
    clock,
    chance: () => 1,
    log: silent,
  })
  acme.clock.now += 61_000
  await post.send()
  expect([readdirSync(path), filing.kept()]).toEqual([[], []])
})

test('what was deleted before anybody thought of it goes from the file when the database is first opened', async () => {
  const file = join(dataFolder(), 'older.db')
  await (await openStore({ file })).close()
  const older = new DatabaseSync(file)
  older.exec(`pragma secure_delete = off; drop table erasures; delete from migrations where name = '0008-erasure'`)
  const add = older.prepare(
    `insert into users select 'o', ?, 1, ?, ?, '', '', '', '', '', null, null, null, 'member', 'active', null, 0, 0`,
  )
  for (let n = 0; n < 200; n += 1) add.run(`${n}`, `wren-${n}@erased.example`, `${n}`)
  older.exec(`delete from users`)
  older.close()
  expect(foundIn(dirname(file), ['wren-7@erased.example'])).not.toEqual([])
  await (await openStore({ file })).close()
  expect(foundIn(dirname(file), ['wren-7@erased.example', 'wren-150@erased.example'])).toEqual([])
})
