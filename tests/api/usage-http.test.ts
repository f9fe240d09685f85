// The months of usage as a device fetches them.
import { expect, test } from 'vitest'
import { decodeMonth } from '#shared/usage.ts'
import { served } from '../support/app.ts'

test('months and ids are fetched with a session, and not again while nothing has changed', async () => {
  const acme = await served({ users: { ada: {} } })
  const as = await acme.signIn('ingrid')
  const report = (id: string, credits: number) =>
    acme.usage.ingest(acme.id, [
      {
        source: 'urn:billing',
        id,
        at: acme.clock.now,
        user: acme.user('ada'),
        product: 'Sales Pro',
        credits,
        contactViews: 2,
      },
    ])
  await report('1', 40)
  await acme.usage.publish(acme.id)

  const first = await acme.call('/api/usage/2026-11', { as })
  expect(first.headers.get('cache-control')).toBe('private, no-cache')
  const tag = first.headers.get('etag') ?? ''
  const block = decodeMonth(await first.arrayBuffer())
  expect(tag).toBe(`"${block.version}"`)
  expect(block.days.map(({ day, columns }) => [day, [...columns.credits], [...columns.views]])).toEqual([
    ['24', [40], [2]],
  ])
  const ids = await acme.call('/api/usage/ids?from=0', { as })
  expect(await ids.json()).toEqual({ from: 0, ids: ['', ...[acme.product('Sales Pro'), acme.user('ada')].sort()] })
  const again = await acme.call('/api/usage/2026-11', { as, headers: { 'if-none-match': tag } })
  expect([again.status, await again.text()]).toEqual([304, ''])
  // All that RFC 9110 has for it: weak ones, several, any.
  const status = async (named: string) =>
    (await acme.call('/api/usage/2026-11', { as, headers: { 'if-none-match': named } })).status
  for (const named of [`W/${tag}`, `"0", W/${tag}`, `"a,b",${tag}`, '*']) expect(await status(named), named).toBe(304)
  for (const named of ['"0"', 'W/"0", "1x"', tag.replaceAll('"', ''), '']) expect(await status(named), named).toBe(200)

  await report('2', 2)
  await acme.usage.publish(acme.id)
  const changed = await acme.call('/api/usage/2026-11', { as, headers: { 'if-none-match': tag } })
  expect(decodeMonth(await changed.arrayBuffer()).days).toMatchObject([{ columns: { credits: { 0: 42 } } }])
  const since = await acme.call(`/api/usage/2026-11?since=${block.version}`, { as })
  expect(decodeMonth(await since.arrayBuffer()).days.map(({ day }) => day)).toEqual(['24'])

  expect((await acme.call('/api/usage/2026-10', { as })).status).toBe(404)
  expect((await acme.call('/api/usage/2026-11?since=x', { as })).status).toBe(400)
  expect((await acme.call('/api/usage/2026-11')).status).toBe(401)
  expect((await acme.call('/api/usage/ids')).status).toBe(401)
})
