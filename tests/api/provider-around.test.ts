// What stands around the provider's API: its document and page, its keys in the log, and devices that are told of what it changes.
import { pino } from 'pino'
import { Writable } from 'node:stream'
import { expect, test, vi } from 'vitest'
import { createApp } from '../../sync-server/app.ts'
import { served } from '../support/app.ts'
import { API, keyOf, provider } from '../support/provider.ts'
import { TABLE } from './route-table.ts'

// A password's hash takes its time, on a busy machine more of it.
vi.setConfig({ testTimeout: 30_000 })

const acme = await served({ users: { vera: { role: 'viewer' } } }, ['ingrid', 'vera'])

test('the document and its page are for a console or a key, and open where the operator says so', async () => {
  const { key } = await keyOf(acme, ['usage'])
  const asked = { cookie: await acme.signIn('vera'), authorization: `Bearer ${key}` }
  for (const { route } of TABLE.filter(({ kind }) => kind === 'docs'))
    for (const [name, value] of Object.entries(asked)) {
      const answer = await acme.call(route.slice(4), { headers: { [name]: value } })
      expect(answer.status, `${route} by ${name}`).toBe(200)
      await answer.body?.cancel()
    }
  expect((await acme.call('/api/docs', { headers: { authorization: 'Bearer none' } })).status).toBe(401)
  const open = await served({}, [], undefined, { openDocs: true })
  const page = await open.call('/api/docs')
  expect(page.status).toBe(200)
  // The page asks no other host for anything.
  expect(await page.text()).not.toMatch(/(src|href)="(https?:)?\/\//)
})

test('no key ever comes into the log, whatever becomes of its request', async () => {
  let lines = ''
  const stream = new Writable({ write: (chunk, _encoding, done) => ((lines += String(chunk)), done()) })
  const failing = { error: new Error('The store is gone.') }
  const usage = new Proxy(acme.usage, {
    get: (target, name) => (name === 'sources' ? () => Promise.reject(failing.error) : Reflect.get(target, name)),
  })
  const app = createApp({ ...acme.parts, usage, log: pino({ level: 'debug' }, stream) })
  const { key } = await keyOf(acme, ['usage'])
  const headers = { authorization: `Bearer ${key}` }
  const answer = await app.request(`http://127.0.0.1:8080${API}/sources`, { headers })
  expect([answer.status, await answer.json()]).toEqual([500, expect.objectContaining({ code: 'failed' })])
  await app.request(`http://127.0.0.1:8080${API}/products`, { headers })
  await app.request(`http://127.0.0.1:8080${API}/usage`, { method: 'POST', headers, body: '{' })
  expect(lines).toContain('The store is gone.')
  expect(lines).not.toContain(key)
  expect(lines).not.toContain(key.split('_')[2])
})

test('an event stream of a device is poked by what the provider changes', async () => {
  const stream = await acme.call('/api/events', { as: await acme.signIn('ingrid') })
  const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader()
  expect((await reader?.read())?.value).toContain('listening')
  const ask = provider(acme, (await keyOf(acme)).key)
  await ask('POST', '/products', { name: 'Insights', seatsPurchased: 3 })
  expect((await reader?.read())?.value).toContain('event: poke')
  await ask('POST', '/grants', { credits: 3, startsOn: '2026-11-01', endsOn: '2026-11-30' })
  expect((await reader?.read())?.value).toContain('event: poke')
  await reader?.cancel()
})
