// A device names whose usage it asks for: a session of another organisation must not fill its store.
import { expect, test } from 'vitest'
import { served } from '../support/app.ts'

test('usage is given for the session’s own organisation, and refused where another one is named', async () => {
  const acme = await served()
  const as = await acme.signIn('ingrid')
  const other = '01990000-0000-7000-8000-000000000000'
  for (const path of ['/api/usage/ids', '/api/usage/2026-11']) {
    const refused = await acme.call(`${path}?organisation=${other}`, { as })
    expect(refused.status).toBe(403)
    expect(await refused.json()).toMatchObject({ code: 'other-account', fact: { what: 'organisation' } })
    expect([200, 404]).toContain((await acme.call(`${path}?organisation=${acme.id}`, { as })).status)
  }
})
