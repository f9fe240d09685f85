// Mails: taken before they leave, sent over a real SMTP server, tried again and given up, and harmless whatever was typed.
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'
import { expect, onTestFinished, test } from 'vitest'
import { createRecipients } from '../../sync-server/accounts/recipients.ts'
import { readFrom } from '../../sync-server/mail/from.ts'
import { write } from '../../sync-server/mail/letter.ts'
import { linkBase } from '../../sync-server/mail/open.ts'
import { createPost, waitAfter } from '../../sync-server/mail/post.ts'
import { NeverDelivered, smtp } from '../../sync-server/mail/transport.ts'
import { silent } from '../support/server.ts'
import { BASE, postOf } from './post.ts'
import { world } from './worlds.ts'

/** An SMTP server on this machine; `refuse` answers a recipient with a code of failure. */
async function mailbox(refuse: (address: string) => number | undefined = () => undefined) {
  const received: { to: string[]; from: string; message: string }[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onRcptTo: ({ address }, _session, done) => {
      const code = refuse(address)
      done(code === undefined ? null : Object.assign(new Error('Refused here'), { responseCode: code }))
    },
    onData: (stream, { envelope }, done) => {
      const parts: Buffer[] = []
      stream.on('data', (part: Buffer) => parts.push(part))
      stream.on('end', () => {
        received.push({
          to: envelope.rcptTo.map(({ address }) => address),
          from: envelope.mailFrom ? envelope.mailFrom.address : '',
          message: Buffer.concat(parts).toString(),
        })
        done()
      })
    },
  })
  const listening = server.listen(0, '127.0.0.1')
  await once(listening, 'listening')
  onTestFinished(() => void server.close(() => undefined))
  return { received, url: `smtp://127.0.0.1:${(listening.address() as AddressInfo).port}` }
}

const FROM = { name: 'Tern & Sable', address: 'console@tern.example' }

async function reset(users = {}) {
  const acme = await world({ users: { ada: { email: 'ada@tern.example' }, ...users } })
  await acme.device('ingrid').perform('reset-password', { userIds: [acme.user('ada')] })
  return acme
}
const stateOf = (acme: Awaited<ReturnType<typeof reset>>) =>
  acme.store.db.selectFrom('mails').select(['state', 'tries', 'nextTry', 'sentAt', 'error']).executeTakeFirst()

test('a mail leaves by SMTP after its delay, once, from and to addresses of ours', async () => {
  const acme = await reset()
  const { received, url } = await mailbox()
  const transport = smtp(url, FROM)
  onTestFinished(() => transport.close())
  const clock = () => acme.clock.now
  const addressed = createRecipients({ store: acme.store, base: BASE, clock })
  const post = createPost({ store: acme.store, transport, addressed, clock, chance: () => 1, log: silent })
  expect(await post.send()).toBe(0)
  acme.clock.now += 60_000
  expect(await post.send()).toBe(1)
  expect(await post.send()).toBe(0)
  expect(received).toMatchObject([{ to: ['ada@tern.example'], from: 'console@tern.example' }])
  expect(received[0]?.message).toMatch(/^Content-Type: multipart\/alternative/m)
  expect(received[0]?.message).toMatch(/^Message-ID: <[\w-]+@tern\.example>$/m)
  expect(await stateOf(acme)).toMatchObject({ state: 'taken', sentAt: acme.clock.now, error: null, nextTry: null })
})

test('an undo within the delay stops the mail; after that it says that it has left', async () => {
  const acme = await world({ users: { ada: {} } })
  const ingrid = acme.device('ingrid')
  const post = postOf(acme)
  const perform = () => ingrid.perform('reset-password', { userIds: [acme.user('ada')] })
  await ingrid.perform('undo', { operationId: (await perform()).id })
  acme.clock.now += 60_000
  await post.send()
  expect(post.sent).toEqual([])
  const late = await perform()
  acme.clock.now += 60_000
  await post.send()
  expect((await ingrid.perform('undo', { operationId: late.id })).notApplied).toMatchObject([{ code: 'mail-left' }])
  expect(post.sent).toHaveLength(1)
})

test('what fails is tried again, later each time, and given up in the end', async () => {
  const acme = await reset()
  const post = postOf(acme)
  acme.clock.now += 60_000
  post.fail(new Error('connect ECONNREFUSED'))
  const waits: number[] = []
  for (let tries = 0; tries < 20; tries += 1) {
    await post.send()
    const { nextTry = null } = (await stateOf(acme)) ?? {}
    if (nextTry === null) break
    waits.push(nextTry - acme.clock.now)
    acme.clock.now = nextTry
  }
  expect(waits).toEqual([30, 60, 120, 240, 480, 960, 1920, 3840, 7680, 15360, 21600].map((seconds) => seconds * 1000))
  expect(await stateOf(acme)).toMatchObject({ tries: 12, nextTry: null, sentAt: null, error: 'connect ECONNREFUSED' })
  expect(waitAfter(3, 0.5)).toBe(120_000)
})

test('a recipient that is refused for good is given up at once, one that is refused for now is tried again', async () => {
  for (const [code, final] of [
    [550, true],
    [451, false],
  ] as const) {
    const { url } = await mailbox(() => code)
    const transport = smtp(url, FROM)
    onTestFinished(() => transport.close())
    const mail = { id: 'x', to: { name: '', address: 'ada@tern.example' }, subject: '', text: '', html: '' }
    const error = await transport.send(mail).catch((thrown: unknown) => thrown)
    expect([code, error instanceof NeverDelivered]).toEqual([code, final])
  }
})

test('names are shown as text: no markup, no header, no turned direction, no endless line', async () => {
  const { received, url } = await mailbox()
  const transport = smtp(url, FROM)
  onTestFinished(() => transport.close())
  const nasty = '<img src=x onerror=alert(1)>\r\nBcc: eve@evil.example\u202Egnp.exe "quoted" \u0000'
  const letter = write('invitation', {
    name: nasty,
    organisation: 'x'.repeat(10_000),
    email: 'ada@tern.example',
    link: `${BASE}/invite#token`,
  })
  await transport.send({ id: 'x', to: { name: nasty, address: 'ada@tern.example' }, ...letter })
  expect(letter.html).not.toMatch(/<img|\u202E|\u0000/)
  expect(letter.html).toContain('&lt;img src=x onerror=alert(1)&gt;')
  expect(Math.max(...letter.text.split('\n').map(({ length }) => length))).toBeLessThan(400)
  expect(received[0]?.to).toEqual(['ada@tern.example'])
  expect(received[0]?.message).not.toMatch(/^Bcc:/m)
})

test.each([
  ['a configured address', { host: '0.0.0.0', publicUrl: 'https://console.example' }, false, 'https://console.example'],
  ['this machine alone', { host: '127.0.0.1', publicUrl: undefined }, false, 'http://localhost:8080'],
  ['IPv6 of this machine', { host: '::1', publicUrl: undefined }, false, 'http://[::1]:8080'],
  ['every interface', { host: '0.0.0.0', publicUrl: undefined }, false, undefined],
  ['a demo on every interface', { host: '0.0.0.0', publicUrl: undefined }, true, 'http://localhost:8080'],
])('links with %s', (_name, config, demo, base) => {
  expect(linkBase(config, 8080, demo)).toBe(base)
})

test('the sender is an address, with or without a name', () => {
  expect(readFrom('Tern & Sable <console@tern.example>')).toEqual(FROM)
  expect(readFrom('console@tern.example')).toEqual({ name: 'Quartermaster', address: 'console@tern.example' })
  for (const text of ['', 'nobody', 'a@b@c', 'x <y>', 'a@tern.example, b@tern.example'])
    expect(() => readFrom(text)).toThrow('MAIL_FROM')
})
